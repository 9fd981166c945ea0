"""What requests and answers about saved searches hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from research_repo.api.fields import Body, Text, Values, told
from research_repo.api.models import PAGE_SIZE
from research_repo.core.language import say
from research_repo.core.saved_searches import NAME_MAX
from research_repo.search.asking import LIMIT, LIMIT_MAX, OFFSET_MAX
from research_repo.search.keeping import ADDRESS_MAX

SEARCH = say(
    "What it looks for, as the address of the search page says it: q=refund&kind=insight&tag=…"
)


class SearchToSave(Body):
    """A search to be kept under a name."""

    name: Annotated[Text, Field(min_length=1, max_length=NAME_MAX)] = told(
        say("What it is to be called; each of your searches has a name of its own.")
    )
    search: Annotated[Text, Field(min_length=1, max_length=ADDRESS_MAX)] = told(SEARCH)
    shared: bool = told(say("Whether everybody may use it; each finds what they may see."), False)
    followed: bool = told(say("Whether you are to be told of what it finds anew."), False)


class SavedSearchAnswer(Body):
    key: str
    name: str
    search: str = told(SEARCH)
    shared: bool
    own: bool
    owner: str
    followed: bool = told(say("Whether you are told of what it finds anew."))
    new: int = told(say("What it found in the last seven days, where you follow it."))
    missing: int = told(say("How many of its tags and studies are not there for you."))
    version: int


class SavedSearchesAnswer(Body):
    searches: list[SavedSearchAnswer]


class PageValues(Values):
    """A page of what a saved search finds."""

    limit: int = told(PAGE_SIZE, LIMIT, ge=1, le=LIMIT_MAX)
    offset: int = told(say("How many hits to leave out."), 0, ge=0, le=OFFSET_MAX)
