"""Changes of a source: what is known of it, its words, another file in its place; and undoing.

The text of a source is its passages with an empty line between them. A change gives new passages
in place of some that stood together; the others keep who said them, and when. Quotes stay at their
words, see `anchors`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy import select as columns
from sqlmodel import Session

from research_repo.core import access, anchors, attachments, history, sources, typed, words
from research_repo.core.attachments import Kept
from research_repo.core.clock import now
from research_repo.core.db import add_rows
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import TEXT_KINDS, Passage, Person, Source, Study, metadata
from research_repo.core.source_texts import BETWEEN, SourceText
from research_repo.core.sources import SourceValues
from research_repo.core.speakers import people_called

CHANGED_MEANWHILE = say("Somebody changed this source while you were writing.")
UNDOABLE = ("edited", "replaced", "undone")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


@dataclass(frozen=True)
class Words:
    """A passage apart from its place: its words, and who said them when, to which question."""

    text: str
    speaker: str = ""
    participant_id: int | None = None
    heading: str = ""
    from_ms: int | None = None
    to_ms: int | None = None


def describe(session: Session, by: Person, key: str, version: int, values: SourceValues) -> Source:
    """Change what is known of a source: title, kind, date, language, who was heard.

    The values must be `sources.ready` for a text of its kind.

    Raises:
        Conflict: somebody changed it since `version`; carries the source as it is now.
    """
    source = _to_change(session, by, key, version)
    before = sources.snapshot(source)
    study = session.get_one(Study, source.study_id)
    heard = people_called(session, by, study.key, [values.participant])
    for name in sources.DESCRIBED:
        setattr(source, name, getattr(values, name))
    source.participant_id = heard.get(words.fold(values.participant))
    after = sources.snapshot(source)
    if after != before:
        _note(session, by, "described", source, before, after)
    return source


def change_text(session: Session, by: Person, key: str, version: int, text: str) -> Source:
    """Give a source another text; an empty line ends a passage.

    Passages whose words stay keep what is known of them, and so do those in whose place others
    stand; further ones continue the passage above them.

    Raises:
        Conflict: somebody changed it since `version`.
        Invalid: nothing is left of the text.
    """
    source = _to_change(session, by, key, version)
    return _become(session, by, "edited", source, lambda standing: _aligned(standing, text))


def change_passage(
    session: Session,
    by: Person,
    key: str,
    version: int,
    position: int,
    text: str,
    speaker: str | None = None,
) -> Source:
    """Change the words of one passage, and its speaker where one is given.

    An empty line makes two of it; one without words goes.

    Raises:
        NotFound: the source has no such passage.
        Conflict: somebody changed it since `version`.
        Invalid: nothing is left of the text.
    """
    source = _to_change(session, by, key, version)

    def changed(standing: Sequence[Words]) -> list[Words]:
        if not 0 <= position < len(standing):
            raise NotFound
        one = standing[position]
        if speaker is not None and typed.line(speaker) != one.speaker:
            said_by = typed.line(speaker)
            known = {other.speaker: other.participant_id for other in standing}
            one = replace(one, speaker=said_by, participant_id=known.get(said_by))
        parts = [replace(one, text=part) for part in _parts(text)]
        later = [replace(part, from_ms=None, to_ms=None) for part in parts[1:]]
        return [*standing[:position], *parts[:1], *later, *standing[position + 1 :]]

    return _become(session, by, "edited", source, changed)


def replace_with(
    session: Session,
    by: Person,
    key: str,
    version: int,
    text: SourceText,
    file_name: str = "",
    kept: Kept | None = None,
) -> Source:
    """Put another file in place of a source. Its title, date and quotes stay.

    Speakers whom the source knew stay the participants that they were. A quote whose words stand
    in the new text is moved to them; others keep their words and lose their place.

    Raises:
        Conflict: somebody changed it since `version`.
        Invalid: a text cannot stand in place of an image, nor the other way round.
    """
    source = _to_change(session, by, key, version)
    is_text = text.kind in TEXT_KINDS
    if is_text != (source.kind in TEXT_KINDS) or (not is_text and text.kind != source.kind):
        raise Invalid({"file": say("This is another kind of file. Add it as a source of its own.")})

    def others(standing: Sequence[Words]) -> list[Words]:
        known = {one.speaker: one.participant_id for one in standing if one.speaker}
        return [
            Words(
                text.text[one.start : one.end],
                one.speaker,
                known.get(one.speaker),
                one.heading,
                one.from_ms,
                one.to_ms,
            )
            for one in text.passages
        ]

    file = {
        "file_name": file_name,
        "attachment_id": attachments.add(session, kept).id if kept else None,
    }
    return _become(session, by, "replaced", source, others, file)


def undo(session: Session, by: Person, key: str, version: int) -> Source:
    """Take back the last change of the text, whoever made it; to undo twice makes it again.

    Raises:
        Conflict: somebody changed it since `version`.
        NotFound: the last change of the source was none of its text.
    """
    source = _to_change(session, by, key, version)
    last = last_change(session, source)
    if last is None:
        raise NotFound(say("There is no change of the text to undo."))
    was, made = last.before, last.after

    def back(standing: Sequence[Words]) -> list[Words]:
        first, end = made["first"], made["first"] + made["count"]
        return [*standing[:first], *(Words(*one) for one in was["passages"]), *standing[end:]]

    return _become(session, by, "undone", source, back, was["file"])


def last_change(session: Session, source: Source) -> history.Change | None:
    """The change of the text that can be undone: the last one, if nothing has happened since."""
    told = history.of(session, "source", [source.id], limit=1)
    if not told or told[0].verb not in UNDOABLE or told[0].is_redacted:
        return None
    return told[0]


def passage(session: Session, source: Source, position: int) -> Words:
    """One passage of a source that the person may read.

    Raises:
        NotFound: it has no such passage.
    """
    found = _standing(session, source, position)
    if not found:
        raise NotFound
    return found[0]


def _to_change(session: Session, by: Person, key: str, version: int) -> Source:
    source = access.source_to_edit(session, by, key)
    if source.removed_at is not None:
        raise NotFound(say("This source was removed. Put it back before you change it."))
    if source.version != version:
        raise Conflict(CHANGED_MEANWHILE, source)
    return source


def _become(
    session: Session,
    by: Person,
    verb: str,
    source: Source,
    change: Callable[[Sequence[Words]], list[Words]],
    file: dict[str, Any] | None = None,
) -> Source:
    standing = _standing(session, source)
    wanted = change(standing)
    if source.kind in TEXT_KINDS and not wanted:
        raise Invalid(
            {"text": say("Nothing would be left of the text. Remove the source instead.")}
        )
    was_file = {"file_name": source.file_name, "attachment_id": source.attachment_id}
    is_other_file = file is not None and file != was_file
    if wanted == standing and not is_other_file:
        return source
    head = _alike(standing, wanted)
    tail = _alike(standing[head:][::-1], wanted[head:][::-1])
    was, made = standing[head : len(standing) - tail], wanted[head : len(wanted) - tail]
    text = BETWEEN.join(one.text for one in wanted)
    anchors.follow(session, source.id, source.text, text)
    _rewrite(session, source, head, len(was), made, text)
    source.text = text
    for name, value in (file or {}).items():
        setattr(source, name, value)
    before = {"first": head, "passages": [astuple(one) for one in was], "file": was_file}
    _note(session, by, verb, source, before, {"first": head, "count": len(made)})
    return source


def _standing(session: Session, source: Source, position: int | None = None) -> list[Words]:
    table = metadata.tables["passage"]
    query = columns(table).where(table.c.source_id == source.id).order_by(table.c.position)
    if position is not None:
        query = query.where(table.c.position == position)
    session.flush()
    return [
        Words(
            source.text[row.start : row.end],
            row.speaker,
            row.participant_id,
            row.heading,
            row.from_ms,
            row.to_ms,
        )
        for row in session.connection().execute(query)
    ]


def _rewrite(
    session: Session, source: Source, first: int, count: int, made: Sequence[Words], text: str
) -> None:
    """Put rows in place of `count` others, and shift those that follow."""
    table = metadata.tables["passage"]
    mine, place = table.c.source_id == source.id, table.c.position
    further, longer = len(made) - count, len(text) - len(source.text)
    start = _start(session, source.id, first)
    session.flush()
    write = session.connection().execute
    write(delete(table).where(mine, place >= first, place < first + count))
    shifted = {"start": table.c.start + longer, "end": table.c.end + longer}
    if further:
        # By way of numbers that none has: each is compared with those that are not moved yet.
        following = (mine, place >= first + count)
        write(update(table).where(*following).values(position=-1 - place - further, **shifted))
        write(update(table).where(mine, place < 0).values(position=-1 - place))
    elif longer:
        write(update(table).where(mine, place >= first + count).values(shifted))
    add_rows(session, Passage, list(_rows(source.id, first, start, made)))


def _rows(
    source_id: int, first: int, start: int, made: Sequence[Words]
) -> Iterator[dict[str, Any]]:
    for position, one in enumerate(made, first):
        known = {name: value for name, value in vars(one).items() if name != "text"}
        end = start + len(one.text)
        yield {"source_id": source_id, "position": position, "start": start, "end": end, **known}
        start = end + len(BETWEEN)


def _start(session: Session, source_id: int, position: int) -> int:
    """Where the passage at this position begins: after the one above it."""
    above = session.get(Passage, (source_id, position - 1)) if position else None
    return above.end + len(BETWEEN) if above else 0


def _alike(one: Sequence[Words], other: Sequence[Words]) -> int:
    """How many passages both begin with."""
    count = 0
    for ours, theirs in zip(one, other, strict=False):
        if ours != theirs:
            break
        count += 1
    return count


def _aligned(standing: Sequence[Words], text: str) -> list[Words]:
    """The passages of another text, with what is known of those whose place they take."""
    text = typed.lines(text).strip()
    head = 0
    # Passages may hold empty lines themselves: those in front that stay are not taken apart.
    while head < len(standing) and text.startswith(standing[head].text + BETWEEN):
        text = text[len(standing[head].text + BETWEEN) :].lstrip("\n")
        head += 1
    rest, parts = standing[head:], _parts(text)
    made = list(standing[:head])
    codes = SequenceMatcher(None, [one.text for one in rest], parts, autojunk=False).get_opcodes()
    for tag, from_old, to_old, from_new, to_new in codes:
        if tag == "equal":
            made += rest[from_old:to_old]
            continue
        for at, part in enumerate(parts[from_new:to_new]):
            model = rest[from_old + at] if from_old + at < to_old else None
            made.append(replace(model, text=part) if model else _continued(made, part))
    return made


def _continued(above: Sequence[Words], text: str) -> Words:
    if not above:
        return Words(text)
    return replace(above[-1], text=text, from_ms=None, to_ms=None)


def _parts(text: str) -> list[str]:
    parts = (part.strip() for part in _EMPTY_LINES.split(typed.lines(text)))
    return [part for part in parts if part]


def _note(session: Session, by: Person, verb: str, source: Source, before: Any, after: Any) -> None:
    source.version += 1
    source.updated_at = now()
    session.flush()
    history.record(session, by, verb, "source", source.id, before, after)
