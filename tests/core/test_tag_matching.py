"""Lists that do not say a tag's very id: paths, names, UUIDs; and what a file cannot take away."""

from __future__ import annotations

from typing import Any

import pytest

from research_repo.core import people, tag_ids, tag_imports, tag_lists
from research_repo.core.db import Database
from research_repo.core.tag_imports import Outcome
from research_repo.core.tag_lists import Group, TagLine, TagList
from research_repo.core.tag_words import TagWords

SAYS = frozenset({"parents", "pref_en", "pref_ru", "definition_en", "definition_ru"})


def tag(guid: str, name: str, *parents: str, group: str = "pay", **values: Any) -> TagLine:
    words = values.pop("words", TagWords(pref={"en": name}))
    return TagLine(guid=guid, group=group, words=words, parents=parents, **values)


def named(*path: str, group: str = "pay", **words: Any) -> TagLine:
    its_words = TagWords(pref={"en": path[-1]}, **words)
    return TagLine("", group, its_words, path=path, is_loose=True)


@pytest.fixture
def bring(database: Database):
    def bring(*tags: TagLine, group: str = "", **values: Any) -> Outcome:
        with database.reading() as session:
            by = people.system(session)
        values.setdefault("says", SAYS)
        return tag_imports.bring_in(database, by, TagList(tuple(tags), **values), group)

    return bring


def stored(database: Database, group: str = "pay") -> dict[str, TagLine]:
    with database.reading() as session:
        listed = tag_lists.vocabulary(session, people.system(session))
    return {one.guid: one for one in listed.tags if one.group == group}


def by_name(database: Database, group: str = "pay") -> dict[str, list[str]]:
    """Name → the names of its parents."""
    tags = stored(database, group)
    return {one.name: [tags[above].name for above in one.parents] for one in tags.values()}


def test_a_path_makes_the_tags_on_it(database, bring):
    outcome = bring(named("Money", "Refund", "Late"))
    assert outcome.created == 3
    assert by_name(database) == {"Money": [], "Refund": ["Money"], "Late": ["Refund"]}
    again = bring(named("Money", "Refund", "Late"))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 3)


def test_a_path_finds_the_tags_that_are_there(database, bring):
    bring(
        tag("m", "Money"),
        tag("r", "Refund", "m", words=TagWords({"en": "Refund", "ru": "Возврат"})),
    )
    outcome = bring(named("money", "возврат", "Late"), named("Money", "Refund"))
    assert [flaw.reason.one for flaw in outcome.refused] == []
    assert outcome.tags_created == ("Late",)
    assert stored(database)["r"].words.pref == {"en": "Refund", "ru": "Возврат"}


def test_a_name_alone_finds_its_tag_wherever_it_lies(database, bring):
    bring(tag("m", "Money"), tag("r", "Refund", "m"))
    outcome = bring(named("Refund", definition={"en": "Money back"}))
    assert (outcome.created, outcome.tags_updated) == (0, ("Refund",))
    found = stored(database)["r"]
    assert (found.parents, found.words.definition) == (("m",), {"en": "Money back"})


def test_one_name_under_two_parents_is_two_tags(database, bring):
    bring(tag("m", "Money"), tag("r", "Late", "m"))
    outcome = bring(named("Delivery", "Late"))
    assert sorted(outcome.tags_created) == ["Delivery", "Late"]
    assert [flaw.kind for flaw in outcome.warnings] == ["homonym"]


def test_a_name_that_several_have_is_a_tag_of_its_own_at_the_top(database, bring):
    bring(tag("m", "Money"), tag("a", "Late", "m"), tag("d", "Delivery"), tag("b", "Late", "d"))
    assert bring(named("Late")).tags_created == ("Late",)


def test_the_first_step_names_the_group_where_nothing_else_does(database, bring):
    bring(tag("m", "Money"))
    outcome = bring(named("Pay", "Money", "Refund", group=""), named("Alone", group=""))
    assert outcome.tags_created == ("Refund",)
    assert [flaw.column for flaw in outcome.refused] == ["scheme"]
    assert by_name(database)["Refund"] == ["Money"]
    inside = bring(named("Pay", "Money", "Fee", group=""), group="pay")
    assert inside.tags_created == ("Fee",)
    assert by_name(database)["Fee"] == ["Money"]


def test_a_merged_name_leads_to_the_tag_that_took_its_place(database, bring):
    bring(tag("r", "Refund"), tag("c", "Cash back", replaced_by="r"), says=None)
    outcome = bring(named("Cash back", "Late"))
    assert outcome.tags_created == ("Late",)
    assert by_name(database)["Late"] == ["Refund"]


def test_a_path_twice_is_refused_by_its_words(bring):
    outcome = bring(named("Money", "Late"), named("money", "late"))
    assert [str(flaw.reason) for flaw in outcome.refused] == ["“money > late” stands twice."]


def test_a_row_without_an_id_means_the_tag_of_its_name(database, bring):
    bring(tag("r", "Refund", words=TagWords({"en": "Refund"}, alt={"en": ["Cash back"]})))
    outcome = bring(tag("", "cash back"))
    assert (outcome.created, outcome.updated) == (0, 0)
    assert stored(database)["r"].words.pref == {"en": "Refund"}


UUID = "0d62985d-b147-5d01-a9b5-cae5dcd98342"


def test_a_uuid_that_stands_for_an_id_finds_its_tag(database, bring):
    bring(tag("http://x.org/a", "Refund"), tag(UUID.upper(), "Late", "http://x.org/a"))
    outcome = bring(
        tag(tag_ids.derived("id", "http://x.org/a"), "Refund", is_loose=True),
        tag(UUID, "Late", tag_ids.derived("id", "http://x.org/a"), is_loose=True),
    )
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 2)


def test_a_loose_line_adds_and_renames_and_takes_nothing_away(database, bring):
    words = TagWords(
        pref={"en": "Refund", "ru": "Возврат"}, alt={"ru": ["Рефанд"]}, note={"en": "Scope"}
    )
    bring(tag("m", "Money"), tag("o", "Other"), tag("r", "", "m", "o", words=words), says=None)
    same = tag("r", "", "m", words=TagWords({"en": "Рефанд"}, definition={"ru": "Scope"}))
    assert bring(tag("m", "Money", is_loose=True), loosely(same)).updated == 0
    new = tag("r", "", "o", words=TagWords({"en": "Money back"}, definition={"en": "Back"}))
    assert bring(loosely(new)).updated == 1
    found = stored(database)["r"]
    assert found.words.pref == {"en": "Money back", "ru": "Возврат"}
    assert found.words.alt == {"en": ["Refund"], "ru": ["Рефанд"]}
    assert (found.words.note, found.words.definition) == ({"en": "Scope"}, {"en": "Back"})
    assert found.parents == ("o",)


def loosely(line: TagLine) -> TagLine:
    return TagLine(**{**vars(line), "is_loose": True})


def test_the_id_of_a_group_is_the_group(database, bring):
    bring(tag("r", "Refund"), groups={"pay": Group("pay", UUID, {"en": "Payments"})})
    outcome = bring(
        tag(UUID, "Payments", group="", is_loose=True),
        tag("n", "New", UUID, group="", is_loose=True),
        tag("l", "Late", "n", group="", is_loose=True),
    )
    assert (outcome.tags_created, outcome.refused) == (("New", "Late"), ())
    assert by_name(database) == {"Refund": [], "New": [], "Late": ["New"]}


def test_notes_of_each_kind_and_relations_come_and_stay(database, bring):
    words = TagWords(
        {"en": "Refund"}, note={"en": "s"}, definition={"ru": "d"}, example={"en": "e"}
    )
    bring(tag("r", "", words=words, related=("f",)), tag("f", "Fee"), says=None)
    found = stored(database)
    assert (found["r"].words, found["r"].related, found["f"].related) == (
        TagWords({"en": "Refund"}, {}, {}, {"en": "s"}, {"ru": "d"}, {"en": "e"}), ("f",), ("r",),
    )  # fmt: skip
    assert bring(tag("r", "Refund"), says=frozenset({"pref_en"})).updated == 0
    gone = bring(tag("r", "Refund"), tag("f", "Fee"), says=frozenset({"related", "pref_en"}))
    assert gone.updated == 2
    assert stored(database)["f"].related == ()


def test_relations_that_cannot_be_are_told(database, bring):
    outcome = bring(
        tag("a", "A", related=("nowhere", "b")), tag("b", "B", "a"), tag("c", "C"), says=None
    )
    assert [(flaw.column, flaw.kind) for flaw in outcome.warnings] == [("related", "place")] * 2
    assert all(one.related == () for one in stored(database).values())


def test_a_relation_that_sleeps_under_a_place_stays(database, bring):
    bring(tag("a", "A", related=("b",)), tag("b", "B"), says=None)
    bring(tag("b", "B", "a"), says=frozenset({"parents", "pref_en"}))
    assert stored(database)["a"].related == ()
    bring(tag("a", "A"), tag("b", "B", "a"), says=None)
    bring(tag("b", "B"), says=frozenset({"parents", "pref_en"}))
    assert stored(database)["a"].related == ("b",)


def test_ten_thousand_levels_end_where_a_path_does(database, bring):
    lines = [tag(f"g{n}", f"Level {n}", *([f"g{n - 1}"] if n else [])) for n in range(200)]
    outcome = bring(*lines)
    assert (outcome.created, outcome.refused) == (200, ())
    assert [str(flaw.reason) for flaw in outcome.warnings] == [
        f"A place is left out. “Level {n}” lies deeper than 64 levels." for n in (64, 128, 192)
    ]
    assert bring(*lines).updated == 0
