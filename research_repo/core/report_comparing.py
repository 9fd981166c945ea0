"""Two states of a report laid beside each other: its sections, its claims, and how strong these are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from research_repo.core.report_shape import Finding, Piece, Section, StudyReport
from research_repo.core.strength import Strength

WORDS_MAX = 3000
"""Longer texts are told as changed, without which words of them."""

Parts = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it is in this state alone."""

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Reworded:
    """A text in its two states."""

    before: Parts
    after: Parts


@dataclass(frozen=True)
class SectionChange:
    """A section that stands in both, and what is different: its heading, its words."""

    anchor: str
    title: str
    was_called: str
    """The former heading, where it is another one."""
    words: Reworded | None


@dataclass(frozen=True)
class ClaimChange:
    """A claim that stands in both and says something else: its words, or what it rests on."""

    key: str
    kind: str
    language: str
    name: str
    """Its title today."""
    title: Reworded | None
    body: Reworded | None
    evidence_added: tuple[str, ...]
    evidence_removed: tuple[str, ...]


@dataclass(frozen=True)
class Weighed:
    """A claim whose strength is another one."""

    finding: Finding
    before: Strength
    after: Strength


@dataclass(frozen=True)
class Comparison:
    """What became of a report between two of its states."""

    title: Reworded | None
    sections_added: tuple[Section, ...]
    sections_removed: tuple[Section, ...]
    sections_changed: tuple[SectionChange, ...]
    is_rearranged: bool
    """The sections that stand in both are in another order."""
    claims_added: tuple[Finding, ...]
    claims_removed: tuple[Finding, ...]
    claims_changed: tuple[ClaimChange, ...]
    strength: tuple[Weighed, ...]

    @property
    def is_same(self) -> bool:
        """Nothing is different."""
        return not any(
            (
                self.title, self.sections_added, self.sections_removed, self.sections_changed,
                self.is_rearranged, self.claims_added, self.claims_removed,
                self.claims_changed, self.strength,
            )
        )  # fmt: skip


def compared(before: StudyReport, after: StudyReport) -> Comparison:
    """What is different in `after`."""
    old, new = _sections(before.sections), _sections(after.sections)
    both = [name for name in old if name in new]
    was = {one.key: one for one in before.findings}
    now = {one.key: one for one in after.findings}
    pairs = [(was[key], one) for key, one in now.items() if key in was]
    return Comparison(
        title=reworded(before.title, after.title),
        sections_added=tuple(one for name, one in new.items() if name not in old),
        sections_removed=tuple(one for name, one in old.items() if name not in new),
        sections_changed=tuple(
            change for name in both if (change := _section_change(old[name], new[name]))
        ),
        is_rearranged=both != [name for name in new if name in old],
        claims_added=tuple(one for key, one in now.items() if key not in was),
        claims_removed=tuple(one for key, one in was.items() if key not in now),
        claims_changed=tuple(said for one, other in pairs if (said := _claim_change(one, other))),
        strength=tuple(
            Weighed(other, one.strength, other.strength)
            for one, other in pairs
            if _weight(one.strength) != _weight(other.strength)
        ),
    )


def reworded(before: str, after: str) -> Reworded | None:
    """The two states of a text word by word; None where they are the same."""
    if before == after:
        return None
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > WORDS_MAX:
        return Reworded(((before, True),), ((after, True),))
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return Reworded(
        tuple(_parts(("".join(old[i:j]), tag != "equal") for tag, i, j, _, _ in codes)),
        tuple(_parts(("".join(new[i:j]), tag != "equal") for tag, _, _, i, j in codes)),
    )


def _parts(parts: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    return (part for part in parts if part[0])


def _sections(sections: Sequence[Section]) -> dict[tuple[str, str], Section]:
    # The author's own have no other name than their heading.
    found: dict[tuple[str, str], Section] = {}
    for one in sections:
        name = (one.name, one.title if one.name == "text" else "")
        found[name if name not in found else (one.name, one.anchor)] = one
    return found


def _section_change(before: Section, after: Section) -> SectionChange | None:
    words = reworded(_words(before), _words(after))
    if words is None and before.title == after.title:
        return None
    was_called = before.title if before.title != after.title else ""
    return SectionChange(after.anchor, after.title, was_called, words)


def _words(section: Section) -> str:
    asked = [*section.questions, *(answer.question for answer in section.answers)]
    return "\n".join((*asked, section.text)).strip()


def _claim_change(before: Finding, after: Finding) -> ClaimChange | None:
    old, new = _evidence(before), _evidence(after)
    change = ClaimChange(
        key=after.key,
        kind=after.kind,
        language=after.language,
        name=after.title,
        title=reworded(before.title, after.title),
        body=reworded(before.body, after.body),
        evidence_added=tuple(one for one in new if one not in old),
        evidence_removed=tuple(one for one in old if one not in new),
    )
    is_same = not any((change.title, change.body, change.evidence_added, change.evidence_removed))
    return None if is_same else change


def _evidence(finding: Finding) -> list[str]:
    return [told(piece) for piece in finding.evidence if piece.kind != "origin"]


def told(piece: Piece) -> str:
    """What a piece of evidence says, in one line."""
    measured = "" if piece.number is None else f"{piece.number:g} {piece.unit}".strip()
    counted = f"n = {piece.n}" if piece.n else ""
    parts = (piece.text, measured, counted, piece.url, piece.file_name)
    return " · ".join(part for part in parts if part)


def _weight(strength: Strength) -> tuple[object, ...]:
    told = strength
    return told.level, told.respondents, told.studies, told.methods, told.facts, told.contradicting
