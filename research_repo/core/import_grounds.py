"""What a file brings and may not be published stays a draft; judged when the links of all rows stand.

An insight may come before the facts that support it, so no row can be judged where it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select as columns
from sqlalchemy import update
from sqlmodel import Session, col, select

from research_repo.core import history, policies, publishing
from research_repo.core.atoms import AtomValues
from research_repo.core.language import Message
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Evidence, Person
from research_repo.core.publishing import CARRIERS, Lack

ATOMS_AT_ONCE = 100


class Foretold:
    """Which claims of a file would stay drafts, told before any of it is written."""

    def __init__(self) -> None:
        self._made: list[tuple[int, str, str]] = []
        self._times: Counter[str] = Counter()
        self._under: dict[str, list[tuple[int, str]]] = {}

    def note(
        self, row: int, values: AtomValues, supports: Sequence[str], *, is_new: bool, is_draft: bool
    ) -> None:
        """What a row says. `is_draft`: it would be one for another reason."""
        name = values.external_id or ""
        self._times[name] += bool(name)
        if is_draft or values.status != "published":
            return
        if is_new and values.kind in CARRIERS:
            self._made.append((row, values.kind, name))
        for other in supports:
            self._under.setdefault(other, []).append((row, values.kind))

    def told(self, session: Session) -> Iterator[tuple[int, Message]]:
        """The row of each, and why. All rows have been noted."""
        settled = policies.publishing(session)
        drafts: set[int] = set()
        for kind in kinds():
            for row, of, name in self._made:
                if of != kind or settled[kind] != "block" or self._stands(kind, name, drafts):
                    continue
                drafts.add(row)
                yield row, publishing.kept_back({"": Lack(kind).refusal})

    def _stands(self, kind: str, name: str, drafts: set[int]) -> bool:
        # Where several rows have the name, no link leads to any.
        under = self._under.get(name, ()) if self._times[name] == 1 else ()
        return any(of in CARRIERS[kind] and row not in drafts for row, of in under)


def kinds() -> tuple[str, ...]:
    """The kinds that rest on others, each after what it may rest on: a draft carries nothing."""
    return tuple(CARRIERS)


def judged(session: Session, run_id: int, kind: str, after_id: int) -> list[Atom]:
    """The next atoms of a kind that a run has made to be published."""
    made = select(Atom).where(Atom.import_id == run_id, Atom.kind == kind, Atom.id > after_id)
    public = made.where(Atom.status == "published").order_by(col(Atom.id)).limit(ATOMS_AT_ONCE)
    return list(session.exec(public))


def keep_back(
    session: Session, by: Person, run_id: int, made: list[Atom]
) -> list[tuple[int, Message]]:
    """Make drafts of those that may not be published: the row of each, and why."""
    found = publishing.unpublishable(session, by, made, run_id)
    if not found:
        return []
    stood = {atom.id: _standing(atom) for atom in made if atom.id in found}
    session.execute(update(Atom).where(col(Atom.id).in_(found)).values(status="draft"))
    after = {atom_id: {**was, "status": "draft"} for atom_id, was in stood.items()}
    history.record_many(session, by, "draft", "atom", after, stood)
    rows = dict(rows_of(session, _rows(), found))
    return [(rows[atom_id], publishing.kept_back(told)) for atom_id, told in found.items()]


def _standing(atom: Atom) -> dict[str, object]:
    return {"status": atom.status, "study_id": atom.study_id, "author_id": atom.author_id}


def _rows() -> Any:
    place: Any = (Evidence.atom_id, Evidence.row)
    return columns(*place).where(col(Evidence.kind) == "origin", among(Evidence.atom_id))
