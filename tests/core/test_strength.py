"""Strength: counted anew for each reader from words and data, and hard to talk up."""

from __future__ import annotations

from sqlmodel import Session

from research_repo.core import strength
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Atom, Person, Study
from research_repo.core.strength import Strength
from tests import make


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
