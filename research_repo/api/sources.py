"""Sources of studies, for programs of their teams."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app

from research_repo import importing_sources
from research_repo.api.contract import operation
from research_repo.api.door import caller, reading, saving
from research_repo.api.source_bodies import (
    PassageAnswer,
    SourceAnswer,
    SourceInList,
    SourcesAnswer,
    SourceToAdd,
    SourceToChange,
    SourceValues,
)
from research_repo.core import access, rewording, source_edits, sources
from research_repo.core.db import Session
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import Source, Study
from research_repo.core.source_texts import SourceText, Turn, composed
from research_repo.core.sources import PassageCard, SourceCard
from research_repo.exchange import source_files
from research_repo.importing_sources import Terms
from research_repo.settings import Settings


@operation(
    "GET", "/studies/<key>/sources", say("The sources of a study, for its team."), SourcesAnswer
)
def list_sources(key: str) -> SourcesAnswer:
    with reading() as session:
        found = sources.of_study(session, caller(), key)
    return SourcesAnswer(sources=[SourceInList(**_columns(card)) for card in found])


@operation("GET", "/sources/<key>", say("One source with a page of its passages."), SourceAnswer)
def read_source(key: str, query: SourceValues) -> SourceAnswer:
    with reading() as session:
        source = access.source_to_read(session, caller(), key)
        return _answer(session, source, query.page)


@operation(
    "POST",
    "/studies/<key>/sources",
    say("Add a text to a study; its team alone sees it."),
    SourceAnswer,
    status=201,
    problems=(400, 403, 413, 415),
)
def add_source(key: str, json: SourceToAdd) -> tuple[SourceAnswer, int]:
    by = caller()
    with reading() as session:
        study = access.team_study_to_edit(session, by, key)
    text = _text(json)
    terms = Terms(
        study=study.key,
        title=json.title,
        kind=json.kind or "",
        held_on=json.held_on.isoformat() if json.held_on else "",
        language=json.language or "",
        participant=json.participant,
        all_codes=json.speakers_are_participants,
    )
    house = current_app.extensions["house"]
    made = importing_sources.take_in(house.database, house.settings, by, text, terms)
    with reading() as session:
        return _answer(session, access.source_to_read(session, by, made)), 201


@operation(
    "PATCH",
    "/sources/<key>",
    say("Give a source another text; its quotes stay at their words."),
    SourceAnswer,
    problems=(400, 403, 412, 413, 415),
)
def change_source(key: str, json: SourceToChange) -> SourceAnswer:
    with reading() as session:
        plan = source_edits.plan_text(session, caller(), key, json.version, json.text)
    with saving() as session:
        rewording.write(session, caller(), plan)
    return _now(key)


@operation(
    "DELETE",
    "/sources/<key>",
    say("Take a source out of its study; its quotes stay, and it can be put back."),
    SourceAnswer,
    problems=(403,),
)
def remove_source(key: str) -> SourceAnswer:
    with saving() as session:
        sources.remove(session, caller(), key)
    return _now(key)


@operation(
    "POST",
    "/sources/<key>/restore",
    say("Put back a source that was removed."),
    SourceAnswer,
    problems=(403,),
)
def restore_source(key: str) -> SourceAnswer:
    with saving() as session:
        sources.restore(session, caller(), key)
    return _now(key)


def _text(sent: SourceToAdd) -> SourceText:
    if bool(sent.text.strip()) == bool(sent.passages):
        raise Invalid({"text": say("Send either a text or passages.")})
    settings = cast(Settings, current_app.extensions["house"].settings)
    if sent.passages:
        turns = [Turn(**one.model_dump()) for one in sent.passages]
        text = composed(sent.kind or "transcript", turns)
        if not text.text:
            raise Invalid({"passages": say("None of the passages has words.")})
    else:
        text = source_files.pasted(sent.text, most=settings.source_characters)
    return importing_sources.masked(text) if sent.mask else text


def _now(key: str) -> SourceAnswer:
    with reading() as session:
        return _answer(session, access.source_to_read(session, caller(), key))


def _answer(session: Session, source: Source, page: int = 1) -> SourceAnswer:
    leaf = sources.page(session, source, page)
    return SourceAnswer(
        **_columns(sources.card(session, source)),
        study=session.get_one(Study, source.study_id).key,
        language=source.language,
        file_name=source.file_name,
        version=source.version,
        page=leaf.page,
        pages=leaf.last,
        shown=[_passage(one) for one in leaf.passages],
    )


def _passage(one: PassageCard) -> PassageAnswer:
    known = {name: value for name, value in vars(one).items() if name != "code"}
    return PassageAnswer(**known, participant=one.code)


def _columns(card: SourceCard) -> dict[str, Any]:
    known = {name: value for name, value in vars(card).items() if name != "who"}
    return {**known, "participant": card.who}
