"""Quotes in their sources: a fact made of selected words, and the way from a quote to its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import (
    access,
    anchors,
    atoms,
    evidence,
    rewording,
    source_edits,
    sources,
    typed,
)
from research_repo.core.anchors import Origin
from research_repo.core.atoms import AtomValues
from research_repo.core.cards import AtomPage
from research_repo.core.chains import Chain
from research_repo.core.db import Session
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.evidence import EvidenceValues
from research_repo.core.language import Message, say
from research_repo.core.marks import Mark, marked
from research_repo.core.models import TEXT_KINDS, Atom, Person, Source, Study
from research_repo.core.rewording import Plan
from research_repo.core.sources import Leaf
from research_repo.web import atom_form, personal
from research_repo.web.atom_form import AtomForm
from research_repo.web.door import (
    current_person,
    reading,
    row_id,
    saving,
    see_other,
    tell,
    text,
)

bp = Blueprint("anchors", __name__)

Page = str | Response | tuple[str, int]

LOST_SHOWN = 20


@dataclass(frozen=True)
class Cutting:
    """The form of a fact made of words of a source: which ones, and what is said of them."""

    fact: AtomForm
    seen: int
    """The newest quote of the source that the person knew of."""
    start: int = 0
    end: int = 0
    words: str = ""


@bp.route("/sources/<key>/facts/new", methods=["GET", "POST"])
def add(key: str) -> Page:
    by = current_person()
    with reading() as session:
        source = access.source_to_read(session, by, key)
        study = session.get_one(Study, source.study_id)
        if not _is_text(source):
            raise NotFound
        if not access.may_log_into(session, by, study):
            raise NotAllowed(
                say("Only the study's owner and its editors make facts of its sources.")
            )
        seen = anchors.newest(session, source.id)
    if request.method == "GET":
        return _page(source, study, _asked(source, study, seen))
    cutting = Cutting(replace(atom_form.sent(), kind="fact", study=study.key), seen)
    try:
        cutting = replace(cutting, start=_place("start"), end=_place("end"), words=text("words"))
        quote_id = _written(by, source, cutting)
    except Invalid as refusal:
        return _page(source, study, replace(cutting, seen=_seen()), refusal), 422
    except Conflict as quicker:
        return _page(source, study, cutting, quicker=quicker), 409
    return see_other(_way_to(quote_id, cutting.fact.questions))


@bp.get("/quotes/<int:quote_id>")
def place(quote_id: int) -> Response:
    """The way from a quote to the words in their source."""
    return see_other(_way_to(quote_id))


def ways(session: Any, by: Person, page: AtomPage, chain: Chain) -> dict[int, Origin]:
    """The quotes on an atom's page whose sources the person may read, and where each is from."""
    steps = (*chain.supporting, *chain.against)
    further = [*chain.words, *(said for step in steps for said in step.said)]
    return anchors.origins(session, by, [*page.evidence, *(said.piece for said in further)])


def shown(session: Any, by: Person, source: Source, study: Study, leaf: Leaf) -> dict[str, Any]:
    """What the page of a source shows of quotes: where they stand, and the form of a new one."""
    found: dict[int, Any] = {}
    lost = anchors.without_place(session, by, source.id, LOST_SHOWN)
    if leaf.passages:
        first, last = leaf.passages[0].start, leaf.passages[-1].end
        marks = anchors.of_source(session, by, source.id, first, last)
        rows = marked([(one.start, one.text) for one in leaf.passages], marks)
        found = {one.position: row for one, row in zip(leaf.passages, rows, strict=True)}
    if not (_is_text(source) and access.may_log_into(session, by, study)):
        return {"marked": found, "lost": lost, "cutting": None}
    cutting = _asked(source, study, anchors.newest(session, source.id))
    return {"marked": found, "lost": lost, **_around(session, by, study, cutting)}


def _is_text(source: Source) -> bool:
    return source.removed_at is None and source.kind in TEXT_KINDS


def _asked(source: Source, study: Study, seen: int) -> Cutting:
    """An empty form; the address may say of which passage, and which questions were answered last."""
    start = row_id(request.args.get("start", "")) or 0
    end = row_id(request.args.get("end", "")) or 0
    fact = replace(atom_form.asked(), kind="fact", study=study.key)
    return Cutting(fact, seen, start, end)


def _seen() -> int:
    return row_id(text("seen")) or 0


def _place(name: str) -> int:
    place = row_id(text(name))
    if place is None:
        raise Invalid({"words": anchors.NOTHING})
    return place


def _written(by: Person, source: Source, cutting: Cutting) -> int:
    """Write the fact down; its quote."""
    with reading() as session:
        place = (cutting.start, cutting.end)
        said = anchors.cut(session, by, source.key, *place, cutting.words)
    values = personal.settled(atoms.ready(_values(cutting.fact, said, source)))
    with reading() as session:
        plan = _masked_in_source(session, by, source.key, said, values.evidence[0].text)
    with saving() as session:
        if plan:
            _mask(session, by, plan)
        anchors.require_first(session, by, said, _seen())
        atom = atoms.log(session, by, values)
        quote_id = evidence.of_atom(session, atom.id)[0].id
    tell(_told(atom, cutting.fact))
    return quote_id


def _mask(session: Session, by: Person, plan: Plan) -> None:
    try:
        rewording.write(session, by, plan)
    except Conflict:
        told = say("Somebody changed this source meanwhile. Send the form again.")
        raise Invalid({"words": told}) from None


def _masked_in_source(
    session: Session, by: Person, key: str, said: EvidenceValues, words: str
) -> Plan | None:
    """How the source comes to say what the masked quote says: without that it would lose its place."""
    source = access.source_to_read(session, by, key)
    study = session.get_one(Study, source.study_id)
    stands = source.text[said.span_start : said.span_end]
    if words == said.text or stands != said.text or not access.may_edit_study(session, by, study):
        return None
    text = source.text[: said.span_start] + words + source.text[said.span_end :]
    return source_edits.plan_text(session, by, key, source.version, text)


def _values(fact: AtomForm, said: EvidenceValues, source: Source) -> AtomValues:
    """A fact without words of one's own is a draft that is called by the words that were said."""
    is_named = bool(fact.title.strip())
    values = fact.values("published" if is_named and text("do") != "draft" else "draft")
    title = fact.title if is_named else _shortened(typed.line(said.text))
    return replace(values, title=title, evidence=[said], observed_on=source.held_on)


def _shortened(words: str) -> str:
    if len(words) <= atoms.TITLE_ADVISED:
        return words
    return words[: atoms.TITLE_ADVISED].rsplit(" ", 1)[0] + "…"


def _told(atom: Atom, fact: AtomForm) -> Message:
    if atom.status != "draft":
        return say("The fact is written down and can be found.")
    if fact.title.strip():
        return say("The draft is kept. Only you and the study team see it.")
    return say("Kept as a draft under the words that were said. Say in yours what they show.")


def _way_to(quote_id: int, questions: Any = ()) -> str:
    by = current_person()
    with reading() as session:
        source, start = anchors.place_of(session, by, quote_id)
        page = sources.place(session, source, start)[0] if start is not None else None
    asked: dict[str, Any] = {"page": page if page != 1 else None, "question": list(questions)}
    if start is None:
        tell(say("These words stand in the source no more. This is where they were taken from."))
        return url_for("sources.show", key=source.key)
    return url_for("sources.show", key=source.key, **asked, _anchor=f"q-{quote_id}")


def _around(session: Any, by: Person, study: Study, cutting: Cutting) -> dict[str, Any]:
    around = atom_form.surroundings(session, by, cutting.fact)
    return {**around, "study": study, "form": cutting.fact, "cutting": cutting}


def _page(
    source: Source,
    study: Study,
    cutting: Cutting,
    refusal: Invalid | None = None,
    quicker: Conflict | None = None,
) -> str:
    if not cutting.end and not refusal:
        raise NotFound
    if not cutting.words:
        cutting = replace(cutting, words=source.text[cutting.start : cutting.end].strip())
    others: list[Mark] = quicker.current if quicker else []
    with reading() as session:
        around = _around(session, current_person(), study, cutting)
    return render_template(
        "anchors/new.html",
        source=source,
        others=others,
        quicker=quicker.message if quicker else None,
        problems=refusal.problems if refusal else {},
        **around,
    )
