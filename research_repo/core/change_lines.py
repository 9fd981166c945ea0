"""What a change set says, line by line, as plain values; kept as JSON, told apart by `do`.

Tags are named by their keys. A new tag gets its key when the line is composed, so that later lines
of the set can speak of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from research_repo.core.errors import Invalid
from research_repo.core.language import say

ATOMS_MAX = 1000  # one transaction must not keep others waiting for longer than 250 ms
LINES_MAX = 200
_STRICT = ConfigDict(extra="forbid")

Kind = Literal["pref", "alt", "hidden"]
NoteKind = Literal["scope", "definition", "example"]


@dataclass(frozen=True, config=_STRICT)
class Create:
    """A new tag in a scheme, under a parent or at the top."""

    key: str
    scheme: str
    pref: dict[str, str]
    parent: str = ""
    do: Literal["create"] = "create"


@dataclass(frozen=True, config=_STRICT)
class Rename:
    """Another preferred label; the old one goes on finding the tag unless that is not wanted."""

    tag: str
    language: str
    label: str
    keeps_old: bool = True
    do: Literal["rename"] = "rename"


@dataclass(frozen=True, config=_STRICT)
class AddLabel:
    tag: str
    language: str
    label: str
    kind: Kind = "alt"
    do: Literal["add_label"] = "add_label"


@dataclass(frozen=True, config=_STRICT)
class RemoveLabel:
    tag: str
    language: str
    label: str
    do: Literal["remove_label"] = "remove_label"


@dataclass(frozen=True, config=_STRICT)
class Define:
    """What a tag means, what belongs to it, or an example; an empty text takes it away."""

    tag: str
    language: str
    text: str
    kind: NoteKind = "definition"
    do: Literal["define"] = "define"


@dataclass(frozen=True, config=_STRICT)
class Reword:
    """All words of a tag at once, as its form has them."""

    tag: str
    labels: list[tuple[str, Kind, str]]
    """Language, kind and text."""
    notes: dict[NoteKind, dict[str, str]] = field(default_factory=dict)
    do: Literal["reword"] = "reword"


@dataclass(frozen=True, config=_STRICT)
class Move:
    """From one place to another; an empty `start` or `to` is the top of its group."""

    tag: str
    start: str = ""
    to: str = ""
    do: Literal["move"] = "move"


@dataclass(frozen=True, config=_STRICT)
class AddParent:
    tag: str
    parent: str
    do: Literal["add_parent"] = "add_parent"


@dataclass(frozen=True, config=_STRICT)
class RemoveParent:
    tag: str
    parent: str
    do: Literal["remove_parent"] = "remove_parent"


@dataclass(frozen=True, config=_STRICT)
class Relate:
    tag: str
    other: str
    do: Literal["relate"] = "relate"


@dataclass(frozen=True, config=_STRICT)
class Unrelate:
    tag: str
    other: str
    do: Literal["unrelate"] = "unrelate"


@dataclass(frozen=True, config=_STRICT)
class Merge:
    """Another tag takes the place of this one, whose words go on finding it."""

    tag: str
    into: str
    do: Literal["merge"] = "merge"


@dataclass(frozen=True, config=_STRICT)
class Retire:
    tag: str
    do: Literal["retire"] = "retire"


@dataclass(frozen=True, config=_STRICT)
class Restore:
    tag: str
    do: Literal["restore"] = "restore"


@dataclass(frozen=True, config=_STRICT)
class Approve:
    tag: str
    do: Literal["approve"] = "approve"


@dataclass(frozen=True, config=_STRICT)
class Retag:
    """Tags that these atoms get and lose. Which atoms was settled when the line was composed;
    `query` says how they were found."""

    atoms: list[int]
    add: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    query: str = ""
    do: Literal["retag"] = "retag"


Line = (
    Create
    | Rename
    | AddLabel
    | RemoveLabel
    | Define
    | Reword
    | Move
    | AddParent
    | RemoveParent
    | Relate
    | Unrelate
    | Merge
    | Retire
    | Restore
    | Approve
    | Retag
)
_LINES: TypeAdapter[list[Line]] = TypeAdapter(list[Annotated[Line, Field(discriminator="do")]])


def read(stored: Any) -> list[Line]:
    """The lines that plain JSON holds.

    Raises:
        Invalid: it is no list of lines, or there are too many.
    """
    try:
        lines = _LINES.validate_python(stored)
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        advice = say("This line cannot be read: %(place)s.", place=place or "?")
        raise Invalid({"lines": advice}) from None
    check(lines)
    return lines


def plain(lines: Sequence[Line]) -> list[Any]:
    """The lines as plain JSON."""
    return list(_LINES.dump_python(list(lines), mode="json"))


def check(lines: Sequence[Line]) -> None:
    """Refuse a set that is empty or too large."""
    if not lines:
        raise Invalid({"lines": say("The set is empty. Choose what to change.")})
    if len(lines) > LINES_MAX:
        advice = say("A set has at most %(count)s lines. Make two of it.", count=LINES_MAX)
        raise Invalid({"lines": advice})
    if sum(len(line.atoms) for line in lines if isinstance(line, Retag)) > ATOMS_MAX:
        advice = say(
            "One set retags at most %(count)s atoms. Narrow the search, and go on with another set.",
            count=ATOMS_MAX,
        )
        raise Invalid({"lines": advice})


def tags_of(lines: Iterable[Line]) -> set[str]:
    """The keys of all tags that the lines speak of."""
    found: set[str] = set()
    for line in lines:
        for name in ("tag", "into", "start", "to", "parent", "other"):
            found.add(getattr(line, name, ""))
        if isinstance(line, Create):
            found.add(line.key)
        elif isinstance(line, Retag):
            found.update(line.add, line.remove)
    return found - {""}


def made_by(lines: Iterable[Line]) -> set[str]:
    """The keys of the tags that the lines make."""
    return {line.key for line in lines if isinstance(line, Create)}


def atoms_of(lines: Iterable[Line]) -> set[int]:
    """The atoms that the lines name one by one."""
    return {atom_id for line in lines if isinstance(line, Retag) for atom_id in line.atoms}
