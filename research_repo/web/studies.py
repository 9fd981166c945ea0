"""Studies: the list, a study's page, its form, its team."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import (
    access,
    brief_lists,
    cards,
    consent,
    drafts,
    hierarchy,
    outlines,
    recommendations,
    sources,
    studies,
    study_tags,
    tagging,
)
from research_repo.core.cards import AtomCard
from research_repo.core.errors import Conflict, Invalid, NotAllowed
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import Person, Study
from research_repo.core.sources import SourceCard
from research_repo.core.studies import StudyValues
from research_repo.search import Wanted
from research_repo.web import study_start, tag_offers
from research_repo.web.bulk_choice import Bar, search_of
from research_repo.web.door import (
    current_person,
    day,
    is_on,
    number,
    reading,
    row_id,
    saving,
    search,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import choices, language

bp = Blueprint("studies", __name__, url_prefix="/studies")

Page = str | Response | tuple[str, int]
SPARE_QUESTIONS = 3
ATOMS_SHOWN = 15
TAGS_SHOWN = 12
SOURCES_SHOWN = 5


@bp.get("")
def listed() -> str:
    with reading() as session:
        rows = cards.of_studies(session, current_person())
        due = consent.count_due(session, current_person())
    return render_template("studies/listed.html", studies=rows, due=due)


@bp.get("/<key>")
def show(key: str) -> str:
    by = current_person()
    with reading() as session:
        study = access.study_to_read(session, by, key)
        outline = outlines.of_study(session, by, study.id, language(), ATOMS_SHOWN)
        shown = {
            "study": study,
            "outline": outline,
            "followed": _followed(session, outline.recommendations.atoms),
            "tags": _tags(session, by, study),
            "own_tags": cards.tags_of_study(session, study.id, language()),
            "may_tag": study_tags.may_put(session, by, study),
            "card": cards.of_studies(session, by, [study.id])[0],
            "briefs": brief_lists.of_study(session, by, study.id),
            "team": studies.team_of(session, study),
            "drafts": cards.of_atoms(
                session, by, drafts.of_study(session, by, study.id), language()
            ),
            "may_edit": access.may_edit_study(session, by, study),
            "sources": _sources(session, by, study),
            "heard": _heard(session, by, study),
            "may_log_here": access.may_log_into(session, by, study),
            "bulk": Bar(search_of(Wanted(studies=(study.key,))), 0, 0),
        }
    return render_template("studies/show.html", sources_shown=SOURCES_SHOWN, **shown)


@bp.route("/new", methods=["GET", "POST"])
def add() -> Page:
    access.require_log(current_person())
    brief = study_start.came_of()
    if request.method == "GET":
        values = study_start.values_of(brief)
        return _form_page("studies/new.html", values, Invalid({}), key="", came_of=brief)
    try:
        values = studies.ready(_sent())
        tag_offers.require_sure(_named_tags())
        content = study_start.kept()
        with saving() as session:
            study = study_start.begin(session, current_person(), text("key"), values, content)
            _put_tags(session, study)
    except Invalid as refusal:
        seen = {"came_of": brief, "look": study_start.look(refusal)}
        return _form_page("studies/new.html", None, refusal, key=text("key"), **seen), 422
    tell(say("The study is there. Log the first fact."))
    return see_other(url_for("studies.show", key=study.key))


@bp.route("/<key>/edit", methods=["GET", "POST"])
def edit(key: str) -> Page:
    by = current_person()
    with reading() as session:
        study = access.study_to_edit(session, by, key)
        standing = _of(study, studies.questions_of(session, study.id))
        tags = _typed_tags(session, study)
    if request.method == "GET":
        return _form_page("studies/edit.html", standing, Invalid({}), study=study, tags=tags)
    try:
        values = studies.ready(_sent())
        tag_offers.require_sure(_named_tags())
        with saving() as session:
            _put_tags(session, studies.change(session, by, key, number("version") or 0, values))
    except Invalid as refusal:
        return _form_page("studies/edit.html", None, refusal, study=study), 422
    except Conflict as conflict:
        return _form_page(
            "studies/edit.html", None, Invalid({}), study=conflict.current, theirs=standing
        ), 409
    tell(say("Saved"))
    return see_other(url_for("studies.show", key=key))


@bp.route("/<key>/tags", methods=["GET", "POST"])
def tag(key: str) -> Page:
    """The study's own tags, for its editors and for curators, who change nothing else of it."""
    by = current_person()
    with reading() as session:
        study = access.study_to_read(session, by, key)
        typed = _typed_tags(session, study)
        if not study_tags.may_put(session, by, study):
            raise NotAllowed
    if request.method == "GET":
        return render_template("studies/tags.html", study=study, tags=typed, problems={})
    try:
        tag_offers.require_sure(_named_tags())
        with saving() as session:
            _put_tags(session, access.study_to_read(session, by, key))
    except Invalid as refusal:
        shown = {"study": study, "tags": _named_tags(), "problems": refusal.problems}
        return render_template("studies/tags.html", **shown), 422
    tell(say("Tags saved"))
    return see_other(url_for("studies.show", key=key))


@bp.route("/<key>/team", methods=["GET", "POST"])
def team(key: str) -> Page:
    by = current_person()
    refusal = Invalid({})
    if request.method == "POST":
        try:
            with saving() as session:
                studies.add_member(session, by, key, text("email"), is_on("may_edit"))
            tell(say("The team has changed"))
            return see_other(url_for("studies.team", key=key))
        except Invalid as problem:
            refusal = problem
    with reading() as session:
        study = access.study_to_edit(session, by, key)
        members = studies.team_of(session, study)
    page = render_template(
        "studies/team.html", study=study, team=members, sent=request.form, problems=refusal.problems
    )
    return (page, 422) if refusal.problems else page


@bp.post("/<key>/team/<int:person_id>/remove")
def remove_member(key: str, person_id: int) -> Response:
    with saving() as session:
        studies.remove_member(session, current_person(), key, person_id)
    tell(say("The team has changed"))
    return see_other(url_for("studies.team", key=key))


def _followed(session: Any, advice: Iterable[AtomCard]) -> dict[int, str]:
    """How far those recommendations are that somebody has spoken of."""
    stages = recommendations.stages_of(session, [card.id for card in advice])
    return {one: stage.name for one, stage in stages.items() if stage.name != recommendations.FIRST}


def _tags(session: Any, by: Person, study: Study) -> list[tuple[TagCard, int]]:
    wanted = Wanted(studies=(study.key,), limit=1)
    found = search().find(wanted, by)
    counted = [line for facet in search().facets(found, wanted) for line in facet.options]
    top = sorted(counted, key=lambda line: (-line.count, line.tag_id))[:TAGS_SHOWN]
    made = hierarchy.cards(session, [line.tag_id for line in top], language())
    return [(made[line.tag_id], line.count) for line in top]


def _heard(session: Any, by: Person, study: Study) -> tuple[int, int] | None:
    """How many participants there are, and how many are due for deletion; None for others."""
    return consent.counted(session, study.id) if access.may_see_inside(session, by, study) else None


def _sources(session: Any, by: Person, study: Study) -> list[SourceCard] | None:
    """What the team has to read; None for others, who see nothing of it."""
    if not access.may_see_inside(session, by, study):
        return None
    return [one for one in sources.of_study(session, by, study.key) if not one.removed_at]


def _put_tags(session: Any, study: Study) -> None:
    if "tags" not in request.form:
        return
    names = [one for one in _named_tags().split(";") if one.strip()]
    tag_ids = tagging.named(session, current_person(), names, language(), study.id)
    study_tags.put(session, current_person(), study, tag_ids)


def _named_tags() -> str:
    return tag_offers.answered(text("tags"))


def _typed_tags(session: Any, study: Study) -> str:
    return "; ".join(one.full_path for one in cards.tags_of_study(session, study.id, language()))


def _sent() -> StudyValues:
    problems: dict[str, Any] = {}
    typed: dict[str, Any] = {}
    for name, read in (
        ("starts_on", day),
        ("ends_on", day),
        ("participant_count", number),
    ):
        try:
            typed[name] = read(name)
        except Invalid as refusal:
            problems.update(refusal.problems)
    if problems:
        raise Invalid(problems)
    typed |= {name: text(name) for name in studies.PROSE}
    kept = map(row_id, texts("question-id"))
    return StudyValues(
        title=text("title"),
        method=text("method"),
        status=text("status"),
        access=text("access"),
        questions=list(zip(kept, texts("question"), strict=False)),
        **typed,
    )


def _of(study: Study, questions: Any) -> StudyValues:
    names = ("title", "method", "status", "access", "starts_on", "ends_on", "participant_count")
    return StudyValues(
        questions=[(row.id, row.text) for row in questions],
        **{name: getattr(study, name) for name in (*names, *studies.PROSE)},
    )


def _form_page(template: str, values: StudyValues | None, refusal: Invalid, **more: Any) -> str:
    # After a refusal the form shows what was typed, word for word.
    shown = _typed() if values is None else _shown(values)
    spare = SPARE_QUESTIONS if len(shown["questions"]) < studies.QUESTIONS_MAX else 0
    shown["questions"] = [*shown["questions"], *[("", "")] * spare]
    shown.setdefault("tags", more.pop("tags", ""))
    return render_template(
        template,
        shown=shown,
        methods=choices("method"),
        statuses=choices("study_status"),
        accesses=choices("access"),
        title_max=studies.TITLE_MAX,
        question_max=studies.QUESTION_MAX,
        problems=refusal.problems,
        **more,
    )


def _typed() -> dict[str, Any]:
    questions = [
        pair for pair in zip(texts("question-id"), texts("question"), strict=False) if pair[1]
    ]
    return {**request.form.to_dict(), "questions": questions}


def _shown(values: StudyValues) -> dict[str, Any]:
    dates = {
        name: day.isoformat() if day else ""
        for name, day in (("starts_on", values.starts_on), ("ends_on", values.ends_on))
    }
    questions = [(str(kept or ""), text) for kept, text in values.questions]
    return {**vars(values), **dates, "questions": questions}
