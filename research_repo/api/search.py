"""Search, as on its page."""

from __future__ import annotations

from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading
from research_repo.api.door import search as search_room
from research_repo.api.models import SearchAnswer, SearchValues
from research_repo.core import access, tagging
from research_repo.core.language import say
from research_repo.search import Wanted
from research_repo.search.answers import Answer
from research_repo.search.asking import cut


@operation(
    "GET", "/search", say("Find atoms by words, by tags, or both; closest first."), SearchAnswer
)
def search(query: SearchValues) -> SearchAnswer:
    by = caller()
    with reading() as session:
        # An empty value filters nothing.
        names, keys = filter(None, query.tag), filter(None, query.study)
        tags = tuple(tagging.asked(session, by, name, language()).key for name in names)
        studies = tuple(access.study_to_read(session, by, key).key for key in keys)
    wanted = Wanted(
        text=cut(query.q),
        tags=tags,
        kinds=tuple(kind for kind in query.kind if kind),
        studies=studies,
        limit=query.limit,
        offset=query.offset,
    )
    found = search_room().find(wanted, by)
    with reading() as session:
        answer = Answer(session, by, found, language()).as_json()
    return SearchAnswer.model_validate(answer)
