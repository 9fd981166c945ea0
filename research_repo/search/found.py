"""What a search answers with: plain values for pages, JSON and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from research_repo.core.strength import Strength
from research_repo.search.closure import Closure


@dataclass(frozen=True)
class Why:
    """Why an atom was found: words of its own (`field`), a tag it carries, or a tag's other label."""

    kind: str
    text: str
    tag_id: int | None = None
    field: str = ""
    """Where the words stand: title, body or quote; empty until `reasons.placed` has looked."""


@dataclass(frozen=True)
class Backing:
    """What stands behind an atom, counted from what the person sees and what is published."""

    strength: Strength | None = None
    """None where it was only looked up."""
    superseded: int = 0
    """Newer atoms that take its place."""


@dataclass(frozen=True)
class Hit:
    atom_id: int
    score: float
    """What its words and tags are worth, less what age and standing take."""
    why: tuple[Why, ...] = ()
    backing: Backing = Backing()


@dataclass(frozen=True)
class Best:
    """Of one kind among what was found: how many there are, and those that answer best."""

    total: int = 0
    hits: tuple[Hit, ...] = ()
    """Without reasons."""


@dataclass(frozen=True)
class Correction:
    """What was typed and what was searched instead. `kind` is layout or spelling."""

    kind: str
    typed: str
    used: str


@dataclass(frozen=True)
class Meaning:
    """Words of the query that name a tag, and how many atoms stand under it within the filters."""

    span: str
    tag_id: int
    count: int


@dataclass(frozen=True)
class Suggestion:
    """A tag for what was typed. `label` is its name in the person's language."""

    tag_id: int
    label: str
    matched_label: str
    exact: bool
    count: int
    is_near: bool = False
    """Another way to write the label, neither it nor its beginning."""


@dataclass(frozen=True)
class Options:
    """How many hits each value of a facet has, what was chosen in that facet left out.

    What the search excludes stays excluded. Values without hits are not there.
    """

    kinds: dict[str, int] = field(default_factory=dict)
    studies: dict[int, int] = field(default_factory=dict)
    methods: dict[str, int] = field(default_factory=dict)
    authors: dict[int, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    tags: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    """For each scheme in which a tag is chosen: tag → hits. In others `Found.tag_counts` holds."""


@dataclass(frozen=True)
class Found:
    """One page of hits, and counts over all of them, within what the person may see."""

    total: int
    """As it was asked for: with any or with all of the words."""
    hits: tuple[Hit, ...]
    best: Best = Best()
    """Of the kind that was asked for beside."""
    total_any: int = 0
    total_all: int = 0
    words: frozenset[str] = frozenset()
    """What to mark in a text, as `snippets.marked` reads it."""
    tag_counts: Mapping[int, int] = field(default_factory=dict)
    kind_counts: dict[str, int] = field(default_factory=dict)
    study_counts: dict[int, int] = field(default_factory=dict)
    year_counts: dict[int, int] = field(default_factory=dict)
    month_counts: dict[tuple[int, int], int] = field(default_factory=dict)
    """Year and month of what was observed (or, without a date, written down) then."""
    options: Options = Options()
    unseen: frozenset[int] = frozenset()
    """Tags that do not exist for the person."""
    corrections: tuple[Correction, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    literal_total: int | None = None
    """How many hold the words themselves, where words name tags and nothing was corrected."""
    loosened: tuple[str, ...] = ()
    """Phrases that stand nowhere; their words were searched instead."""
    closure: Closure | None = field(default=None, repr=False, compare=False)
    """The hierarchy by which tags were counted, where they were."""
    rebuilding: float | None = None
    """How much of the index is rebuilt, 0 to 1; then hits are plain word matches without counts."""

    def weighed(self) -> dict[int, Strength]:
        """How strong the hits and the best are; empty where they were only looked up."""
        every = (*self.hits, *self.best.hits)
        return {hit.atom_id: hit.backing.strength for hit in every if hit.backing.strength}

    @property
    def is_looked_up(self) -> bool:
        """Whether the database answered in place of the index, which is being rebuilt."""
        return self.rebuilding is not None
