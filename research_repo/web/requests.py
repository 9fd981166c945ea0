"""Asking for a study, from a search that found too little."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import requests
from research_repo.core.clock import today
from research_repo.core.errors import Invalid
from research_repo.core.language import say_many
from research_repo.core.requests import Request
from research_repo.search.asking import cut
from research_repo.web.door import current_person, day, saving, see_other, tell, text

bp = Blueprint("requests", __name__, url_prefix="/ask")

Page = str | Response | tuple[str, int]


@bp.route("", methods=["GET", "POST"])
def ask() -> Page:
    searched = cut(request.values.get("q", ""))
    if request.method == "GET":
        return _form(searched, Request(question=searched), Invalid({}))
    sent = Request(question=text("question"), why=text("why"))
    try:
        wanted = requests.ready(Request(sent.question, sent.why, day("needed_by")))
        back = url_for("search.page", q=searched or wanted.question[:300])
        with saving() as session:
            told = requests.ask(session, current_person(), wanted, back)
    except Invalid as refusal:
        return _form(searched, sent, refusal), 422
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


def _form(searched: str, sent: Request, refusal: Invalid) -> str:
    return render_template(
        "requests/ask.html",
        searched=searched,
        sent=sent,
        needed_by=text("needed_by"),
        today=today().isoformat(),
        problems=refusal.problems,
        question_max=requests.QUESTION_MAX,
        why_max=requests.WHY_MAX,
    )
