"""History put into words: what changed, from what to what, as much as the reader may see."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history
from research_repo.core.access import Reach
from research_repo.core.history import Change
from research_repo.core.language import Message, say
from research_repo.core.models import STAGES, Atom, ChangeSet, Person, Study
from research_repo.core.terms import term

SENTENCES = {
    "logged": say("wrote it down"),
    "edited": say("edited"),
    "published": say("published it"),
    "draft": say("put it back among the drafts"),
    "archived": say("archived it"),
    "confirmed": say("confirmed that it still holds"),
    "unconfirmed": say("took a confirmation back"),
    "staged": say("said how far it is"),
    "settled": say("settled after how long it is looked at again"),
    "tagged": say("changed the tags"),
    "marked": say("said which tag groups do not apply"),
    "linked": say("linked"),
    "unlinked": say("took a link away"),
    "opened": say("confirmed that it may be known to all, though it rests on a members-only study"),
    "created": say("created"),
    "changed": say("changed"),
    "placed": say("moved"),
    "approved": say("approved"),
    "deprecated": say("retired"),
    "merged": say("merged"),
    "undone": say("took a change back"),
}
COMPARED_MAX = 6000

Names = dict[tuple[str, int | str], str]

FIELDS = {
    "title": say("claim"),
    "body": say("text"),
    "kind": say("kind"),
    "status": say("status"),
    "study_id": say("study"),
    "observed_on": say("observed on"),
    "review_by": say("look again by"),
    "stage": say("stage"),
    "tracker": say("tracked at"),
    "note": say("note"),
    "tags": say("tags"),
    "not_applicable": say("does not apply"),
    "evidence": say("evidence"),
    "questions": say("questions"),
    "language": say("language"),
}


@dataclass(frozen=True)
class FieldChange:
    """One field before and after; `words` marks what went (-1), stayed (0) and came (1)."""

    name: Message
    words: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Event:
    """One line of a history page."""

    at: datetime
    who: str
    what: Message
    other_key: str
    other_title: str
    fields: tuple[FieldChange, ...]
    set_key: str = ""
    """The change set that it was a part of."""
    may_be_undone: bool = False


def of_atom(
    session: Session, by: Person, atom_id: int, language: str, limit: int = 200
) -> list[Event]:
    """What happened to an atom that `by` sees, newest first, as much of it as they might have seen.

    Left out are links with atoms that they do not see, and what was done while the atom was a draft
    of others or lay in a study that is closed to them.
    """
    changes = _in_sight(access.reach(session, by), history.of(session, "atom", [atom_id], limit))
    others = {_other(change, atom_id) for change in changes} - {None}
    seen = {
        atom.id: atom
        for atom in session.exec(select(Atom).where(col(Atom.id).in_(others), access.sees_atom(by)))
    }
    shown = [
        change
        for change in changes
        if _other(change, atom_id) is None or _other(change, atom_id) in seen
    ]
    names = _names(session, by, shown, language)
    return [_event(change, seen.get(_other(change, atom_id) or 0), names) for change in shown]


def of_tag(session: Session, tag_id: int, language: str, limit: int = 20) -> list[Event]:
    """What happened to a tag, newest first, with what was merged into it."""
    changes = [
        change
        for change in history.of(
            session, "tag", hierarchy.merged_into(session, [tag_id]), limit=limit
        )
        if change.noun_id == tag_id or change.verb == "merged"
    ]
    sets = {change.id: (change.after or {}).get("set", "") for change in changes}
    query = select(ChangeSet.key).where(
        col(ChangeSet.key).in_(set(sets.values())), ChangeSet.status == "applied"
    )
    undoable = set(session.exec(query).all())
    labels = hierarchy.labels_of(session, {change.noun_id for change in changes}, language)
    return [
        Event(
            at=change.at,
            who=change.who,
            what=SENTENCES.get(change.verb, Message(change.verb)),
            other_key="",
            other_title="" if change.noun_id == tag_id else labels[change.noun_id][0],
            fields=tuple(_words_of_tag(change)),
            set_key=sets[change.id],
            may_be_undone=sets[change.id] in undoable,
        )
        for change in changes
    ]


def _words_of_tag(change: Change) -> list[FieldChange]:
    if change.before is None or change.verb == "created":
        return []
    # A set tells only of the labels that it wrote; a tag's form of all that the tag had and has.
    before, after = (
        [text for _language, _kind, text in (side or {}).get("labels", ())]
        for side in (change.before, change.after)
    )
    gone = [(-1, text) for text in before if text not in after]
    come = [(1, text) for text in after if text not in before]
    return [FieldChange(say("words"), (*gone, *come))] if gone or come else []


def _in_sight(reach: Reach, changes: list[Change]) -> list[Change]:
    shown = []
    # Lines about tags and links tell not where the atom stood: the line above them, which is newer
    # and may be of the same moment, speaks for them.
    sides = [True]
    for change in changes:
        # Whoever does not see the closed study must not learn that the claim rests on it.
        if change.verb == "opened" and not _sees(reach, change):
            continue
        kept = [side for side in (change.before, change.after) if side and "author_id" in side]
        if kept:
            sides = [reach.sees(one["status"], one["study_id"], one["author_id"]) for one in kept]
        if all(sides):
            shown.append(change)
        elif kept and sides[-1]:
            shown.append(replace(change, before=None, after=None))
    return shown


def _sees(reach: Reach, change: Change) -> bool:
    studies = (change.after or {}).get("studies", ())
    return reach.is_admin or (bool(studies) and reach.studies.issuperset(studies))


def _other(change: Change, atom_id: int) -> int | None:
    if change.verb not in ("linked", "unlinked"):
        return None
    told = change.after or {}
    return int(told["to"] if told.get("from") == atom_id else told["from"])


def _event(change: Change, other: Atom | None, names: Names) -> Event:
    what = SENTENCES.get(change.verb, Message(change.verb))
    if other is not None:
        what = say("%(what)s: %(kind)s", what=what, kind=term("link", change.after["kind"]))
    return Event(
        at=change.at,
        who=change.who,
        what=what,
        other_key=other.key if other else "",
        other_title=other.title if other else "",
        fields=() if other else tuple(_fields(change, names)),
    )


def _fields(change: Change, names: Names) -> list[FieldChange]:
    if not change.before or not change.after:
        return []
    found = []
    for name, label in FIELDS.items():
        before, after = change.before.get(name), change.after.get(name)
        if before != after and name in change.after:
            old, new = _worded(name, before, names), _worded(name, after, names)
            if old != new:
                found.append(FieldChange(label, compared(old, new)))
    return found


def _worded(name: str, value: Any, names: Names) -> str:
    if value in (None, "", []):
        return ""
    if name == "tags":
        return "; ".join(sorted(names.get(("tag", tag_id), "") for tag_id in value)).strip("; ")
    if name == "not_applicable":
        return "; ".join(value)
    if name == "stage":
        return names.get(("stage", value), "")
    if name == "study_id":
        return names.get(("study", value), "")
    if name == "evidence":
        return "\n".join(_evidence(piece) for piece in value)
    return str(value)


def _evidence(piece: dict[str, Any]) -> str:
    parts = (
        piece.get(part) for part in ("number", "unit", "text", "url", "file_name", "who", "source")
    )
    return " · ".join(str(part) for part in parts if part not in (None, ""))


def _names(session: Session, by: Person, changes: list[Change], language: str) -> Names:
    sides = [side for change in changes for side in (change.before, change.after) if side]
    tag_ids = {tag_id for side in sides for tag_id in side.get("tags") or ()}
    study_ids = {side["study_id"] for side in sides if side.get("study_id")}
    tags = hierarchy.cards(session, tag_ids, language)
    studies = session.exec(
        select(Study.id, Study.title).where(col(Study.id).in_(study_ids), access.sees_study(by))
    )
    return {
        **{("tag", tag_id): " › ".join(card.path) for tag_id, card in tags.items()},
        **{("study", study_id): title for study_id, title in studies},
        **{("stage", name): term("stage", name).put(language) for name in STAGES},
    }


def compared(old: str, new: str) -> tuple[tuple[int, str], ...]:
    """Two texts word by word: what went (-1), stayed (0), came (1). Long ones are set side by side."""
    if len(old) + len(new) > COMPARED_MAX:
        return tuple(part for part in ((-1, old), (1, new)) if part[1])
    before, after = _pieces(old), _pieces(new)
    found: list[tuple[int, str]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found.append((0, "".join(before[a:b])))
            continue
        if b > a:
            found.append((-1, "".join(before[a:b])))
        if d > c:
            found.append((1, "".join(after[c:d])))
    return tuple(found)


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for line in text.splitlines(keepends=True):
        words = line.split(" ")
        pieces += [f"{word} " for word in words[:-1]] + words[-1:]
    return [piece for piece in pieces if piece]
