"""What answers about searches hold: hits with their reasons, studies, similar atoms, counts."""

from __future__ import annotations

from typing import Literal

from research_repo.api.fields import Body, told
from research_repo.api.models import Kind, TagName
from research_repo.api.strength_bodies import StrengthTold
from research_repo.core.language import say


class TagOnHit(TagName):
    via: Literal["asserted", "inherited", "redirected"] = told(
        say("Put on the atom, implied, or put on it under a name merged since.")
    )
    through: Literal["study", "tag"] | None = told(
        say("Where an inherited one comes from: its study has it, or a tag below implies it.")
    )


class FacetTag(TagName):
    count: int = told(say("How many of the hits stand under the tag."))


class WordReason(Body):
    field: Literal["title", "body", "quote"] = told(
        say("Where the words stand: those of the query, or another label of a tag that they name.")
    )
    text: str


class TagReason(Body):
    tag: str = told(say("The key of the tag that the words name, or that the atom carries."))
    text: str


class CorrectionMade(Body):
    kind: str
    typed: str
    used: str


class SearchHit(Body):
    id: str
    external_id: str | None
    kind: Kind
    title: str
    study: str | None
    score: float
    strength: StrengthTold
    tags: list[TagOnHit]
    why: list[WordReason | TagReason]


class Totals(Body):
    """How many hits there are, whatever `match` asks for."""

    any: int = told(say("With any of the words."))
    all: int = told(say("With all of them."))


class FilterCount(Body):
    """A value of a filter, counted without what is chosen in that filter already."""

    filter: Literal["kind", "study", "method", "by", "lang", "year"]
    value: str = told(say("What to ask the filter for; a year goes into after and before."))
    label: str
    count: int


class StudyWordReason(Body):
    field: Literal["title", "question", "text"] = told(
        say("Where the words stand: in the title, in a question, or in what is written about it.")
    )
    text: str


class StudyHit(Body):
    key: str
    title: str
    method: str
    status: str
    score: float
    why: list[StudyWordReason | TagReason]


class StudyHits(Body):
    """The studies that answer the same search."""

    total: int
    hits: list[StudyHit]


class SimilarAtom(Body):
    id: str
    external_id: str | None
    kind: Kind
    title: str
    study: str | None
    score: float = told(say("How near, from 0 to 1."))
    has_same_words: bool = told(say("Its claim has almost the same words: it may be a double."))


class SimilarAnswer(Body):
    atoms: list[SimilarAtom]


class SearchAnswer(Body):
    total: int
    totals: Totals
    hits: list[SearchHit]
    studies: StudyHits = told(
        say(
            "Studies whose title, questions, texts or tags answer; kinds of atom do not narrow them."
        )
    )
    facets: list[FacetTag]
    counts: list[FilterCount]
    told: list[str] = told(say("What of the query was not understood and searched as words."))
    corrections: list[CorrectionMade]
