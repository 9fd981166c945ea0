"""A change set carried out as a whole, tried out, and taken back; nothing here knows sets as rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from research_repo.core import (
    change_checks,
    change_rows,
    change_steps,
    hierarchy,
    history,
    indexing,
    retagging,
    tagging,
)
from research_repo.core.change_lines import Create, Line, Retag, atoms_of, made_by, tags_of
from research_repo.core.change_rows import OF_ATOMS, OF_TAGS, Image, Row
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.language import say
from research_repo.core.many import CHUNK
from research_repo.core.models import Person, Scheme, Tag
from research_repo.core.remembered import set_aside

# What is written anew each time, though it says the same.
_VOLATILE = {"id", "guid", "created_at"}
_OF_A_TAG = {"replaced_by", "tag_id", "child_id", "parent_id", "one_id", "other_id"}

Sides = tuple[dict[str, Any], dict[str, Any]]
"""What was, and what is, of one tag or atom."""


@dataclass(frozen=True)
class Outcome:
    """What a set wrote."""

    images: list[Image]
    written: dict[int, set[int]]
    """Number of a line → the atoms on which it wrote."""
    homonyms: list[tuple[int, str, str]]
    """Labels around these tags that belonged to several tags before."""
    versions: dict[str, int]
    """Key → version of the tags that the lines speak of."""

    @property
    def print(self) -> str:
        """Differs when the set would write something else, or when somebody changed its tags."""
        made = {one.row["id"]: one.row["key"] for one in self.images if _is_new_tag(one)}
        told = [
            [one.table, _fixed(one.before, made), _fixed(one.after, made)] for one in self.images
        ]
        told.sort(key=str)
        text = json.dumps([told, sorted(self.versions.items())], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def labels(self) -> set[int]:
        """The words that were written."""
        return {one.row["id"] for one in self.images if one.table == "tag_label"}


def carry_out(session: Session, by: Person, lines: Sequence[Line]) -> Outcome:
    """Do all that the lines say, by the rules of each and of the whole.

    Raises:
        Invalid: `line-3` is refused for the fourth line; other names are about the whole.
        NotFound: a tag is not there, as far as the person may know.
    """
    known = _known(session, by, lines)
    atom_ids = atoms_of(lines)
    tag_ids = {tag.id for tag in known.values()}
    tag_ids |= set(hierarchy.resolved(session, tag_ids).values())
    schemes = _schemes(session, lines, known)
    before = change_rows.state(session, tag_ids, atom_ids, tag_ids, schemes)
    was = change_checks.standing(session, tag_ids, atom_ids)
    versions = {key: tag.version for key, tag in known.items()}
    written: dict[int, set[int]] = {}
    for number, line in enumerate(lines):
        written[number] = _do(session, by, line, number)
    session.flush()
    made = select(Tag.id).where(col(Tag.key).in_(made_by(lines)))
    all_ids = tag_ids | set(session.exec(made))
    after = change_rows.state(session, all_ids, atom_ids, all_ids, schemes)
    change_checks.require(session, by, was, all_ids, atom_ids)
    images = change_rows.difference(before, after)
    if not images:
        raise Invalid({"lines": say("Nothing would change.")})
    return Outcome(images, written, sorted(was.homonyms), versions)


def take_back(
    session: Session, by: Person, images: Sequence[Image], homonyms: Collection[Any]
) -> None:
    """Write what was before the set.

    Raises:
        Conflict: rows were written since; `current` are their images.
        Invalid: the tags would stand in a circle, or a label would belong to two of them.
    """
    if strays := change_rows.strays(session, images):
        raise Conflict(say("Later changes stand in the way. Nothing was undone."), strays)
    tag_ids = tags_in(images)
    made = {one.row["id"] for one in images if _is_new_tag(one)}
    atom_ids = atoms_in(images)
    parted = {one.row["id"] for one in images if one.table == "tag" and _is_merge(one)}
    if parted:
        atom_ids |= retagging.atoms_with(session, hierarchy.merged_into(session, parted))
    was = change_checks.standing(session, tag_ids, atom_ids)
    was = replace(was, homonyms=was.homonyms | {tuple(one) for one in homonyms})
    change_rows.put_back(session, images)
    change_checks.require(session, by, was, tag_ids - made, atom_ids)
    if change_checks.primaries(session, tag_ids - made):
        raise Invalid(
            {
                "parent": say(
                    "One of the tags got another place since, which gives its path now. Take it from "
                    "there first."
                )
            }
        )


@contextmanager
def tried_out(session: Session) -> Iterator[None]:
    """Whatever is written in the block is taken back at its end, also when it is refused."""
    set_aside(session)
    attempt = session.begin_nested()
    try:
        yield
    finally:
        attempt.rollback()
        change_rows.read_anew(session)


def note(
    session: Session, by: Person, verb: str, set_key: str, images: Sequence[Image], *, back: bool
) -> None:
    """Count and tell what was written: versions, history, the vocabulary's edition, the index."""
    tags: dict[int, Sides] = {}
    atoms: dict[int, Sides] = {}
    for image in images:
        sides = (image.after, image.before) if back else (image.before, image.after)
        is_on_tag = image.table in OF_TAGS
        for column in OF_TAGS.get(image.table, ("atom_id",)):
            told = (tags if is_on_tag else atoms).setdefault(image.row[column], ({}, {}))
            _tell(told, image.table, sides)
    _count(session, list(tags), list(atoms))
    indexing.raise_edition(session)
    indexing.enqueue(session, by, atoms)
    for noun, changes in (("tag", tags), ("atom", atoms)):
        for name in dict.fromkeys(_verb(noun, verb, *pair) for pair in changes.values()):
            some = {one: pair for one, pair in changes.items() if _verb(noun, verb, *pair) == name}
            history.record_many(
                session,
                by,
                name,
                noun,
                {one: {**pair[1], "set": set_key} for one, pair in some.items()},
                {one: pair[0] for one, pair in some.items()},
            )


def _tell(told: Sides, table: str, rows: tuple[Row | None, Row | None]) -> None:
    for side, row in zip(told, rows, strict=True):
        if row is not None:
            _TOLD[table](side, row)
    if table == OF_ATOMS[0]:
        for side in told:
            side.setdefault("tags", [])


def _tell_labels(side: dict[str, Any], row: Row) -> None:
    side.setdefault("labels", []).append([row["language"], row["kind"], row["text"]])


def _tell_notes(side: dict[str, Any], row: Row) -> None:
    side.setdefault("notes", {}).setdefault(row["kind"], {})[row["language"]] = row["text"]


# A row as the history of a tag or an atom tells it: as `tags.snapshot` does, of what changed.
_TOLD: dict[str, Callable[[dict[str, Any], Row], Any]] = {
    "tag": lambda side, row: side.update(status=row["status"], replaced_by=row["replaced_by"]),
    "tag_label": _tell_labels,
    "tag_note": _tell_notes,
    "tag_parent": lambda side, row: side.setdefault("parents", []).append(
        [row["parent_id"], row["is_primary"]]
    ),
    "tag_related": lambda side, row: side.setdefault("related", []).append(
        [row["one_id"], row["other_id"]]
    ),
    OF_ATOMS[0]: lambda side, row: side.setdefault("tags", []).append(row["tag_id"]),
    OF_ATOMS[1]: lambda side, row: side.setdefault("marked", []).append(row["scheme_id"]),
}


def tags_in(images: Sequence[Image]) -> set[int]:
    """The tags on whose rows a set wrote, and those that took the place of others."""
    found = set()
    for one in images:
        if one.table in OF_TAGS:
            found |= {one.row[owner] for owner in OF_TAGS[one.table]}
            found |= {(side or {}).get("replaced_by") for side in (one.before, one.after)}
    return found - {None}


def atoms_in(images: Sequence[Image]) -> set[int]:
    """The atoms on which a set wrote."""
    return {one.row["atom_id"] for one in images if one.table in OF_ATOMS}


def _known(session: Session, by: Person, lines: Sequence[Line]) -> dict[str, Tag]:
    keys = tags_of(lines)
    tags = session.exec(select(Tag).where(col(Tag.key).in_(keys))).all()
    hidden = tagging.unseen(session, by)
    found = {tag.key: tag for tag in tags if tag.id not in hidden}
    if keys - set(found) - made_by(lines):
        raise NotFound(say("A tag of this set is not there any more. Compose it again."))
    return found


def _schemes(session: Session, lines: Sequence[Line], known: Mapping[str, Tag]) -> set[int]:
    if not any(isinstance(line, Retag) for line in lines):
        return set()
    keys = {line.scheme for line in lines if isinstance(line, Create)}
    of_new = session.exec(select(Scheme.id).where(col(Scheme.key).in_(keys)))
    return {tag.scheme_id for tag in known.values()} | set(of_new)


def _do(session: Session, by: Person, line: Line, number: int) -> set[int]:
    try:
        return change_steps.carry_out(session, by, line)
    except Invalid as refusal:
        advice = next(iter(refusal.problems.values()))
        raise Invalid({f"line-{number}": advice}) from refusal
    except NotFound as refusal:
        advice = say("What this line is about is not there any more. Take the line out.")
        raise Invalid({f"line-{number}": advice}) from refusal
    except NotAllowed as refusal:
        raise Invalid({f"line-{number}": refusal.message}) from refusal


def _count(session: Session, tag_ids: list[int], atom_ids: list[int]) -> None:
    for start in range(0, len(tag_ids), CHUNK):
        some = col(Tag.id).in_(tag_ids[start : start + CHUNK])
        session.execute(update(Tag).where(some).values(version=Tag.version + 1))
    retagging.touch(session, atom_ids)


def _verb(noun: str, verb: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    # One word for what happened to a tag, for its own history.
    if noun == "atom":
        return "tagged"
    if verb == "undone":
        return "undone"
    if "status" in after and "status" not in before:
        return "created"
    if before.get("replaced_by") != after.get("replaced_by"):
        return "merged"
    if before.get("status") != after.get("status"):
        return str(after["status"])
    return "placed" if set(before) | set(after) <= {"parents"} else "changed"


def _fixed(row: Row | None, made: Mapping[int, str]) -> Row | None:
    if row is None:
        return None
    return {
        name: made.get(value, value) if name in _OF_A_TAG else value
        for name, value in row.items()
        if name not in _VOLATILE
    }


def _is_new_tag(image: Image) -> bool:
    return image.table == "tag" and image.before is None


def _is_merge(image: Image) -> bool:
    before, after = image.before or {}, image.after or {}
    return before.get("replaced_by") != after.get("replaced_by")
