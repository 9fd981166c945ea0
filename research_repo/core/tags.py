"""Tags: concepts with labels in several languages, in a hierarchy without circles.

Nothing here writes on atoms: the index and the pages resolve the hierarchy when they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import delete
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history, indexing, keys, notices, schemes, words
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Scheme, Tag, TagLabel, TagNote, TagParent
from research_repo.settings import LANGUAGES

NOTE_MAX = 2000
LABELS_MAX = 200

Words = Mapping[str, Iterable[str]]


@dataclass(frozen=True)
class TagWords:
    """The words of a tag, by language: one preferred label, other labels, and a note on its scope."""

    pref: Mapping[str, str]
    alt: Words = field(default_factory=dict)
    hidden: Words = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)

    def labels(self) -> list[tuple[str, str, str]]:
        """Language, kind and text of each label, tidied, the empty and the repeated left out."""
        found: dict[tuple[str, str], tuple[str, str, str]] = {}
        for kind, by_language in (
            ("pref", {language: [text] for language, text in self.pref.items()}),
            ("alt", self.alt),
            ("hidden", self.hidden),
        ):
            for language, texts in by_language.items():
                for text in map(schemes.tidy, texts):
                    if text:
                        found.setdefault((language, words.fold(text)), (language, kind, text))
        return list(found.values())


def get(session: Session, key: str) -> Tag:
    """The tag with this key, or NotFound. A merged tag is found under its own key."""
    tag = session.exec(select(Tag).where(Tag.key == key.lower())).first()
    if tag is None:
        raise NotFound
    return tag


def words_of(session: Session, tag: Tag) -> TagWords:
    """The tag's own labels and notes."""
    by_kind: dict[str, dict[str, list[str]]] = {"pref": {}, "alt": {}, "hidden": {}}
    query = select(TagLabel).where(TagLabel.tag_id == tag.id).order_by(col(TagLabel.id))
    for label in session.exec(query):
        by_kind[label.kind].setdefault(label.language, []).append(label.text)
    notes = session.exec(select(TagNote).where(TagNote.tag_id == tag.id))
    return TagWords(
        pref={language: texts[0] for language, texts in by_kind["pref"].items()},
        alt=by_kind["alt"],
        hidden=by_kind["hidden"],
        note={note.language: note.text for note in notes},
    )


def create(
    session: Session,
    by: Person,
    scheme_key: str,
    tag_words: TagWords,
    parent_keys: Iterable[str] = (),
    *,
    guid: str = "",
    is_to_review: bool = False,
) -> Tag:
    """Make a tag. A curator's is approved at once, unless they had no part in its words; a
    researcher's waits for a curator and works.

    Raises:
        Invalid: a label cannot be used or belongs to another tag of the scheme.
        NotFound: the scheme or a parent is not there.
    """
    access.require_log(by)
    scheme = schemes.get(session, scheme_key)
    _check_words(session, scheme, tag_words, None)
    tag = Tag(
        key=keys.new_key(session, Tag.key),
        guid=guid or str(uuid4()),
        scheme_id=scheme.id,
        status="approved" if access.may_govern(by) and not is_to_review else "candidate",
        person_id=by.id,
    )
    session.add(tag)
    session.flush()
    _write_words(session, tag, tag_words)
    for parent_key in parent_keys:
        _place(session, tag, _standing(session, parent_key))
    indexing.raise_edition(session)
    history.record(session, by, "created", "tag", tag.id, after=snapshot(session, tag))
    return tag


def change(session: Session, by: Person, key: str, version: int, tag_words: TagWords) -> Tag:
    """Give a tag other labels and notes. Its atoms keep it: nothing is written onto them.

    Raises:
        Conflict: somebody changed the tag since `version`.
    """
    access.require_govern(by)
    tag = get(session, key)
    if tag.version != version:
        raise Conflict(
            say("Somebody changed this tag meanwhile. Look at it, then make your change again."),
            words_of(session, tag),
        )
    _check_words(session, session.get_one(Scheme, tag.scheme_id), tag_words, tag.id)
    before = snapshot(session, tag)
    _write_words(session, tag, tag_words)
    _note_change(session, by, "changed", tag, before)
    return tag


def add_parent(session: Session, by: Person, child_key: str, parent_key: str) -> Tag:
    """Put a tag under another one, too. The first of its own scheme gives its path.

    Raises:
        Invalid: it would lie under itself, or lies under that one already.
    """
    access.require_govern(by)
    tag, parent = _standing(session, child_key), _standing(session, parent_key)
    before = snapshot(session, tag)
    _place(session, tag, parent)
    _note_change(session, by, "placed", tag, before)
    return tag


def remove_parent(session: Session, by: Person, child_key: str, parent_key: str) -> Tag:
    """Take a tag from under another one; without any it stands at the top of its scheme."""
    access.require_govern(by)
    tag, parent = _standing(session, child_key), _standing(session, parent_key)
    edges = session.exec(select(TagParent).where(TagParent.child_id == tag.id)).all()
    ends = hierarchy.resolved(session, {edge.parent_id for edge in edges})
    gone = [edge for edge in edges if ends[edge.parent_id] == parent.id]
    if not gone:
        raise NotFound
    before = snapshot(session, tag)
    for edge in gone:
        session.delete(edge)
    session.flush()
    _choose_primary(session, tag)
    _note_change(session, by, "placed", tag, before)
    return tag


def approve(session: Session, by: Person, key: str) -> Tag:
    """A candidate becomes a tag like any other; whoever proposed it is told."""
    tag = _set_status(session, by, key, "approved")
    if tag.person_id != by.id:
        notices.tell(
            session,
            [tag.person_id],
            say("The tag “%(tag)s” was approved.", tag=_name(session, tag)),
            f"/tags/{tag.key}",
        )
    return tag


def retire(session: Session, by: Person, key: str) -> Tag:
    """It stays on old atoms and finds them, and cannot be put on new ones."""
    return _set_status(session, by, key, "deprecated")


def restore(session: Session, by: Person, key: str) -> Tag:
    """A retired tag can be put on atoms again."""
    return _set_status(session, by, key, "approved")


def snapshot(session: Session, tag: Tag) -> dict[str, Any]:
    """All that is stored about a tag, as plain JSON for its history."""
    edges = session.exec(
        select(TagParent).where(TagParent.child_id == tag.id).order_by(col(TagParent.position))
    )
    tag_words = words_of(session, tag)
    return {
        "status": tag.status,
        "replaced_by": tag.replaced_by,
        "labels": [list(label) for label in tag_words.labels()],
        "notes": dict(tag_words.note),
        "parents": [[edge.parent_id, edge.is_primary] for edge in edges],
    }


def owner_of_label(session: Session, scheme_id: int, language: str, text: str) -> int | None:
    """The tag of the scheme that owns a label in a language; a merged one counts for its survivor."""
    found = session.exec(
        select(TagLabel.tag_id)
        .join(Tag)
        .where(
            Tag.scheme_id == scheme_id,
            TagLabel.language == language,
            TagLabel.folded == words.fold(text),
        )
    ).first()
    return None if found is None else hierarchy.resolved(session, [found])[found]


def _standing(session: Session, key: str) -> Tag:
    # What is done to a merged tag's place is done to the tag that stands for it.
    tag = get(session, key)
    return session.get_one(Tag, hierarchy.resolved(session, [tag.id])[tag.id])


def _set_status(session: Session, by: Person, key: str, status: str) -> Tag:
    access.require_govern(by)
    tag = get(session, key)
    if tag.status != status:
        before = snapshot(session, tag)
        tag.status = status
        _note_change(session, by, status, tag, before)
    return tag


def _note_change(session: Session, by: Person, verb: str, tag: Tag, before: dict[str, Any]) -> None:
    tag.version += 1
    session.flush()
    indexing.raise_edition(session)
    history.record(session, by, verb, "tag", tag.id, before, snapshot(session, tag))


def _check_words(session: Session, scheme: Scheme, tag_words: TagWords, own_id: int | None) -> None:
    problems: dict[str, Message] = {}
    labels = tag_words.labels()
    if not any(kind == "pref" for _, kind, _ in labels):
        problems["pref"] = say("Name the tag in at least one language.")
    if len(labels) > LABELS_MAX:
        problems["alt"] = say("A tag has at most %(count)s labels.", count=LABELS_MAX)
    for language, kind, text in labels[:LABELS_MAX]:
        field_name = "pref" if kind == "pref" else kind
        if language not in LANGUAGES:
            problems[field_name] = say("Choose one of the languages in the list.")
        elif problem := schemes.label_problem(text):
            problems[field_name] = problem
        else:
            owner = owner_of_label(session, scheme.id, language, text)
            if owner is not None and owner != own_id:
                problems[field_name] = _taken(session, text, owner, language)
    if not set(tag_words.note) <= set(LANGUAGES):
        problems["note"] = say("Choose one of the languages in the list.")
    elif any(len(text) > NOTE_MAX for text in tag_words.note.values()):
        problems["note"] = say("A note has at most %(count)s characters.", count=NOTE_MAX)
    if problems:
        raise Invalid(problems)


def _taken(session: Session, text: str, owner: int, language: str) -> Message:
    card = hierarchy.cards(session, [owner], language)[owner]
    return say(
        "“%(label)s” belongs to the tag %(path)s already. Use that tag, or choose another word.",
        label=text,
        path=" › ".join((card.scheme, *card.path)),
    )


def _write_words(session: Session, tag: Tag, tag_words: TagWords) -> None:
    session.execute(delete(TagLabel).where(col(TagLabel.tag_id) == tag.id))
    session.execute(delete(TagNote).where(col(TagNote.tag_id) == tag.id))
    for language, kind, text in tag_words.labels():
        session.add(
            TagLabel(
                tag_id=tag.id, language=language, kind=kind, text=text, folded=words.fold(text)
            )
        )
    for language, text in tag_words.note.items():
        if text.strip():
            session.add(TagNote(tag_id=tag.id, language=language, text=text.strip()))
    session.flush()


def _place(session: Session, tag: Tag, parent: Tag) -> None:
    above = hierarchy.ancestors(session, parent.id) | {parent.id}
    if tag.id in above:
        raise Invalid(
            {
                "parent": say(
                    "“%(parent)s” lies under “%(tag)s” itself. Choose another place.",
                    parent=_name(session, parent),
                    tag=_name(session, tag),
                )
            }
        )
    if parent.id in hierarchy.ancestors(session, tag.id):
        raise Invalid(
            {
                "parent": say(
                    "“%(tag)s” lies under “%(parent)s” already.",
                    parent=_name(session, parent),
                    tag=_name(session, tag),
                )
            }
        )
    positions = session.exec(select(TagParent.position).where(TagParent.child_id == tag.id)).all()
    session.add(
        TagParent(child_id=tag.id, parent_id=parent.id, position=max(positions, default=-1) + 1)
    )
    session.flush()
    _choose_primary(session, tag)


def _choose_primary(session: Session, tag: Tag) -> None:
    edges = session.exec(
        select(TagParent, Tag.scheme_id)
        .join(Tag, col(Tag.id) == TagParent.parent_id)
        .where(TagParent.child_id == tag.id)
        .order_by(col(TagParent.position))
    ).all()
    own = [edge for edge, scheme_id in edges if scheme_id == tag.scheme_id]
    if own and not any(edge.is_primary for edge in own):
        own[0].is_primary = True
        session.flush()


def _name(session: Session, tag: Tag) -> str:
    return hierarchy.labels_of(session, [tag.id], "en")[tag.id][0]
