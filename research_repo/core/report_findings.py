"""The claims of a report as plain values, read for all of them at once, as one reader sees them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, col

from research_repo.core import access, card_rows, cards, links, recommendations, staleness
from research_repo.core.cards import AtomCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Attachment, Evidence, Person, Study
from research_repo.core.recommendations import Stage
from research_repo.core.report_shape import Cited, Finding, Label, Piece, StudyLine, line_of

_LINE = (
    *("key", "external_id", "kind", "title", "language", "standing", "date"),
    *("study_key", "study_title"),
)
as_cited = line_of
_MORE = ("status", "author", "observed_on", "strength")
_PIECE = (
    *("id", "kind", "text", "language", "who", "source", "row", "url", "number", "unit", "n"),
    *("file_name", "participant_id"),
)


def of_atoms(
    session: Session, by: Person, atom_ids: Collection[int], language: str
) -> dict[int, Finding]:
    """Atom → what a report shows of it, of those that the person sees."""
    made = {card.id: card for card in cards.of_atoms(session, by, list(atom_ids), language)}
    texts = {row.id: row for row in rows_of(session, _texts(), made)}
    pieces = _pieces(session, made)
    advice = [one for one, card in made.items() if card.kind == "recommendation"]
    stages = recommendations.stages_of(session, advice)
    incoming = links.incoming(session, by, made)
    others = {one for kinds in incoming.values() for ids in kinds.values() for one in ids}
    lines = {one: _line(made[one], texts[one].version) for one in others & made.keys()}
    lines |= cited(session, by, others - made.keys(), language)

    def linked(atom_id: int, kind: str) -> tuple[Cited, ...]:
        # Somebody may have withdrawn one between two statements.
        ids = incoming.get(atom_id, {}).get(kind, ())
        return tuple(lines[one] for one in ids if one in lines)

    return {
        atom_id: _finding(
            card,
            texts[atom_id],
            pieces.get(atom_id, ()),
            linked(atom_id, "supports"),
            linked(atom_id, "contradicts"),
            stages.get(atom_id),
        )
        for atom_id, card in made.items()
    }


def cited(
    session: Session, by: Person, atom_ids: Collection[int], language: str
) -> dict[int, Cited]:
    """Atom → its line, of those that the person sees; without what only a whole claim needs."""
    seen = card_rows.of_atoms(session, by, atom_ids, has_texts=False)
    versions = {row.id: row.version for row in rows_of(session, _texts(), seen)}
    tags, _ = card_rows.tags(session, list(seen), language)
    replaced = links.replaced(session, by, seen)
    own = {one: [tag.id for tag in some] for one, some in tags.items()}
    stale = staleness.stale_among(session, seen, own, replaced)
    return {
        atom_id: Cited(
            atom_id=atom_id,
            atom_version=versions[atom_id],
            key=row.key,
            external_id=row.external_id,
            kind=row.kind,
            title=row.title,
            language=row.language,
            standing=card_rows.standing(row.status, atom_id in replaced, atom_id in stale),
            date=row.observed_on or row.created_at.date(),
            study_key=row.study_key or "",
            study_title=row.study_title or "",
            address=f"/atoms/{row.key}",
        )
        for atom_id, row in seen.items()
    }


def label(tag: TagCard) -> Label:
    """A tag in a report."""
    return Label(tag.key, tag.scheme, tag.path, tag.status, f"/tags/{tag.key}")


def study_lines(session: Session, by: Person, counts: Mapping[int, int]) -> tuple[StudyLine, ...]:
    """The studies of which so many claims are, those with most claims first, as the person sees them."""
    made = cards.of_studies(session, by, counts)
    heard = dict(rows_of(session, _heard(), counts))
    lines = [
        StudyLine(
            key=one.key,
            title=one.title,
            method=one.method,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            participant_count=heard.get(one.id),
            claims=counts[one.id],
            address=f"/studies/{one.key}",
        )
        for one in made
    ]
    return tuple(sorted(lines, key=lambda line: -line.claims))


def studies_of(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, int]:
    """Study → how many of these atoms are of it. The atoms are ones that the person sees."""
    found: dict[int, int] = {}
    for _, study_id in rows_of(session, _places(), atom_ids):
        if study_id is not None:
            found[study_id] = found.get(study_id, 0) + 1
    return found


def _finding(
    card: AtomCard,
    texts: Any,
    pieces: Iterable[Piece],
    supporting: tuple[Cited, ...],
    contradicting: tuple[Cited, ...],
    stage: Stage | None,
) -> Finding:
    return Finding(
        atom_id=card.id,
        atom_version=texts.version,
        body=texts.body,
        body_html=texts.body_html,
        tags=tuple(map(label, card.tags)),
        lent=tuple(map(label, card.lent)),
        evidence=tuple(pieces),
        supporting=supporting,
        contradicting=contradicting,
        address=f"/atoms/{card.key}",
        stage=stage.name if stage else "",
        tracker=stage.tracker if stage else "",
        **{name: getattr(card, name) for name in (*_LINE, *_MORE)},
    )


def _line(one: AtomCard, version: int) -> Cited:
    told: dict[str, Any] = {name: getattr(one, name) for name in _LINE}
    return Cited(atom_id=one.id, atom_version=version, address=f"/atoms/{one.key}", **told)


def _pieces(session: Session, atom_ids: Iterable[int]) -> dict[int, list[Piece]]:
    found: dict[int, list[Piece]] = {}
    for row in rows_of(session, _evidence(), atom_ids):
        values = {name: getattr(row, name) for name in _PIECE}
        piece = Piece(**values, file_hash=row.hash or "", media_type=row.media_type or "")
        found.setdefault(row.atom_id, []).append(piece)
    return found


@cache
def _texts() -> Any:
    named: Any = (Atom.id, Atom.version, Atom.body, Atom.body_html)
    return columns(*named).where(among(Atom.id))


@cache
def _evidence() -> Any:
    named: Any = (Evidence.atom_id, *(getattr(Evidence, name) for name in _PIECE))
    file: Any = (Attachment.hash, Attachment.media_type)
    query = columns(*named, *file).select_from(Evidence)
    query = query.join(Attachment, col(Attachment.id) == Evidence.attachment_id, isouter=True)
    query = query.where(among(Evidence.atom_id))
    return query.order_by(col(Evidence.position), col(Evidence.id))


@cache
def _heard() -> Any:
    named: Any = (Study.id, Study.participant_count)
    return columns(*named).where(among(Study.id))


@cache
def _places() -> Any:
    named: Any = (Atom.id, Atom.study_id)
    return columns(*named).where(access.is_whole(Atom), among(Atom.id))
