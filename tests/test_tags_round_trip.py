"""Tags out of a repository, through files of each kind, and in again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import Graph

from research_repo.core import people, tag_imports, tag_lists
from research_repo.core.db import Database
from research_repo.core.tag_imports import Outcome
from research_repo.core.tag_lists import TagList
from research_repo.exchange import tag_files
from tests.exchange.vocabularies import vocabularies

FORMS = ("csv", "ttl", "rdf", "qdc")


def bring(database: Database, listed: TagList, group: str = "") -> Outcome:
    with database.reading() as session:
        by = people.system(session)
    return tag_imports.bring_in(database, by, listed, group)


def out_and_in(database: Database, form: str, language: str = "ru") -> Outcome:
    with database.reading() as session:
        listed = tag_lists.vocabulary(session, people.system(session))
    written = tag_files.write("ttl" if form == "rdf" else form, listed, language)
    if form == "rdf":
        written = Graph().parse(data=written, format="turtle").serialize(format="pretty-xml")
    return bring(database, tag_files.read(written.encode(), f"tags.{form}"))


def changes(outcome: Outcome) -> dict[str, Any]:
    return {
        "created": outcome.tags_created,
        "updated": outcome.tags_updated,
        "groups": outcome.groups_created,
        "refused": outcome.refused,
    }


NOTHING: dict[str, Any] = {"created": (), "updated": (), "groups": (), "refused": ()}


@pytest.mark.parametrize("form", FORMS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(vocabulary=vocabularies())
def test_what_went_out_changes_nothing_when_it_comes_back(database, form, vocabulary):
    bring(database, vocabulary)
    assert changes(out_and_in(database, form)) == NOTHING
    if form == "qdc":
        assert changes(out_and_in(database, form, "en")) == NOTHING
