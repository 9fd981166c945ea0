"""Saved searches: under a name, for oneself or for all, with what of them is there for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import (
    changes,
    follows,
    history,
    notices,
    saved_searches,
    studies,
)
from research_repo.core.change_lines import Merge
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import Follow, Person, SavedSearch
from research_repo.core.search_pairs import NOWHERE
from tests import make

REFUND = [("q", "refund"), ("kind", "insight")]


@pytest.fixture
def olga(session: Session) -> Person:
    return make.person(session, "Olga", "reader")


@pytest.fixture
def marina(session: Session) -> Person:
    return make.person(session, "Marina", "researcher")


def advice(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(refusal.value.problems)


def test_a_reader_keeps_a_search_that_others_do_not_know_of(
    session: Session, olga: Person, marina: Person, system: Person
) -> None:
    saved = saved_searches.save(session, olga, "  Money   back ", REFUND)
    (mine,) = saved_searches.listed(session, olga)
    assert (mine.name, mine.wanted, mine.is_own) == ("Money back", tuple(REFUND), True)
    for other in (marina, system):
        assert saved_searches.listed(session, other) == []
        for verb in (saved_searches.read, saved_searches.remove, saved_searches.put_back):
            with pytest.raises(NotFound):
                verb(session, other, saved.key)


def test_a_shared_search_is_seen_by_all_and_changed_by_its_owner(
    session: Session, olga: Person, marina: Person
) -> None:
    saved = saved_searches.save(session, olga, "Money back", REFUND, is_shared=True)
    own = saved_searches.save(session, marina, "Mine", REFUND)
    seen = saved_searches.listed(session, marina)
    assert [(one.key, one.who, one.may_change) for one in seen] == [
        (own.key, "Marina", True),
        (saved.key, "Olga", False),
    ]
    with pytest.raises(NotAllowed):
        saved_searches.remove(session, marina, saved.key)
    with pytest.raises(NotAllowed):
        saved_searches.change(session, marina, saved.key, 1, name="x", is_shared=True)
    vera = make.person(session, "Vera", "admin")
    saved_searches.remove(session, vera, saved.key)
    assert [one.key for one in saved_searches.listed(session, marina)] == [own.key]


def test_two_who_change_one_search_do_not_overwrite_each_other(
    session: Session, olga: Person
) -> None:
    saved = saved_searches.save(session, olga, "Money back", REFUND)
    changed = saved_searches.change(
        session, olga, saved.key, 1, name="Refunds", is_shared=True, wanted=[("q", "refunds")]
    )
    assert (changed.name, changed.is_shared, changed.version) == ("Refunds", True, 2)
    assert changed.wanted == [["q", "refunds"]]
    with pytest.raises(Conflict):
        saved_searches.change(session, olga, saved.key, 1, name="Late", is_shared=False)
    again = saved_searches.change(session, olga, saved.key, 2, name="Refunds", is_shared=True)
    assert again.version == 2
    verbs = [line.verb for line in history.of(session, "saved_search", [saved.id])]
    assert verbs == ["changed", "created"]


@pytest.mark.parametrize(
    ("name", "pairs", "field"),
    [
        ("", REFUND, "name"),
        ("x" * 121, REFUND, "name"),
        ("\u0000 \ud800", REFUND, "name"),
        ("money BACK", REFUND, "name"),
        ("x", [], ""),
        ("x", [("sort", "date"), ("match", "all")], ""),
        ("x", [("page", "2"), ("q", "refund")], ""),
        ("x", [("q", "")], ""),
        ("x", [("q", "a\x00")], ""),
        ("x", [("tag", "k" * 501)], ""),
        ("x", [("tag", str(number)) for number in range(301)], ""),
    ],
)
def test_what_no_search_page_sends_is_refused(
    session: Session, olga: Person, name: str, pairs: list[tuple[str, str]], field: str
) -> None:
    saved_searches.save(session, olga, "Money back", REFUND)
    with pytest.raises(Invalid) as refusal:
        saved_searches.save(session, olga, name, pairs)
    assert advice(refusal) == {field}
    assert len(saved_searches.listed(session, olga)) == 1


def test_nobody_keeps_searches_without_end(
    session: Session, olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_searches, "SEARCHES_MAX", 2)
    for name in ("One", "Two"):
        saved = saved_searches.save(session, olga, name, REFUND)
    with pytest.raises(Invalid):
        saved_searches.save(session, olga, "Three", REFUND)
    saved_searches.remove(session, olga, saved.key)
    saved_searches.save(session, olga, "Three", REFUND)


def test_a_deleted_search_can_be_put_back_for_some_days(
    session: Session, olga: Person, marina: Person
) -> None:
    saved = saved_searches.save(session, olga, "Money back", REFUND, is_shared=True)
    follows.follow(session, marina, saved.key, [])
    saved_searches.remove(session, olga, saved.key)
    assert saved_searches.listed(session, olga) == []
    assert follows.listed(session, marina) == []
    assert [one.key for one in saved_searches.deleted(session, olga)] == [saved.key]
    assert saved_searches.deleted(session, marina) == []
    saved_searches.put_back(session, olga, saved.key)
    assert [one.search.key for one in follows.listed(session, marina)] == [saved.key]
    saved_searches.remove(session, olga, saved.key)
    assert saved_searches.outdated(session) == []
    saved.deleted_at = now() - timedelta(days=31)
    session.flush()
    saved_searches.forget(session, saved_searches.outdated(session))
    assert session.exec(select(SavedSearch)).all() == []
    assert session.exec(select(Follow)).all() == []


def test_who_followed_is_told_when_a_search_is_not_shared_any_more(
    session: Session, olga: Person, marina: Person
) -> None:
    saved = saved_searches.save(session, olga, "Money back", REFUND, is_shared=True)
    for one in (olga, marina):
        follows.follow(session, one, saved.key, [])
    saved_searches.change(session, olga, saved.key, 1, name="Money back", is_shared=False)
    assert follows.listed(session, marina) == []
    assert len(follows.listed(session, olga)) == 1
    (told,) = notices.listed(session, marina)
    assert "“Money back” is not shared any more" in str(told.message)
    assert notices.listed(session, olga) == []


def test_a_merged_tag_stands_in_a_search_as_before(
    session: Session, olga: Person, curator: Person
) -> None:
    refund, money = (make.tag(session, curator, text) for text in ("Refund", "Money back"))
    saved = saved_searches.save(session, olga, "Money", [("tag", money.key)])
    changes.apply_at_once(session, curator, [Merge(money.key, refund.key)])
    seen = saved_searches.read(session, olga, saved.key)
    assert (seen.wanted, seen.gone) == ((("tag", money.key),), 0)


def test_what_is_not_there_for_a_reader_is_told_and_finds_nothing(
    session: Session, olga: Person, marina: Person
) -> None:
    make.study(session, marina, "open")
    make.study(session, marina, "closed", access="members")
    tag = make.tag(session, make.person(session, "Ilya", "curator"), "Refund")

    def seen(*pairs: tuple[str, str]) -> tuple[list[tuple[str, str]], int]:
        name = f"Search {len(saved_searches.listed(session, marina))}"
        saved = saved_searches.save(session, marina, name, pairs, is_shared=True)
        assert saved_searches.read(session, marina, saved.key).wanted[0] in pairs
        card = saved_searches.read(session, olga, saved.key)
        return list(card.wanted), card.gone

    assert seen(("study", "closed")) == ([("study", NOWHERE)], 1)
    assert seen(("study", "closed"), ("study", "Open")) == ([("study", "Open")], 1)
    assert seen(("q", "x"), ("not", "study:closed")) == ([("q", "x")], 1)
    assert seen(("tag", tag.key), ("tag", "nothere")) == (
        [("tag", tag.key), ("tag", NOWHERE)],
        1,
    )
    assert seen(("not", f"tag:{tag.key}"), ("not_meant", "nothere")) == (
        [("not", f"tag:{tag.key}")],
        1,
    )
    studies.add_member(session, marina, "closed", olga.email, may_edit=False)
    assert all(("study", NOWHERE) not in one.wanted for one in saved_searches.listed(session, olga))


def test_alternatives_of_one_group_hold_without_the_one_that_is_hidden(
    session: Session, olga: Person, marina: Person, curator: Person
) -> None:
    closed = make.study(session, marina, "closed", access="members")
    refund = make.tag(session, curator, "Refund")
    hidden = make.candidate(session, marina, "Secret fee")
    segment = make.tag(session, curator, "Pro", scheme="segment")
    make.atom(session, marina, "Seen", closed)
    both = [("tag", refund.key), ("tag", hidden.key)]
    saved = saved_searches.save(session, marina, "Fees", both, is_shared=True)
    apart = [("tag", segment.key), ("exact", hidden.key)]
    other = saved_searches.save(session, marina, "Pro fees", apart, is_shared=True)
    assert saved_searches.read(session, olga, saved.key).wanted == (("tag", refund.key),)
    assert saved_searches.read(session, olga, other.key).wanted == (
        ("tag", segment.key),
        ("exact", NOWHERE),
    )


def test_the_searches_that_name_a_tag_are_known_as_far_as_one_may_know_them(
    session: Session, olga: Person, marina: Person, curator: Person
) -> None:
    tag = make.tag(session, curator, "Refund")
    mine = saved_searches.save(session, olga, "Mine", [("tag", tag.key)])
    shared = saved_searches.save(
        session, olga, "Ours", [("q", "x"), ("not", f"exact:{tag.key}")], is_shared=True
    )
    saved_searches.save(session, olga, "Words", [("q", tag.key)], is_shared=True)
    assert saved_searches.naming(session, olga, {tag.key}) == {mine.id, shared.id}
    assert saved_searches.naming(session, marina, {tag.key}) == {shared.id}


def test_a_preview_of_a_change_of_tags_tells_of_searches_that_name_them(
    session: Session, olga: Person, curator: Person
) -> None:
    refund, money = (make.tag(session, curator, text) for text in ("Refund", "Money back"))
    for number in range(2):
        saved_searches.save(session, olga, f"N {number}", [("tag", money.key)], is_shared=True)
    lines = [Merge(money.key, refund.key)]
    preview = changes.preview(session, curator, lines)
    assert preview.total.searches == 2


def test_text_that_no_encoding_holds_is_refused_at_the_latest_by_the_database(
    database: Database,
) -> None:
    with database.saving() as session:
        olga = make.person(session, "Olga", "reader")
    with pytest.raises(Invalid), database.saving() as session:
        saved_searches.save(session, olga, "x", [("q", "\ud800")])
