"""Plain text as turns of speech or as paragraphs: "Name: words", with or without times.

Whether people take turns in a text is told by the whole of it. A single "Goal: …" makes no speaker of
Goal; names that come back, or that stand before nearly all lines, do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from research_repo.core.source_texts import Turn

NAME_MAX = 60
NAME_WORDS_MAX = 5
PARAGRAPH_MAX = 2000
MOST_LINES = 0.6
"""From this share of lines on that begin with a name, one that stands there once is a name, too."""

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
_UNTIL = r"(?:\s?-->\s?[\d:.,]{4,12})?"
_TIME = re.compile(rf"[\[(]?{_CLOCK}{_UNTIL}[\])]?(?![\d\w])\s{{0,9}}(?:[-–—]\s+)?")
_TIME_AFTER = re.compile(rf"\s{{0,9}}[\[(]?(?<!\d){_CLOCK}[\])]?$")
_HEADING = re.compile(r"#{1,6}[ \t]{1,9}(?=\S)")
_COLON = re.compile(r":(?=[\s*_]|$)")
_BULLET = re.compile(r"^[-*+•]\s{1,9}")


@dataclass(frozen=True)
class _Line:
    """A line taken apart. `name` is what may be a speaker; `is_alone` when it stands by a time alone."""

    text: str
    rest: str
    """The text after its time."""
    name: str = ""
    words: str = ""
    from_ms: int | None = None
    is_alone: bool = False


def of_lines(lines: Iterable[str], *, is_markdown: bool = False) -> tuple[str, list[Turn]]:
    """The kind of source, transcript or notes, and its turns.

    In Markdown a heading stands over what follows it until the next one.
    """
    taken = _with_words([_taken_apart(line) for line in lines])
    said = [line for line in taken if line.text and not _heading(line, is_markdown)]
    begun = [line for line in said if line.name]
    speakers = speakers_of(
        [line.name for line in begun],
        len(said),
        {line.name for line in begun if line.from_ms is not None},
    )
    if speakers or _is_timed(taken):
        return "transcript", list(_whole(_spoken(taken, speakers, is_markdown)))
    return "notes", list(_whole(_paragraphs(taken, is_markdown)))


def speakers_of(names: Sequence[str], lines: int, timed: Collection[str] = ()) -> frozenset[str]:
    """Who speaks, of the names that some of the lines begin with; nobody in no conversation.

    `timed` are the names that stand beside a time.
    """
    counts = Counter(names)
    back = {name for name, count in counts.items() if count > 1}
    spoken = sum(counts[name] for name in back)
    if len(names) > 1 and (len(names) == lines or (back and len(names) >= MOST_LINES * lines)):
        return frozenset(counts)
    if timed and spoken > 1:
        return frozenset(back | set(timed))
    # Turns of several lines have lines of words between them, so few lines may begin with a name.
    is_conversation = spoken > 2 and (len(back) > 1 or spoken * 4 >= lines)
    return frozenset(back) if is_conversation else frozenset()


def milliseconds(hours: str | None, minutes: str, seconds: str, parts: str | None) -> int:
    """A time as four groups of digits, the first and the last of which may be missing."""
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((parts or "").ljust(3, "0"))


def named(text: str) -> tuple[str, str]:
    """The speaker with whose name a text begins, and the rest; no name where it begins with none."""
    line = _taken_apart(text)
    return (line.name, line.words) if line.name and not line.is_alone else ("", text)


def _is_timed(lines: Sequence[_Line]) -> bool:
    """Whether nearly all lines begin with a time, and each with a later one."""
    times = [line.from_ms for line in lines if line.from_ms is not None]
    is_most = len(times) > 1 and len(times) >= MOST_LINES * sum(bool(line.text) for line in lines)
    return is_most and times == sorted(times)


def _taken_apart(text: str) -> _Line:
    text = text.strip()
    time = _TIME.match(text)
    from_ms = milliseconds(*time.groups()) if time else None
    rest = text[time.end() :].strip() if time else text
    # Documents set names in bold, and Markdown keeps the stars; a list keeps its dash.
    begun = _BULLET.sub("", rest, count=1)
    colon = _COLON.search(begun, 0, NAME_MAX * 2)
    if colon:
        head = begun[: colon.start()]
        after = _TIME_AFTER.search(head)
        if after and from_ms is None:
            from_ms = milliseconds(*after.groups())
        name = _name(head[: after.start()] if after else head)
        if name:
            return _Line(text, rest, name, begun[colon.end() :].lstrip("*_ \t"), from_ms)
    after = _TIME_AFTER.search(rest) if from_ms is None and len(rest) < NAME_MAX * 2 else None
    if after and _name(rest[: after.start()]):
        from_ms = milliseconds(*after.groups())
        return _Line(text, rest, _name(rest[: after.start()]), "", from_ms, True)
    name = _name(rest) if time else ""
    return _Line(text, rest, name, "", from_ms, bool(name))


def _with_words(lines: Sequence[_Line]) -> list[_Line]:
    """The lines; what stands alone beside a time is a name only where words follow below it."""
    found = []
    below: _Line | None = None
    for line in reversed(lines):
        if line.is_alone and (below is None or below.from_ms is not None or below.name):
            line = replace(line, name="", is_alone=False)
        found.append(line)
        below = line if line.text else below
    return found[::-1]


def _name(text: str) -> str:
    name = text.strip("*_ \t")
    is_short = 0 < len(name) <= NAME_MAX and len(name.split()) <= NAME_WORDS_MAX
    is_one = is_short and any(sign.isalpha() for sign in name) and name[0].isalnum()
    return name if is_one and not any(sign in name for sign in '!?;,/"«»') else ""


def _spoken(lines: Iterable[_Line], speakers: frozenset[str], is_markdown: bool) -> Iterator[Turn]:
    turn = Turn("")
    for line in lines:
        above = _heading(line, is_markdown)
        if above:
            yield turn
            turn = Turn("", heading=above)
        elif line.name in speakers:
            yield turn
            turn = Turn(line.words, line.name, turn.heading, line.from_ms)
        elif not line.text:
            # A new paragraph of the same turn is a passage of its own: long ones want to be cited.
            if turn.text:
                yield turn
                turn = replace(turn, text="", from_ms=None)
        elif line.from_ms is not None:
            yield turn
            turn = replace(turn, text=line.rest, from_ms=line.from_ms)
        else:
            turn = replace(turn, text=f"{turn.text}\n{line.text}" if turn.text else line.text)
    yield turn


def _paragraphs(lines: Iterable[_Line], is_markdown: bool) -> Iterator[Turn]:
    heading, held = "", list[str]()
    for line in lines:
        above = _heading(line, is_markdown)
        if line.text and not above:
            held.append(line.text)
            continue
        yield from (Turn(text, heading=heading) for text in _pieces(held))
        held.clear()
        if above:
            # A turn without words stands for the heading itself until something follows it.
            heading = above
            yield Turn("", heading=heading)
    yield from (Turn(text, heading=heading) for text in _pieces(held))


def _heading(line: _Line, is_markdown: bool) -> str:
    found = _HEADING.match(line.text) if is_markdown else None
    return line.text[found.end() :] if found else ""


def _whole(turns: Iterable[Turn]) -> Iterator[Turn]:
    """The turns that have words; a heading with nothing under it becomes words itself."""
    waiting = ""
    for turn in turns:
        if turn.heading != waiting and waiting:
            yield Turn(waiting)
            waiting = ""
        if turn.text:
            yield turn
            waiting = ""
        elif turn.heading and not turn.speaker:
            waiting = turn.heading
    if waiting:
        yield Turn(waiting)


def _pieces(lines: Sequence[str]) -> Iterator[str]:
    """A paragraph, or its lines in pieces where it is too long to be read as one."""
    piece: list[str] = []
    size = 0
    for line in lines:
        if piece and size + len(line) > PARAGRAPH_MAX:
            yield "\n".join(piece)
            piece, size = [], 0
        piece.append(line)
        size += len(line) + 1
    if piece:
        yield "\n".join(piece)
