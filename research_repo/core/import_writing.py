"""Rows of a file into the database: new atoms in one go, changed ones by the verb that edits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    atoms,
    evidence,
    heard,
    history,
    keys,
    publishing,
    rules,
    tagging,
    words,
)
from research_repo.core.atoms import AtomValues
from research_repo.core.clock import now
from research_repo.core.db import add_rows
from research_repo.core.evidence import EvidenceValues
from research_repo.core.import_terms import Row
from research_repo.core.language import Message
from research_repo.core.models import Atom, Evidence, ImportedRow, Person
from research_repo.core.rules import Offence

DIGEST_BYTES = 16


@dataclass(frozen=True)
class Ready:
    """A row that can be written. `identity` stands for it when it has no external id."""

    row: Row
    values: AtomValues
    study_id: int | None
    identity: str | None
    tag_ids: tuple[int, ...]
    marked_ids: tuple[int, ...] = ()
    """The tag groups that do not apply."""
    broken: tuple[Offence, ...] = ()
    """The rules of tag groups that forbid to publish it."""

    @property
    def content(self) -> str:
        """The hash of all that the row says."""
        values = self.values
        said = [getattr(values, name) for name in ("kind", "title", "body", "status", "language")]
        # A row without a respondent has the hash that it had before files could name one.
        quotes = [
            (piece.text, piece.source, *filter(None, [piece.who])) for piece in values.evidence
        ]
        marks = [sorted(values.not_applicable)] if values.not_applicable is not None else []
        dates = [f"review by {values.review_by}"] if values.review_by else []
        cells = sorted(self.row.cells)
        return digest(*said, values.observed_on, sorted(values.tags), quotes, cells, *marks, *dates)


def digest(*parts: object) -> str:
    """What two rows share only when they say the same."""
    said = "\x1f".join(map(repr, parts)).encode("utf-8", "replace")
    return hashlib.blake2b(said, digest_size=DIGEST_BYTES).hexdigest()


def standing(session: Session, batch: Sequence[Ready]) -> list[tuple[int, str | None] | None]:
    """For each row the atom that it made before, with the content it had then."""
    columns = select(Atom.id, Atom.study_id, Atom.external_id, ImportedRow.content)
    named = [one.values.external_id for one in batch if one.values.external_id]
    by_name = {
        (study_id, external_id): (atom_id, content)
        for atom_id, study_id, external_id, content in session.exec(
            columns.outerjoin(ImportedRow).where(col(Atom.external_id).in_(named))
        )
    }
    # Our own tables name an atom that has no external id by its key.
    by_key = {
        (study_id, key): (atom_id, content)
        for atom_id, study_id, key, content in session.exec(
            select(Atom.id, Atom.study_id, Atom.key, ImportedRow.content)
            .outerjoin(ImportedRow)
            .where(col(Atom.key).in_(named), col(Atom.external_id).is_(None))
        )
    }
    by_name = by_key | by_name
    unnamed = [one.identity for one in batch if one.identity]
    kept = select(ImportedRow.identity, ImportedRow.atom_id, ImportedRow.content)
    by_identity = {
        identity: (atom_id, content)
        for identity, atom_id, content in session.exec(
            kept.where(col(ImportedRow.identity).in_(unnamed))
        )
    }
    return [
        by_identity.get(one.identity)
        if one.identity
        else by_name.get((one.study_id, one.values.external_id))
        for one in batch
    ]


def not_mine(session: Session, by: Person, atom_ids: Sequence[int]) -> set[int]:
    """Those of these atoms that the person may not change."""
    is_mine = (access.sees_atom(by), access.edits_atom(by), col(Atom.id).in_(atom_ids))
    mine = session.exec(select(Atom.id).where(*is_mine)).all()
    return set(atom_ids).difference(mine)


def write_new(
    session: Session, by: Person, run_id: int, file_name: str, batch: Sequence[Ready]
) -> list[int]:
    """Make the atoms of these rows, which nobody sees before the run is complete."""
    if not batch:
        return []
    at = now()
    chosen = keys.new_keys(session, Atom.key, len(batch))
    rows = [
        {
            **_columns(one),
            "key": key,
            "author_id": by.id,
            "import_id": run_id,
            "version": 1,
            "created_at": at,
            "updated_at": at,
        }
        for key, one in zip(chosen, batch, strict=True)
    ]
    add_rows(session, Atom, rows)
    made = session.exec(select(Atom.key, Atom.id).where(col(Atom.key).in_(chosen)))
    ids_by_key: dict[str, int] = dict(made.all())
    ids = [ids_by_key[key] for key in chosen]
    codes = ((one.study_id, piece.who) for one in batch for piece in one.values.evidence)
    whose = heard.named_in(session, codes)
    pieces = [_pieces(one, file_name, whose) for one in batch]
    evidence_rows = [
        {**piece, "atom_id": atom_id}
        for atom_id, some in zip(ids, pieces, strict=True)
        for piece in some
    ]
    add_rows(session, Evidence, evidence_rows)
    tagging.put_on_new(
        session, by, {atom_id: one.tag_ids for atom_id, one in zip(ids, batch, strict=True)}
    )
    rules.mark_new(
        session, by, {atom_id: one.marked_ids for atom_id, one in zip(ids, batch, strict=True)}
    )
    remember(session, list(zip(ids, batch, strict=True)))
    told = {
        atom_id: _told(row, some, one)
        for atom_id, row, some, one in zip(ids, rows, pieces, batch, strict=True)
    }
    history.record_many(session, by, "logged", "atom", told)
    return ids


def remember(session: Session, batch: Sequence[tuple[int, Ready]]) -> None:
    """Keep which rows made these new atoms."""
    rows = [
        {"atom_id": atom_id, "identity": one.identity, "content": one.content}
        for atom_id, one in batch
    ]
    add_rows(session, ImportedRow, rows)


def update(
    session: Session, by: Person, atom_id: int, one: Ready, language: str
) -> tuple[bool, Message | None]:
    """Make an atom what its row says now, where the file has a column for it.

    Whether it changed, and why it is kept as a draft where it may not be published.

    Raises:
        Refusal: the person may not see or change it.
    """
    atom = session.get_one(Atom, atom_id)
    version = atom.version
    values = _merged(session, atom, one)
    with_tags = "tags" in one.row.cells
    atoms.edit(session, by, atom.key, version, values, with_tags=with_tags, or_draft=True)
    kept = session.get(ImportedRow, atom_id) or ImportedRow(atom_id=atom_id, content="")
    kept.identity, kept.content = one.identity or kept.identity, one.content
    session.add(kept)
    session.flush()
    is_kept_back = values.status == "published" and atom.status == "draft"
    told = publishing.why(session, by, atom, language) if is_kept_back else {}
    return atom.version != version, publishing.kept_back(told) if told else None


def _merged(session: Session, atom: Atom, one: Ready) -> AtomValues:
    plain = {"kind", "status", "observed_on", "review_by", "body"}
    stays = plain - set(one.row.cells)
    kept = {name: getattr(atom, name) for name in stays}
    if "body" in stays:
        kept["body_html"] = atom.body_html
    if "language" not in one.row.cells:
        kept["language"] = words.language_of(
            f"{one.values.title} {kept.get('body', one.values.body)}"
        )
    return replace(
        one.values,
        **kept,
        question_ids=atoms.question_ids_of(session, atom.id),
        evidence=_merged_evidence(
            session, atom.id, one.values.evidence, is_named="respondent" in one.row.cells
        ),
    )


def _merged_evidence(
    session: Session, atom_id: int, told: Sequence[EvidenceValues], *, is_named: bool
) -> list[EvidenceValues]:
    names = ("id", *evidence.WRITTEN)
    pieces = [
        EvidenceValues(**{name: getattr(row, name) for name in names})
        for row in evidence.of_atom(session, atom_id)
    ]
    # The first quote is the row's; what people added beside it stays, and so does a quote of which
    # the row says nothing.
    cells = zip(
        evidence.columns_of(told),
        evidence.as_cells(pieces),
        evidence.columns_of(pieces),
        strict=True,
    )
    # A cell that still says what our own table said of all quotes changes none of them.
    quote, source = (stands if now == before else now for now, before, stands in cells)
    respondent = evidence.respondent_of(told) if is_named else None
    if not told or (not quote and any(piece.kind == "quote" for piece in pieces)):
        return pieces
    return evidence.of_columns(quote, source, pieces, respondent)


def _columns(one: Ready) -> dict[str, Any]:
    names = ("external_id", "kind", "title", "body", "body_html", "language", "status")
    columns = {name: getattr(one.values, name) for name in names}
    if one.broken:
        columns["status"] = "draft"
    dates = {name: getattr(one.values, name) for name in ("observed_on", "review_by")}
    return {**columns, **dates, "study_id": one.study_id}


def _pieces(
    one: Ready, file_name: str, whose: Mapping[tuple[int, str], int]
) -> list[dict[str, Any]]:
    blank: dict[str, Any] = {
        "who": "",
        "row": None,
        "url": "",
        "number": None,
        "unit": "",
        "n": None,
        "participant_id": None,
    }
    place = one.study_id or 0
    quotes = [
        {
            **blank,
            "kind": "quote",
            "text": piece.text,
            "who": piece.who,
            "participant_id": whose.get((place, words.fold(piece.who))),
            "source": piece.source,
            "language": words.language_of(piece.text),
        }
        for piece in one.values.evidence
        if piece.kind == "quote"
    ]
    origin = {
        **blank,
        "kind": "origin",
        "who": "" if quotes else next((piece.who for piece in one.values.evidence), ""),
        "text": "" if quotes else evidence.columns_of(one.values.evidence)[1],
        "source": file_name,
        "language": "",
        "row": one.row.number,
    }
    return [{**piece, "position": place} for place, piece in enumerate([*quotes, origin])]


def _told(row: dict[str, Any], pieces: list[dict[str, Any]], one: Ready) -> dict[str, Any]:
    left_out = ("key", "body_html", "import_id", "version", "created_at", "updated_at")
    kept = {name: value for name, value in row.items() if name not in left_out}
    dates = {name: row[name] and row[name].isoformat() for name in ("observed_on", "review_by")}
    return {
        **kept,
        **dates,
        "questions": [],
        "evidence": [
            {name: value for name, value in piece.items() if value not in ("", None)}
            for piece in pieces
        ],
        "tags": list(one.tag_ids),
    }
