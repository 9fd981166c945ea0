"""Follows: what a search found before is known, what it finds since is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from research_repo.core import follows, notices, people, saved_searches, studies
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.models import Follow, Person, SavedSearch
from tests import make

PAIRS = [("q", "refund")]


@pytest.fixture
def olga(session: Session) -> Person:
    return make.person(session, "Olga", "reader")


@pytest.fixture
def marina(session: Session) -> Person:
    return make.person(session, "Marina", "researcher")


@pytest.fixture
def saved(session: Session, olga: Person) -> SavedSearch:
    return saved_searches.save(session, olga, "Refunds", PAIRS)


def atoms(session: Session, by: Person, count: int, **values: object) -> list[int]:
    return [
        make.atom(session, by, f"Refund {number}", **values).id  # type: ignore[arg-type]
        for number in range(count)
    ]


def looked(session: Session, saved: SavedSearch, person: Person, ids: list[int]) -> int:
    before = follows.look(session, saved.id, person.id)
    assert before is not None
    return follows.note(session, before, ids) if before.is_news(ids) else 0


def told(session: Session, person: Person) -> list[tuple[str, str]]:
    return [
        (str(one.message), one.address)
        for one in notices.listed(session, person)
        if one.address.startswith("/searches")
    ]


def test_only_what_is_new_is_told_once_and_leads_to_the_newest(
    session: Session, olga: Person, marina: Person, saved: SavedSearch
) -> None:
    old = atoms(session, marina, 2)
    follows.follow(session, olga, saved.key, old)
    assert looked(session, saved, olga, old) == 0
    fresh = atoms(session, marina, 3)
    assert looked(session, saved, olga, old + fresh) == 3
    assert looked(session, saved, olga, old + fresh) == 0
    assert told(session, olga) == [("3 new in “Refunds”", f"/searches/{saved.key}/newest")]
    (one,) = follows.listed(session, olga)
    assert (one.search.name, one.new, one.has_feed) == ("Refunds", 3, False)


def test_what_went_and_comes_back_is_no_news(
    session: Session, olga: Person, marina: Person, saved: SavedSearch
) -> None:
    ids = atoms(session, marina, 2)
    follows.follow(session, olga, saved.key, [])
    assert looked(session, saved, olga, ids) == 2
    assert looked(session, saved, olga, ids[:1]) == 0
    kept = session.get_one(Follow, (saved.id, olga.id))
    assert [atom_id for atom_id, _ in kept.found] == ids[:1]
    assert looked(session, saved, olga, ids) == 0
    assert len(told(session, olga)) == 1


def test_a_look_that_was_overtaken_tells_nothing_twice(
    session: Session, olga: Person, marina: Person, saved: SavedSearch
) -> None:
    """Two servers look at the same time, or one was killed between asking and keeping."""
    follows.follow(session, olga, saved.key, [])
    one, other = (follows.look(session, saved.id, olga.id) for _ in range(2))
    assert one
    assert other
    ids = atoms(session, marina, 2)
    assert follows.note(session, one, ids) == 2
    assert follows.note(session, other, ids) == 0
    assert len(told(session, olga)) == 1


def test_a_search_that_changed_meanwhile_begins_anew(
    session: Session, olga: Person, marina: Person, saved: SavedSearch
) -> None:
    follows.follow(session, olga, saved.key, [])
    before = follows.look(session, saved.id, olga.id)
    assert before
    ids = atoms(session, marina, 2)
    saved_searches.change(
        session, olga, saved.key, 1, name="Money", is_shared=False, wanted=[("q", "money")]
    )
    assert follows.note(session, before, ids) == 0
    assert looked(session, saved, olga, ids) == 0
    assert told(session, olga) == []
    assert looked(session, saved, olga, ids + atoms(session, marina, 1)) == 1


def test_what_somebody_may_not_see_any_more_is_neither_told_nor_counted(
    session: Session, olga: Person, marina: Person, saved: SavedSearch
) -> None:
    closed = make.study(session, marina, "closed", access="members")
    studies.add_member(session, marina, "closed", olga.email, may_edit=False)
    follows.follow(session, olga, saved.key, [])
    ids = atoms(session, marina, 2, study=closed)
    assert looked(session, saved, olga, ids) == 2
    more = atoms(session, marina, 1, study=closed)
    before = follows.look(session, saved.id, olga.id)
    assert before
    studies.remove_member(session, marina, "closed", olga.id)
    assert follows.note(session, before, ids + more) == 0
    assert len(told(session, olga)) == 1
    assert follows.listed(session, olga)[0].new == 0
    studies.add_member(session, marina, "closed", olga.email, may_edit=False)
    assert looked(session, saved, olga, ids + more) == 1


def test_nobody_looks_for_people_who_have_left_nor_at_what_they_may_not_read(
    session: Session, olga: Person, marina: Person, system: Person
) -> None:
    saved = saved_searches.save(session, marina, "Ours", PAIRS, is_shared=True)
    follows.follow(session, olga, saved.key, [])
    assert follows.to_look_at(session) == [(saved.id, olga.id)]
    people.change(session, system, olga.id, "Olga", "reader", is_active=False)
    assert follows.to_look_at(session) == []
    assert follows.look(session, saved.id, olga.id) is None
    people.change(session, system, olga.id, "Olga", "reader", is_active=True)
    saved_searches.remove(session, marina, saved.key)
    assert follows.look(session, saved.id, olga.id) is None


def test_too_much_is_not_followed(
    session: Session, olga: Person, saved: SavedSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "HITS_MAX", 3)
    with pytest.raises(Invalid) as refusal:
        follows.follow(session, olga, saved.key, [1, 2, 3, 4])
    assert "Narrow it" in str(refusal.value)
    follows.follow(session, olga, saved.key, [])
    assert looked(session, saved, olga, [1, 2, 3, 4]) == 0
    assert not follows.is_followed(session, olga, saved.key)
    assert [address for _, address in told(session, olga)] == [f"/searches/{saved.key}"]


def test_a_search_that_nobody_could_ask_begins_with_the_first_look(
    session: Session, olga: Person, marina: Person, saved: SavedSearch
) -> None:
    ids = atoms(session, marina, 2)
    follows.follow(session, olga, saved.key, None)
    assert looked(session, saved, olga, ids) == 0
    assert looked(session, saved, olga, ids + atoms(session, marina, 1)) == 1


def test_nobody_follows_without_end(
    session: Session, olga: Person, saved: SavedSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "FOLLOWS_MAX", 1)
    follows.follow(session, olga, saved.key, [])
    follows.follow(session, olga, saved.key, [])
    other = saved_searches.save(session, olga, "Other", PAIRS)
    with pytest.raises(Invalid):
        follows.follow(session, olga, other.key, [])
    follows.unfollow(session, olga, saved.key)
    follows.follow(session, olga, other.key, [])
    with pytest.raises(NotFound):
        follows.unfollow(session, olga, saved.key)


def test_news_grow_old(session: Session, olga: Person, marina: Person, saved: SavedSearch) -> None:
    follows.follow(session, olga, saved.key, [])
    looked(session, saved, olga, atoms(session, marina, 2))
    kept = session.get_one(Follow, (saved.id, olga.id))
    (first, _), (second, at) = kept.found
    kept.found = [[first, (now() - timedelta(days=8)).isoformat()], [second, at]]
    kept.created_at = now() - timedelta(days=9)
    session.flush()
    assert follows.listed(session, olga)[0].new == 1


def test_what_is_kept_does_not_grow_without_end(
    session: Session,
    olga: Person,
    marina: Person,
    saved: SavedSearch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follows, "KNOWN_MAX", 4)
    monkeypatch.setattr(follows, "FOUND_MAX", 2)
    ids = atoms(session, marina, 6)
    follows.follow(session, olga, saved.key, ids[:3])
    looked(session, saved, olga, ids[3:])
    kept = session.get_one(Follow, (saved.id, olga.id))
    assert kept.known == ids[2:]
    assert [atom_id for atom_id, _ in kept.found] == [ids[5], ids[4]]
