"""Tags out of a repository, through files of each kind, and in again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import Graph

from research_repo.core import people, tag_imports, tag_lists
from research_repo.core.db import Database
from research_repo.core.errors import Invalid
from research_repo.core.tag_imports import Outcome
from research_repo.core.tag_lists import Group, TagLine, TagList
from research_repo.core.tag_words import TagWords
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


@pytest.mark.parametrize("form", ["ttl", "rdf", "qdc"])
def test_groups_come_in_their_order_and_without_tags_too(database, form):
    groups = {key: Group(key, f"urn:x:{key}", {"en": key.title()}) for key in ("zeta", "alpha")}
    tag = TagLine("urn:x:tag", "alpha", TagWords({"en": "Refund"}))
    written = tag_files.write("ttl" if form == "rdf" else form, TagList((tag,), groups), "en")
    if form == "rdf":
        written = Graph().parse(data=written, format="turtle").serialize(format="xml")
    outcome = bring(database, tag_files.read(written.encode(), f"tags.{form}"))
    assert outcome.groups_created == ("zeta", "alpha")
    with database.reading() as session:
        found = [group.key for group in tag_lists.groups_of(session).values()]
    assert found[-2:] == ["zeta", "alpha"]


def made(name: str, form: str) -> bytes:
    """A file of one tag as somebody else may have written it."""
    group = {"g": Group("g", "0d62985d-b147-5d01-a9b5-cae5dcd98342", {"en": "Made"})}
    tag = TagLine("2503f246-ce9a-593e-b157-64c5ede4e99d", "g", TagWords({"en": name}))
    listed = TagList((tag,), group)
    written = tag_files.write("ttl" if form == "rdf" else form, listed, "en")
    if form == "rdf":
        written = Graph().parse(data=written, format="turtle").serialize(format="xml")
    return written.encode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("A" * 5000, "at most 100 characters"),
        ("😀🎉", "letter or a digit"),
        ("Refund \u202eetal", "nobody sees"),
    ],
    ids=["5,000 characters", "emoji", "right to left"],
)
def test_a_name_that_cannot_be_used_is_refused_whatever_the_file(database, form, name, told):
    outcome = bring(database, tag_files.read(made(name, form), f"tags.{form}"))
    if form == "qdc" and len(name) > 100:
        # Codes of other tools have whole sentences for names.
        assert [len(text) for text in outcome.tags_created] == [100]
        return
    assert (outcome.created, len(outcome.refused)) == (0, 1)
    assert told in " ".join(str(flaw.reason) for flaw in outcome.warnings)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_another_kind_is_refused_whatever_its_name(form):
    others = {one: made("Refund", one) for one in FORMS if one != form}
    for other in (b"", b" \n", b"PK\x03\x04", b"\0" * 100, *others.values()):
        with pytest.raises(Invalid) as refused:
            tag_files.read(other, f"tags.{form}")
        assert str(refused.value.problems["file"])
