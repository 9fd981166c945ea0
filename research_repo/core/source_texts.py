"""The text of a source as it is read: one long text, and the passages that divide it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from research_repo.core import typed
from research_repo.core.language import Message

BETWEEN = "\n\n"
"""What stands between two passages of a text."""

NAME_MAX = 200
HEADING_MAX = 1000


@dataclass(frozen=True)
class Turn:
    """What was said in one go, written in one paragraph, or answered to one question."""

    text: str
    speaker: str = ""
    heading: str = ""
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True)
class PassageValues:
    """A passage: the text from `start` to before `end`, in Unicode code points.

    `speaker` is the name as the file writes it, or the respondent's code in a table. `heading` is
    the question that was answered. Times are milliseconds from the beginning.
    """

    start: int
    end: int
    speaker: str = ""
    heading: str = ""
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True)
class FileContent:
    """A file that is kept as it is: what it holds, and what it is by its content."""

    data: bytes
    media_type: str


@dataclass(frozen=True)
class SourceText:
    """What was read out of a file or out of pasted words.

    `kind` is one of the kinds of sources. An image and a PDF have no text, and `file` is what to
    keep of them. A table also says what `columns` it has, and in which of them, `code_column`, the
    respondents stand; that one is empty when each row is somebody without a code.
    """

    kind: str
    text: str = ""
    passages: tuple[PassageValues, ...] = ()
    notes: tuple[Message, ...] = ()
    """What to know about how it was read."""
    columns: tuple[str, ...] = ()
    code_column: str = ""
    file: FileContent | None = None

    def speakers(self) -> list[str]:
        """Who speaks in it, or answers, in the order of their first words."""
        return list(dict.fromkeys(one.speaker for one in self.passages if one.speaker))


def composed(kind: str, turns: Iterable[Turn], notes: tuple[Message, ...] = ()) -> SourceText:
    """The turns as one text, an empty line between them; one without words is left out."""
    parts: list[str] = []
    passages: list[PassageValues] = []
    at = 0
    for turn in turns:
        words = typed.lines(turn.text).strip()
        if not words:
            continue
        at += len(BETWEEN) if parts else 0
        end = at + len(words)
        parts.append(words)
        speaker = typed.line(turn.speaker)[:NAME_MAX]
        heading = typed.line(turn.heading)[:HEADING_MAX]
        passages.append(PassageValues(at, end, speaker, heading, turn.from_ms, turn.to_ms))
        at = end
    return SourceText(kind, BETWEEN.join(parts), tuple(passages), notes)


def clock(milliseconds: int) -> str:
    """A time from the beginning of a recording: 0:07, 12:30, 1:02:03."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
