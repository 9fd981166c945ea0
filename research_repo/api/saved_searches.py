"""Saved searches: one's own and those that others share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading, saving
from research_repo.api.door import search as search_room
from research_repo.api.search_answers import SearchAnswer
from research_repo.api.search_bodies import (
    PageValues,
    SavedSearchAnswer,
    SavedSearchesAnswer,
    SearchToSave,
)
from research_repo.core import access, follows, saved_searches, tagging
from research_repo.core.db import Session
from research_repo.core.errors import Unavailable
from research_repo.core.follows import Followed
from research_repo.core.language import Message, say, say_many
from research_repo.core.saved_searches import Saved
from research_repo.search import Wanted, meant, study_answers
from research_repo.search.answers import Answer
from research_repo.search.keeping import Pairs, followed, from_pairs, from_query, to_pairs


@operation(
    "GET",
    "/searches",
    say("Your saved searches, and those that others share."),
    SavedSearchesAnswer,
)
def list_searches() -> SavedSearchesAnswer:
    by = caller()
    with reading() as session:
        news = {one.search.id: one for one in follows.listed(session, by)}
        found = saved_searches.listed(session, by)
    return SavedSearchesAnswer(searches=[_answer(one, news.get(one.id)) for one in found])


@operation("GET", "/searches/<key>", say("One saved search."), SavedSearchAnswer)
def read_search(key: str) -> SavedSearchAnswer:
    with reading() as session:
        return _read(session, key)


@operation(
    "POST",
    "/searches",
    say("Keep a search under a name, and follow it if you wish."),
    SavedSearchAnswer,
    status=201,
    problems=(400, 413, 415),
)
def save_search(json: SearchToSave) -> tuple[SavedSearchAnswer, int]:
    by = caller()
    with reading() as session:
        pairs = to_pairs(_wanted(session, json.search))
    ids = _found(pairs) if json.followed else None
    with saving() as session:
        saved = saved_searches.save(session, by, json.name, pairs, json.shared)
        if json.followed:
            follows.follow(session, by, saved.key, ids)
    with reading() as session:
        return _read(session, saved.key), 201


@operation(
    "DELETE",
    "/searches/<key>",
    say("Delete a search; on its page you can put it back for 30 days."),
    SavedSearchAnswer,
    problems=(403,),
)
def delete_search(key: str) -> SavedSearchAnswer:
    with reading() as session:
        stood = _read(session, key)
    with saving() as session:
        saved_searches.remove(session, caller(), key)
    return stood


@operation(
    "GET", "/searches/<key>/atoms", say("What a saved search finds for you now."), SearchAnswer
)
def run_search(key: str, query: PageValues) -> SearchAnswer:
    by = caller()
    with reading() as session:
        kept = saved_searches.read(session, by, key)
    wanted = replace(from_pairs(kept.wanted), limit=query.limit, offset=query.offset)
    found = search_room().find(wanted, by)
    studies = search_room().studies(wanted, by)
    with reading() as session:
        answer = Answer(session, by, found, language()).as_json()
        answer["studies"] = study_answers.as_json(session, by, studies, language())
    told = [_missing(kept.gone).put(language())] if kept.gone else []
    return SearchAnswer.model_validate({**answer, "told": told})


def _missing(count: int) -> Message:
    return say_many(
        "%(count)s tag or study in this search is not there for you; nothing is found by it.",
        "%(count)s tags or studies in this search are not there for you; nothing is found by them.",
        count,
    )


def _wanted(session: Session, text: str) -> Wanted:
    """The search that the text asks for. A tag may be named by its path, too; an unknown one is refused."""
    by = caller()
    asked = meant(session, by, from_query(text), language()).wanted
    named: dict[str, Any] = {
        field: tuple(tagging.asked(session, by, name, language()).key for name in names)
        for field, names in (
            ("tags", asked.tags),
            ("exact", asked.exact),
            ("also", asked.also),
        )
    }
    studies = tuple(access.study_to_read(session, by, key).key for key in asked.studies)
    return replace(asked, studies=studies, **named)


def _found(pairs: Pairs) -> list[int] | None:
    try:
        return search_room().ids(followed(pairs), caller(), follows.HITS_MAX + 1)
    except Unavailable:
        return None


def _read(session: Session, key: str) -> SavedSearchAnswer:
    by = caller()
    saved = saved_searches.read(session, by, key)
    news = {one.search.id: one for one in follows.listed(session, by)}
    return _answer(saved, news.get(saved.id))


def _answer(saved: Saved, kept: Followed | None) -> SavedSearchAnswer:
    return SavedSearchAnswer(
        key=saved.key,
        name=saved.name,
        search=urlencode(saved.wanted),
        shared=saved.is_shared,
        own=saved.is_own,
        owner=saved.who,
        followed=kept is not None,
        new=kept.new if kept else 0,
        missing=saved.gone,
        version=saved.version,
    )
