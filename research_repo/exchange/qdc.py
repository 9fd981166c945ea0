"""A list of tags as a REFI-QDA codebook (.qdc), the way tools for qualitative analysis exchange codes.

Groups are codes that nothing is coded with, and their tags lie below them. A codebook is a tree in
one language: a second place of a tag, and that it waits for review, are told by sets of codes;
what has no place at all is listed by `losses`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from research_repo.core import schemes, tag_ids, typed
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say, say_many
from research_repo.core.tag_lists import Group, TagLine, TagList
from research_repo.core.tag_words import TagWords
from research_repo.exchange.codebook import NAMESPACE, ORIGIN, WAITING, also_under


def write(listed: TagList, language: str) -> str:
    """The tags as a codebook in a language, valid by the schema of REFI-QDA.

    Raises:
        Invalid: there is nothing to write; a codebook without codes is none.
    """
    tree = _Tree(listed, language)
    if not tree.groups:
        raise Invalid({"file": say("There are no tags yet. Make one, then export again.")})
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    origin = quoteattr(ORIGIN.format(language))
    pieces += [f'<CodeBook xmlns="{NAMESPACE}" origin={origin}>\n<Codes>\n']
    pieces += tree.codes()
    pieces += ["</Codes>\n", *tree.sets(), "</CodeBook>\n"]
    return "".join(pieces)


def losses(listed: TagList, language: str) -> tuple[Message, ...]:
    """What a codebook in this language cannot hold, or holds in another way."""
    tags = [tag for tag in listed.tags if not tag.replaced_by]
    ids = [*(tag.guid for tag in tags), *(group.guid for group in listed.groups.values())]
    described = [_description(tag.words, language) for tag in tags]
    notes = sum(len(_texts(tag.words)) for tag in tags) - sum(1 for kind, _ in described if kind)
    counts = {
        "merged": len(listed.tags) - len(tags),
        "unnamed": sum(1 for tag in tags if not _has(tag.words.pref, language)),
        "labels": sum(len(tag.words.labels()) - 1 for tag in tags),
        "scope": sum(1 for kind, _ in described if kind == "scope"),
        "notes": notes,
        "related": len({frozenset((tag.guid, one)) for tag in tags for one in tag.related}),
        "ids": sum(1 for guid in ids if tag_ids.canonical(guid) != guid),
        "groups": sum(1 for group in listed.groups.values() if _is_more(group, language)),
    }
    return tuple(LOSSES[what].counted(counts[what]) for what in LOSSES if counts[what])


LOSSES = {
    "merged": say_many(
        "%(count)s merged tag is left out.", "%(count)s merged tags are left out.", 0
    ),
    "unnamed": say_many(
        "%(count)s tag has no name in the language of the file; another name stands for it.",
        "%(count)s tags have no name in the language of the file; another name stands for each.",
        0,
    ),
    "labels": say_many(
        "%(count)s synonym or name in another language is left out.",
        "%(count)s synonyms and names in other languages are left out.",
        0,
    ),
    "scope": say_many(
        "%(count)s note on what belongs under a tag is written as its description, which an "
        "import takes for a definition.",
        "%(count)s notes on what belongs under a tag are written as descriptions, which an import "
        "takes for definitions.",
        0,
    ),
    "notes": say_many(
        "%(count)s note is left out: a code has one description.",
        "%(count)s notes are left out: a code has one description.",
        0,
    ),
    "related": say_many(
        "%(count)s pair of related tags is left out.",
        "%(count)s pairs of related tags are left out.",
        0,
    ),
    "ids": say_many(
        "%(count)s id is no UUID; the file holds one that stands for it in this repository.",
        "%(count)s ids are no UUIDs; the file holds ones that stand for them in this repository.",
        0,
    ),
    "groups": say_many(
        "%(count)s tag group loses its key or its name in another language.",
        "%(count)s tag groups lose their keys or their names in other languages.",
        0,
    ),
}


class _Tree:
    """Groups with their tags below them, each tag at the place that gives its path."""

    def __init__(self, listed: TagList, language: str) -> None:
        self.language = language
        self.groups = listed.groups
        self.tags = {tag.guid: tag for tag in listed.tags if not tag.replaced_by}
        guids = [*self.tags, *(group.guid for group in self.groups.values())]
        self.ids = tag_ids.uuids(guids)
        self.below: dict[str, list[TagLine]] = {}
        self.tops: dict[str, list[TagLine]] = {}
        for tag in self.tags.values():
            if parent := self._parent(tag):
                self.below.setdefault(parent, []).append(tag)
            else:
                self.tops.setdefault(tag.group, []).append(tag)

    def codes(self) -> Iterator[str]:
        for key, group in self.groups.items():
            name = group.labels.get(self.language) or next(iter(group.labels.values()), key)
            yield _code(self.ids[group.guid], name, is_codable=False)
            yield from self._codes_of(self.tops.get(key, ()))
            yield "</Code>\n"

    def sets(self) -> Iterator[str]:
        members: dict[str, list[str]] = {}
        for tag in self.tags.values():
            for parent in tag.parents:
                if parent in self.tags and parent != self._parent(tag):
                    members.setdefault(parent, []).append(tag.guid)
        found = [
            (
                also_under(self.ids[parent]),
                say("Also under: %(tag)s", tag=self._name(self.tags[parent])).put(self.language),
                guids,
            )
            for parent, guids in members.items()
        ]
        waiting = [tag.guid for tag in self.tags.values() if tag.status == "candidate"]
        if waiting:
            found.append((WAITING, say("Waiting for review").put(self.language), waiting))
        if found:
            yield "<Sets>\n"
            for guid, name, guids in found:
                yield f'<Set guid="{guid}" name={_quoted(name)}>\n'
                yield from (f'<MemberCode guid="{self.ids[one]}"/>\n' for one in guids)
                yield "</Set>\n"
            yield "</Sets>\n"

    def _codes_of(self, tags: Iterable[TagLine]) -> Iterator[str]:
        waiting: list[TagLine | None] = [*reversed([*tags])]
        while waiting:
            tag = waiting.pop()
            if tag is None:
                yield "</Code>\n"
                continue
            yield _code(self.ids[tag.guid], self._name(tag), is_codable=tag.status != "deprecated")
            if text := _description(tag.words, self.language)[1]:
                yield f"<Description>{escape(text)}</Description>\n"
            waiting.append(None)
            waiting += reversed(self.below.get(tag.guid, ()))

    def _parent(self, tag: TagLine) -> str:
        first = tag.parents[0] if tag.parents else ""
        return first if first in self.tags and self.tags[first].group == tag.group else ""

    def _name(self, tag: TagLine) -> str:
        return tag.words.pref.get(self.language) or tag.name


def _code(guid: str, name: str, *, is_codable: bool) -> str:
    return f'<Code guid="{guid}" name={_quoted(name)} isCodable="{str(is_codable).lower()}">\n'


def _quoted(name: str) -> str:
    return quoteattr(typed.line(name))


def _texts(its_words: TagWords) -> list[str]:
    notes = [text for by_language in its_words.notes().values() for text in by_language.values()]
    return [text for text in notes if text.strip()]


def _description(its_words: TagWords, language: str) -> tuple[str, str]:
    """The kind of the note that describes a tag, and its text."""
    for kind in ("definition", "scope"):
        if text := typed.lines(its_words.notes()[kind].get(language, "")).strip():
            return kind, text
    return "", ""


def _has(by_language: Mapping[str, str], language: str) -> bool:
    return bool(by_language.get(language, "").strip())


def _is_more(group: Group, language: str) -> bool:
    named = group.labels.get(language, "")
    return set(group.labels) != {language} or schemes.slug(named) != group.key
