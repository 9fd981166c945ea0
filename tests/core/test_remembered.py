"""What pages remember of the vocabulary is what they would read, whoever has changed it."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from research_repo.core import hierarchy, people, schemes, tags
from research_repo.core.change_runs import tried_out
from research_repo.core.db import Database
from research_repo.core.models import Tag
from research_repo.core.remembered import Remembered
from research_repo.core.tag_words import TagWords
from tests import make
from tests.test_growth import counted


@pytest.fixture
def tag(database: Database) -> Tag:
    with database.saving() as session:
        return make.tag(session, people.system(session), "Returns")


def label(database: Database, tag: Tag) -> str:
    with database.reading() as session:
        return shown(session, tag)


def shown(session: Session, tag: Tag) -> str:
    return hierarchy.cards(session, [tag.id], "en")[tag.id].full_path.partition(" > ")[2]


def rename(session: Session, tag: Tag, text: str) -> None:
    version = tags.get(session, tag.key).version
    its_words = TagWords(pref={"en": text})
    tags.change(session, people.system(session), tag.key, version, its_words)


def test_a_card_is_read_once_for_all_pages(database: Database, tag: Tag) -> None:
    label(database, tag)
    with counted(database) as asked:
        assert label(database, tag) == "Returns"
    assert [one for one in asked if "tag" in one.lower() and "SELECT" in one] == []


def test_a_renamed_tag_is_called_so_on_the_next_page(database: Database, tag: Tag) -> None:
    assert label(database, tag) == "Returns"
    with database.saving() as session:
        rename(session, tag, "Refunds")
        assert shown(session, tag) == "Refunds"
    assert label(database, tag) == "Refunds"


def test_a_renamed_group_is_called_so_on_the_next_page(database: Database, tag: Tag) -> None:
    label(database, tag)
    with database.saving() as session:
        system = people.system(session)
        key = next(one.key for one in schemes.listed(session, "en") if one.id == tag.scheme_id)
        schemes.rename(session, system, key, {"en": "What it is about"})
    with database.reading() as session:
        assert hierarchy.cards(session, [tag.id], "en")[tag.id].scheme == "What it is about"


def test_what_is_only_tried_out_is_seen_by_nobody_else(database: Database, tag: Tag) -> None:
    with database.reading() as session:
        with tried_out(session):
            rename(session, tag, "Refunds")
            assert shown(session, tag) == "Refunds"
        assert shown(session, tag) == "Returns"
    # The next change gets the edition that the attempt had.
    with database.saving() as session:
        rename(session, tag, "Repairs")
    assert label(database, tag) == "Repairs"


def test_a_page_that_began_before_a_change_reads_on_as_it_began(
    database: Database, tag: Tag
) -> None:
    with database.reading() as early:
        assert shown(early, tag) == "Returns"
        with database.saving() as session:
            rename(session, tag, "Refunds")
        assert label(database, tag) == "Refunds"
        assert shown(early, tag) == "Returns"
    assert label(database, tag) == "Refunds"


def test_memory_is_bounded_and_keeps_what_is_asked_for() -> None:
    a, b, c = (1, "en"), (1, "ru"), (2, "en")
    remembered = Remembered(limit=2)
    remembered.keep(1, {a: "A", b: "B"})
    remembered.of(1, [a])
    remembered.keep(1, {c: "C"})
    assert remembered.of(1, [a, b, c]) == {a: "A", c: "C"}
    remembered.keep(0, {a: "older"})
    assert remembered.of(1, [a]) == {a: "A"}
    assert remembered.of(2, [a]) == {}
