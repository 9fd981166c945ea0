"""Bringing in lists of tags."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlmodel import Session, select

from research_repo.core import (
    hierarchy,
    history,
    naming,
    people,
    tag_imports,
    tag_lists,
    tag_writing,
    tagging,
)
from research_repo.core import tags as tag_verbs
from research_repo.core.db import Database
from research_repo.core.errors import NotAllowed
from research_repo.core.models import History, Tag, TagLabel, TagParent
from research_repo.core.tag_imports import Outcome
from research_repo.core.tag_lists import TagLine, TagList
from research_repo.core.tags import TagWords
from tests import make
from tests.exchange.vocabularies import canonical, vocabularies


def tag(guid: str, *parents: str, group: str = "area", **values: Any) -> TagLine:
    words = values.pop("words", TagWords(pref={"en": f"Tag {guid}"}))
    return TagLine(guid=guid, group=group, words=words, parents=parents, **values)


def listed(*tags: TagLine, **values: Any) -> TagList:
    return TagList(tuple(tags), **values)


@pytest.fixture
def bring(database: Database):
    def bring(*tags: TagLine, group: str = "", **values: Any) -> Outcome:
        with database.reading() as session:
            by = people.system(session)
        return tag_imports.bring_in(database, by, listed(*tags, **values), group)

    return bring


def stored(database: Database) -> TagList:
    with database.reading() as session:
        return tag_lists.vocabulary(session, people.system(session))


def tag_named(session: Session, guid: str) -> Tag:
    return session.exec(select(Tag).where(Tag.guid == guid)).one()


def reasons(outcome: Outcome) -> list[tuple[int, str]]:
    return [(flaw.row, flaw.column) for flaw in (*outcome.refused, *outcome.warnings)]


def test_a_list_becomes_tags_with_their_places_and_words(database, bring):
    words = TagWords(
        pref={"en": "Refund", "ru": "Возврат денег"},
        alt={"ru": ["Рефанд"]},
        note={"ru": "О деньгах"},
    )
    outcome = bring(tag("r", "p", "b", words=words), tag("b"), tag("p", group="pay"))
    assert (outcome.created, outcome.refused, outcome.groups_created) == (3, (), ("area", "pay"))
    with database.reading() as session:
        found = naming.existing(session, "area > Tag b > рефанд", "ru")
        above = hierarchy.parents(session, [found.id])[found.id]
        assert [session.get_one(Tag, one).guid for one in above] == ["b", "p"]
        assert tag_verbs.words_of(session, found).note == {"ru": "О деньгах"}
        (change,) = history.of(session, "tag", [found.id])
        assert change.verb == "created"
        assert ["ru", "alt", "Рефанд"] in change.after["labels"]


def test_the_same_list_again_changes_nothing(database, bring):
    lines = [tag("a"), tag("b", "a"), tag("c", "a", "b"), tag("d", replaced_by="a")]
    bring(*lines)
    before, count = stored(database), history_count(database)
    again = bring(*lines)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 4)
    assert (stored(database), history_count(database)) == (before, count)


def history_count(database: Database) -> int:
    with database.reading() as session:
        return len(session.exec(select(History.id)).all())


def test_a_changed_line_changes_its_tag_and_tells_its_history(database, bring):
    bring(tag("a"), tag("b", "a"), tag("c"))
    outcome = bring(tag("a"), tag("b", "c", words=TagWords(pref={"en": "Basket"})))
    assert (outcome.updated, outcome.unchanged) == (1, 1)
    with database.reading() as session:
        found = naming.existing(session, "area > Tag c > Basket", "en")
        assert [one.verb for one in history.of(session, "tag", [found.id])] == [
            "changed",
            "created",
        ]


def test_history_tells_of_a_file_what_it_tells_of_a_page(database, bring):
    words = TagWords(pref={"en": "Refund"}, alt={"en": ["Money back"]}, note={"en": "Of money"})
    bring(tag("p"), tag("r", "p", words=words, related=("p2",)), tag("p2"))
    with database.reading() as session:
        before = tag_verbs.snapshot(session, tag_named(session, "r"))
    changed = TagWords(pref={"en": "Refunds"}, alt={"en": ["Money back", "Chargeback"]})
    bring(tag("r", "p2", words=changed, status="deprecated"))
    with database.reading() as session:
        row = tag_named(session, "r")
        line = history.of(session, "tag", [row.id])[0]
        for told, stood in ((line.before, before), (line.after, tag_verbs.snapshot(session, row))):
            assert {**told, "labels": sorted(told["labels"])} == {
                **stood,
                "labels": sorted(stood["labels"]),
            }


def test_a_label_that_stays_keeps_its_row(database, bring):
    def rows() -> dict[str, int]:
        with database.reading() as session:
            mine = TagLabel.tag_id == tag_named(session, "r").id
            return {row.text: row.id for row in session.exec(select(TagLabel).where(mine))}

    bring(tag("r", words=TagWords(pref={"en": "Refund"}, alt={"en": ["Money back", "Old"]})))
    before = rows()
    bring(tag("r", words=TagWords(pref={"en": "Refunds"}, alt={"en": ["Money back"]})))
    after = rows()
    assert {*after} == {"Refunds", "Money back"}
    assert after["Money back"] == before["Money back"]


def test_what_a_file_does_not_speak_of_stays(database, bring):
    bring(tag("a", words=TagWords(pref={"en": "Cart"}, alt={"ru": ["Корзина"]}, note={"en": "x"})))
    bring(tag("a", words=TagWords(pref={"en": "Basket"})), says=frozenset({"pref_en"}))
    with database.reading() as session:
        words = tag_verbs.words_of(session, naming.existing(session, "корзина", "ru"))
    assert (words.pref, words.note) == ({"en": "Basket"}, {"en": "x"})


def test_circles_are_refused_edge_by_edge(database, bring):
    outcome = bring(tag("a", "b"), tag("b", "c"), tag("c", "a"), tag("d", "d"))
    assert (outcome.created, outcome.refused) == (4, ())
    assert reasons(outcome) == [(0, "parent_ids")] * 2
    with database.reading() as session:
        assert len(session.exec(select(TagParent)).all()) == 2


def test_an_edge_that_a_longer_way_says_is_dropped_and_told(bring):
    outcome = bring(tag("c"), tag("b", "c"), tag("a", "c", "b"))
    assert "by a longer way" in str(outcome.warnings[0].reason)
    assert len(outcome.warnings) == 1


def test_a_parent_that_is_nowhere_is_told(bring):
    assert reasons(bring(tag("a", "nowhere", row=7))) == [(7, "parent_ids")]


def test_a_parent_of_another_file_is_found(database, bring):
    bring(tag("a"))
    assert bring(tag("b", "a")).warnings == ()


def test_words_of_two_tags_are_kept_and_told_by_path(database, bring):
    twice = TagWords(pref={"en": "Algae"})
    outcome = bring(tag("a"), tag("b", "a", words=twice), tag("c", words=twice, row=4))
    assert (outcome.created, reasons(outcome)) == (3, [(4, "label_en")])
    assert "Tag a › Algae" in str(outcome.warnings[0].reason)
    with database.reading() as session:
        assert naming.existing(session, "area > Tag a > Algae", "en").guid == "b"


def test_a_missing_translation_is_told_where_the_others_have_one(bring):
    both = TagWords(pref={"en": "One", "ru": "Один"})
    assert reasons(bring(tag("a", words=both), tag("b", row=3))) == [(3, "pref_label_ru")]
    assert bring(tag("c"), tag("d")).warnings == ()


def test_a_row_that_cannot_be_a_tag_is_refused_and_the_others_come_in(database, bring):
    outcome = bring(
        tag("a", row=2),
        tag("a", row=3),
        tag("b", words=TagWords(pref={}), row=4),
        tag("c", group="", row=5),
        tag("d", words=TagWords(pref={"en": "A > B"}), row=6),
        tag("e", group="!", row=7),
        tag("f" * 501, words=TagWords(pref={"en": "F"}), row=8),
    )
    assert outcome.created == 1
    assert [(flaw.row, flaw.column) for flaw in outcome.refused] == [
        (3, "id"),
        (4, "pref_label_en"),
        (5, "scheme"),
        (6, "pref_label_en"),
        (7, "scheme"),
        (8, "id"),
    ]


def test_a_group_is_found_by_its_key_or_any_of_its_names(database, bring):
    outcome = bring(
        tag("a", group="Область Продукта"), tag("b", group="severity"), tag("c", group="New things")
    )
    assert outcome.groups_created == ("new-things",)
    assert {one.guid: one.group for one in stored(database).tags if one.guid in "abc"} == {
        "a": "product-area",
        "b": "severity",
        "c": "new-things",
    }


def test_tags_without_a_group_go_into_the_one_that_is_named(bring):
    assert bring(tag("a", group=""), group="topics").groups_created == ("topics",)


def test_a_tag_without_an_id_is_known_by_its_group_and_name(bring):
    assert bring(tag("")).created == 1
    assert bring(tag("")).unchanged == 1


def test_a_retired_tag_keeps_its_successor(database, bring):
    bring(tag("a"), tag("b", status="deprecated", replaced_by="a"))
    with database.reading() as session:
        found = naming.existing(session, "Tag b", "en")
        assert found.guid == "a"


def test_a_successor_that_cannot_be_is_told(bring):
    outcome = bring(
        tag("a", replaced_by="a"),
        tag("b", replaced_by="nowhere"),
        tag("c", replaced_by="d"),
        tag("d", "c"),
    )
    assert (outcome.created, Counter(reasons(outcome))) == (4, {(0, "replaced_by"): 3})


def test_new_tags_are_seen_when_all_are_there(database, bring, monkeypatch):
    monkeypatch.setattr(tag_writing, "TAGS_AT_ONCE", 1)
    with database.saving() as session:
        olga = make.person(session, "Olga", "reader")
    seen = []

    def look() -> None:
        with database.reading() as session:
            known = set(session.exec(select(Tag.id))) - tagging.unseen(session, olga)
            rows = session.exec(select(Tag.guid).where(Tag.guid.in_([*"abc"])))  # type: ignore[attr-defined]
            guids = session.exec(select(Tag.guid).where(Tag.id.in_(known)))  # type: ignore[attr-defined]
            seen.append((len(rows.all()), len(set("abc") & set(guids.all()))))

    database.after_saving(look)
    bring(tag("a"), tag("b"), tag("c"))
    assert seen == [(0, 0), (1, 0), (2, 0), (3, 0), (3, 3)]


def test_an_import_that_was_cut_short_is_finished_by_the_same_file(database, bring, monkeypatch):
    monkeypatch.setattr(tag_writing, "TAGS_AT_ONCE", 1)
    saving = database.saving
    calls = iter(range(10))

    @contextmanager
    def dying():
        if next(calls) == 3:
            raise KeyboardInterrupt
        with saving() as session:
            yield session

    monkeypatch.setattr(database, "saving", dying)
    lines = [tag("a"), tag("b", "a"), tag("c", "b")]
    with pytest.raises(KeyboardInterrupt):
        bring(*lines)
    monkeypatch.setattr(database, "saving", saving)
    outcome = bring(*lines)
    assert (outcome.created, outcome.updated) == (1, 2)
    statuses = {one.guid: one.status for one in stored(database).tags}
    assert {statuses[guid] for guid in "abc"} == {"approved"}


def test_what_others_change_meanwhile_is_compared_again(database, bring, monkeypatch):
    monkeypatch.setattr(tag_writing, "TAGS_AT_ONCE", 1)
    saving = database.saving
    calls = iter(range(100))

    @contextmanager
    def crowded():
        if next(calls) == 2:
            with saving() as session:
                by = people.system(session)
                tag_verbs.create(session, by, "area", TagWords(pref={"en": "B"}), guid="b")
        with saving() as session:
            yield session

    monkeypatch.setattr(database, "saving", crowded)
    outcome = bring(tag("a"), tag("b"), tag("c"))
    assert outcome.created == 3
    names = {one.guid: one.name for one in stored(database).tags}
    assert (names["a"], names["b"], names["c"]) == ("Tag a", "Tag b", "Tag c")


def test_only_curators_bring_tags_in(database):
    with database.saving() as session:
        olga = make.person(session, "Olga", "researcher")
    with pytest.raises(NotAllowed):
        tag_imports.bring_in(database, olga, listed(tag("a")))


def test_a_preview_writes_nothing(database):
    before = stored(database)
    with database.reading() as session:
        outcome = tag_imports.preview(session, people.system(session), listed(tag("a")))
    assert (outcome.created, stored(database)) == (1, before)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(vocabulary=vocabularies())
def test_a_repository_holds_what_a_list_says(database, vocabulary):
    with database.reading() as session:
        by = people.system(session)
    outcome = tag_imports.bring_in(database, by, vocabulary)
    assert outcome.refused == ()
    ours = {one.guid for one in vocabulary.tags}
    kept = [one for one in stored(database).tags if one.guid in ours]
    # The same guid may have come in another group by an earlier example: there it stays.
    if all(flaw.column not in ("scheme", "replaced_by", "parent_ids") for flaw in outcome.warnings):
        assert canonical(TagList(tuple(kept))) == canonical(vocabulary)
    again = tag_imports.bring_in(database, by, vocabulary)
    assert (again.created, again.updated) == (0, 0)
