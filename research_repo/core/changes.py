"""Change sets: changes of the vocabulary composed, looked at, applied as one, and undone exactly.

Whoever logs findings composes and proposes; curators apply, reject and undo. A preview carries out
the set and takes it back, so it tells what will be, by the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    change_cards,
    change_effects,
    change_lines,
    change_rows,
    change_runs,
    change_words,
    history,
    keys,
    notices,
    tag_words,
    tagging,
    tags,
    typed,
)
from research_repo.core.change_effects import Effect
from research_repo.core.change_lines import Line
from research_repo.core.change_rows import Image
from research_repo.core.change_runs import Outcome
from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import ChangeSet, Person, Scheme, Tag
from research_repo.core.tag_words import TagWords
from research_repo.settings import LANGUAGES

NOTE_MAX = 500


@dataclass(frozen=True)
class Preview:
    """What a set would do, tried out: nothing of it is stored."""

    effects: tuple[Effect, ...]
    """Of each line."""
    total: Effect
    print: str
    """To be sent along when it is applied: differs when something else would be written."""
    images: tuple[Image, ...]


@dataclass(frozen=True)
class UndoPreview:
    """What taking a set back would do, tried out: it is refused for `later` or for `problems`."""

    later: tuple[change_cards.Later, ...]
    problems: tuple[Message, ...]


def compose(session: Session, by: Person, lines: Sequence[Line], key: str = "") -> ChangeSet:
    """Keep lines to be looked at, or add them to a set of one's own that is not applied yet.

    Raises:
        Invalid: the rules forbid one of them, or it would change nothing.
    """
    access.require_log(by)
    kept = _own_draft(session, by, key) if key else None
    all_lines = [*change_cards.lines_of(kept), *lines] if kept else list(lines)
    change_lines.check(all_lines)
    with change_runs.tried_out(session):
        change_runs.carry_out(session, by, all_lines)
    if kept is None:
        kept = ChangeSet(key=keys.new_key(session, ChangeSet.key), person_id=by.id, lines=[])
        session.add(kept)
    kept.lines = change_lines.plain(all_lines)
    session.flush()
    history.record(session, by, "composed", "change", kept.id, after={"lines": kept.lines})
    return kept


def leave_out(session: Session, by: Person, key: str, number: int) -> ChangeSet:
    """Take a line out of a set that is not applied yet; an empty one goes."""
    kept = _own_draft(session, by, key)
    lines = change_cards.lines_of(kept)
    if not 0 <= number < len(lines):
        raise NotFound
    del lines[number]
    kept.lines = change_lines.plain(lines)
    session.flush()
    history.record(session, by, "composed", "change", kept.id, after={"lines": kept.lines})
    return kept


def discard(session: Session, by: Person, key: str) -> None:
    """Throw away a set of one's own that nobody else has seen."""
    kept = _own_draft(session, by, key)
    history.record(session, by, "discarded", "change", kept.id)
    session.delete(kept)
    session.flush()


def propose(session: Session, by: Person, key: str, note: str) -> ChangeSet:
    """Lay a set before the curators, saying why."""
    kept = _own_draft(session, by, key)
    kept.note = _reason(note, say("Say in a few words why this would be better."), "note")
    kept.status = "proposed"
    kept.created_at = now()
    session.flush()
    history.record(session, by, "proposed", "change", kept.id, after={"note": kept.note})
    return kept


def preview(session: Session, by: Person, lines: Sequence[Line]) -> Preview:
    """What the lines would do now. Works in a session that saves; leaves nothing behind.

    Raises:
        Invalid: the rules forbid it.
    """
    return weighed(session, by, lines, tried(session, by, lines))


def tried(session: Session, by: Person, lines: Sequence[Line]) -> Outcome:
    """What would be written: the part of a preview that needs a session that saves."""
    change_lines.check(lines)
    with change_runs.tried_out(session):
        return change_runs.carry_out(session, by, lines)


def weighed(session: Session, by: Person, lines: Sequence[Line], outcome: Outcome) -> Preview:
    """What hangs on it: the part of a preview that only reads."""
    written, labels = outcome.written, outcome.labels
    effects, total = change_effects.effects(session, by, lines, written, labels)
    return Preview(tuple(effects), total, outcome.print, tuple(outcome.images))


def require_known(session: Session, by: Person, tag_keys: Sequence[str]) -> None:
    """NotFound when one of the tags is not there, as far as the person may know."""
    found = session.exec(select(Tag.id).where(col(Tag.key).in_(tag_keys))).all()
    if len(found) < len(set(tag_keys)) or tagging.unseen(session, by).intersection(found):
        raise NotFound


def apply(session: Session, by: Person, key: str, seen_print: str | None = None) -> ChangeSet:
    """Carry out a set as one; whoever proposed it is told.

    Raises:
        Conflict: it would do something else than was seen (`seen_print`), or somebody has decided.
        Invalid: the rules forbid it now.
    """
    access.require_govern(by)
    kept = change_cards.get(session, by, key)
    if kept.status not in ("draft", "proposed"):
        raise Conflict(say("Somebody has decided on this set already. Look at it again."))
    lines = change_cards.lines_of(kept)
    change_lines.check(lines)
    called = {code: change_words.names(session, lines, code) for code in LANGUAGES}
    outcome = change_runs.carry_out(session, by, lines)
    if seen_print is not None and seen_print != outcome.print:
        raise Conflict(say("Somebody changed these tags since you looked. Look again."))
    change_runs.note(session, by, "applied", kept.key, outcome.images, back=False)
    kept.images = {
        "rows": change_rows.plain(outcome.images),
        "homonyms": [list(one) for one in outcome.homonyms],
        "names": called,
    }
    _decide(session, by, kept, "applied", say("Your change of the tags was applied."))
    return kept


def apply_at_once(session: Session, by: Person, lines: Sequence[Line]) -> ChangeSet:
    """Compose and apply in one go, for what one click says in full."""
    access.require_govern(by)
    return apply(session, by, compose(session, by, lines).key)


def reword(session: Session, by: Person, key: str, version: int, its_words: TagWords) -> Tag:
    """Give a tag other words, as a set that can be undone; the same words leave all as it is.

    Raises:
        Conflict: somebody changed the tag since `version`.
        Invalid: a word cannot be used, beside its field.
    """
    access.require_govern(by)
    tag = tags.get(session, key)
    tags.require_version(session, tag, version)
    tag_words.check(session, session.get_one(Scheme, tag.scheme_id), its_words, tag.id)
    if not tag_words.is_same(tag_words.of(session, tag), its_words):
        notes: Any = {kind: dict(texts) for kind, texts in its_words.notes().items()}
        labels: Any = its_words.labels()
        apply_at_once(session, by, [change_lines.Reword(tag.key, labels, notes)])
    return tag


def reject(session: Session, by: Person, key: str, reason: str) -> ChangeSet:
    """Decline a proposal; whoever made it is told why."""
    access.require_govern(by)
    kept = change_cards.get(session, by, key)
    if kept.status != "proposed":
        raise Conflict(say("Somebody has decided on this set already. Look at it again."))
    advice = say("Say in a few words why: whoever proposed it is told.")
    kept.reason = _reason(reason, advice, "reason")
    told = say(
        "Your change of the tags was not applied: %(reason)s.", reason=kept.reason.rstrip(".")
    )
    _decide(session, by, kept, "rejected", told)
    return kept


def undo(session: Session, by: Person, key: str) -> ChangeSet:
    """Take an applied set back exactly; what people did since stays.

    Raises:
        Conflict: later changes of the same rows stand in the way; `current` lists them.
        Invalid: it is not applied, or the tags could not stand as they stood.
    """
    access.require_govern(by)
    kept = change_cards.get(session, by, key)
    images = _images(kept)
    try:
        change_runs.take_back(session, by, images, kept.images["homonyms"])
    except Conflict as refusal:
        later = change_cards.later(session, by, kept, refusal.current, by.language or "en")
        raise Conflict(refusal.message, later) from refusal
    change_runs.note(session, by, "undone", kept.key, images, back=True)
    kept.images = {"names": kept.images["names"]}
    _decide(session, by, kept, "undone", say("Your change of the tags was undone."))
    return kept


def undo_preview(session: Session, by: Person, key: str, language: str = "en") -> UndoPreview:
    """Whether a set can be taken back. Works in a session that saves; leaves nothing behind."""
    access.require_govern(by)
    kept = change_cards.get(session, by, key)
    images = _images(kept)
    later: list[change_cards.Later] = []
    problems: tuple[Message, ...] = ()
    try:
        with change_runs.tried_out(session):
            change_runs.take_back(session, by, images, kept.images["homonyms"])
    except Conflict as refusal:
        later = change_cards.later(session, by, kept, refusal.current, language)
    except Invalid as refusal:
        problems = tuple(refusal.problems.values())
    return UndoPreview(tuple(later), problems)


def undo_weighed(session: Session, by: Person, key: str) -> Effect:
    """What hangs on the tags that an undo would put back."""
    kept = change_cards.get(session, by, key)
    lines = change_cards.lines_of(kept)
    written = _written(lines, _images(kept))
    return change_effects.effects(session, by, lines, written)[1]


def again(session: Session, by: Person, key: str) -> ChangeSet:
    """A new set with the lines of one that was undone or rejected, to be looked at anew."""
    kept = change_cards.get(session, by, key)
    if kept.status not in ("undone", "rejected"):
        raise Invalid({"set": say("Only what was undone or rejected can be applied again.")})
    return compose(session, by, change_cards.lines_of(kept))


def _written(lines: Sequence[Line], images: Sequence[Image]) -> dict[int, set[int]]:
    touched = change_runs.atoms_in(images)
    return {
        number: touched & set(line.atoms)
        for number, line in enumerate(lines)
        if isinstance(line, change_lines.Retag)
    }


def _own_draft(session: Session, by: Person, key: str) -> ChangeSet:
    access.require_log(by)
    kept = change_cards.get(session, by, key)
    if kept.status != "draft":
        raise Conflict(say("This set is no draft any more. Look at it again."))
    if kept.person_id != by.id:
        raise NotAllowed
    return kept


def _images(kept: ChangeSet) -> list[Image]:
    if kept.status == "undone":
        raise Invalid(
            {
                "set": say(
                    "This set was undone already. “Apply it again” makes a new set of its lines."
                )
            }
        )
    if kept.status != "applied":
        raise Invalid({"set": say("This set was not applied: there is nothing to undo.")})
    return change_rows.from_plain(kept.images["rows"])


def _decide(session: Session, by: Person, kept: ChangeSet, status: str, told: Message) -> None:
    kept.status = status
    kept.decided_by = by.id
    kept.decided_at = now()
    session.flush()
    history.record(session, by, status, "change", kept.id, after={"set": kept.key})
    if kept.person_id != by.id:
        notices.tell(session, [kept.person_id], told, f"/changes/{kept.key}")


def _reason(text: str, advice: Message, field: str) -> str:
    text = typed.line(text)
    if not text:
        raise Invalid({field: advice})
    if len(text) > NOTE_MAX:
        raise Invalid({field: say("Write at most %(count)s characters.", count=NOTE_MAX)})
    return text
