"""Asking for a study, from a search that found too little or about claims that may hold no more."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import bulk, cards, requests
from research_repo.core.clock import today
from research_repo.core.errors import Invalid
from research_repo.core.language import say_many
from research_repo.core.requests import Request
from research_repo.search.asking import cut
from research_repo.web.door import current_person, day, reading, saving, see_other, tell, text
from research_repo.web.words import language

bp = Blueprint("requests", __name__, url_prefix="/ask")

Page = str | Response | tuple[str, int]
Claim = tuple[str, str]
"""Its key and its words."""

CLAIMS_MAX = 20


@bp.route("", methods=["GET", "POST"])
def ask() -> Page:
    searched, about = cut(request.values.get("q", "")), _claims()
    if request.method == "GET":
        return _form(searched, about, Request(question=_question(about) or searched), Invalid({}))
    sent = Request(question=text("question"), why=text("why"))
    try:
        wanted = requests.ready(Request(sent.question, sent.why, day("needed_by")))
        back = _back(about) or url_for("search.page", q=searched or wanted.question[:300])
        with saving() as session:
            told = requests.ask(session, current_person(), wanted, back)
    except Invalid as refusal:
        return _form(searched, about, sent, refusal), 422
    tell(
        say_many(
            "Your request went to %(count)s person who does research. They see your name and will "
            "come back to you.",
            "Your request went to %(count)s people who do research. They see your name and will "
            "come back to you.",
            told,
        )
    )
    return see_other(back)


def _claims() -> list[Claim]:
    """The claims that the study is to be about, of those that the person sees."""
    by, keys = current_person(), request.values.getlist("atom")[:CLAIMS_MAX]
    with reading() as session:
        atom_ids = bulk.picked(session, by, [key.replace("\x00", "") for key in keys])
        found = cards.of_atoms(session, by, atom_ids, language())
    return [(one.key, one.title) for one in found]


def _question(about: list[Claim]) -> str:
    if not about:
        return ""
    titles = "; ".join(f"“{title}”" for _, title in about)
    asked = say_many(
        "Does this still hold: %(titles)s",
        "Do these still hold: %(titles)s",
        len(about),
        titles=titles,
    )
    whole = asked.put(language())
    most = requests.QUESTION_MAX
    return whole if len(whole) <= most else whole[: most - 1] + "…"


def _back(about: list[Claim]) -> str:
    """The page of the claim, or of all those that were asked about."""
    if len(about) == 1:
        return url_for("atoms.show", key=about[0][0])
    return url_for("claims.listed", atom=[key for key, _ in about]) if about else ""


def _form(searched: str, about: list[Claim], sent: Request, refusal: Invalid) -> str:
    return render_template(
        "requests/ask.html",
        searched=searched,
        about=about,
        back=_back(about) or url_for("search.page", q=searched or None),
        sent=sent,
        needed_by=text("needed_by"),
        today=today().isoformat(),
        problems=refusal.problems,
        question_max=requests.QUESTION_MAX,
        why_max=requests.WHY_MAX,
    )
