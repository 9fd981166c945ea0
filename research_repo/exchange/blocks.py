"""What a written report is made of: plain blocks, so that its text is the same in every format.

`document` makes them from a report; Markdown, the page in one file, PDF, DOCX and slides only set
them. Prose that people wrote keeps its own blocks within, taken from its safe HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from research_repo.core.charts import Chart


@dataclass(frozen=True, slots=True)
class Run:
    """Words set in one way; a line break within them is "\\n"."""

    text: str
    is_strong: bool = False
    is_emphasis: bool = False
    is_code: bool = False
    address: str = ""
    """A web address that they lead to, or "#" and an anchor of this document."""
    language: str = ""
    """Where it is not the language around."""


Runs: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """Level 1 is a section of the report, 2 a claim; prose has its own below."""

    level: int
    runs: Runs
    anchor: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: "body", "lead" (the short answer, set larger), or "quiet" (what is told about)."""

    runs: Runs
    style: str = "body"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each item holds blocks, so that lists nest."""

    items: tuple[tuple[Block, ...], ...]
    is_ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that keep their spaces."""

    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A quotation within prose."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody said, and under it who and where; its words have no quotation marks of ours."""

    text: str
    source: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Datum:
    """A figure, what it counts, and how many were asked."""

    figure: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head; `aligns` holds left, center or right for each column."""

    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]
    caption: str = ""
    aligns: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    """Shares of the width, where they should not follow from the words."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it was attached; one whose bytes are not at hand is told by its caption."""

    content: bytes
    media_type: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and the table of what it shows."""

    chart: Chart
    caption: str
    table: Table


@dataclass(frozen=True, slots=True)
class Prose:
    """What a person wrote, as Markdown and as blocks; its headings are below one of `level`."""

    markdown: str
    blocks: tuple[Block, ...]
    level: int
    language: str = ""
    is_lead: bool = False
    """The short answer, which is set larger."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An atom with all that the report tells of it: its title, a quiet line, its blocks."""

    key: str
    kind: str
    level: str
    """How strong it is: weak, fair, strong or disputed."""
    heading: Heading
    told: tuple[str, ...]
    """What the quiet line says, in words: kind, standing, what it rests on, how strong it is."""
    address: str = ""
    blocks: tuple[Block, ...] = ()
    rests_on: tuple[str, ...] = ()
    """The keys of the claims that speak for it."""

    @property
    def meta(self) -> Paragraph:
        """The quiet line; its last run is the key, which leads to the atom."""
        told = "".join(f"{part} · " for part in self.told)
        return Paragraph((Run(told), Run(self.key, address=self.address)), "quiet")


Block: TypeAlias = (
    Heading
    | Paragraph
    | Items
    | Code
    | Rule
    | Aside
    | Quote
    | Datum
    | Table
    | Picture
    | Figure
    | Prose
    | Claim
)


@dataclass(frozen=True, slots=True)
class Document:
    """A report as blocks, with what stands on its cover and at the foot of each page."""

    key: str
    title: str
    language: str
    kind: str
    """What it is, above the title: "Study report, version 3"."""
    subtitle: str
    about: tuple[str, ...]
    """Lines under the title: method, dates, who was heard; the team; the note of a version."""
    author: str
    made_on: str
    """The day as ISO text: nothing in a file depends on the clock."""
    address: str
    """Where it stands in the repository; "" without a base address."""
    contents: str
    """The heading above the list of sections."""
    blocks: tuple[Block, ...]

    @property
    def headings(self) -> Iterator[Heading]:
        """The headings of sections, for a table of contents."""
        return (one for one in self.blocks if isinstance(one, Heading) and one.level == 1)


def words(runs: Runs) -> str:
    """The text of runs without how it is set."""
    return "".join(run.text for run in runs)


def plain(text: str) -> Runs:
    """Text as itself."""
    return (Run(text),) if text else ()
