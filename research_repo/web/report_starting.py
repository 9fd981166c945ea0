"""Reports across studies are begun: from results, from a tag, from claims that somebody picked."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, hierarchy, report_templates, report_writing, tagging, tags
from research_repo.core.clock import today
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.report_layouts import CLASSIC
from research_repo.core.report_writing import TITLE_MAX, NewReport
from research_repo.search import Wanted, from_address
from research_repo.search.keeping import to_pairs
from research_repo.web import words
from research_repo.web.bulk_choice import chosen
from research_repo.web.door import current_person, reading, saving, see_other, tell, text
from research_repo.web.saved_search_words import in_words
from research_repo.web.words import language

bp = Blueprint("report_starting", __name__, url_prefix="/reports")

Page = str | Response | tuple[str, int]

KEYS_MAX = 100_000


@bp.post("/of-results")
def of_results() -> Response:
    """In one step: of what was ticked on a page of results, or of all that matches it."""
    by = current_person()
    access.require_log(by)
    choice = chosen(by)
    if not choice.is_all:
        title = say("Report of %(day)s", day=words.day(today())).put(language())
        return _begun(NewReport("list", title, _parts(CLASSIC), atom_keys=choice.keys))
    wanted = from_address(parse_qs(choice.search))
    pairs = to_pairs(wanted)
    return _begun(NewReport("search", _searched(wanted), _parts(CLASSIC), wanted=pairs))


@bp.post("/of-tag/<key>")
def of_tag(key: str) -> Response:
    """In one step: of all that carries a tag or a narrower one."""
    access.require_log(current_person())
    with reading() as session:
        tag = tags.get(session, key)
        title = hierarchy.cards(session, [tag.id], language())[tag.id].label
    return _begun(NewReport("tag", title, _parts(CLASSIC), tag_key=key))


@bp.route("/new", methods=["GET", "POST"])
def new() -> Page:
    access.require_log(current_person())
    if request.method == "GET":
        return _form(request.args.to_dict(), Invalid({}))
    try:
        return _begun(_asked())
    except Invalid as refusal:
        return _form(request.form.to_dict(), refusal), 422


def _form(sent: dict[str, str], refusal: Invalid) -> str:
    with reading() as session:
        templates = report_templates.listed(session, language())
    return render_template(
        "reports/new.html",
        sent={"template": CLASSIC, **sent},
        templates=templates,
        title_max=TITLE_MAX,
        problems=refusal.problems,
    )


def _asked() -> NewReport:
    """What the form asks for: picked claims before words, words before a tag."""
    parts, title = _parts(text("template")), text("title")
    keys = text("claims")[:KEYS_MAX].replace(",", " ").replace(";", " ").split()
    if keys:
        # The address of a claim ends with its key.
        picked = tuple(one.rstrip("/").rpartition("/")[2] for one in keys)
        return NewReport("list", title, parts, atom_keys=picked)
    tag_keys = _tag_keys()
    if not text("words").strip() and len(tag_keys) == 1:
        return NewReport("tag", title, parts, tag_key=tag_keys[0])
    if not text("words").strip() and not tag_keys:
        advice = say("Say what the report is of: words, a tag, or the keys of claims.")
        raise Invalid({"words": advice})
    wanted = Wanted(text=text("words").strip(), tags=tuple(tag_keys))
    return NewReport("search", title, parts, wanted=to_pairs(wanted))


def _tag_keys() -> list[str]:
    by = current_person()
    found = []
    with reading() as session:
        for typed in filter(None, map(str.strip, text("tags").split(";"))):
            try:
                found.append(tagging.asked(session, by, typed, language()).key)
            except Invalid as refusal:
                raise Invalid({"tags": next(iter(refusal.problems.values()))}) from refusal
    return found


def _parts(key: str) -> Any:
    with reading() as session:
        return report_templates.get(session, key, language()).parts


def _searched(wanted: Wanted) -> str:
    with reading() as session:
        told = in_words(session, current_person(), [wanted], language())[0]
    return (wanted.text or told)[:TITLE_MAX]


def _begun(values: NewReport) -> Response:
    with saving() as session:
        report = report_writing.create(session, current_person(), values)
    tell(say("The report is there. Arrange it, or share it, when it suits you."))
    return see_other(url_for("reports.show", key=report.key))
