"""How long claims hold: what is stale, why, and that lists and conditions say the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from research_repo.core import atoms, confirmations, review_periods, staleness, tagging
from research_repo.core.clock import beginning, months_after, today
from research_repo.core.models import Atom, Confirmation, Person, Tag
from tests import make

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def observed(
    session: Session,
    by: Person,
    title: str,
    ago: int,
    tags: Iterable[Tag | str] = (),
    **values: str,
) -> Atom:
    """An insight that was observed so many months before today."""
    atom = make.atom(session, by, title, kind=values.pop("kind", "insight"), tags=tags, **values)  # type: ignore[arg-type]
    atom.observed_on = months_after(today(), -ago)
    session.flush()
    return atom


def stale(session: Session, by: Person, day: date | None = None) -> set[str]:
    condition = staleness.is_stale(session, by, day or today())
    return set(session.exec(select(Atom.title).where(condition)))


def fresh(session: Session, by: Person, atom: Atom) -> staleness.Freshness:
    return staleness.of_atoms(session, by, [atom.id])[atom.id]


def test_a_claim_is_stale_when_nobody_confirmed_it_in_its_period(
    session: Session, researcher: Person
) -> None:
    atom = observed(session, researcher, "People pay by card", 18)
    assert not fresh(session, researcher, atom).is_stale
    atom.observed_on = months_after(today(), -18) - timedelta(days=4)
    session.flush()
    found = fresh(session, researcher, atom)
    assert found.is_stale
    assert not found.is_set
    assert str(found.reason) == "Nobody confirmed this in 18 months."
    assert stale(session, researcher) == {"People pay by card"}


def test_its_tags_tell_how_long_it_holds(session: Session, researcher: Person) -> None:
    behaviour, problem = "Finding type > Behaviour", "Finding type > Problem"
    observed(session, researcher, "Long", 20, [behaviour])
    observed(session, researcher, "Short", 12, [problem])
    observed(session, researcher, "Both", 12, [behaviour, problem])
    observed(session, researcher, "None", 12)
    observed(session, researcher, "Ancient", 40, [behaviour])
    assert stale(session, researcher) == {"Short", "Both", "Ancient"}


def test_a_date_that_people_set_comes_before_any_period(
    session: Session, researcher: Person
) -> None:
    late = observed(session, researcher, "Late", 1)
    late.review_by = today() - timedelta(days=1)
    due = observed(session, researcher, "Due", 99)
    due.review_by = today()
    session.flush()
    assert stale(session, researcher) == {"Late"}
    found = fresh(session, researcher, late)
    assert (found.is_set, str(found.reason)) == (
        True,
        "The day until which it was to be looked at again is over.",
    )
    assert fresh(session, researcher, due).reason is None


def test_drafts_archived_claims_and_replaced_ones_wait_for_nobody(
    session: Session, researcher: Person
) -> None:
    draft = observed(session, researcher, "Draft", 40, status="draft")
    archived = observed(session, researcher, "Archived", 40)
    atoms.set_status(session, researcher, archived.key, archived.version, "archived")
    old, new = observed(session, researcher, "Old", 40), observed(session, researcher, "New", 1)
    make.link(session, researcher, new, old, "supersedes")
    assert stale(session, researcher) == set()
    assert fresh(session, researcher, old).is_superseded
    assert not any(fresh(session, researcher, one).is_stale for one in (draft, archived, old))
    atoms.set_status(session, researcher, new.key, new.version, "archived")
    assert stale(session, researcher) == {"Old"}
    assert not fresh(session, researcher, old).is_superseded


def test_what_replaces_a_claim_counts_for_those_who_see_it(
    session: Session, researcher: Person, reader: Person
) -> None:
    closed = make.study(session, researcher, "closed", access="members")
    old = observed(session, researcher, "Old", 40)
    new = make.atom(session, researcher, "New", closed, kind="insight")
    make.link(session, researcher, new, old, "supersedes")
    assert (stale(session, researcher), stale(session, reader)) == (set(), {"Old"})
    assert fresh(session, reader, old).is_stale
    assert staleness.of_atoms(session, reader, [new.id]) == {}


def test_a_confirmation_counts_also_where_its_date_was_emptied(
    session: Session, researcher: Person
) -> None:
    atom = observed(session, researcher, "Old", 40)
    confirmations.confirm(session, researcher, atom.key)
    session.expire_all()
    atom.review_by = None
    session.flush()
    assert stale(session, researcher) == set()
    found = fresh(session, researcher, atom)
    assert (found.is_stale, found.is_set) == (False, False)
    assert found.review_by == months_after(today(), 18)
    session.exec(select(Confirmation)).one().at = beginning(months_after(today(), -19))
    session.flush()
    assert stale(session, researcher) == {"Old"}


@given(day=DAYS, months=st.integers(1, 120))
def test_what_began_before_the_cutoff_is_what_is_due_before_the_day(day: date, months: int) -> None:
    cut = staleness.cutoff(day, months)
    assert months_after(cut, months) >= day
    assert months_after(cut - timedelta(days=1), months) < day


@pytest.mark.parametrize("by_role", ["researcher", "reader"])
def test_pages_lists_and_the_condition_say_the_same_of_every_claim(
    session: Session, researcher: Person, reader: Person, curator: Person, by_role: str
) -> None:
    by = {"researcher": researcher, "reader": reader}[by_role]
    admin = make.person(session, "Vera", "admin")
    law = make.tag(session, admin, "Law")
    tax = make.tag(session, admin, "Tax", under=law)
    review_periods.set_period(session, admin, law.key, 36)
    problem, need = "Finding type > Problem", "Finding type > Need"
    closed = make.study(session, researcher, "closed", access="members")
    made = []
    for ago in (0, 8, 9, 10, 17, 18, 19, 24, 25, 36, 37):
        for number, tags in enumerate(([], [problem], [need], [tax], [problem, tax], [law, need])):
            atom = observed(session, researcher, f"{ago} {number}", ago, tags)
            if (ago + number) % 3 == 0:
                atom.study_id = closed.id
            if (ago + number) % 5 == 0:
                atom.observed_on, atom.created_at = None, beginning(atom.observed_on or today())
            if (ago + number) % 7 == 0:
                atom.review_by = months_after(today(), number - 3)
            made.append(atom)
    session.flush()
    for atom in made[::4]:
        confirmations.confirm(session, researcher, atom.key)
    session.expire_all()
    for atom in made[::8]:
        atom.review_by = None
    session.flush()
    ids = [atom.id for atom in made]
    found = staleness.of_atoms(session, by, ids)
    told = {one for one, its in found.items() if its.is_stale}
    condition = staleness.is_stale(session, by, today())
    seen = set(session.exec(select(Atom.id).where(condition, Atom.id.in_(list(found)))))  # type: ignore[attr-defined]
    assert told == seen
    assert 10 < len(told) < len(found)
    rows = {one.id: one for one in made if one.id in found}
    tags_of = {one: _tags(session, one) for one in rows}
    superseded = [one for one, its in found.items() if its.is_superseded]
    assert staleness.stale_among(session, rows, tags_of, superseded) == told


def _tags(session: Session, atom_id: int) -> list[int]:
    return [put.tag_id for put in tagging.of_atoms(session, [atom_id]).get(atom_id, ())]
