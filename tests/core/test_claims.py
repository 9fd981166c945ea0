"""The queue of claims that want a second look: which, whose, in which order, and for whom."""

from __future__ import annotations

import random

import pytest
from sqlmodel import Session

from research_repo.core import atoms, claims, studies
from research_repo.core.claims import NOBODY, Asked
from research_repo.core.clock import months_after, today
from research_repo.core.models import KINDS, Atom, Person, Study
from tests import make

EVERY = Asked(kinds=KINDS)


def old(session: Session, by: Person, title: str, ago: int = 40, **values: object) -> Atom:
    values.setdefault("kind", "insight")
    atom = make.atom(session, by, title, **values)  # type: ignore[arg-type]
    atom.observed_on = months_after(today(), -ago)
    session.flush()
    return atom


def titles(
    session: Session, by: Person, asked: Asked = EVERY, first: int = 0, count: int = -1
) -> list[str]:
    found = claims.ids(session, by, asked, first, count)
    return [one.card.title for one in claims.of_atoms(session, by, found, "en")]


@pytest.fixture
def contested(session: Session, researcher: Person) -> Atom:
    """A young insight that a fact contradicts."""
    insight = make.atom(session, researcher, "Contested", kind="insight")
    make.link(session, researcher, make.atom(session, researcher, "No"), insight, "contradicts")
    return insight


def test_disputed_claims_come_before_others_then_the_oldest(
    session: Session, researcher: Person, contested: Atom
) -> None:
    old(session, researcher, "Old", 30)
    old(session, researcher, "Older", 50)
    old(session, researcher, "Oldest fact", 90, kind="fact")
    old(session, researcher, "Young", 2)
    assert titles(session, researcher) == ["Contested", "Oldest fact", "Older", "Old"]
    assert titles(session, researcher, Asked()) == ["Contested", "Older", "Old"]
    assert titles(session, researcher, Asked(kinds=("fact",))) == ["Oldest fact"]
    assert titles(session, researcher, Asked(reason="disputed")) == ["Contested"]
    assert titles(session, researcher, Asked(reason="stale")) == ["Older", "Old"]
    assert titles(session, researcher, Asked(), 1, 1) == ["Older"]
    assert titles(session, researcher, Asked(), 0, 2) == ["Contested", "Older"]
    assert titles(session, researcher, Asked(), 2, 5) == ["Old"]


def test_a_claim_that_is_both_stands_and_counts_once(
    session: Session, researcher: Person, contested: Atom
) -> None:
    contested.observed_on = months_after(today(), -40)
    session.flush()
    old(session, researcher, "Old", 50)
    assert titles(session, researcher, Asked()) == ["Contested", "Old"]
    found = claims.waiting(session, researcher)
    counts = [found.count(Asked(reason=reason)) for reason in ("", "stale", "disputed")]
    assert counts == [2, 2, 1]
    assert titles(session, researcher, Asked(reason="stale")) == ["Old", "Contested"]
    (both, _) = claims.of_atoms(session, researcher, claims.ids(session, researcher, Asked()), "en")
    assert (both.is_disputed, both.freshness.is_stale) == (True, True)


def test_a_claim_is_its_authors_until_they_leave_then_its_studys(
    session: Session, researcher: Person, curator: Person, system: Person
) -> None:
    study = make.study(session, curator, "s")
    petr = make.person(session, "Petr", "researcher")
    old(session, petr, "Petr's", study=study)
    old(session, researcher, "Marina's", study=study)
    old(session, system, "Imported", study=study)
    old(session, system, "Without a study")

    def owned(person_id: int) -> list[str]:
        return sorted(titles(session, researcher, Asked(owner=person_id)))

    assert owned(petr.id) == ["Petr's"]
    assert owned(curator.id) == ["Imported"]
    assert owned(NOBODY) == ["Without a study"]
    petr.is_active = False
    session.flush()
    assert owned(petr.id) == []
    assert owned(curator.id) == ["Imported", "Petr's"]
    found = claims.waiting(session, researcher)
    assert found.owners() == {curator.id, researcher.id, None}
    assert found.count(Asked(owner=curator.id)) == 2
    assert claims.waiting_for(session, curator) == 2
    shown = claims.of_atoms(session, researcher, claims.ids(session, researcher, Asked()), "en")
    assert {one.card.title: one.owner for one in shown} == {
        "Petr's": "Ilya",
        "Marina's": "Marina",
        "Imported": "Ilya",
        "Without a study": "",
    }


def test_nobody_learns_of_claims_that_they_do_not_see(
    session: Session, researcher: Person, reader: Person
) -> None:
    closed = make.study(session, researcher, "closed", access="members")
    secret = old(session, researcher, "Secret", study=closed)
    insight = make.atom(session, researcher, "Open", kind="insight")
    against = make.atom(session, researcher, "Secret no", closed)
    make.link(session, researcher, against, insight, "contradicts")
    assert titles(session, researcher) == ["Open", "Secret"]
    assert titles(session, reader) == []
    assert claims.waiting(session, reader) == claims.Waiting({}, ())
    assert claims.of_atoms(session, reader, [secret.id], "en") == []
    studies.add_member(session, researcher, closed.key, reader.email, may_edit=False)
    assert titles(session, reader) == ["Open", "Secret"]


def test_only_those_who_may_settle_a_claim_are_offered_to(
    session: Session, researcher: Person, reader: Person, curator: Person
) -> None:
    petr = make.person(session, "Petr", "researcher")
    atom = old(session, researcher, "Old")
    may = {
        by.name: claims.of_atoms(session, by, [atom.id], "en")[0].may_settle
        for by in (researcher, petr, curator, reader)
    }
    assert may == {"Marina": True, "Petr": False, "Ilya": True, "Olga": False}
    atoms.set_status(session, researcher, atom.key, atom.version, "archived")
    assert not claims.of_atoms(session, researcher, [atom.id], "en")[0].may_settle


def test_one_study_can_be_looked_at_alone(session: Session, researcher: Person) -> None:
    one, two = (make.study(session, researcher, key) for key in ("one", "two"))
    old(session, researcher, "First", study=one)
    old(session, researcher, "Second", study=two)
    asked = Asked(study_id=one.id)
    assert titles(session, researcher, asked) == ["First"]
    assert claims.waiting(session, researcher, one.id).count(asked) == 1


@pytest.mark.parametrize("seed", range(4))
def test_what_is_disputed_here_is_what_strength_calls_disputed(
    session: Session, researcher: Person, reader: Person, seed: int
) -> None:
    chance = random.Random(seed)
    closed = make.study(session, researcher, "closed", access="members")
    plain = make.study(session, researcher, "plain")
    made = [_any(session, researcher, chance, n, (plain, closed)) for n in range(40)]
    for _ in range(120):
        start, end = chance.sample(made, 2)
        kind = chance.choice(("supports", "supports", "contradicts", "supersedes"))
        if kind == "supersedes" and chance.random() < 0.7:
            continue
        # Circles are refused: links lead from what was written first.
        first, second = sorted((start, end), key=lambda one: one.id)
        make.link(session, researcher, first, second, kind)
    for by in (researcher, reader):
        ids = claims.ids(session, by, Asked(reason="disputed", kinds=KINDS))
        shown = claims.of_atoms(session, by, [one.id for one in made], "en")
        told = {
            one.card.id
            for one in shown
            if one.is_disputed
            and one.card.status == "published"
            and not one.freshness.is_superseded
        }
        assert set(ids) == told
        assert len(ids) == claims.waiting(session, by).count(Asked(reason="disputed", kinds=KINDS))


def _any(
    session: Session, by: Person, chance: random.Random, number: int, places: tuple[Study, Study]
) -> Atom:
    # Some say the same word for word: those count once.
    title = f"Claim {number if chance.random() < 0.7 else number % 5}"
    status = chance.choice(("published", "published", "published", "draft", "archived"))
    kind = chance.choice(("fact", "fact", "insight"))
    study = chance.choice(places) if kind == "fact" else chance.choice((None, places[1]))
    return make.atom(session, by, title, study, kind, status=status)
