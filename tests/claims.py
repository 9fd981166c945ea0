"""Claims made by chance, with all that makes their strength hard to count.

Closed studies, drafts, what was archived and replaced, circles, chains of several steps, the same
person quoted often, copies, names without a study, numbers large and small.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session, select

from research_repo.core.models import Atom, Evidence, Link, Participant, Person, Study
from tests import make

STUDIES = 7
METHODS = ("interviews", "survey", "diary", "analytics", "other")
NAMES = ("R-1", "r-1", "R-2", "R-3", "R-4", "R-5", "Анна", "")
WORDS = (
    "I gave up",
    "It was dear",
    "Where is it?",
    "Nobody called",
    "Дорого",
    "It was late",
    "I asked",
)
TITLES = ("They wait", "They leave", "They pay", "Они ждут", "They return", "They ask")


def build(session: Session, people: Sequence[Person], chance: random.Random, count: int) -> None:
    """Fill a repository with studies of these people, and `count` claims."""
    studies = [
        make.study(
            session,
            chance.choice(people),
            f"study-{number}",
            f"Study {number}",
            access=chance.choice(["open", "open", "members"]),
            method=chance.choice(METHODS),
        )
        for number in range(STUDIES)
    ]
    for study in studies[::2]:
        session.add(Participant(study_id=study.id, code="R-2", folded_code="r-2"))
    session.flush()
    atoms = [_atom(session, chance, studies, people) for _ in range(count)]
    _link(session, chance, atoms, people[0])


def _atom(
    session: Session, chance: random.Random, studies: Sequence[Study], people: Sequence[Person]
) -> Atom:
    kind = chance.choice(["fact", "fact", "insight", "recommendation"])
    study = chance.choice(studies) if kind == "fact" or chance.random() < 0.4 else None
    by = session.get_one(Person, study.owner_id) if study else chance.choice(people)
    observed = date(2024, 1, 1) + timedelta(chance.randrange(600))
    made = make.atom(
        session,
        by,
        chance.choice(TITLES),
        study=study,
        kind=kind,
        status=chance.choice(["published"] * 8 + ["draft", "archived"]),
        observed_on=observed if chance.random() < 0.7 else None,
    )
    for position in range(chance.choice([0, 0, 1, 1, 2, 4])):
        session.add(_piece(session, chance, made, position))
    session.flush()
    return made


def _piece(session: Session, chance: random.Random, atom: Atom, position: int) -> Evidence:
    row = Evidence(atom_id=atom.id, position=position, kind="quote", text=chance.choice(WORDS))
    row.kind = chance.choice(["quote"] * 6 + ["number", "number", "link", "origin"])
    if row.kind == "quote":
        row.who = chance.choice(NAMES)
        known = select(Participant.id).where(
            Participant.study_id == atom.study_id, Participant.folded_code == row.who.lower()
        )
        row.participant_id = session.exec(known).first()
    elif row.kind == "number":
        row.number, row.unit = chance.choice([3.5, 40.0]), chance.choice(["", "%"])
        row.n = chance.choice([None, 12, 29, 30, 400])
    elif row.kind == "link":
        row.url = f"https://example.org/{chance.randrange(4)}"
    return row


def _link(session: Session, chance: random.Random, atoms: Sequence[Atom], by: Person) -> None:
    # Written past the verb, which refuses circles: two at once may still make one.
    wanted = {
        (start.id, end.id, chance.choice(["supports"] * 10 + ["contradicts", "supersedes"]))
        for start, end in (chance.sample(atoms, 2) for _ in range(len(atoms) * 3 // 2))
    }
    session.add_all(
        Link(from_id=a, to_id=b, kind=kind, person_id=by.id) for a, b, kind in sorted(wanted)
    )
    session.flush()
