"""What a claim must rest on before it is published: pages, the API and imports ask here.

A fact needs a quote, a number, a link or a file; an insight a published fact that supports it; a
recommendation an insight or a fact. What the team has agreed on says whether the lack of it is passed
over, told or refused. A fact that a file brought may rest on that file alone. And a claim without a
study, which everybody will see, is published over findings of a closed study only knowingly.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

from sqlalchemy import bindparam, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, history, links, policies, rules
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Evidence, Link, Person, Study
from research_repo.core.rules import Offence

CARRIERS = {"insight": {"fact"}, "recommendation": {"fact", "insight"}}
"""Which kinds of published claims carry which."""

LACKS = {
    "fact": say("No quote yet. Add the words that were said, a number, a link or a file."),
    "insight": say("It rests on nothing yet. Link at least one fact that supports it."),
    "recommendation": say(
        "It rests on nothing yet. Link at least one insight or fact that supports it."
    ),
}
NO_RUN = 0
FIELDS = {"fact": "evidence", "insight": "rests_on", "recommendation": "rests_on"}


@dataclass(frozen=True)
class Lack:
    """A claim that rests on nothing. `is_from_file`: on nothing but the file that brought it."""

    kind: str
    is_from_file: bool = False

    @property
    def advice(self) -> Message:
        """What it lacks, and what to do."""
        return LACKS[self.kind]

    @property
    def refusal(self) -> Message:
        """The same where the team has agreed not to publish it so."""
        return say(
            "%(advice)s Until then it stays a draft: so the team has agreed.", advice=self.advice
        )


def lacking(
    session: Session, by: Person, atom_ids: Collection[int], run_id: int = NO_RUN
) -> dict[int, Lack]:
    """Those of these atoms that rest on nothing which `by` sees, whatever the team has agreed on.

    What an import that is still at work has made carries only what came with it: its `run_id`.
    """
    rows = rows_of(session, _standing(), atom_ids)
    evident = rows_of(session, _evident(), [row.id for row in rows if row.kind == "fact"])
    asked = {"me": by.id, "run": run_id}
    above = [row.id for row in rows if row.kind != "fact"]
    carried = {(to_id, kind) for to_id, kind in rows_of(session, _carriers(by), above, **asked)}
    grounded = {atom_id for (atom_id,) in evident}
    return {
        row.id: Lack(row.kind, row.kind == "fact" and row.import_id is not None)
        for row in rows
        if row.id not in grounded
        and not any((row.id, kind) in carried for kind in CARRIERS.get(row.kind, ()))
    }


def _carriers(by: Person) -> Any:
    return _carriers_of(access.is_admin(by))


@cache
def _carriers_of(sees_all: bool) -> Any:
    ends: Any = (Link.to_id, Atom.kind)
    seen = or_(access.atom_in_sight(sees_all), col(Atom.import_id) == bindparam("run"))
    return (
        columns(*ends)
        .join(Atom, col(Atom.id) == col(Link.from_id))
        .where(seen, col(Atom.status) == "published", col(Link.kind) == "supports")
        .where(among(Link.to_id))
    )


@cache
def _standing() -> Any:
    place: Any = (Atom.id, Atom.kind, Atom.import_id)
    return columns(*place).where(among(Atom.id))


@cache
def _evident() -> Any:
    owner: Any = Evidence.atom_id
    return columns(owner).distinct().where(col(Evidence.kind) != "origin", among(Evidence.atom_id))


def lack_of(session: Session, by: Person, atom: Atom) -> Lack | None:
    """What the author is told of: the lack of one atom, unless the team passes over it."""
    return lacks_of(session, by, [atom.id]).get(atom.id)


def lacks_of(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, Lack]:
    """The same for many: atom → its lack, for those that have one."""
    settled = policies.publishing(session)
    found = lacking(session, by, atom_ids)
    return {atom_id: lack for atom_id, lack in found.items() if settled[lack.kind] != "off"}


def refused(session: Session, by: Person, atom: Atom) -> Lack | None:
    """The lack for which the team has agreed not to publish the atom."""
    if policies.publishing(session)[atom.kind] != "block":
        return None
    lack = lacking(session, by, [atom.id]).get(atom.id)
    return None if lack is None or lack.is_from_file else lack


def to_do(session: Session, by: Person, atom: Atom, language: str) -> list[Message]:
    """What is asked for before the atom can be published."""
    lack = refused(session, by, atom)
    asked = rules.advice(session, rules.of_atom(session, atom), language)
    return [*asked, lack.advice] if lack else asked


@dataclass(frozen=True)
class Stood:
    """How an atom stood before a change: what was so while it was published is not refused again."""

    broken: Sequence[Offence] = ()
    lacked: bool = False
    was_open: bool = False


NEVER = Stood()
"""It was not published before."""


def stood(session: Session, by: Person, atom: Atom) -> Stood:
    """How the atom stands now, before it is changed."""
    if atom.status != "published":
        return NEVER
    lacked = refused(session, by, atom) is not None
    return Stood(rules.of_atom(session, atom), lacked, atom.study_id is None)


def why(
    session: Session, by: Person, atom: Atom, language: str, before: Stood = NEVER
) -> dict[str, Message]:
    """Why it may not be published: field → advice. "is_confirmed" is to be confirmed, not mended."""
    found = {}
    if broken := rules.unknown(rules.of_atom(session, atom), before.broken):
        found["tags"] = rules.said(session, broken, language)
    lack = None if before.lacked else refused(session, by, atom)
    if lack:
        found[FIELDS[lack.kind]] = lack.refusal
    if atom.study_id is None and not before.was_open:
        closed = closed_studies(session, by, atom)
        if closed:
            found["is_confirmed"] = _opens(closed)
    return found


def _opens(closed: Mapping[int, str]) -> Message:
    return say(
        "Everybody will read this claim, and it rests on findings that only a study team sees: "
        "%(studies)s. Confirm that its words may be known to all.",
        studies=", ".join(closed.values()),
    )


def require(
    session: Session, by: Person, atom: Atom, before: Stood = NEVER, *, is_confirmed: bool
) -> None:
    """Refuse what is published and breaks a rule, rests on nothing, or opens a closed study unknowingly.

    One that is published over findings of a closed study, knowingly, leaves a line in history.

    Raises:
        Invalid: field → what to do.
    """
    if atom.status != "published":
        return
    found = why(session, by, atom, by.language or "en", before)
    opens = found.pop("is_confirmed", None)
    if opens and not is_confirmed:
        found["is_confirmed"] = opens
    if found:
        raise Invalid(found)
    if opens:
        closed = sorted(closed_studies(session, by, atom))
        history.record(session, by, "opened", "atom", atom.id, after={"studies": closed})


def kept_back(found: Mapping[str, Message]) -> Message:
    """Why an import keeps a row as a draft, and what to do about it."""
    return say("Kept as a draft. %(advice)s", advice=reduce(rules.joined, found.values()))


def unpublishable(
    session: Session, by: Person, made: Sequence[Atom], run_id: int
) -> dict[int, dict[str, Message]]:
    """Of what an import that is at work has made to be published: what may not be, and why."""
    settled = policies.publishing(session)
    lacks = lacking(session, by, [atom.id for atom in made], run_id)
    found: dict[int, dict[str, Message]] = {}
    for atom in made:
        if settled[atom.kind] == "block" and atom.id in lacks:
            found[atom.id] = {FIELDS[atom.kind]: lacks[atom.id].refusal}
        elif atom.study_id is None and (closed := closed_studies(session, by, atom)):
            found[atom.id] = {"is_confirmed": _opens(closed)}
    return found


def closed_studies(session: Session, by: Person, atom: Atom) -> dict[int, str]:
    """The members-only studies whose findings the atom rests on, of those that `by` sees: their titles."""
    beneath = links.beneath(session, atom.id)
    places = {row.study_id for row in rows_of(session, _places(), beneath)}
    query = select(Study.id, Study.title).where(
        col(Study.id).in_(places), Study.access == "members", access.sees_study(by)
    )
    return dict(session.exec(query.order_by(col(Study.title))).all())


@cache
def _places() -> Any:
    place: Any = Atom.study_id
    return columns(place).distinct().where(among(Atom.id))
