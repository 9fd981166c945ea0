"""How the strength of one claim was counted, step by step, for whoever wants to check it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, col

from research_repo.core import access, strength
from research_repo.core.language import Message, say, say_many
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Person, Study
from research_repo.core.pieces import MEASURED_FROM, Piece, brought
from research_repo.core.strength import Grounds, Strength


@dataclass(frozen=True)
class Claim:
    """An atom that is named in the sum."""

    key: str
    kind: str
    title: str
    language: str


@dataclass(frozen=True)
class Measured:
    """A number that enough people or cases stand behind."""

    text: str
    number: float
    unit: str
    n: int


@dataclass(frozen=True)
class Share:
    """What one study brings: whom it heard, and what it measured."""

    key: str
    title: str
    method: str
    respondents: tuple[str, ...]
    measured: tuple[Measured, ...]


@dataclass(frozen=True)
class Rule:
    """What a level asks for, and whether it is so."""

    level: str
    asks: Message
    is_met: bool


@dataclass(frozen=True)
class Arithmetic:
    """The counts of a claim, what they were counted from, and what was left out and why."""

    strength: Strength
    shares: tuple[Share, ...]
    resting: tuple[Claim, ...]
    """What it rests on, without itself."""
    against: tuple[Claim, ...]
    left_out: Mapping[str, int]
    """How many: facts that are *bare*; quotes that are *nameless*; numbers that are *small*; pieces
    that are *copied* or stand *outside* of studies; claims that were *replaced*."""
    rules: tuple[Rule, ...]


def of_atom(session: Session, by: Person, key: str) -> Arithmetic:
    """How strong a claim is for this person, and why; NotFound where it is not there for them."""
    atom = access.atom_to_read(session, by, key)
    rows = {row.id: row for row in rows_of(session, strength.claims(), [atom.id])}
    found = strength.grounds(session, by, rows)
    weight = strength.weighed(atom.id, found)
    below, against = found.below[atom.id], found.against[atom.id]
    named = _claims(session, {*below, *against})
    return Arithmetic(
        strength=weight,
        shares=tuple(_shares(session, found, atom.id)),
        resting=tuple(named[one] for one in below if one != atom.id),
        against=tuple(named[one] for one in sorted(against)),
        left_out=_left_out(found, atom.id),
        rules=tuple(_rules(weight)),
    )


@dataclass
class _Sum:
    method: str
    people: dict[object, str] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)

    def take(self, row: Any, piece: Piece) -> None:
        if piece.person:
            self.people.setdefault(piece.person, row.who)
        if piece.is_measured:
            self.measured.append(Measured(row.text, row.number, row.unit, row.n))


def _shares(session: Session, found: Grounds, claim: int) -> Iterator[Share]:
    sums: dict[int, _Sum] = {}
    for atom, row, piece in strength.counted(found, claim):
        sums.setdefault(atom.study_id, _Sum(atom.method)).take(row, piece)
    named = columns(*_NAMES).where(among(Study.id)).order_by(col(Study.id))
    for study in rows_of(session, named, sums):
        one = sums[study.id]
        people = tuple(one.people.values())
        yield Share(study.key, study.title, one.method, people, tuple(one.measured))


_NAMES: Any = (Study.id, Study.key, Study.title)


def _claims(session: Session, atom_ids: Iterable[int]) -> dict[int, Claim]:
    told: Any = (Atom.id, Atom.key, Atom.kind, Atom.title, Atom.language)
    found = rows_of(session, columns(*told).where(among(Atom.id)), atom_ids)
    return {row.id: Claim(row.key, row.kind, row.title, row.language) for row in found}


def _left_out(found: Grounds, claim: int) -> dict[str, int]:
    """What stands in the grounds and counts nothing, or less than it seems."""
    below = found.below[claim]
    every = [(found.rows[one], row) for one in below for row in found.evidence.get(one, ())]
    placed = sum(brought(row, atom.study_id) is not None for atom, row in every)
    counted = [(row, piece) for _, row, piece in strength.counted(found, claim)]
    facts = [one for one in below if found.rows[one].kind == "fact"]
    return {
        "bare": sum(not found.evidence.get(one) for one in facts),
        "nameless": sum(row.kind == "quote" and not piece.person for row, piece in counted),
        "small": sum(row.kind == "number" and not piece.is_measured for row, piece in counted),
        "copied": placed - len(counted),
        "outside": len(every) - placed,
        "replaced": len(found.replaced[claim]),
    }


def told(left_out: Mapping[str, int]) -> list[Message]:
    """Each sort of what was left out in a sentence."""
    every = {
        "bare": say_many(
            "%(count)s fact has neither a quote nor data: it counts for no study.",
            "%(count)s facts have neither quotes nor data: they count for no study.",
            left_out["bare"],
        ),
        "nameless": say_many(
            "%(count)s quote does not say who was heard: it counts for no respondent.",
            "%(count)s quotes do not say who was heard: they count for no respondent.",
            left_out["nameless"],
        ),
        "small": say_many(
            "%(count)s number rests on fewer than %(least)s, or does not say on how many: "
            "it is no measurement.",
            "%(count)s numbers rest on fewer than %(least)s, or do not say on how many: "
            "they are no measurements.",
            left_out["small"],
            least=MEASURED_FROM,
        ),
        "copied": say_many(
            "%(count)s quote or number stands there twice, word for word: it counts once.",
            "%(count)s quotes or numbers stand there twice, word for word: they count once.",
            left_out["copied"],
        ),
        "outside": say_many(
            "%(count)s quote or number stands in a claim of no study, where it counts nothing. "
            "Log it as a fact of the study that it comes from.",
            "%(count)s quotes or numbers stand in claims of no study, where they count nothing. "
            "Log them as facts of the studies that they come from.",
            left_out["outside"],
        ),
        "replaced": say_many(
            "%(count)s claim that supported it was replaced by a newer one.",
            "%(count)s claims that supported it were replaced by newer ones.",
            left_out["replaced"],
        ),
    }
    return [message for name, message in every.items() if left_out[name]]


def _rules(one: Strength) -> Iterator[Rule]:
    against = say(
        "Something speaks against it: at least one claim for each %(share)s facts for it.",
        share=strength.DISPUTED_SHARE,
    )
    yield Rule("disputed", against, strength.is_disputed(one.contradicting, one.facts))
    several, heard = strength.SEVERAL, strength.RESPONDENTS_STRONG
    studies = say("At least %(count)s studies.", count=several)
    yield Rule("strong", studies, one.studies >= several)
    methods = say("At least %(count)s methods.", count=several)
    yield Rule("strong", methods, one.methods >= several)
    enough = say(
        "At least %(heard)s respondents, or measurements of %(measured)s studies.",
        heard=heard,
        measured=strength.MEASURED_STRONG,
    )
    is_enough = one.respondents >= heard or one.measured >= strength.MEASURED_STRONG
    yield Rule("strong", enough, is_enough)
    some = say(
        "At least %(heard)s respondents, or a measurement, or %(few)s respondents of several studies.",
        heard=strength.RESPONDENTS_FAIR,
        few=strength.RESPONDENTS_FAIR_ACROSS,
    )
    yield Rule("fair", some, strength.is_fair(one.respondents, one.studies, one.measured))
