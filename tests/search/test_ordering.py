"""In which order hits are shown, and that nobody's order tells of what they do not see."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from sqlmodel import select

from research_repo.core import links
from research_repo.core.clock import now
from research_repo.core.models import ATOM_STATUSES, Atom, Link
from research_repo.search import Wanted
from research_repo.search.backing import Backed
from research_repo.search.ordering import GENTLEST, _first, gentle, ordered
from tests import make
from tests.search.conftest import House

NO_METHODS = np.empty(0, np.int64)
ALL = ("published", "draft", "archived")


def days_ago(days: int) -> date:
    return now().date() - timedelta(days)


def behind(house: House, text: str, by: str = "marina") -> tuple[int, int, int]:
    """Of the first hit: studies, what it rests on, what is against it."""
    found = house.find(text, by=by).hits[0].backing.strength
    assert found
    return found.studies, found.supporting, found.contradicting


def link_between(house: House, start: Atom, end: Atom) -> int:
    with house.database.reading() as session:
        wanted = select(Link.id).where(Link.from_id == start.id, Link.to_id == end.id)
        return session.exec(wanted).one()


def linked(house: House, start: str, end: str, kind: str = "supports", by: str = "anna") -> None:
    house.do(links.add, by, start, end, kind)


def test_of_notes_that_answer_nearly_alike_the_fresher_is_first(house: House) -> None:
    house.atom("Coupons expire", body="one " * 60, observed_on=days_ago(3000))
    house.atom("Coupons vanish", body="one " * 61, observed_on=days_ago(1))
    assert house.titles("coupons") == ["Coupons vanish", "Coupons expire"]


def test_what_answers_clearly_better_stays_first_however_old_and_superseded(house: House) -> None:
    house.atom("Coupons vanish", observed_on=days_ago(1))
    better = house.atom("Coupons, coupons and coupons", observed_on=days_ago(9000), kind="insight")
    newer = house.atom("Vouchers work well now", kind="insight")
    linked(house, newer.key, better.key, "supersedes")
    assert house.titles("coupons", literal=True) == [better.title, "Coupons vanish"]


def test_a_superseded_note_stands_below_its_equal(house: House) -> None:
    house.atom("Coupons expire", kind="insight", observed_on=days_ago(300))
    old = house.atom("Coupons vanish", kind="insight", observed_on=days_ago(200))
    newer = house.atom("Vouchers work", kind="insight")
    assert house.titles("coupons") == ["Coupons vanish", "Coupons expire"]
    linked(house, newer.key, old.key, "supersedes")
    assert house.titles("coupons") == ["Coupons expire", "Coupons vanish"]


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_a_note_that_is_not_published_stands_below_its_equal(house: House, status: str) -> None:
    house.atom("Coupons expire", kind="insight", observed_on=days_ago(20))
    house.atom("Coupons vanish", kind="insight", observed_on=days_ago(10), status=status)
    assert house.titles("coupons", statuses=ALL) == ["Coupons expire", "Coupons vanish"]


def test_tie_breakers_never_take_more_than_they_say_and_age_never_helps(house: House) -> None:
    for number, status in enumerate(ATOM_STATUSES * 4):
        house.atom(
            f"Coupon {number}", kind="insight", status=status, observed_on=days_ago(400 * number)
        )
    house.search.catch_up()
    view = house.search.live.view()
    assert view is not None
    places = np.arange(view.size)
    shares = gentle(view, places, Backed(view, view.live, NO_METHODS))
    assert (shares <= 1).all()
    assert (shares >= GENTLEST).all()
    assert GENTLEST >= 0.95
    for status in range(len(ATOM_STATUSES)):
        alike = places[view.facts["status"] == status]
        by_age = alike[np.argsort(-view.facts["date"][alike])]
        assert (np.diff(shares[by_age]) <= 0).all()


def test_strength_counts_different_studies_before_atoms(house: House) -> None:
    thrice = house.atom("Coupons confuse", kind="insight")
    twice = house.atom("Coupons expire", kind="insight")
    alone = house.atom("Coupons vanish", kind="insight", observed_on=days_ago(0))
    one, other = house.study("one"), house.study("other")
    for number in range(3):
        said = house.atom(f"Said {number}", study=one, quote=f"Gone {number}")
        linked(house, said.key, thrice.key)
    for study in (one, other):
        seen = house.atom(f"Seen in {study.key}", study=study, quote=f"Seen in {study.key}")
        linked(house, seen.key, twice.key)
    found = house.find("coupons", sort="strength")
    assert [hit.atom_id for hit in found.hits] == [twice.id, thrice.id, alone.id]
    told = [hit.backing.strength for hit in found.hits]
    assert [(one.studies, one.supporting) for one in told if one] == [(2, 2), (1, 3), (0, 0)]


def test_strength_takes_what_contradicts_off_what_supports(house: House) -> None:
    disputed = house.atom("Coupons confuse", kind="insight", observed_on=days_ago(1))
    settled = house.atom("Coupons expire", kind="insight", observed_on=days_ago(2))
    for number, atom in enumerate((disputed, disputed, settled)):
        linked(house, house.atom(f"Said {number}").key, atom.key)
    for number in range(2):
        linked(house, house.atom(f"Denied {number}").key, disputed.key, "contradicts")
    assert house.titles("coupons", sort="strength") == ["Coupons expire", "Coupons confuse"]


def test_a_fact_with_a_quote_is_stronger_than_one_without(house: House) -> None:
    house.atom("Coupons, coupons, coupons", observed_on=days_ago(1))
    house.atom("Coupons expire", quote="It was gone!", observed_on=days_ago(5))
    assert house.titles("coupons", sort="strength")[0] == "Coupons expire"


def test_what_somebody_does_not_see_backs_nothing_for_them(house: House) -> None:
    hidden = house.study("hidden", by="pavel", access="members")
    backed = house.atom("Coupons expire", kind="insight", observed_on=days_ago(9))
    house.atom("Coupons vanish", kind="insight", observed_on=days_ago(8))
    fact = house.atom("Nine of ten saw it", by="pavel", study=hidden, quote="It was there")
    linked(house, fact.key, backed.key)
    denied = house.atom("No more", by="pavel", study=hidden, kind="insight")
    linked(house, denied.key, backed.key, "contradicts")
    assert behind(house, "expire", by="pavel") == (1, 1, 1)
    assert behind(house, "expire", by="olga") == (0, 0, 0)
    assert house.titles("coupons", by="olga", sort="strength")[0] == "Coupons vanish"
    assert house.titles("coupons", by="pavel", sort="strength")[0] == "Coupons vanish"
    house.do(links.remove, "pavel", link_between(house, denied, backed))
    assert house.titles("coupons", by="pavel", sort="strength")[0] == "Coupons expire"


def test_drafts_neither_back_nor_supersede(house: House) -> None:
    old = house.atom("Coupons expire", kind="insight", observed_on=days_ago(3))
    house.atom("Coupons vanish", kind="insight", observed_on=days_ago(9))
    draft = house.atom("Coming", kind="insight", status="draft")
    linked(house, draft.key, old.key, "supersedes", by="marina")
    linked(house, house.atom("Half seen", status="draft").key, old.key, by="marina")
    assert house.titles("coupons") == ["Coupons expire", "Coupons vanish"]
    assert behind(house, "expire") == (0, 0, 0)


def test_only_the_page_is_sorted_and_it_is_the_right_one() -> None:
    chance = np.random.default_rng(5)
    for _ in range(300):
        size, needed = int(chance.integers(1, 60)), int(chance.integers(1, 30))
        keys = [chance.integers(0, 4, size), chance.random(size).round(1), -np.arange(size)]
        whole = np.lexsort(tuple(-key for key in reversed(keys)))
        assert _first(keys, needed).tolist() == whole[:needed].tolist()


@pytest.mark.parametrize("sort", ["relevance", "date", "strength"])
def test_pages_of_every_order_follow_each_other(house: House, sort: str) -> None:
    chance = np.random.default_rng(6)
    atoms = [
        house.atom(
            f"Coupon {number}",
            body="word " * int(chance.integers(1, 40)),
            kind="insight",
            observed_on=days_ago(int(chance.integers(0, 3000))),
        )
        for number in range(30)
    ]
    for start, end in chance.integers(0, 30, (40, 2)).tolist():
        if start > end:
            with house.database.saving() as session:
                make.link(session, house.people["anna"], atoms[start], atoms[end])
    house.search.catch_up()
    view = house.search.live.view()
    assert view is not None
    scores = np.where(view.live, 1 + chance.random(view.size) / 20, 0)
    backed = Backed(view, view.live, NO_METHODS)
    every, _ = ordered(view, scores, view.live, Wanted(sort=sort, limit=30), backed)
    pages = [
        ordered(view, scores, view.live, Wanted(sort=sort, limit=7, offset=offset), backed)[0]
        for offset in range(0, 30, 7)
    ]
    assert np.concatenate(pages).tolist() == every.tolist()
    assert sorted(every.tolist()) == np.flatnonzero(view.live).tolist()
