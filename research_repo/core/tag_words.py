"""The words of a tag: its labels, what it means, and the rule that a label has one owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import hierarchy, schemes, words
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import Scheme, Tag, TagLabel, TagNote
from research_repo.settings import LANGUAGES

NOTE_MAX = 2000
LABELS_MAX = 200

Words = Mapping[str, Iterable[str]]
LabelRow = tuple[str, str, str]
"""Language, kind and text."""


@dataclass(frozen=True)
class TagWords:
    """The words of a tag, by language: one preferred label, other labels, and what it means.

    `note` says what belongs under the tag and what does not.
    """

    pref: Mapping[str, str]
    alt: Words = field(default_factory=dict)
    hidden: Words = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)
    definition: Mapping[str, str] = field(default_factory=dict)
    example: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_rows(
        cls, labels: Iterable[LabelRow], notes: Mapping[Any, Mapping[str, str]]
    ) -> TagWords:
        """The words that `labels()` and `notes()` tell of."""
        by_kind: dict[str, dict[str, list[str]]] = {"pref": {}, "alt": {}, "hidden": {}}
        for language, kind, text in labels:
            by_kind[kind].setdefault(language, []).append(text)
        return cls(
            pref={language: texts[0] for language, texts in by_kind["pref"].items()},
            alt=by_kind["alt"],
            hidden=by_kind["hidden"],
            note=notes.get("scope", {}),
            definition=notes.get("definition", {}),
            example=notes.get("example", {}),
        )

    def labels(self) -> list[LabelRow]:
        """Language, kind and text of each label, tidied, the empty and the repeated left out."""
        found: dict[tuple[str, str], LabelRow] = {}
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

    def notes(self) -> dict[str, Mapping[str, str]]:
        """What it means, by the kind of note."""
        return {"scope": self.note, "definition": self.definition, "example": self.example}

    def renamed(self, language: str, label: str, *, keeps_old: bool) -> TagWords:
        """With another preferred label; the old one stays as another word where it is kept."""
        old = self.pref.get(language)
        alt = {code: list(texts) for code, texts in self.alt.items()}
        if old and keeps_old:
            alt.setdefault(language, []).append(old)
        return replace(self, pref={**self.pref, language: label}, alt=alt)

    def with_label(self, language: str, kind: str, label: str) -> TagWords:
        """With one word more."""
        if kind == "pref":
            return replace(self, pref={**self.pref, language: label})
        more = {code: list(texts) for code, texts in getattr(self, kind).items()}
        more.setdefault(language, []).append(label)
        return replace(self, alt=more) if kind == "alt" else replace(self, hidden=more)

    def without_label(self, language: str, label: str) -> TagWords:
        """Without this word, whatever kind it was."""
        folded = words.fold(schemes.tidy(label))

        def rest(by_language: Words) -> Words:
            return {
                code: [text for text in texts if code != language or words.fold(text) != folded]
                for code, texts in by_language.items()
            }

        pref = {
            code: text
            for code, text in self.pref.items()
            if code != language or words.fold(text) != folded
        }
        return replace(self, pref=pref, alt=rest(self.alt), hidden=rest(self.hidden))

    def defined(self, kind: str, language: str, text: str) -> TagWords:
        """With another note of this kind; an empty one takes it away."""
        name = "note" if kind == "scope" else kind
        return replace(self, **{name: {**getattr(self, name), language: text}})


def of(session: Session, tag: Tag) -> TagWords:
    """The tag's own labels and notes."""
    rows = session.exec(
        select(TagLabel).where(TagLabel.tag_id == tag.id).order_by(col(TagLabel.id))
    )
    notes: dict[str, dict[str, str]] = {"scope": {}, "definition": {}, "example": {}}
    for note in session.exec(select(TagNote).where(TagNote.tag_id == tag.id)):
        notes[note.kind][note.language] = note.text
    return TagWords.of_rows([(row.language, row.kind, row.text) for row in rows], notes)


def is_same(one: TagWords, other: TagWords) -> bool:
    """Whether both say the same, empty words left out."""

    def said(its_words: TagWords) -> tuple[list[LabelRow], set[tuple[str, str, str]]]:
        notes = {
            (kind, language, text.strip())
            for kind, by_language in its_words.notes().items()
            for language, text in by_language.items()
            if text.strip()
        }
        return sorted(its_words.labels()), notes

    return said(one) == said(other)


def owner_of(session: Session, scheme_id: int, language: str, text: str) -> int | None:
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


def check(session: Session, scheme: Scheme, tag_words: TagWords, own_id: int | None) -> None:
    """Refuse words that a tag of this scheme cannot have; a taken label leads to its owner."""
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
            owner = owner_of(session, scheme.id, language, text)
            if owner is not None and owner != own_id:
                problems[field_name] = taken(session, text, owner, language)
    for kind, notes in tag_words.notes().items():
        field_name = "note" if kind == "scope" else kind
        if not set(notes) <= set(LANGUAGES):
            problems[field_name] = say("Choose one of the languages in the list.")
        elif any(len(text) > NOTE_MAX for text in notes.values()):
            problems[field_name] = say("A note has at most %(count)s characters.", count=NOTE_MAX)
    if problems:
        raise Invalid(problems)


def taken(session: Session, text: str, owner: int, language: str) -> Message:
    """Why a label cannot be used: it belongs to another tag, whose page is named."""
    card = hierarchy.cards(session, [owner], language)[owner]
    advice = say(
        "“%(label)s” belongs to the tag %(path)s already. Use that tag, or choose another word.",
        label=text,
        path=" › ".join((card.scheme, *card.path)),
    )
    return advice.about(f"/tags/{card.key}")


def write(session: Session, tag: Tag, tag_words: TagWords) -> None:
    """Make these the tag's words. A row whose word stays is kept: what is not said anew is not touched."""
    _write_labels(session, tag, tag_words.labels())
    wanted = {
        (kind, language): text.strip()
        for kind, notes in tag_words.notes().items()
        for language, text in notes.items()
        if text.strip()
    }
    for note in session.exec(select(TagNote).where(TagNote.tag_id == tag.id)):
        text = wanted.pop((note.kind, note.language), None)
        if text is None:
            session.delete(note)
        elif text != note.text:
            note.text = text
    for (kind, language), text in wanted.items():
        session.add(TagNote(tag_id=tag.id, kind=kind, language=language, text=text))
    session.flush()


def _write_labels(session: Session, tag: Tag, wanted: list[LabelRow]) -> None:
    stored = session.exec(select(TagLabel).where(TagLabel.tag_id == tag.id)).all()
    by_text = {(row.language, row.text): row for row in stored}
    new = []
    for language, kind, text in wanted:
        row = by_text.pop((language, text), None)
        if row is None:
            new.append((language, kind, text))
        elif row.kind != kind:
            row.kind = kind
    for row in by_text.values():
        session.delete(row)
    session.flush()
    for language, kind, text in new:
        folded = words.fold(text)
        session.add(TagLabel(tag_id=tag.id, language=language, kind=kind, text=text, folded=folded))
    session.flush()
