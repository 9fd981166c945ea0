"""Changes of a source: what is known of it, its words, another file in its place; and undoing.

The text of a source is its passages with an empty line between them. A change gives new passages
in place of some that stood together; the others keep who said them, and when. Quotes stay at their
words, see `anchors`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from sqlmodel import Session

from research_repo.core import history, sources, typed, words
from research_repo.core.attachments import Kept
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import TEXT_KINDS, Person, Source, Study
from research_repo.core.rewording import Plan, Words, note, planned, standing_of, to_change, write
from research_repo.core.source_texts import BETWEEN, SourceText
from research_repo.core.sources import SourceValues
from research_repo.core.speakers import people_called

UNDOABLE = ("edited", "replaced", "undone")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def describe(session: Session, by: Person, key: str, version: int, values: SourceValues) -> Source:
    """Change what is known of a source: title, kind, date, language, who was heard.

    The values must be `sources.ready` for a text of its kind.

    Raises:
        Conflict: somebody changed it since `version`; carries the source as it is now.
    """
    source = to_change(session, by, key, version)
    before = sources.snapshot(source)
    study = session.get_one(Study, source.study_id)
    heard = people_called(session, by, study.key, [values.participant])
    for name in sources.DESCRIBED:
        setattr(source, name, getattr(values, name))
    source.participant_id = heard.get(words.fold(values.participant))
    after = sources.snapshot(source)
    if after != before:
        note(session, by, "described", source, before, after)
    return source


def change_text(session: Session, by: Person, key: str, version: int, text: str) -> Source:
    """Give a source another text; an empty line ends a passage.

    Passages whose words stay keep what is known of them, and so do those in whose place others
    stand; further ones continue the passage above them.

    Raises:
        Conflict: somebody changed it since `version`.
        Invalid: nothing is left of the text.
    """
    return write(session, by, plan_text(session, by, key, version, text))


def plan_text(session: Session, by: Person, key: str, version: int, text: str) -> Plan:
    """What `change_text` will do: the slow part, to be done before `rewording.write` in a transaction.

    Raises:
        Conflict, Invalid: as `change_text`.
    """
    source = to_change(session, by, key, version)
    standing = standing_of(session, source)
    return planned(session, "edited", source, standing, _aligned(standing, text))


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
    source = to_change(session, by, key, version)
    standing = standing_of(session, source)
    if not 0 <= position < len(standing):
        raise NotFound
    one = standing[position]
    if speaker is not None and typed.line(speaker) != one.speaker:
        said_by = typed.line(speaker)
        known = {other.speaker: other.participant_id for other in standing}
        one = replace(one, speaker=said_by, participant_id=known.get(said_by))
    parts = [replace(one, text=part) for part in _parts(text)]
    later = [replace(part, from_ms=None, to_ms=None) for part in parts[1:]]
    wanted = [*standing[:position], *parts[:1], *later, *standing[position + 1 :]]
    return write(session, by, planned(session, "edited", source, standing, wanted))


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
    plan = plan_replacement(session, by, key, version, text, file_name)
    return write(session, by, plan, kept)


def plan_replacement(
    session: Session, by: Person, key: str, version: int, text: SourceText, file_name: str = ""
) -> Plan:
    """What `replace_with` will do: the slow part, to be done before `rewording.write` in a transaction.

    Raises:
        Conflict, Invalid: as `replace_with`.
    """
    source = to_change(session, by, key, version)
    is_text = text.kind in TEXT_KINDS
    if is_text != (source.kind in TEXT_KINDS) or (not is_text and text.kind != source.kind):
        raise Invalid({"file": say("This is another kind of file. Add it as a source of its own.")})
    standing = standing_of(session, source)
    known = {one.speaker: one.participant_id for one in standing if one.speaker}
    wanted = [
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
    file = {"file_name": file_name, "attachment_id": None}
    return planned(session, "replaced", source, standing, wanted, file)


def undo(session: Session, by: Person, key: str, version: int) -> Source:
    """Take back the last change of the text, whoever made it; to undo twice makes it again.

    Raises:
        Conflict: somebody changed it since `version`.
        NotFound: the last change of the source was none of its text.
    """
    return write(session, by, plan_undo(session, by, key, version))


def plan_undo(session: Session, by: Person, key: str, version: int) -> Plan:
    """What `undo` will do: the slow part, to be done before `rewording.write` in a transaction.

    Raises:
        Conflict, NotFound: as `undo`.
    """
    source = to_change(session, by, key, version)
    last = last_change(session, source)
    if last is None:
        raise NotFound(say("There is no change of the text to undo."))
    first, end = last.after["first"], last.after["first"] + last.after["count"]
    standing = standing_of(session, source)
    back = [Words(*one) for one in last.before["passages"]]
    wanted = [*standing[:first], *back, *standing[end:]]
    return planned(session, "undone", source, standing, wanted, last.before["file"])


def last_change(session: Session, source: Source) -> history.Change | None:
    """The change of the text that can be undone: the last one, if nothing has happened since."""
    told = history.of(session, "source", [source.id], limit=1)
    if not told or told[0].verb not in UNDOABLE or told[0].is_redacted:
        return None
    return told[0]


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
