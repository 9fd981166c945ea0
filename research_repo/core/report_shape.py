"""What a report is when it is done: plain values, in one language, for one reader.

Pages and files are made from it alone, so that their text cannot differ, and a frozen version is the
same as JSON. What is in no section is in no output. An `address` is the path of a page, or "" where
the reader cannot open it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from research_repo.core.charts import Chart
from research_repo.core.strength import Strength

Day = date  # in a class that has a date of its own, the name means that one

SECTIONS = (
    "summary",
    "questions",
    "background",
    "method",
    "participants",
    "answers",
    "also",
    "recommendations",
    "limitations",
    "charts",
    "studies",
    "appendix",
    "tags",
    "text",
)
"""What a section is about. There may be several of the last sort: the author's own."""


@dataclass(frozen=True)
class Label:
    """A tag, by its path from the top of its group."""

    key: str
    scheme: str
    path: tuple[str, ...]
    status: str = "approved"
    address: str = ""

    @property
    def label(self) -> str:
        return self.path[-1]

    @property
    def full_path(self) -> str:
        return " > ".join((self.scheme, *self.path))


@dataclass(frozen=True)
class Counted:
    """A tag, and how many of a report's claims carry it or have it from their study."""

    tag: Label
    count: int


@dataclass(frozen=True)
class Piece:
    """A piece of evidence. A file lies under `file_hash`; origin only keeps the trace of an import."""

    id: int
    kind: str
    text: str = ""
    language: str = ""
    who: str = ""
    source: str = ""
    row: int | None = None
    url: str = ""
    number: float | None = None
    unit: str = ""
    n: int | None = None
    file_name: str = ""
    file_hash: str = ""
    media_type: str = ""
    participant_id: int | None = None


@dataclass(frozen=True)
class Cited:
    """A claim that is named, with no more of it than a line."""

    atom_id: int
    atom_version: int
    key: str
    external_id: str | None
    kind: str
    title: str
    language: str
    standing: str
    date: Day
    study_key: str
    study_title: str
    address: str = ""


@dataclass(frozen=True)
class Finding:
    """A claim with its text, its evidence, and what speaks for and against it.

    `standing` is its status, or "replaced" or "stale" of a published one.
    """

    atom_id: int
    atom_version: int
    key: str
    external_id: str | None
    kind: str
    status: str
    standing: str
    title: str
    language: str
    body: str
    body_html: str
    author: str
    date: Day
    observed_on: Day | None
    study_key: str
    study_title: str
    strength: Strength
    tags: tuple[Label, ...]
    lent: tuple[Label, ...]
    """Tags that its study lends it and that it does not have itself."""
    evidence: tuple[Piece, ...]
    supporting: tuple[Cited, ...]
    contradicting: tuple[Cited, ...]
    address: str = ""
    stage: str = ""
    """How far a recommendation is; empty in what was frozen before that was told."""
    tracker: str = ""
    """Where its doing is tracked: an address of the web."""

    @property
    def is_replaced(self) -> bool:
        return self.standing == "replaced"


@dataclass(frozen=True)
class Answer:
    """A question and what was found: insights first, then facts. `place` is where atoms are moved."""

    number: int
    question: str
    insights: tuple[Finding, ...]
    facts: tuple[Finding, ...]
    place: str = ""


@dataclass(frozen=True)
class StudyLine:
    """A study that a report draws on, with how many of the report's claims are of it."""

    key: str
    title: str
    method: str
    starts_on: Day | None
    ends_on: Day | None
    participant_count: int | None
    claims: int = 0
    address: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a report with its heading; `text` and `html` are the same prose.

    Of the rest only what its name says is filled. `anchor` is its own in the report: the name, or
    "text-1" and so on for the author's own sections.
    """

    name: str
    anchor: str
    title: str
    text: str = ""
    html: str = ""
    questions: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Of "also" and "recommendations"."""
    cited: tuple[Cited, ...] = ()
    """Of "appendix": all facts. Of a "summary" that nobody wrote: the first insights."""
    studies: tuple[StudyLine, ...] = ()
    tags: tuple[Counted, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class About:
    """What stands in the title block."""

    method: str = ""
    starts_on: Day | None = None
    ends_on: Day | None = None
    participant_count: int | None = None
    team: tuple[str, ...] = ()
    studies: tuple[StudyLine, ...] = ()
    """All that its claims are of, also where no section lists them."""


@dataclass(frozen=True)
class StudyReport:
    """A report of a study, or across studies, for one reader in one language.

    `version`, `note` and `author` are those of a frozen version; a living one has none, and was made
    on the day it was read. `address` is its page, `subtitle` what is to be said of the whole of it.
    """

    key: str
    scope: str
    address: str
    title: str
    subtitle: str
    language: str
    made_on: Day
    about: About
    sections: tuple[Section, ...]
    version: int | None = None
    note: str = ""
    author: str = ""

    def section(self, name: str) -> Section | None:
        """The first section of a sort, if it has one."""
        return next((one for one in self.sections if one.name == name), None)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What it says on each question."""
        return tuple(answer for one in self.sections for answer in one.answers)

    @property
    def also(self) -> tuple[Finding, ...]:
        """What answers none of the questions."""
        return self._of("also")

    @property
    def recommendations(self) -> tuple[Finding, ...]:
        """What to do."""
        return self._of("recommendations")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every claim that it shows, once, in its order."""
        return tuple({one.atom_id: one for one in self._shown()}.values())

    def _of(self, name: str) -> tuple[Finding, ...]:
        found = (section.findings for section in self.sections if section.name == name)
        return tuple(one for some in found for one in some)

    def _shown(self) -> Iterator[Finding]:
        for section in self.sections:
            for answer in section.answers:
                yield from answer.insights
                yield from answer.facts
            yield from section.findings


def line_of(one: Finding) -> Cited:
    """A claim as no more than a line."""
    return Cited(**{field.name: getattr(one, field.name) for field in fields(Cited)})


_ADAPTER = TypeAdapter(StudyReport)


def plain(report: StudyReport) -> dict[str, Any]:
    """The report as plain JSON, from which `from_plain` makes the same one again."""
    made: dict[str, Any] = _ADAPTER.dump_python(report, mode="json")
    return made


def from_plain(kept: dict[str, Any]) -> StudyReport:
    """The report that `plain` kept."""
    return _ADAPTER.validate_python(kept)
