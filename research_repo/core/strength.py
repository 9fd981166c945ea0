"""How strong a claim is: counted for each reader from what they see, never typed in.

The grounds of a claim are itself and all published atoms that lead to it through *supports*, without
those that a newer one replaces. Of them people, studies and methods are counted. The rules and their
reasons stand in docs/en/strength.md, the same in SQL in docs/strength.sql.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, col

from research_repo.core import access
from research_repo.core.access import Reach
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Evidence, Link, Person, Study
from research_repo.core.pieces import NAMED, Piece, brought

LEVELS = ("weak", "fair", "strong", "disputed")

RESPONDENTS_FAIR = 3
RESPONDENTS_FAIR_ACROSS = 2
"""So many are enough where they are of several studies."""
RESPONDENTS_STRONG = 5
MEASURED_STRONG = 2
SEVERAL = 2
"""Studies, and methods, that have to agree."""
DISPUTED_SHARE = 3
"""One claim against it is enough for this many facts for it."""

UNKNOWN_METHOD = "other"
"""Says nothing of how a study was done, so that it makes no second way beside another one."""


@dataclass(frozen=True, slots=True)
class Strength:
    """The counts of a claim, and the level that they make."""

    respondents: int
    """Different people quoted in its grounds; a survey or a log is none."""
    studies: int
    """Different studies that brought words, data, links or files."""
    methods: int
    supporting: int
    """Other claims that it rests on, directly or through others."""
    facts: int
    """Facts in its grounds, itself counted; such as say the same word for word count once."""
    contradicting: int
    measured: int
    """Studies that brought a number with n of at least MEASURED_FROM."""
    latest: date
    """When the newest of what it rests on was observed or written down."""
    level: str

    def plain(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {**asdict(self), "latest": self.latest.isoformat()}


@dataclass(frozen=True)
class Grounds:
    """What some claims rest on, as one reader sees it: atoms by id, and evidence by atom."""

    rows: Mapping[int, Any]
    below: Mapping[int, Collection[int]]
    """Claim → the ids of its grounds, itself among them, the oldest first."""
    against: Mapping[int, Collection[int]]
    evidence: Mapping[int, Collection[Any]]
    """Without what only says from which file an atom came."""
    replaced: Mapping[int, Collection[int]]
    """Claim → what would speak for it, had a newer one not taken its place."""


def of_atoms(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, Strength]:
    """The strength of each of these atoms that the person sees, whatever its status."""
    sight = access.reach(session, by)
    rows = {row.id: row for row in rows_of(session, claims(), atom_ids) if _is_seen(sight, row)}
    return of_rows(session, by, rows)


def of_rows(session: Session, by: Person, rows: Mapping[int, Any]) -> dict[int, Strength]:
    """The same for atoms that the person sees, whose rows hold the columns of ROW."""
    found = grounds(session, by, rows)
    return {claim: weighed(claim, found) for claim in rows}


def grounds(session: Session, by: Person, rows: Mapping[int, Any]) -> Grounds:
    """What claims rest on, read for all at once; `rows` as in `of_rows`."""
    net = _Net(dict(rows))
    sight = access.reach(session, by)
    asked: set[int] = set()
    frontier = set(rows)
    while frontier:
        asked |= frontier
        found = rows_of(session, _incoming(), frontier)
        frontier = net.take((row for row in found if _is_seen(sight, row)), rows) - asked
    walked = {atom_id: net.below(atom_id) for atom_id in rows}
    below = {atom_id: sorted(found) for atom_id, (found, _) in walked.items()}
    against = {atom_id: net.against.get(atom_id, set()) - net.replaced for atom_id in rows}
    evidence: dict[int, list[Any]] = {}
    for row in rows_of(session, _evidence(), {one for ids in below.values() for one in ids}):
        evidence.setdefault(row.atom_id, []).append(row)
    replaced = {atom_id: old for atom_id, (_, old) in walked.items()}
    return Grounds(net.rows, below, against, evidence, replaced)


def level_of(
    *, respondents: int, studies: int, methods: int, measured: int, facts: int, contradicting: int
) -> str:
    """The level that these counts make."""
    if is_disputed(contradicting, facts):
        return "disputed"
    is_enough = respondents >= RESPONDENTS_STRONG or measured >= MEASURED_STRONG
    if studies >= SEVERAL and methods >= SEVERAL and is_enough:
        return "strong"
    return "fair" if is_fair(respondents, studies, measured) else "weak"


def is_disputed(contradicting: int, facts: int) -> bool:
    """Whether enough speaks against a claim with so many facts for it."""
    return contradicting > 0 and contradicting * DISPUTED_SHARE >= facts


def is_fair(respondents: int, studies: int, measured: int) -> bool:
    """Whether these are more than a single voice or two."""
    is_across = studies >= SEVERAL and respondents >= RESPONDENTS_FAIR_ACROSS
    return respondents >= RESPONDENTS_FAIR or measured > 0 or is_across


def day_of(row: Any) -> date:
    """When an atom was observed, or else written down."""
    day: date = row.observed_on or row.created_at.date()
    return day


def methods_of(methods: Iterable[str]) -> int:
    """How many different methods these are."""
    named = set(methods)
    return max(len(named - {UNKNOWN_METHOD}), min(len(named), 1))


@dataclass
class _Net:
    """The links between some claims and all that leads to them, while they are followed."""

    rows: dict[int, Any]
    supports: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    against: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    replaced: set[int] = field(default_factory=set)

    def take(self, links: Iterable[Any], claims: Collection[int]) -> set[int]:
        """Add what was read, and tell which atoms come into question by it."""
        come: set[int] = set()
        for link in links:
            if link.link == "supersedes":
                self.replaced.add(link.to_id)
                continue
            if link.link == "supports":
                self.supports[link.to_id].append(link.id)
            elif link.to_id in claims:
                self.against[link.to_id].add(link.id)
            else:
                continue
            self.rows.setdefault(link.id, link)
            come.add(link.id)
        return come

    def below(self, claim: int) -> tuple[set[int], set[int]]:
        """What a claim rests on, itself among it; and what was replaced on the way."""
        found, old = {claim}, set[int]()
        waiting = [claim]
        while waiting:
            for one in self.supports.get(waiting.pop(), ()):
                if one in self.replaced:
                    old.add(one)
                elif one not in found:
                    found.add(one)
                    waiting.append(one)
        return found, old


def weighed(claim: int, found: Grounds) -> Strength:
    """The strength of one of the claims, counted from its grounds."""
    rows, below = found.rows, found.below[claim]
    pieces = list(counted(found, claim))
    studies = {row.study_id: row.method for row, _, _ in pieces}
    facts = [one for one in below if rows[one].kind == "fact"]
    dated = {*facts, *(row.id for row, _, _ in pieces)} or {claim}
    counts = {
        "respondents": len({piece.person for _, _, piece in pieces if piece.person}),
        "studies": len(studies),
        "methods": methods_of(studies.values()),
        "measured": len({row.study_id for row, _, piece in pieces if piece.is_measured}),
        "facts": len({rows[one].title for one in facts}),
        "contradicting": len({rows[one].title for one in found.against[claim]}),
    }
    latest = max(day_of(rows[one]) for one in dated)
    return Strength(**counts, supporting=len(below) - 1, latest=latest, level=level_of(**counts))


def counted(found: Grounds, claim: int) -> Iterator[tuple[Any, Any, Piece]]:
    """The pieces of evidence that count for a claim, with the rows of their atom and their own."""
    known: set[object] = set()
    for atom_id in found.below[claim]:
        row = found.rows[atom_id]
        for one in found.evidence.get(atom_id, ()):
            piece = brought(one, row.study_id)
            # Of copies the oldest one counts.
            if piece and piece.copied not in known:
                known.add(piece.copied)
                yield row, one, piece


def _is_seen(sight: Reach, row: Any) -> bool:
    return sight.sees(row.status, row.study_id, row.author_id)


# Columns, not objects: bodies may be long.
ROW: Any = (
    *(Atom.id, Atom.kind, Atom.status, Atom.title, Atom.study_id, Atom.author_id),
    *(Atom.observed_on, Atom.created_at, Study.method),
)


@cache
def claims() -> Any:
    """The rows of atoms, by one `among` of their ids."""
    named = columns(*ROW).select_from(Atom)
    named = named.join(Study, col(Study.id) == Atom.study_id, isouter=True)
    return named.where(access.is_whole(Atom), among(Atom.id))


@cache
def _incoming() -> Any:
    # What the person sees is told by their reach: a list of all studies would be made anew each time.
    named: Any = (Link.to_id, col(Link.kind).label("link"))
    kinds = col(Link.kind).in_(("supports", "contradicts", "supersedes"))
    return (
        columns(*named, *ROW)
        .select_from(Link)
        .join(Atom, col(Atom.id) == Link.from_id)
        .join(Study, col(Study.id) == Atom.study_id, isouter=True)
        .where(among(Link.to_id), kinds, col(Atom.status) == "published", access.is_whole(Atom))
    )


@cache
def _evidence() -> Any:
    named: Any = (Evidence.atom_id, *(getattr(Evidence, name) for name in NAMED))
    kept = columns(*named).where(col(Evidence.kind) != "origin", among(Evidence.atom_id))
    return kept.order_by(col(Evidence.position), col(Evidence.id))
