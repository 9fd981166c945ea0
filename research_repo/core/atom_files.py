"""Images and PDF files that somebody chose as evidence of a claim: whoever sees it sees them.

They are added and taken away one by one, beside the form of the claim, which does not show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from research_repo.core import access, atoms, attachments, evidence, history, indexing, typed
from research_repo.core.attachments import Kept
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.evidence import PIECES_MAX, SHORT_MAX, EvidenceValues
from research_repo.core.language import say
from research_repo.core.models import Atom, Attachment, Evidence, Person, Source

NAME_MAX = 200
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
KINDS = ("image", "pdf")
"""The kinds of sources that are files."""


@dataclass(frozen=True)
class SourceFile:
    """An image or a PDF of a study that its team may choose as evidence."""

    key: str
    title: str
    kind: str


def attach(
    session: Session, by: Person, key: str, kept: Kept, name: str, caption: str = ""
) -> Evidence:
    """Add a file that lies on the disk already to what a claim rests on.

    Raises:
        NotAllowed: the claim is not theirs to change.
        Invalid: the caption is too long, or the claim rests on a hundred pieces already.
    """
    atom = access.atom_to_edit(session, by, key)
    attachment = attachments.add(session, kept)
    return _attach(session, by, atom, attachment, name, caption, None)


def choose(session: Session, by: Person, key: str, source_key: str, caption: str = "") -> Evidence:
    """Show a file of the claim's study as its evidence, to whoever sees the claim.

    Raises:
        NotFound: the source is not there for this person.
        Invalid: it is a text, of another study, or has been removed; or as in `attach`.
    """
    atom = access.atom_to_edit(session, by, key)
    source = access.source_to_read(session, by, source_key)
    is_ours = source.study_id == atom.study_id and source.removed_at is None
    if source.attachment_id is None or not is_ours:
        raise Invalid({"source": say("Choose an image or a PDF of the claim's own study.")})
    attachment = session.get_one(Attachment, source.attachment_id)
    # Its title is for readers, too; what the file was called may name whoever was heard.
    return _attach(session, by, atom, attachment, source.title, caption, source)


def of_source(session: Session, by: Person, source_key: str, caption: str = "") -> EvidenceValues:
    """An image or a PDF of a study as evidence of a fact that is still to be written down.

    Raises:
        NotFound: the source is not there for this person, has been removed, or is a text.
    """
    source = access.source_to_read(session, by, source_key)
    if source.attachment_id is None or source.removed_at is not None:
        raise NotFound
    attachment = session.get_one(Attachment, source.attachment_id)
    return EvidenceValues(
        kind="file",
        text=caption,
        source=source.title,
        source_id=source.id,
        attachment_id=attachment.id,
        file_name=name_of(source.title, attachment.media_type),
    )


def take_off(session: Session, by: Person, key: str, evidence_id: int) -> None:
    """Let a claim rest on a file no more. The file stays where others use it."""
    atom = access.atom_to_edit(session, by, key)
    piece = _piece(session, atom, evidence_id)
    before = atoms.snapshot(session, atom)
    session.delete(piece)
    _note(session, by, "edited", atom, before)


def shown(session: Session, by: Person, key: str, evidence_id: int) -> tuple[Attachment, str]:
    """A file of a claim that this person sees, and its name; NotFound for anything else."""
    piece = _piece(session, access.atom_to_read(session, by, key), evidence_id)
    return session.get_one(Attachment, piece.attachment_id), piece.file_name


def to_choose(session: Session, by: Person, atom: Atom) -> list[SourceFile]:
    """The images and PDF files of the claim's study, for those on its team."""
    used = {one.source_id for one in evidence.of_atom(session, atom.id) if one.kind == "file"}
    rows = session.exec(
        select(Source.id, Source.key, Source.title, Source.kind)
        .where(
            col(Source.study_id) == atom.study_id,
            col(Source.kind).in_(KINDS),
            col(Source.removed_at).is_(None),
            access.sees_source(by),
        )
        .order_by(col(Source.title), col(Source.id))
    )
    return [SourceFile(key, title, kind) for row, key, title, kind in rows if row not in used]


def name_of(name: str, media_type: str) -> str:
    """A name with the ending of what the file is: an image made anew may be of another kind."""
    # Signs that turn the direction of a line would let it end in anything.
    shown = "".join(filter(str.isprintable, typed.line(name).replace("\\", "/")))
    stem = Path(shown).stem[:NAME_MAX].strip()
    return (stem or "file") + (ENDINGS.get(media_type) or "." + media_type.rpartition("/")[2])


def _attach(
    session: Session,
    by: Person,
    atom: Atom,
    attachment: Attachment,
    name: str,
    caption: str,
    source: Source | None,
) -> Evidence:
    pieces: Sequence[Evidence] = evidence.of_atom(session, atom.id)
    words = typed.line(caption)
    if len(words) > SHORT_MAX:
        raise Invalid({"caption": say("Use at most %(count)s characters.", count=SHORT_MAX)})
    if len(pieces) >= PIECES_MAX:
        told = say("An atom has at most %(count)s pieces of evidence.", count=PIECES_MAX)
        raise Invalid({"": told})
    same = [one for one in pieces if one.attachment_id == attachment.id]
    if same:
        return same[0]
    before = atoms.snapshot(session, atom)
    piece = Evidence(
        atom_id=atom.id,
        position=len(pieces),
        kind="file",
        text=words,
        source=source.title if source else "",
        source_id=source.id if source else None,
        attachment_id=attachment.id,
        file_name=name_of(name, attachment.media_type),
    )
    session.add(piece)
    _note(session, by, "edited", atom, before)
    return piece


def _piece(session: Session, atom: Atom, evidence_id: int) -> Evidence:
    piece = session.get(Evidence, evidence_id)
    if piece is None or piece.atom_id != atom.id or piece.attachment_id is None:
        raise NotFound
    return piece


def _note(session: Session, by: Person, verb: str, atom: Atom, before: dict[str, object]) -> None:
    atom.version += 1
    atom.updated_at = now()
    session.flush()
    indexing.enqueue(session, by, [atom.id])
    history.record(session, by, verb, "atom", atom.id, before, atoms.snapshot(session, atom))
