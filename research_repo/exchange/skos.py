"""A list of tags as SKOS, the way thesauri are exchanged: Turtle out, Turtle and RDF/XML in."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, unquote
from xml.sax import SAXException

from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.exceptions import ParserError
from rdflib.namespace import DC, DCTERMS
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.term import Node

from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import TAG_STATUSES
from research_repo.core.tag_lists import Flaw, Group, TagLine, TagList
from research_repo.core.tag_words import TagWords
from research_repo.core.words import language_of
from research_repo.exchange import xml_text
from research_repo.exchange.turtle import Turtle
from research_repo.settings import LANGUAGES

# It warns, with a traceback, of odd addresses and numbers in files; people are told what matters.
logging.getLogger("rdflib").setLevel(logging.ERROR)
# What SKOS has no word for: a group's key, the parent that gives the path, a tag waiting for review.
OWN = Namespace("urn:research-repo:terms:")
NAMED = "urn:research-repo:id:"
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f-\xa0]+")
KINDS = {"pref": SKOS.prefLabel, "alt": SKOS.altLabel, "hidden": SKOS.hiddenLabel}
NOTES = {"scope": SKOS.scopeNote, "definition": SKOS.definition, "example": SKOS.example}
# Addresses in a file that has no address of its own; without it they would name a folder of ours.
RELATIVE = "http://relative.invalid/"
TITLES = (SKOS.prefLabel, RDFS.label, DCTERMS.title, DC.title)
# Told with their number when they are left out, so that nobody looks for them in vain.
NOT_KEPT = (
    SKOS.notation,
    SKOS.note,
    SKOS.editorialNote,
    SKOS.historyNote,
    SKOS.changeNote,
    SKOS.exactMatch,
    SKOS.closeMatch,
    SKOS.broadMatch,
    SKOS.narrowMatch,
    SKOS.relatedMatch,
)


def write(listed: TagList) -> str:
    """The tags and their groups as Turtle that `read` reads back."""
    graph = Turtle({"skos": SKOS, "dcterms": DCTERMS, "owl": OWL, "own": OWN})
    schemes = {name: _iri(group.guid) for name, group in listed.groups.items()}
    for place, (name, group) in enumerate(listed.groups.items()):
        graph.add((schemes[name], RDF.type, SKOS.ConceptScheme))
        graph.add((schemes[name], OWN.key, Literal(group.key)))
        graph.add((schemes[name], OWN.position, Literal(place)))
        for language, text in group.labels.items():
            graph.add((schemes[name], SKOS.prefLabel, Literal(text, lang=language)))
    by_guid = {tag.guid: tag for tag in listed.tags}
    for tag in listed.tags:
        _write_tag(graph, tag, schemes[tag.group])
        for parent in tag.parents:
            graph.add((_iri(tag.guid), SKOS.broader, _iri(parent)))
            graph.add((_iri(parent), SKOS.narrower, _iri(tag.guid)))
        if not tag.replaced_by and not any(by_guid[one].group == tag.group for one in tag.parents):
            graph.add((_iri(tag.guid), SKOS.topConceptOf, schemes[tag.group]))
            graph.add((schemes[tag.group], SKOS.hasTopConcept, _iri(tag.guid)))
    return graph.text()


def read(content: bytes, syntax: str = "turtle") -> TagList:
    """The concepts of a SKOS file; `syntax` is "turtle" or "xml".

    Raises:
        Invalid: it is damaged, or holds no concepts; field "file" says why.
    """
    graph = _parsed(content, syntax)
    concepts = sorted(set(graph.subjects(RDF.type, SKOS.Concept)), key=str)
    if not concepts:
        raise _unfit(say("The file holds no skos:Concept. Choose a SKOS thesaurus."))
    groups = {
        str(scheme): _group(graph, scheme)
        for scheme in sorted(graph.subjects(RDF.type, SKOS.ConceptScheme), key=_position(graph))
    }
    parents = _parents(graph)
    reading = _Reading(graph, parents, groups)
    tags = tuple(reading.line(concept) for concept in concepts)
    reading.tell_what_is_left_out(concepts)
    used = {tag.group for tag in tags}
    # A group without tags is worth making only where a repository of ours wrote it.
    told = {
        iri: group
        for iri, group in groups.items()
        if iri in used or (URIRef(iri), OWN.key, None) in graph
    }
    return TagList(tags, told, _says(graph), (), tuple(reading.warnings))


class _Reading:
    def __init__(
        self, graph: Graph, parents: dict[Node, set[Node]], groups: dict[str, Group]
    ) -> None:
        self.graph, self.parents, self.groups = graph, parents, groups
        self.warnings: list[Flaw] = []
        self.foreign: Counter[str] = Counter()

    def line(self, concept: Node) -> TagLine:
        graph = self.graph
        words = self._words(concept)
        replaced = next(iter(sorted(graph.objects(concept, DCTERMS.isReplacedBy), key=str)), None)
        status = str(graph.value(concept, OWN.status) or "approved")
        if replaced is not None or str(graph.value(concept, OWL.deprecated) or "") in ("true", "1"):
            status = "deprecated"
        primary = graph.value(concept, OWN.primary)
        above = sorted(self.parents.get(concept, ()), key=lambda one: (one != primary, str(one)))
        return TagLine(
            guid=_guid(concept),
            group=self._group_of(concept, words),
            words=words,
            parents=tuple(map(_guid, above)),
            status=status if status in TAG_STATUSES else "approved",
            replaced_by="" if replaced is None else _guid(replaced),
            related=tuple(sorted(_guid(one) for one in self._related(concept))),
        )

    def _related(self, concept: Node) -> set[URIRef]:
        graph = self.graph
        found = {*graph.objects(concept, SKOS.related), *graph.subjects(SKOS.related, concept)}
        return {one for one in found if isinstance(one, URIRef)} - {concept}

    def _group_of(self, concept: Node, words: TagWords) -> str:
        graph = self.graph
        named = {*graph.objects(concept, SKOS.inScheme), *graph.objects(concept, SKOS.topConceptOf)}
        named |= set(graph.subjects(SKOS.hasTopConcept, concept))
        known = sorted(str(one) for one in named if str(one) in self.groups)
        for one in sorted(str(one) for one in named - {URIRef(iri) for iri in known}):
            self.groups.setdefault(one, Group(guid=one, labels={"en": _last_step(one)}))
            known.append(one)
        if len(known) > 1:
            reason = say(
                "“%(tag)s” is in several groups; %(group)s is taken.",
                tag=next(iter(words.pref.values()), str(concept)),
                group=known[0],
            )
            self.warnings.append(Flaw(0, "inScheme", reason, "group"))
        if not known and len(self.groups) == 1:
            return next(iter(self.groups))
        return known[0] if known else ""

    def _words(self, concept: Node) -> TagWords:
        labels: dict[str, dict[str, list[str]]] = {kind: {} for kind in KINDS}
        for kind, predicate in KINDS.items():
            for language, text in self._texts(concept, predicate):
                labels[kind].setdefault(language, []).append(text)
        for language, texts in labels["pref"].items():
            # SKOS allows one preferred label in a language; the others still find the tag.
            labels["alt"].setdefault(language, [])[:0] = texts[1:]
            if len(texts) > 1:
                reason = say(
                    "“%(tag)s” has several names in one language; the others are kept as synonyms.",
                    tag=texts[0],
                )
                self.warnings.append(Flaw(0, "prefLabel", reason, "label"))
        return TagWords(
            pref={language: texts[0] for language, texts in labels["pref"].items()},
            alt=labels["alt"],
            hidden=labels["hidden"],
            note=self._notes(concept, "scope"),
            definition=self._notes(concept, "definition"),
            example=self._notes(concept, "example"),
        )

    def _notes(self, concept: Node, kind: str) -> dict[str, str]:
        notes: dict[str, str] = {}
        for language, text in self._texts(concept, NOTES[kind]):
            notes[language] = f"{notes[language]}\n\n{text}" if language in notes else text
        return notes

    def _texts(self, concept: Node, predicate: Node) -> Iterator[tuple[str, str]]:
        found = [one for one in self.graph.objects(concept, predicate) if isinstance(one, Literal)]
        # The plain language goes before its regions: en before en-GB.
        for literal in sorted(found, key=lambda one: (len(one.language or ""), str(one))):
            text = str(literal)
            language = (literal.language or language_of(text)).split("-")[0].lower()
            if language in LANGUAGES:
                yield language, text
            else:
                self.foreign[language] += 1

    def tell_what_is_left_out(self, concepts: Iterable[Node]) -> None:
        graph = self.graph
        for kind in (SKOS.Collection, SKOS.OrderedCollection):
            for collection in sorted(graph.subjects(RDF.type, kind), key=str):
                reason = say(
                    "The collection “%(name)s” is no tag and is left out; its members come in.",
                    name=_title(graph, collection),
                )
                self.warnings.append(Flaw(0, "Collection", reason, "collection"))
        for language, count in sorted(self.foreign.items()):
            reason = say(
                "Texts in the language %(language)s are left out: %(number)s of them.",
                language=language,
                number=count,
            )
            self.warnings.append(Flaw(0, "prefLabel", reason, "language"))
        ours = set(concepts)
        for predicate in NOT_KEPT:
            count = sum(1 for subject in graph.subjects(predicate, None) if subject in ours)
            if count:
                name = _last_step(str(predicate))
                reason = say(
                    "%(property)s is not kept: %(number)s of them.", property=name, number=count
                )
                self.warnings.append(Flaw(0, name, reason, "property"))


def _write_tag(graph: Turtle, tag: TagLine, scheme: URIRef) -> None:
    concept = _iri(tag.guid)
    graph.add((concept, RDF.type, SKOS.Concept))
    graph.add((concept, SKOS.inScheme, scheme))
    graph.add((concept, DCTERMS.identifier, Literal(tag.guid)))
    for language, kind, text in tag.words.labels():
        graph.add((concept, KINDS[kind], Literal(text, lang=language)))
    for kind, by_language in tag.words.notes().items():
        for language, text in by_language.items():
            graph.add((concept, NOTES[kind], Literal(text, lang=language)))
    for one in tag.related:
        graph.add((concept, SKOS.related, _iri(one)))
    if tag.parents:
        graph.add((concept, OWN.primary, _iri(tag.parents[0])))
    if tag.status == "candidate":
        graph.add((concept, OWN.status, Literal(tag.status)))
    if tag.status == "deprecated":
        graph.add((concept, OWL.deprecated, Literal(True)))
    if tag.replaced_by:
        graph.add((concept, DCTERMS.isReplacedBy, _iri(tag.replaced_by)))


def _parsed(content: bytes, syntax: str) -> Graph:
    if not content.strip():
        raise _unfit(say("The file is empty. Choose one that holds tags."))
    text = _text_of(content, syntax)
    try:
        return Graph().parse(data=text, format=syntax, publicID=RELATIVE)
    except RecursionError:
        raise _unfit(say("The file is nested too deeply to be read. Name each concept.")) from None
    except BadSyntax as fault:
        reason = say("The file breaks off or is damaged in line %(line)s.", line=fault.lines + 1)
        raise _unfit(reason) from fault
    except (ParserError, ValueError, AssertionError, IndexError, SAXException) as fault:
        raise _unfit(say("The file is damaged: it cannot be read to its end.")) from fault


def _text_of(content: bytes, syntax: str) -> str:
    if syntax == "xml":
        text, _ = xml_text.decoded(content)
        # Refuses entities that swell or fetch, before the parser of RDF sees them.
        xml_text.walk(text)
        return text
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unfit(say("The file is not in UTF-8. Save it again with that encoding.")) from None


def _parents(graph: Graph) -> dict[Node, set[Node]]:
    above: dict[Node, set[Node]] = {}
    for child, parent in graph.subject_objects(SKOS.broader):
        above.setdefault(child, set()).add(parent)
    for parent, child in graph.subject_objects(SKOS.narrower):
        above.setdefault(child, set()).add(parent)
    return above


def _says(graph: Graph) -> frozenset[str]:
    said = {f"{kind}_{code}" for kind in ("pref", "alt") for code in LANGUAGES} | {"parents"}
    if (None, SKOS.hiddenLabel, None) in graph:
        said |= {f"hidden_{code}" for code in LANGUAGES}
    for kind, predicate in NOTES.items():
        if (None, predicate, None) in graph:
            said |= {f"{kind}_{code}" for code in LANGUAGES}
    if (None, SKOS.related, None) in graph:
        said.add("related")
    told = (OWL.deprecated, DCTERMS.isReplacedBy, OWN.status)
    if any((None, predicate, None) in graph for predicate in told):
        said.add("status")
    return frozenset(said)


def _group(graph: Graph, scheme: Node) -> Group:
    labels: dict[str, str] = {}
    for predicate in TITLES:
        for text in sorted(graph.objects(scheme, predicate), key=str):
            language = getattr(text, "language", None) or language_of(str(text))
            if language in LANGUAGES:
                labels.setdefault(language, str(text))
    if not labels:
        labels["en"] = _last_step(str(scheme))
    return Group(str(graph.value(scheme, OWN.key) or ""), _guid(scheme), labels)


def _position(graph: Graph) -> Callable[[Node], tuple[int, str]]:
    def position(scheme: Node) -> tuple[int, str]:
        said = str(graph.value(scheme, OWN.position) or "")
        return int(said[:9]) if said.isdecimal() else 0, str(scheme)

    return position


def _title(graph: Graph, node: Node) -> str:
    texts = [text for predicate in TITLES for text in graph.objects(node, predicate)]
    by_language = {getattr(text, "language", None): str(text) for text in texts}
    return (
        by_language.get("en")
        or by_language.get("ru")
        or next(iter(by_language.values()), str(node))
    )


def _iri(guid: str) -> URIRef:
    if IRI.fullmatch(guid) and not guid.startswith(NAMED):
        return URIRef(guid)
    return URIRef(NAMED + quote(guid, safe=""))


def _guid(node: Node) -> str:
    text = str(node)
    return unquote(text.removeprefix(NAMED)) if text.startswith(NAMED) else text


def _last_step(iri: str) -> str:
    return unquote(re.split(r"[/#:]", iri.rstrip("/#"))[-1]) or iri


def _unfit(message: Message) -> Invalid:
    return Invalid({"file": message})
