"""The vocabulary, and the tags that people put on atoms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import (
    NEVER_REUSED,
    json_value,
    moment,
    moment_or_none,
    one_of,
    to,
    to_or_none,
)

TAG_STATUSES = ("candidate", "approved", "deprecated")
LABEL_KINDS = ("pref", "alt", "hidden")
NOTE_KINDS = ("definition", "scope", "example")
WHO_MAY_ADD = ("anyone", "review", "curators")
CHANGE_STATUSES = ("draft", "proposed", "applied", "undone", "rejected")


class Scheme(SQLModel, table=True):
    """A top-level set of tags (SKOS ConceptScheme), and the rules for putting them on atoms.

    `kinds` are the kinds of atom that take them; none named means all. `is_required` binds on
    publishing. `who_may_add`: a new tag of anyone's is approved at once, waits for review, or only
    curators make it.
    """

    __table_args__ = (one_of("who_may_add", WHO_MAY_ADD), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    guid: str = Field(unique=True)
    position: int = 0
    is_single: bool = False
    kinds: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    is_required: bool = False
    who_may_add: str = "anyone"
    steward_id: int | None = to_or_none("person.id")


class SchemeLabel(SQLModel, table=True):
    """What a scheme is called in a language."""

    __tablename__ = "scheme_label"

    scheme_id: int = Field(foreign_key="scheme.id", primary_key=True)
    language: str = Field(primary_key=True)
    text: str
    folded: str = Field(index=True)


class Tag(SQLModel, table=True):
    """A concept in a scheme (SKOS Concept). A merge writes only `replaced_by`, never flattened."""

    __table_args__ = (one_of("status", TAG_STATUSES), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    guid: str = Field(unique=True)
    scheme_id: int = to("scheme.id")
    status: str = "approved"
    replaced_by: int | None = to_or_none("tag.id")
    person_id: int = to("person.id")
    version: int = 1
    created_at: datetime = moment()


class TagLabel(SQLModel, table=True):
    """A word for a tag: preferred, alternative or hidden, in a language."""

    __tablename__ = "tag_label"
    __table_args__ = (
        one_of("kind", LABEL_KINDS),
        UniqueConstraint("tag_id", "language", "text"),
        NEVER_REUSED,
    )

    id: int = Field(default=None, primary_key=True)
    tag_id: int = to("tag.id")
    language: str
    kind: str
    text: str
    folded: str = Field(index=True)


class TagNote(SQLModel, table=True):
    """What a tag means, what belongs under it and what does not, or an example, in a language."""

    __tablename__ = "tag_note"
    __table_args__ = (one_of("kind", NOTE_KINDS),)

    tag_id: int = Field(foreign_key="tag.id", primary_key=True)
    kind: str = Field(default="scope", primary_key=True)
    language: str = Field(primary_key=True)
    text: str


class TagParent(SQLModel, table=True):
    """A tag's place under another. The primary parent, of the tag's own scheme, gives its path."""

    __tablename__ = "tag_parent"
    __table_args__ = (CheckConstraint("child_id <> parent_id", name="not_itself"),)

    child_id: int = Field(foreign_key="tag.id", primary_key=True)
    parent_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)
    position: int = 0
    is_primary: bool = False


class TagRelated(SQLModel, table=True):
    """Two tags that belong together though neither lies under the other (SKOS related)."""

    __tablename__ = "tag_related"
    __table_args__ = (CheckConstraint("one_id < other_id", name="in_order"),)

    one_id: int = Field(foreign_key="tag.id", primary_key=True)
    other_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)


class AtomTag(SQLModel, table=True):
    """A tag that a person put on an atom. Ancestors are never written here."""

    __tablename__ = "atom_tag"
    __table_args__ = (Index(None, "person_id", "created_at"),)

    atom_id: int = Field(foreign_key="atom.id", primary_key=True)
    tag_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)
    person_id: int = Field(foreign_key="person.id")
    created_at: datetime = moment()


class StudyTag(SQLModel, table=True):
    """A tag that a person put on a study. Its atoms inherit it without a row of their own."""

    __tablename__ = "study_tag"

    study_id: int = Field(foreign_key="study.id", primary_key=True)
    tag_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)
    person_id: int = to("person.id")
    created_at: datetime = moment()


class AtomNotApplicable(SQLModel, table=True):
    """Somebody looked and said: no tag of this scheme applies to the atom."""

    __tablename__ = "atom_not_applicable"

    atom_id: int = Field(foreign_key="atom.id", primary_key=True)
    scheme_id: int = Field(foreign_key="scheme.id", primary_key=True, index=True)
    person_id: int = to("person.id")
    created_at: datetime = moment()


class ChangeSet(SQLModel, table=True):
    """A batch of changes of the vocabulary: composed, proposed, applied as one, undone exactly.

    `lines` say what to do; `images` are the rows before and after, kept while it is applied.
    """

    __tablename__ = "change_set"
    __table_args__ = (one_of("status", CHANGE_STATUSES), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    status: str = Field(default="draft", index=True)
    lines: Any = json_value()
    note: str = ""
    person_id: int = to("person.id")
    created_at: datetime = moment()
    decided_by: int | None = to_or_none("person.id")
    decided_at: datetime | None = moment_or_none()
    reason: str = ""
    images: Any = json_value(nullable=True)
