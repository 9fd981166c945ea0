"""What requests may hold and what answers do hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from research_repo.api.fields import PAGE, Body, Moment, Name, Text, Values, told, without_defaults
from research_repo.api.strength_bodies import StrengthTold
from research_repo.core import atoms, evidence
from research_repo.core.language import say
from research_repo.core.tagging import TAGS_MAX
from research_repo.search.asking import FILTER_MAX, LIMIT, LIMIT_MAX, OFFSET_MAX

Kind = Literal["fact", "insight", "recommendation"]
Status = Literal["draft", "published", "archived"]
Stage = Literal["proposed", "accepted", "in_progress", "done", "declined"]
Language = Literal["en", "ru"]
Method = Literal[
    "interviews",
    "usability test",
    "survey",
    "diary",
    "observation",
    "analytics",
    "support tickets",
    "experiment",
    "card sorting",
    "desk research",
    "other",
]
LabelKind = Literal["pref", "alt", "hidden"]

EXTERNAL_ID_MAX = 500
LINKS_MAX = 100

Title = Annotated[Text, Field(min_length=1, max_length=atoms.TITLE_MAX)]
LongText = Annotated[Text, Field(max_length=atoms.BODY_MAX)]
Quote = Annotated[Text, Field(max_length=evidence.QUOTE_MAX)]
Source = Annotated[Text, Field(max_length=evidence.SHORT_MAX)]
ExternalId = Annotated[Text, Field(max_length=EXTERNAL_ID_MAX)]

KIND = say("What it is. A fact says what was observed, in one study.")
TITLE = say("The claim, in one sentence.")
BODY = say("What does not fit into the claim, in Markdown.")
STUDY = say("The key of its study. A fact needs one, and the study must be there.")
OBSERVED_ON = say("The day on which it was observed.")
REVIEW_BY = say("The last day on which it counts without a second look; null: its tags tell.")
TAGS = say(
    "Labels, or paths such as “Product area > Basket”. An unknown one becomes a new tag, where its "
    "group lets you add one."
)
NOT_APPLICABLE = say(
    "Keys or labels of tag groups of which no tag applies. A published atom needs a tag or this "
    "word in every group that is required."
)
STUDY_TAGS = say("Tags that its study lends it, beside its own.")
QUOTE = say("Words that were said or written. The first quote, where there are several.")
SOURCE = say("Where the quote stands; without a quote, where the claim is from.")
RESPONDENT = say(
    "Who said the quote: a participant's code, where the study has one who is called so. Without a "
    "quote, who the claim is from."
)
LANGUAGE = say("The language of the claim; left out, it is known by its letters.")
STATUS = say("Drafts are seen by their author and the study's team.")
SUPPORTS = say(
    "The atoms that this one supports, by external id (in its study, then anywhere) or key."
)
CONTRADICTS = say("The atoms that this one contradicts, named in the same way.")
SUPERSEDES = say("The atoms that this one replaces, named in the same way.")
RELATES = say("The atoms that are about the same thing, named in the same way.")
RESTS_ON = say("Atoms that support this one, beside those that do so already.")
CONFIRMED = say(
    "That its words may be known to all: asked for when an atom without a study is published over "
    "findings of a members-only study."
)
STAGE = say("How far a recommendation is. Other kinds of atoms have no stage.")
TRACKER = say("Where the doing of a recommendation is tracked: an address of the web, or empty.")
EXTERNAL_ID = say("Its name in the system that it comes from; stands once in a study.")
CURSOR = say("What the page before gave as next_cursor.")
PAGE_SIZE = say("How many at most.")
NEXT_CURSOR = say("Asks for the next page; null on the last one.")
UPDATED_AFTER = say("Only what changed after this moment, such as 2026-03-31T09:00:00Z.")


class SearchValues(Values):
    """A search: words, and filters that must all hold."""

    q: str = told(
        say(
            "Words, «phrases», -without, begin*, and filters such as kind:fact. Cut after 300 "
            "characters."
        ),
        "",
    )
    tag: list[Name] = told(
        say("Keys or paths of tags; what lies under a tag counts. Of one group any, else all."),
        [],
        max_length=FILTER_MAX,
    )
    exact: list[Name] = told(
        say("The same for tags themselves, without what lies under them."),
        [],
        max_length=FILTER_MAX,
    )
    kind: list[Literal["", "fact", "insight", "recommendation"]] = told(
        say("Any of these kinds."), [], max_length=FILTER_MAX
    )
    study: list[Name] = told(say("Keys of studies; any of them."), [], max_length=FILTER_MAX)
    method: list[Method | Literal[""]] = told(
        say("Any of these methods of the study."), [], max_length=FILTER_MAX
    )
    by: list[Name] = told(
        say("Any of these authors: a name, an id, or “me”."), [], max_length=FILTER_MAX
    )
    lang: list[Literal["", "en", "ru"]] = told(
        say("Any of these languages of the claim."), [], max_length=FILTER_MAX
    )
    has: list[Literal["", "quote"]] = told(say("Only what has a quote."), [], max_length=FILTER_MAX)
    after: Name = told(say("The first day that counts: 2025, 2025-03 or 2025-03-31."), "")
    before: Name = told(say("The first day that counts no more, written in the same way."), "")
    status: list[Literal["", "draft", "published", "archived"]] = told(
        say("Any of these; published where none is named."), [], max_length=FILTER_MAX
    )
    without: list[Name] = Field(
        [],
        alias="not",
        description=say(
            "Filters turned round, such as kind:fact or study:returns-2026: what fits is left out."
        ).one,
        max_length=FILTER_MAX,
    )
    match: Literal["any", "all"] = told(say("Whether any of the words is enough."), "any")
    sort: Literal["relevance", "date", "strength"] = told(
        say("What comes first: what answers best, the newest, or what rests on most."),
        "relevance",
    )
    limit: int = told(PAGE_SIZE, LIMIT, ge=1, le=LIMIT_MAX)
    offset: int = told(say("How many hits to leave out."), 0, ge=0, le=OFFSET_MAX)


class AtomsValues(Values):
    """A page of atoms."""

    study: Name = told(say("Only this study's atoms, by its key."), "")
    updated_after: Moment | None = told(UPDATED_AFTER, None)
    limit: int = told(PAGE_SIZE, PAGE, ge=1, le=PAGE)
    cursor: Name = told(CURSOR, "")


class TagsValues(Values):
    """A page of tags."""

    scheme: Name = told(say("Only the tags of this group, by its key or any of its labels."), "")
    limit: int = told(PAGE_SIZE, PAGE, ge=1, le=PAGE)
    cursor: Name = told(CURSOR, "")


class AtomToAdd(Body):
    """A new atom: the columns of an import."""

    external_id: ExternalId | None = told(EXTERNAL_ID, None)
    kind: Kind = told(KIND, "fact")
    title: Title = told(TITLE)
    body: LongText = told(BODY, "")
    study: Name | None = told(STUDY, None)
    observed_on: date | None = told(OBSERVED_ON, None)
    review_by: date | None = told(REVIEW_BY, None)
    tags: list[Name] = told(TAGS, [], max_length=TAGS_MAX)
    not_applicable: list[Name] = told(NOT_APPLICABLE, [], max_length=TAGS_MAX)
    quote: Quote | None = told(QUOTE, None)
    source: Source | None = told(SOURCE, None)
    respondent: Source | None = told(RESPONDENT, None)
    language: Language | None = told(LANGUAGE, None)
    status: Status = told(STATUS, "published")
    supports: list[Name] = told(SUPPORTS, [], max_length=LINKS_MAX)
    contradicts: list[Name] = told(CONTRADICTS, [], max_length=LINKS_MAX)
    supersedes: list[Name] = told(SUPERSEDES, [], max_length=LINKS_MAX)
    relates: list[Name] = told(RELATES, [], max_length=LINKS_MAX)
    rests_on: list[Name] = told(RESTS_ON, [], max_length=LINKS_MAX)
    is_confirmed: bool = told(CONFIRMED, False)


class AtomToChange(Body):
    """What is to be changed of an atom: fields that are left out stay as they are."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    kind: Kind = told(KIND, None)
    title: Title = told(TITLE, None)
    body: LongText = told(BODY, None)
    study: Name | None = told(STUDY, None)
    observed_on: date | None = told(OBSERVED_ON, None)
    review_by: date | None = told(REVIEW_BY, None)
    tags: list[Name] = told(TAGS, None, max_length=TAGS_MAX)
    not_applicable: list[Name] = told(NOT_APPLICABLE, None, max_length=TAGS_MAX)
    quote: Quote | None = told(QUOTE, None)
    source: Source | None = told(SOURCE, None)
    respondent: Source | None = told(RESPONDENT, None)
    language: Language | None = told(LANGUAGE, None)
    status: Status = told(STATUS, None)
    supports: list[Name] = told(SUPPORTS, None, max_length=LINKS_MAX)
    contradicts: list[Name] = told(CONTRADICTS, None, max_length=LINKS_MAX)
    supersedes: list[Name] = told(SUPERSEDES, None, max_length=LINKS_MAX)
    relates: list[Name] = told(RELATES, None, max_length=LINKS_MAX)
    rests_on: list[Name] = told(RESTS_ON, None, max_length=LINKS_MAX)
    is_confirmed: bool = told(CONFIRMED, None)
    stage: Stage = told(STAGE, None)
    tracker: Source = told(TRACKER, None)


class VersionHeader(Body):
    """The header that says which version is changed."""

    if_match: str = Field(
        alias="If-Match", description=say("The ETag of the atom as it was read.").one
    )


class TagName(Body):
    key: str
    path: str
    label: str


class EvidencePiece(Body):
    kind: str
    text: str
    who: str
    source: str
    row: int | None
    url: str
    number: float | None
    unit: str
    n: int | None
    file_name: str


class AtomAnswer(Body):
    id: str
    external_id: str | None
    kind: Kind
    status: Status
    title: str
    body: str
    language: str
    study: str | None
    questions: list[int] = told(
        say("The numbers, from 1, of its study's questions that it answers.")
    )
    observed_on: date | None
    review_by: date | None = told(REVIEW_BY)
    tags: list[TagName]
    study_tags: list[TagName] = told(STUDY_TAGS)
    not_applicable: list[str] = told(say("Keys of the tag groups of which no tag applies."))
    quote: str | None
    source: str | None
    respondent: str | None
    evidence: list[EvidencePiece]
    supports: list[str] = told(say("Keys of the atoms that this one supports."))
    contradicts: list[str] = told(say("Keys of the atoms that this one contradicts."))
    supersedes: list[str] = told(say("Keys of the atoms that this one replaces."))
    relates: list[str] = told(say("Keys of the atoms that this one relates to."))
    rests_on: list[str] = told(say("Keys of the published atoms that support this one."))
    stage: Stage | None = told(STAGE)
    tracker: str | None = told(TRACKER)
    strength: StrengthTold
    replaced: bool = told(say("Whether a newer published atom replaces this one."))
    stale: bool = told(say("Whether nobody confirmed it in time; what is replaced is not."))
    advice: str | None = told(
        say("What it lacks to rest on, as the team has agreed; null when it lacks nothing.")
    )
    author: str
    version: int = told(say("Rises with each change; the ETag is the same number."))
    created_at: datetime
    updated_at: datetime


class Advice(Body):
    field: str
    advice: str


class AtomWritten(AtomAnswer):
    """An atom as it stands now, with advice on what was sent."""

    personal: list[Advice] = told(
        say(
            "What was sent and tells who somebody is: phones, e-mails, bank cards, numbers of "
            "documents. It is written down all the same; send it again with dots in its place."
        )
    )


class AtomsAnswer(Body):
    atoms: list[AtomAnswer]
    next_cursor: str | None = told(NEXT_CURSOR)


class StudyInList(Body):
    key: str
    title: str
    method: str
    status: str
    access: Literal["open", "members"]
    starts_on: date | None
    ends_on: date | None
    owner: str
    facts: int
    insights: int
    recommendations: int


class StudiesAnswer(Body):
    studies: list[StudyInList]


class StudyQuestion(Body):
    number: int
    text: str


class StudyAnswer(StudyInList):
    tags: list[TagName] = told(say("Its own tags, which its atoms inherit."))
    participant_count: int | None
    summary: str
    background: str
    approach: str
    limitations: str
    questions: list[StudyQuestion]
    version: int


class TagInList(TagName):
    guid: str
    scheme: str = told(say("The key of its group."))
    status: Literal["candidate", "approved", "deprecated"]
    count: int = told(say("How many published atoms stand under it, of those that you see."))


class TagsAnswer(Body):
    tags: list[TagInList]
    next_cursor: str | None = told(NEXT_CURSOR)


class TagLabelText(Body):
    language: str
    kind: LabelKind
    text: str


class TagAnswer(TagInList):
    labels: list[TagLabelText]
    notes: dict[str, str] = told(say("What belongs under it, by language."))
    parents: list[TagName]
    children: list[TagName]
    version: int


class ProblemField(Body):
    field: str
    advice: str


class ProblemAnswer(Body):
    """What went wrong and what to do (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemField]
    address: str | None = None
