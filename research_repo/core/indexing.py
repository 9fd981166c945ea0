"""What the search index needs from the database: the queue of stale atoms, documents, vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core.access import is_whole
from research_repo.core.db import add_rows
from research_repo.core.models import (
    Atom,
    AtomTag,
    Evidence,
    IndexQueue,
    Link,
    Person,
    Repository,
    Scheme,
    Study,
    StudyTag,
    Tag,
    TagLabel,
    TagParent,
)
from research_repo.core.pieces import NAMED, Piece, brought
from research_repo.core.remembered import set_aside
from research_repo.core.words import fold

ROWS_AT_ONCE = 500
INDEXED_LINKS = ("supports", "contradicts", "supersedes")
"""The kinds of link that tell how far an atom can be trusted: its end is indexed with its sources."""


@dataclass(frozen=True)
class Document:
    """What the index holds of an atom.

    `tag_ids` are the asserted ones, neither resolved nor inherited; `pieces` what it brings to
    claims. The last three are the atoms that speak for it, against it, or in its place, whoever
    sees them.
    """

    atom_id: int
    kind: str
    study_id: int | None
    status: str
    author_id: int
    date: date
    language: str
    title: str
    body: str
    quotes: tuple[str, ...]
    tag_ids: tuple[int, ...]
    pieces: tuple[Piece, ...] = ()
    supports: tuple[int, ...] = ()
    contradicts: tuple[int, ...] = ()
    supersedes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Texts:
    """What is written in an atom, as people wrote it."""

    title: str
    body: str
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Waiting:
    """A queue row: the atom's document is stale."""

    id: int
    atom_id: int


@dataclass(frozen=True)
class Incoming:
    """A queue row that stands for an import, with the next of its atoms."""

    id: int
    atom_ids: list[int]


@dataclass(frozen=True)
class Standing:
    """What decides who sees an atom, as it is in the database now."""

    status: str
    study_id: int | None
    author_id: int


@dataclass(frozen=True, slots=True)
class TagRow:
    id: int
    key: str
    scheme_id: int
    status: str
    replaced_by: int | None


@dataclass(frozen=True, slots=True)
class LabelRow:
    tag_id: int
    language: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Lending:
    """A tag on a study, which its atoms inherit: those of these kinds, or all where none is named."""

    study_id: int
    tag_id: int
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """All tags of one edition, and the studies that lend them. `edges` are (child, parent).

    Of the parents of a tag its primary one comes first.
    """

    edition: int
    tags: tuple[TagRow, ...]
    edges: tuple[tuple[int, int], ...]
    labels: tuple[LabelRow, ...]
    lendings: tuple[Lending, ...] = ()


def enqueue(session: Session, by: Person, atom_ids: Iterable[int]) -> None:
    """Mark atoms as stale in the index, in the transaction that changes them."""
    rows = [
        {"atom_id": atom_id, "person_id": by.id, "import_id": None}
        for atom_id in dict.fromkeys(atom_ids)
    ]
    add_rows(session, IndexQueue, rows)


def enqueue_import(session: Session, by: Person, import_id: int) -> None:
    """Mark all atoms of an import as stale by one row."""
    session.add(IndexQueue(atom_id=0, person_id=by.id, import_id=import_id))


def waiting(session: Session, limit: int = ROWS_AT_ONCE) -> list[Waiting]:
    """The oldest queue rows, those of imports left out."""
    rows = session.exec(
        select(IndexQueue.id, IndexQueue.atom_id)
        .where(col(IndexQueue.import_id).is_(None))
        .order_by(col(IndexQueue.id))
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


def incoming(session: Session, limit: int = ROWS_AT_ONCE) -> Incoming | None:
    """The oldest import that waits, with the first of its atoms that the index lacks."""
    oldest = select(IndexQueue).where(col(IndexQueue.import_id).is_not(None))
    row = session.exec(oldest.order_by(col(IndexQueue.id)).limit(1)).first()
    if row is None:
        return None
    further = select(Atom.id).where(Atom.import_id == row.import_id, Atom.id > row.atom_id)
    return Incoming(row.id, list(session.exec(further.order_by(col(Atom.id)).limit(limit))))


def came_in(session: Session, some: Incoming) -> None:
    """These atoms of an import are in the index; its row goes when none was left."""
    if not some.atom_ids:
        done(session, [some.id])
        return
    last = update(IndexQueue).where(col(IndexQueue.id) == some.id)
    session.exec(last.values(atom_id=some.atom_ids[-1]))


def coming_in(session: Session) -> set[int]:
    """The atoms of imports that the index lacks still."""
    rows = select(Atom.id).join(IndexQueue, col(IndexQueue.import_id) == Atom.import_id)
    return set(session.exec(rows.where(Atom.id > IndexQueue.atom_id)))


def all_waiting(session: Session) -> list[int]:
    """The ids of all queue rows."""
    return list(session.exec(select(IndexQueue.id)))


def newest_waiting(session: Session) -> int:
    """The id of the newest queue row, 0 when none waits."""
    return session.exec(select(func.max(IndexQueue.id))).one() or 0


def is_waiting(session: Session, up_to: int) -> bool:
    """Whether a queue row up to this id is still there."""
    return session.exec(select(IndexQueue.id).where(IndexQueue.id <= up_to)).first() is not None


def is_waiting_for(session: Session, person_id: int) -> bool:
    """Whether a change of this person is not yet in the index."""
    row = select(IndexQueue.id).where(IndexQueue.person_id == person_id)
    return session.exec(row.limit(1)).first() is not None


def stale(session: Session) -> dict[int, Standing | None]:
    """The atoms whose document is stale, as they stand in the database now; None: it is gone."""
    columns = select(IndexQueue.atom_id, Atom.status, Atom.study_id, Atom.author_id)
    # What an import brings is not in the index yet, and needs no second look.
    rows = columns.where(col(IndexQueue.import_id).is_(None)).distinct()
    return {
        atom_id: None if status is None else Standing(status, study_id, author_id)
        for atom_id, status, study_id, author_id in session.exec(
            rows.outerjoin(Atom, col(Atom.id) == IndexQueue.atom_id)
        )
    }


def done(session: Session, queue_ids: Collection[int]) -> None:
    """Drop the rows whose documents are in the index; rows written meanwhile stay."""
    for some in _chunks(queue_ids):
        session.exec(delete(IndexQueue).where(col(IndexQueue.id).in_(some)))


def documents(session: Session, atom_ids: Collection[int]) -> list[Document]:
    """The documents of these atoms, by id. An atom that is gone has none."""
    return [document for some in _chunks(atom_ids) for document in _documents(session, some)]


def texts(session: Session, atom_ids: Collection[int]) -> dict[int, Texts]:
    """What is written in these atoms, which must be ones that the reader sees."""
    evidence = _evidence(session, atom_ids)
    rows = columns(col(Atom.id), col(Atom.title), col(Atom.body))
    return {
        atom_id: Texts(title, body, _quotes(evidence[atom_id]))
        for atom_id, title, body in session.execute(rows.where(col(Atom.id).in_(atom_ids)))
    }


def atom_ids_after(session: Session, atom_id: int, limit: int) -> list[int]:
    """The next atoms by id, to walk through all of them in steps."""
    return list(
        session.exec(select(Atom.id).where(Atom.id > atom_id).order_by(col(Atom.id)).limit(limit))
    )


def atom_count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Atom)).one()


def study_ids(session: Session, keys: Collection[str]) -> dict[str, int]:
    """Key as given → the study that it names, whatever its case; unknown keys are left out."""
    # A database refuses text that is none; no key holds such a sign.
    folded = {key: fold(key) for key in keys if key.isprintable()}
    if not folded:
        return {}
    rows = select(Study.folded_key, Study.id).where(col(Study.folded_key).in_(folded.values()))
    known = dict(session.execute(rows).all())
    return {key: known[form] for key, form in folded.items() if form in known}


def studies_edition(session: Session) -> tuple[int, int, int]:
    """Differs after every change of a study: rows are never reused and versions only rise."""
    counted = columns(
        func.count(),
        func.coalesce(func.max(Study.id), 0),
        func.coalesce(func.sum(Study.version), 0),
    )
    count, newest, versions = session.execute(counted.select_from(Study)).one()
    return count, newest, versions


def study_methods(session: Session) -> list[tuple[int, str]]:
    """Each study with its method."""
    rows = session.execute(columns(col(Study.id), col(Study.method)))
    return [(study_id, method) for study_id, method in rows]


def guid(session: Session) -> str:
    """The repository's own id: an index made for another one is never served."""
    return session.exec(select(Repository.guid)).one()


def vocabulary_edition(session: Session) -> int:
    """Rises with every change of tags, labels or parents."""
    return session.exec(select(Repository.vocabulary_edition)).one()


def raise_edition(session: Session) -> None:
    """Tell every search that tags, labels or parents have changed."""
    set_aside(session)
    session.exec(update(Repository).values(vocabulary_edition=Repository.vocabulary_edition + 1))


def vocabulary(session: Session) -> Vocabulary:
    """All tags, edges and labels, with the edition that they belong to."""
    # Columns, not objects: there may be ten thousand.
    tags = columns(
        col(Tag.id), col(Tag.key), col(Tag.scheme_id), col(Tag.status), col(Tag.replaced_by)
    )
    edges = select(TagParent.child_id, TagParent.parent_id).order_by(
        col(TagParent.is_primary).desc(), col(TagParent.position), col(TagParent.parent_id)
    )
    labels = select(TagLabel.tag_id, TagLabel.language, TagLabel.kind, TagLabel.text)
    lendings = (
        select(StudyTag.study_id, StudyTag.tag_id, Scheme.kinds)
        .join(Tag, col(Tag.id) == StudyTag.tag_id)
        .join(Scheme, col(Scheme.id) == Tag.scheme_id)
    )
    return Vocabulary(
        edition=vocabulary_edition(session),
        tags=tuple(TagRow(*row) for row in session.execute(tags.order_by(col(Tag.id)))),
        edges=tuple((child, parent) for child, parent in session.exec(edges)),
        labels=tuple(LabelRow(*row) for row in session.exec(labels.order_by(col(TagLabel.id)))),
        lendings=tuple(
            Lending(study_id, tag_id, tuple(kinds))
            for study_id, tag_id, kinds in session.exec(lendings)
        ),
    )


def _documents(session: Session, atom_ids: Collection[int]) -> list[Document]:
    evidence = _evidence(session, atom_ids)
    tags: dict[int, list[int]] = defaultdict(list)
    tagged = select(AtomTag.atom_id, AtomTag.tag_id).where(col(AtomTag.atom_id).in_(atom_ids))
    for atom_id, tag_id in session.exec(tagged.order_by(col(AtomTag.tag_id))):
        tags[atom_id].append(tag_id)
    said = _incoming(session, atom_ids)
    # What an import made comes in when the import is whole.
    wanted = select(Atom).where(col(Atom.id).in_(atom_ids), is_whole(Atom))
    atoms = session.exec(wanted.order_by(col(Atom.id)))
    return [_document(atom, evidence[atom.id], tags[atom.id], said[atom.id]) for atom in atoms]


def _evidence(session: Session, atom_ids: Collection[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    named: Any = (Evidence.atom_id, *(getattr(Evidence, name) for name in NAMED))
    rows = columns(*named).where(
        col(Evidence.kind) != "origin", col(Evidence.atom_id).in_(atom_ids)
    )
    for row in session.execute(rows.order_by(col(Evidence.position), col(Evidence.id))):
        found[row.atom_id].append(row)
    return found


def _quotes(evidence: Iterable[Any]) -> tuple[str, ...]:
    return tuple(row.text for row in evidence if row.kind == "quote")


def _incoming(session: Session, atom_ids: Collection[int]) -> dict[int, dict[str, list[int]]]:
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = select(Link.to_id, Link.kind, Link.from_id).where(
        col(Link.to_id).in_(atom_ids), col(Link.kind).in_(INDEXED_LINKS)
    )
    for to_id, kind, from_id in session.exec(rows.order_by(col(Link.from_id))):
        found[to_id][kind].append(from_id)
    return found


def _document(
    atom: Atom, evidence: list[Any], tag_ids: list[int], said: Mapping[str, list[int]]
) -> Document:
    return Document(
        atom_id=atom.id,
        kind=atom.kind,
        study_id=atom.study_id,
        status=atom.status,
        author_id=atom.author_id,
        date=atom.observed_on or atom.created_at.date(),
        language=atom.language,
        title=atom.title,
        body=atom.body,
        quotes=_quotes(evidence),
        tag_ids=tuple(tag_ids),
        pieces=tuple(filter(None, (brought(row, atom.study_id) for row in evidence))),
        **{kind: tuple(said.get(kind, ())) for kind in INDEXED_LINKS},
    )


def _chunks(ids: Collection[int]) -> Iterable[list[int]]:
    # SQLite limits how many values one statement may carry.
    ordered = list(ids)
    for start in range(0, len(ordered), ROWS_AT_ONCE):
        yield ordered[start : start + ROWS_AT_ONCE]
