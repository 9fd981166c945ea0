"""The form of an atom: from what was sent to values, and from an atom back to the form."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import request

from research_repo.core import access, atoms, bulk, evidence, prose, rules, studies
from research_repo.core.atoms import AtomValues
from research_repo.core.cards import AtomPage
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.evidence import EvidenceValues
from research_repo.core.language import Message, say
from research_repo.core.models import KINDS, Evidence, Person, Question, Study
from research_repo.core.publishing import CARRIERS
from research_repo.web import claims_found, tag_offers
from research_repo.web.door import day, is_on, row_id, text, texts
from research_repo.web.words import language

EVIDENCE_FIELDS = ("kind", "id", "text", "who", "source", "url", "number", "unit", "n")


@dataclass
class EvidenceRow:
    """One piece of evidence in the form, as typed. `slot` makes its fields' ids unique."""

    kind: str = "quote"
    id: str = ""
    text: str = ""
    who: str = ""
    source: str = ""
    url: str = ""
    number: str = ""
    unit: str = ""
    n: str = ""
    slot: str = field(default_factory=lambda: secrets.token_hex(4))


@dataclass
class AtomForm:
    """All that the form shows, as typed, whether it can be used or not."""

    kind: str = "fact"
    title: str = ""
    body: str = ""
    study: str = ""
    questions: Sequence[str] = ()
    tags: str = ""
    not_applicable: Sequence[str] = ()
    observed_on: str = ""
    review_by: str = ""
    evidence: Sequence[EvidenceRow] = ()
    version: str = ""
    rests_on: Sequence[str] = ()
    """The keys of what is to support it."""
    is_confirmed: bool = False
    bears: Sequence[str] = ()
    """What it says of claims that exist: their keys, each with a kind of link."""
    who: str = ""
    """Who was heard: says the quotes that name nobody."""
    slot: str = ""
    """Under which name this window keeps what is typed."""

    def values(self, status: str) -> AtomValues:
        """The typed words as values; refuses numbers and dates that are none."""
        problems: dict[str, Message] = {}
        pieces = []
        for row in self.evidence:
            try:
                pieces.append(_evidence(row, self.who))
            except ValueError:
                problems["evidence"] = say("Write numbers in digits: 38, 4.5 or 1200.")
        dates: dict[str, date | None] = {}
        for name in ("observed_on", "review_by"):
            try:
                dates[name] = day(name)
            except Invalid as refusal:
                problems.update(refusal.problems)
        try:
            tag_offers.require_sure(self.tags)
        except Invalid as refusal:
            problems.update(refusal.problems)
        if problems:
            raise Invalid(problems)
        return AtomValues(
            kind=self.kind,
            title=self.title,
            body=self.body,
            study_key=self.study,
            question_ids=[one for one in map(row_id, self.questions) if one],
            tags=[one for one in self.tags.split(";") if one.strip()],
            not_applicable=list(self.not_applicable),
            evidence=pieces,
            status=status,
            observed_on=dates.get("observed_on"),
            review_by=dates.get("review_by"),
            rests_on=self.rests_on,
            is_confirmed=self.is_confirmed,
        )


def sent() -> AtomForm:
    """The form as it was sent."""
    columns = [texts(f"evidence-{name}") for name in EVIDENCE_FIELDS]
    rows = [EvidenceRow(*cells) for cells in zip(*columns, strict=False)]
    gone = set(texts("without"))
    return AtomForm(
        kind=text("kind"),
        title=text("title"),
        body=text("body"),
        study=text("study"),
        questions=texts("question"),
        tags=tag_offers.answered(text("tags")),
        not_applicable=texts("not_applicable"),
        observed_on=text("observed_on"),
        review_by=text("review_by"),
        evidence=[row for place, row in enumerate(rows) if str(place) not in gone],
        version=text("version"),
        rests_on=texts("rests_on"),
        is_confirmed=is_on("is_confirmed"),
        bears=texts("bears"),
        who=text("who"),
        slot=text("slot"),
    )


def asked() -> AtomForm:
    """An empty form, with what the address says already: kind, study and question."""
    kind = request.args.get("kind", "fact")
    return AtomForm(
        kind=kind if kind in KINDS else "fact",
        study=request.args.get("study", ""),
        questions=request.args.getlist("question"),
        tags=request.args.get("tags", ""),
        rests_on=request.args.getlist("rests_on"),
        evidence=[EvidenceRow()] if kind == "fact" else [],
        slot=new_slot(),
    )


def new_slot() -> str:
    """A name for a window that no other one has."""
    return secrets.token_hex(8)


def of_page(page: AtomPage) -> AtomForm:
    """The form of an atom that stands."""
    return AtomForm(
        kind=page.card.kind,
        title=page.card.title,
        body=page.body,
        study=page.card.study_key,
        questions=[str(question.id) for question in page.questions],
        tags="; ".join(tag.full_path for tag in page.card.tags),
        not_applicable=[key for key, _ in page.not_applicable],
        observed_on=page.observed_on.isoformat() if page.observed_on else "",
        review_by=page.review_by.isoformat() if page.review_by else "",
        evidence=[_row(piece) for piece in page.evidence if piece.kind in evidence.TYPED],
        version=str(page.version),
    )


def with_row(form: AtomForm, kind: str) -> AtomForm:
    """The form with one more empty row of evidence."""
    if kind not in evidence.TYPED:
        return form
    return replace(form, evidence=[*form.evidence, EvidenceRow(kind=kind)])


def surroundings(session: Any, by: Person, form: AtomForm) -> dict[str, Any]:
    """What the form offers beside what was typed: studies, and the chosen one's questions."""
    offered = studies.loggable(session, by)
    study = next((one for one in offered if one.key == form.study), None)
    if study is None and form.study:
        # Archived, or another team's: an atom of it can still be edited where it is.
        study = _readable(session, by, form.study)
        offered = [*offered, study] if study else offered
    return {
        "studies": offered,
        "questions": questions_of(session, study),
        "asked": rules.asked_of(session, form.kind, language(), form.not_applicable),
        "title_max": atoms.TITLE_MAX,
        "title_advised": atoms.TITLE_ADVISED,
        "body_max": atoms.BODY_MAX,
        "preview": prose.render(form.body) if text("do") == "preview" else "",
        "tag_language": language(),
        **_carriers(session, by, form),
    }


def _carriers(session: Any, by: Person, form: AtomForm) -> dict[str, Any]:
    if form.kind not in CARRIERS:
        return {"carriers": None}
    # An atom that is edited is not offered to itself.
    own = (request.view_args or {}).get("key", "") or request.args.get("besides", "")
    sought, besides = text("carriers"), bulk.picked(session, by, [own])
    ticked = form.rests_on[: atoms.RESTS_ON_MAX]
    found = claims_found.offer(session, by, sought, ticked, besides, kinds=("fact", "insight"))
    return {"carriers": found, "sought": sought, "besides": own}


def questions_of(session: Any, study: Study | None) -> list[Question]:
    """The questions that an atom of this study may answer."""
    return studies.questions_of(session, study.id) if study else []


def _readable(session: Any, by: Person, key: str) -> Study | None:
    try:
        return access.study_to_read(session, by, key)
    except NotFound:
        return None


def _evidence(row: EvidenceRow, who: str) -> EvidenceValues:
    return EvidenceValues(
        # Where an import found a claim is not for a form to say.
        kind=row.kind if row.kind in evidence.TYPED else "quote",
        id=row_id(row.id),
        text=row.text,
        who=row.who.strip() or (who.strip() if row.kind == "quote" else ""),
        source=row.source.strip(),
        url=row.url,
        number=float(_digits(row.number)) if row.number.strip() else None,
        unit=row.unit.strip(),
        n=int(_digits(row.n)) if row.n.strip() else None,
    )


def _digits(typed: str) -> str:
    # 1 240,5 and 1240.5 are the same number to people.
    return "".join(typed.split()).replace(",", ".")[:30]


def _row(piece: Evidence) -> EvidenceRow:
    return EvidenceRow(
        kind=piece.kind,
        id=str(piece.id),
        text=piece.text,
        who=piece.who,
        source=piece.source,
        url=piece.url,
        number="" if piece.number is None else f"{piece.number:g}",
        unit=piece.unit,
        n="" if piece.n is None else str(piece.n),
    )
