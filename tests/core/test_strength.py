"""Strength: counted anew for each reader from words and data, and hard to talk up."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from research_repo.core import arithmetic, atoms, strength
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Atom, Link, Participant, Person, Study
from research_repo.core.strength import Strength
from tests import claims, make

QUERY = (Path(__file__).parents[2] / "docs" / "strength.sql").read_text(encoding="utf-8")
COUNTED = (
    "respondents",
    "studies",
    "methods",
    "supporting",
    "facts",
    "contradicting",
    "measured",
    "level",
)


def of(session: Session, by: Person, atom: Atom) -> Strength:
    return strength.of_atoms(session, by, [atom.id])[atom.id]


def counts(session: Session, by: Person, atom: Atom) -> tuple[int, int, int, str]:
    """Respondents, studies, methods and level."""
    found = of(session, by, atom)
    return found.respondents, found.studies, found.methods, found.level


def study(
    session: Session, by: Person, key: str, method: str = "interviews", **values: str
) -> Study:
    return make.study(session, by, key, f"Study {key}", method=method, **values)


def fact(
    session: Session, by: Person, place: Study, *names: str, title: str = "", **values: object
) -> Atom:
    """A fact with a quote of each of these respondents."""
    title = title or f"Seen in {place.key}"
    quotes = [EvidenceValues(text=f"{name} said: {title}", who=name) for name in names]
    more = values.pop("evidence", [])
    return make.atom(session, by, title, place, evidence=[*quotes, *more], **values)


def number(value: float, n: int | None, text: str = "came back") -> EvidenceValues:
    return EvidenceValues(kind="number", text=text, number=value, unit="%", n=n)


def insight(session: Session, by: Person, *facts: Atom, title: str = "They give up") -> Atom:
    """An insight in no study, which these atoms support."""
    made = make.atom(session, by, title, kind="insight")
    for one in facts:
        make.link(session, by, one, made)
    return made


def test_people_studies_and_methods_are_counted_once_each(
    session: Session, researcher: Person
) -> None:
    talks, diary = study(session, researcher, "talks"), study(session, researcher, "diary", "diary")
    more = study(session, researcher, "more")
    claim = insight(
        session,
        researcher,
        fact(session, researcher, talks, "R-1", "R-2", "r-1 ", "R-3"),
        fact(session, researcher, talks, "R-2", "R-4", title="Seen again"),
        fact(session, researcher, diary, "R-1", "R-2", "R-3"),
        fact(session, researcher, more),
    )
    assert counts(session, researcher, claim) == (7, 2, 2, "strong")


def test_one_respondent_quoted_five_times_counts_once(session: Session, researcher: Person) -> None:
    place = study(session, researcher, "talks")
    claim = fact(session, researcher, place, *["R-7"] * 5)
    pieces = [EvidenceValues(text=f"Words {number}", who=" r-7") for number in range(5)]
    make.link(
        session, researcher, make.atom(session, researcher, "B", place, evidence=pieces), claim
    )
    assert counts(session, researcher, claim) == (1, 1, 1, "weak")


@pytest.mark.parametrize("seed", range(8))
def test_the_documented_query_counts_the_same(session: Session, seed: int) -> None:
    people = [make.person(session, name, "researcher") for name in ("Anna Q", "Boris", "Vera")]
    people.append(make.person(session, "Root", "admin"))
    claims.build(session, people[:2], random.Random(seed), 100)
    session.flush()
    published = session.exec(select(Atom.id).where(Atom.status == "published")).all()
    for by in people:
        told = {
            row.id: Strength(
                **{name: getattr(row, name) for name in COUNTED},
                latest=date.fromisoformat(str(row.latest)),
            )
            for row in session.execute(text(QUERY), {"reader": by.id})
        }
        assert told == strength.of_atoms(session, by, published)
        assert len(told) > 30


def test_one_study_that_came_in_twice_counts_once(session: Session, researcher: Person) -> None:
    first, again = (study(session, researcher, key) for key in ("first", "again"))
    titles = ("They wait", "They call")
    every = [
        fact(session, researcher, place, "R-1", "R-2", title=title)
        for place in (first, again)
        for title in titles
    ]
    claim = insight(session, researcher, *every)
    assert counts(session, researcher, claim) == (2, 1, 1, "weak")
    assert of(session, researcher, claim).facts == 2


def test_a_quote_repeated_outside_studies_counts_nobody(
    session: Session, researcher: Person
) -> None:
    place = study(session, researcher, "talks")
    said = EvidenceValues(text="R-1 said: Seen in talks", who="R-1")
    claim = make.atom(session, researcher, "So", kind="insight", evidence=[said])
    make.link(session, researcher, fact(session, researcher, place, "R-1"), claim)
    assert counts(session, researcher, claim) == (1, 1, 1, "weak")


def test_quotes_without_a_name_and_numbers_count_no_respondent(
    session: Session, researcher: Person
) -> None:
    place = study(session, researcher, "poll", "survey")
    pieces = [EvidenceValues(text="Somebody said"), number(38, 29), number(39, None)]
    small = make.atom(session, researcher, "Few", place, evidence=pieces)
    assert counts(session, researcher, small) == (0, 1, 1, "weak")
    large = make.atom(session, researcher, "Many", place, evidence=[number(40, 30), number(41, 99)])
    assert (of(session, researcher, large).measured, counts(session, researcher, large)) == (
        1,
        (0, 1, 1, "fair"),
    )


@pytest.mark.parametrize("kind", ["origin", "none"])
def test_facts_without_words_or_data_make_nothing_strong(
    session: Session, researcher: Person, kind: str
) -> None:
    talks, archive = study(session, researcher, "talks"), study(session, researcher, "old", "diary")
    names = [f"R-{number}" for number in range(6)]
    origin = [EvidenceValues(kind="origin", source="old.xlsx", row=7)] if kind == "origin" else []
    bare = [
        make.atom(session, researcher, f"Row {number}", archive, evidence=origin)
        for number in range(9)
    ]
    claim = insight(session, researcher, fact(session, researcher, talks, *names), *bare)
    assert counts(session, researcher, claim) == (6, 1, 1, "fair")
    assert of(session, researcher, claim).facts == 10


def test_a_study_of_no_known_method_is_no_second_method(
    session: Session, researcher: Person
) -> None:
    places = [
        study(session, researcher, key, method)
        for key, method in (("talks", "interviews"), ("x", "other"), ("y", "other"))
    ]
    facts = [fact(session, researcher, place, "R-1", "R-2") for place in places]
    claim = insight(session, researcher, *facts)
    assert counts(session, researcher, claim) == (6, 3, 1, "fair")
    assert counts(session, researcher, insight(session, researcher, *facts[1:], title="B"))[2] == 1


def test_a_claim_counts_what_stands_behind_the_claims_it_rests_on(
    session: Session, researcher: Person
) -> None:
    talks, diary = study(session, researcher, "talks"), study(session, researcher, "notes", "diary")
    one = insight(session, researcher, fact(session, researcher, talks, "R-1", "R-2", "R-3"))
    other = insight(session, researcher, fact(session, researcher, diary, "R-1", "R-2"), one)
    advice = make.atom(session, researcher, "Tell them", kind="recommendation")
    make.link(session, researcher, other, advice)
    assert counts(session, researcher, advice) == (5, 2, 2, "strong")
    assert of(session, researcher, advice).supporting == 4


@pytest.mark.parametrize("way", ["archived", "draft", "replaced"])
def test_what_is_over_or_not_yet_said_supports_nothing(
    session: Session, researcher: Person, way: str
) -> None:
    place = study(session, researcher, "talks")
    old = fact(session, researcher, place, "R-1", "R-2", "R-3")
    claim = insight(session, researcher, old)
    assert of(session, researcher, claim).level == "fair"
    if way == "replaced":
        newer = fact(session, researcher, place, "R-9", title="Seen anew")
        make.link(session, researcher, newer, old, "supersedes")
    else:
        atoms.set_status(session, researcher, old.key, old.version, way)
    assert counts(session, researcher, claim) == (0, 0, 0, "weak")


def test_a_circle_ends(session: Session, researcher: Person) -> None:
    place = study(session, researcher, "talks")
    one, other = (fact(session, researcher, place, name, title=name) for name in ("R-1", "R-2"))
    # Two people at once may close it, each past the check of the other.
    for start, end in ((one, other), (other, one)):
        session.add(Link(from_id=start.id, to_id=end.id, kind="supports", person_id=researcher.id))
    session.flush()
    for atom in (one, other):
        assert counts(session, researcher, atom) == (2, 1, 1, "weak")


def test_whoever_does_not_see_a_study_gets_fewer_counts(
    session: Session, researcher: Person, reader: Person
) -> None:
    closed = study(session, researcher, "closed", "diary", access="members")
    talks = study(session, researcher, "talks")
    claim = insight(
        session,
        researcher,
        fact(session, researcher, talks, "R-1", "R-2", "R-3"),
        fact(session, researcher, closed, "R-1", "R-2"),
    )
    against = fact(session, researcher, closed, title="Not at all")
    make.link(session, researcher, against, claim, "contradicts")
    assert of(session, researcher, claim).level == "disputed"
    assert counts(session, reader, claim) == (3, 1, 1, "fair")
    assert strength.of_atoms(session, reader, [against.id]) == {}


def test_what_is_replaced_by_something_closed_is_replaced_for_its_team_alone(
    session: Session, researcher: Person, reader: Person
) -> None:
    closed = study(session, researcher, "closed", access="members")
    old = fact(session, researcher, study(session, researcher, "talks"), "R-1", "R-2", "R-3")
    claim = insight(session, researcher, old)
    newer = fact(session, researcher, closed, "R-9", title="Seen anew")
    make.link(session, researcher, newer, old, "supersedes")
    assert of(session, researcher, claim).respondents == 0
    assert of(session, reader, claim).respondents == 3


@pytest.mark.parametrize(("against", "level"), [(1, "fair"), (2, "disputed")])
def test_a_claim_is_disputed_from_a_third_of_its_facts_on(
    session: Session, researcher: Person, against: int, level: str
) -> None:
    place = study(session, researcher, "talks")
    facts = [fact(session, researcher, place, f"R-{n}", title=f"Fact {n}") for n in range(4)]
    claim = insight(session, researcher, *facts)
    for number in range(against):
        denied = fact(session, researcher, place, title=f"Denied {number}")
        make.link(session, researcher, denied, claim, "contradicts")
        # The same objection again, word for word, adds nothing.
        again = fact(session, researcher, place, title=f"Denied {number}")
        make.link(session, researcher, again, claim, "contradicts")
    assert of(session, researcher, claim).contradicting == against
    assert of(session, researcher, claim).level == level


def test_the_newest_date_is_that_of_what_was_seen(session: Session, researcher: Person) -> None:
    place = study(session, researcher, "talks")
    days = (date(2025, 3, 1), date(2026, 2, 1))
    facts = [
        fact(session, researcher, place, "R-1", title=f"Seen {day}", observed_on=day)
        for day in days
    ]
    assert of(session, researcher, insight(session, researcher, *facts)).latest == days[1]


def test_a_participant_who_is_named_in_two_ways_is_one(
    session: Session, researcher: Person
) -> None:
    place = study(session, researcher, "talks")
    session.add(Participant(study_id=place.id, code="R-1", folded_code="r-1"))
    session.flush()
    claim = fact(session, researcher, place, "R-1", "r-1", title="Seen")
    assert counts(session, researcher, claim) == (1, 1, 1, "weak")


def test_the_sum_adds_up_and_names_what_was_left_out(session: Session, researcher: Person) -> None:
    talks, poll = study(session, researcher, "talks"), study(session, researcher, "poll", "survey")
    nameless, small, enough = EvidenceValues(text="Hm"), number(3, 12), number(38, 412)
    said = EvidenceValues(text="R-1 said: Seen in talks", who="R-1")
    claim = insight(
        session,
        researcher,
        fact(session, researcher, talks, "R-1", "R-2", evidence=[nameless, small]),
        fact(session, researcher, talks, title="Bare"),
        fact(session, researcher, poll, evidence=[enough, said]),
    )
    found = arithmetic.of_atom(session, researcher, claim.key)
    assert found.strength == of(session, researcher, claim)
    assert [(one.key, one.respondents, len(one.measured)) for one in found.shares] == [
        ("talks", ("R-1", "R-2"), 0),
        ("poll", (), 1),
    ]
    assert found.left_out == {
        "bare": 1, "nameless": 1, "small": 1, "copied": 1, "outside": 0, "replaced": 0,
    }  # fmt: skip
    assert len(arithmetic.told(found.left_out)) == 4
    met = {rule.level for rule in found.rules if not rule.is_met}
    assert found.strength.level == "fair"
    assert "fair" not in met
