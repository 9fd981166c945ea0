"""What we know: a research question, what answers it already, and what to do then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import brief_lists, brief_pages, briefs, words
from research_repo.core.brief_lists import BriefCard
from research_repo.core.briefs import Content, Decision
from research_repo.core.clock import months_after, today
from research_repo.core.errors import Conflict, Invalid
from research_repo.core.grounds import Quote
from research_repo.core.language import say
from research_repo.core.models import DECISIONS, Brief
from research_repo.core.report_shape import Finding
from research_repo.report_jobs import Asked
from research_repo.search import Held
from research_repo.search.briefing import Answered, answered
from research_repo.web.door import (
    current_person,
    day,
    number,
    page_number,
    reading,
    saving,
    search,
    see_other,
    tell,
    text,
)
from research_repo.web.report_files import FORMS, file
from research_repo.web.search_answer import quoted
from research_repo.web.search_told import put_right
from research_repo.web.words import language, put

bp = Blueprint("briefs", __name__, url_prefix="/known")

Page = str | Response | tuple[str, int]
NEWEST = 5
_WORDS = {"enough": "note", "narrow": "narrower", "request": "why"}
"""Each decision with the field of its words."""


@dataclass(frozen=True)
class Claim:
    """A claim of the page, with the one quote that says it best."""

    finding: Finding
    quote: Quote | None = None
    said: Any = ()


@bp.get("")
def ask() -> str:
    """The question's field, or the answer to the question in the address."""
    question = request.args.get("q", "").replace("\x00", "").strip()[: briefs.QUESTION_MAX]
    if not question:
        with reading() as session:
            newest, total = brief_lists.listed(session, current_person(), None, 1)
        return render_template("briefs/ask.html", newest=newest[:NEWEST], total=total)
    return _live(question, _months(request.args.get("months", "")), Invalid({}))


@bp.post("")
def save() -> Page:
    """Keep the answer to a question, and what was decided, when that was sent along."""
    by, question = current_person(), text("q")
    months = _months(text("months"))
    try:
        question = briefs.checked_question(question)
        decision = _decision()
        if decision:
            briefs.ready(question, decision)
        content = answer(question, months).content()
        with saving() as session:
            brief = briefs.save(session, by, question, content)
            if decision:
                briefs.decide(session, by, brief.key, brief.version, decision)
            key = brief.key
    except Invalid as refusal:
        if not question.strip():
            return see_other(url_for("briefs.ask"))
        return _live(question[: briefs.QUESTION_MAX], months, refusal), 422
    if text("do") == "study":
        return see_other(url_for("studies.add", brief=key))
    return _decided(key, decision)


@bp.get("/<key>")
def show(key: str) -> str:
    return _kept(key, Invalid({}))


@bp.get(f"/<key>.<{FORMS}>")
def as_file(key: str, form: str) -> Response:
    """A saved answer as a file, like a report."""
    return file(Asked("brief", key), form)


@bp.post("/<key>")
def decide(key: str) -> Page:
    try:
        decision = _decision() or Decision("")
        with saving() as session:
            briefs.decide(session, current_person(), key, number("version") or 0, decision)
    except Invalid as refusal:
        return _kept(key, refusal), 422
    except Conflict as conflict:
        return _kept(key, Invalid({"": conflict.message})), 409
    return _decided(key, decision)


@bp.post("/<key>/remove")
def remove(key: str) -> Response:
    with saving() as session:
        brief = briefs.remove(session, current_person(), key)
        message = say("“%(question)s” is taken away.", question=brief.question)
    tell(message.about(url_for("briefs.decisions", removed=key)))
    return see_other(url_for("briefs.decisions", removed=key))


@bp.post("/<key>/restore")
def restore(key: str) -> Response:
    with saving() as session:
        briefs.restore(session, current_person(), key)
    return see_other(url_for("briefs.show", key=key))


@bp.get("/decisions")
def decisions() -> str:
    """What became of the questions: how many studies were avoided, narrowed, gone ahead with."""
    by, chosen = current_person(), request.args.get("decision")
    decision = {"open": "", **{one: one for one in DECISIONS[1:]}}.get(chosen or "")
    page = page_number()
    with reading() as session:
        counts = brief_lists.counts(session, by)
        listed, total = brief_lists.listed(session, by, decision, page)
    last = max(1, -(-total // brief_lists.LISTED))
    return render_template(
        "briefs/decisions.html",
        counts=counts,
        listed=listed,
        total=total,
        page=page,
        last=last,
        chosen=chosen if decision is not None else "",
        removed=request.args.get("removed", ""),
    )


def answer(question: str, months: int) -> Answered:
    """What is known about a question, for who asks."""
    with reading() as session:
        return answered(search(), session, current_person(), question, months)


def claims_of(session: Any, shown: brief_pages.Shown, marks: frozenset[str]) -> list[Claim]:
    """The claims as a page shows them, each with its best quote."""
    listed = []
    for one in shown.claims:
        found = quoted(session, [one.atom_id, *(cited.atom_id for cited in one.supporting)], marks)
        listed.append(Claim(one, *found) if found else Claim(one))
    return listed


def _live(question: str, months: int, refusal: Invalid) -> str:
    found = answer(question, months)
    right = put_right(question, found.corrections)
    values = {"corrected": right, "is_looked_up": found.is_looked_up, "saved": None}
    return _page(question, found.content(), found.words, refusal, **values)


def _kept(key: str, refusal: Invalid) -> str:
    by = current_person()
    with reading() as session:
        brief: Brief = briefs.to_read(session, by, key)
        card: BriefCard = brief_lists.card(session, by, key)
        content = briefs.content_of(brief)
    marks = frozenset(words.stems(card.question))
    return _page(card.question, content, marks, refusal, saved=card)


def _page(
    question: str, content: Content, marks: frozenset[str], refusal: Invalid, **more: Any
) -> str:
    by = current_person()
    with reading() as session:
        shown = brief_pages.shown(session, by, content, language())
        claims = claims_of(session, shown, marks)
    held = search().held([tag.id for tag in shown.gaps], by)
    return render_template(
        "briefs/show.html",
        question=question,
        question_language=words.language_of(question),
        shown=shown,
        told=[put(one) for one in brief_pages.told(shown.verdict, language())],
        claims=claims,
        gaps=[tag for tag in shown.gaps if _is_old(held.get(tag.id), shown.months)],
        held=held,
        problems=refusal.problems,
        sent=request.form,
        today=today().isoformat(),
        limits={
            "question": briefs.QUESTION_MAX,
            "note": briefs.NOTE_MAX,
            "days": briefs.DAYS_MAX,
            "months": briefs.MONTHS_MAX,
        },
        **more,
    )


def _is_old(held: Held | None, months: int) -> bool:
    """Whether it is a gap for this reader, who may see more than who asked, or later."""
    return not (held and held.latest and held.latest >= months_after(today(), -months))


def _decision() -> Decision | None:
    """What was sent with the question; None where it is only to be kept."""
    kind = text("do")
    if kind not in _WORDS:
        return None
    saved = number("days_saved") if kind == "enough" else None
    needed_by = day("needed_by") if kind == "request" else None
    return Decision(kind, text(_WORDS[kind]), saved, needed_by)


def _decided(key: str, decision: Decision | None) -> Response:
    kind = decision.kind if decision else ""
    if decision and kind == "narrow":
        tell(say("The narrower question is kept. This is what is known about it."))
        return see_other(url_for("briefs.ask", q=decision.words))
    done = {
        "": say("Saved. Everybody here can read it."),
        "enough": say("Kept: what is known is enough."),
        "request": say("Everybody here who does research is told."),
    }
    tell(done[kind])
    return see_other(url_for("briefs.show", key=key))


def _months(typed: str) -> int:
    """Over how many months gaps are counted: what was typed, when it can be meant."""
    count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    return count if 1 <= count <= briefs.MONTHS_MAX else briefs.MONTHS
