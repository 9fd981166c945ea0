"""Subtitles (.vtt, .srt) as turns of speech with their times."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say, say_many
from research_repo.core.source_texts import Turn
from research_repo.exchange.turns import named, speakers_of

TURN_MAX = 500
PAUSE_MS = 1500
FLASH_MS = 50
"""Live subtitles show what was said once more, for a moment, before they scroll on."""

_COMMA = re.compile(r"(\d),(\d{1,3})(?=\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s>]{0,100})?\s{1,9}([^<>]{1,200})>")
_TAG = re.compile(r"</?[a-z0-9][^<>]{0,200}>", re.IGNORECASE)


@dataclass(frozen=True)
class _Cue:
    from_ms: int
    to_ms: int
    lines: tuple[tuple[str, str], ...]
    """Who says it, and what."""


def read(text: str) -> tuple[list[Turn], tuple[Message, ...]]:
    """The turns in the order in which they begin, and what to know about their times.

    Subtitles of one person that follow each other become one turn; where two people speak at once
    each turn keeps its own times.

    Raises:
        Invalid: there are no subtitles in it.
    """
    try:
        captions = webvtt.WebVTT.from_string(_as_vtt(text)).captions
    except (MalformedFileError, MalformedCaptionError):
        captions = []
    speakers = _speakers([one.raw_text for one in captions])
    cues = [
        _Cue(
            one.start_time.in_milliseconds(),
            one.end_time.in_milliseconds(),
            tuple(_lines(one.raw_text, speakers)),
        )
        for one in captions
    ]
    if not cues:
        raise Invalid(
            {"file": say("There are no subtitles in the file. Export them again as .vtt or .srt.")}
        )
    cues.sort(key=lambda cue: cue.from_ms)
    return list(_turns(_without_echoes(cues))), _notes(cues)


def _as_vtt(text: str) -> str:
    """The text with the mark of its format in front; .srt is the same with commas for points."""
    if text.lstrip().startswith("WEBVTT"):
        return text.lstrip()
    lines = (_COMMA.sub(r"\1.\2", line) if "-->" in line else line for line in text.split("\n"))
    return "WEBVTT\n\n" + "\n".join(lines)


def _speakers(raw: list[str]) -> frozenset[str]:
    """Who speaks where names stand before the words, as in subtitles of meetings."""
    lines = [line for one in raw for _, line in _said(one) if line]
    return speakers_of([name for name, _ in map(named, lines) if name], len(lines))


def _lines(raw: str, speakers: frozenset[str]) -> Iterator[tuple[str, str]]:
    for voice, words in _said(raw):
        speaker, rest = ("", words) if voice else named(words)
        told = (speaker, rest) if speaker in speakers else (voice, words)
        if told[1]:
            yield told


def _said(raw: str) -> Iterator[tuple[str, str]]:
    """The lines of a cue, each with the voice that the format itself names."""
    voice = ""
    for place, part in enumerate(_VOICE.split(raw)):
        if place % 2:
            voice = html.unescape(part).strip()
            continue
        for line in part.split("\n"):
            yield voice, " ".join(html.unescape(_TAG.sub("", line)).split())


def _without_echoes(cues: list[_Cue]) -> Iterator[_Cue]:
    """The cues without lines that scroll on from the one before, as live subtitles have them."""
    before: tuple[tuple[str, str], ...] = ()
    end = -1
    for cue in cues:
        lines = cue.lines
        is_scrolled = len(lines) > 1 and lines[0] in before[-1:]
        is_flash = cue.to_ms - cue.from_ms <= FLASH_MS and lines == before[-len(lines) :]
        if cue.from_ms <= end and (is_scrolled or is_flash):
            lines = () if is_flash else lines[1:]
        if lines:
            yield replace(cue, lines=lines)
        before, end = cue.lines, cue.to_ms


def _turns(cues: Iterator[_Cue]) -> Iterator[Turn]:
    turn: Turn | None = None
    for cue in cues:
        is_first = True
        for speaker, words in cue.lines:
            if turn and _goes_on(turn, speaker, cue, is_first):
                turn = replace(
                    turn, text=f"{turn.text} {words}", to_ms=max(turn.to_ms or 0, cue.to_ms)
                )
            else:
                if turn:
                    yield turn
                end = cue.to_ms if cue.to_ms > cue.from_ms else None
                turn = Turn(words, speaker or _same(turn, is_first), "", cue.from_ms, end)
            is_first = False
    if turn:
        yield turn


def _same(turn: Turn | None, is_first: bool) -> str:
    # A second line without a name belongs to whoever speaks in the first one.
    return turn.speaker if turn and not is_first else ""


def _goes_on(turn: Turn, speaker: str, cue: _Cue, is_first: bool) -> bool:
    if not is_first and (not speaker or speaker == turn.speaker):
        return True
    is_near = cue.from_ms - (turn.to_ms or 0) <= PAUSE_MS
    return is_first and speaker == turn.speaker and is_near and len(turn.text) < TURN_MAX


def _notes(cues: list[_Cue]) -> tuple[Message, ...]:
    notes = []
    backward = sum(cue.to_ms < cue.from_ms for cue in cues)
    ends = accumulate((cue.to_ms for cue in cues), max)
    over = sum(cue.from_ms < end for cue, end in zip(cues[1:], ends, strict=False))
    if over:
        notes.append(
            say_many(
                "In %(count)s place somebody begins before another has ended. What is said stands "
                "in the order in which it begins.",
                "In %(count)s places somebody begins before another has ended. What is said stands "
                "in the order in which it begins.",
                over,
            )
        )
    if backward:
        notes.append(
            say_many(
                "%(count)s subtitle ends before it begins; only its beginning is kept.",
                "%(count)s subtitles end before they begin; only their beginning is kept.",
                backward,
            )
        )
    return tuple(notes)
