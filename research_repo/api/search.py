"""Search, as on its page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app

from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading
from research_repo.api.door import search as search_room
from research_repo.api.models import SearchValues
from research_repo.api.search_answers import SearchAnswer
from research_repo.core import access, tagging
from research_repo.core.db import Session
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.search import Meant, Wanted, meant, narrowed_by, study_answers
from research_repo.search.answers import LOOKED_UP, Answer
from research_repo.search.asking import cut


@operation(
    "GET",
    "/search",
    say("Find atoms by words, by filters, or both; closest first."),
    SearchAnswer,
)
def search(query: SearchValues) -> SearchAnswer:
    by = caller()
    with reading() as session:
        asked = _asked(session, by, query)
    found = search_room().find(asked.wanted, by)
    current_app.extensions["misses"].take(asked.wanted, found)
    studies = search_room().studies(asked.wanted, by)
    with reading() as session:
        answer = Answer(session, by, found, language()).as_json()
        answer["studies"] = study_answers.as_json(session, by, studies, language())
    about = [LOOKED_UP] * found.is_looked_up + [*asked.told]
    told = [message.put(language()) for message in about]
    return SearchAnswer.model_validate({**answer, "told": told})


def _asked(session: Session, by: Person, query: SearchValues) -> Meant:
    # An empty value filters nothing.
    names, keys = filter(None, query.tag), filter(None, query.study)
    wanted = Wanted(
        text=cut(query.q),
        tags=tuple(tagging.asked(session, by, name, language()).key for name in names),
        kinds=tuple(kind for kind in query.kind if kind),
        studies=tuple(access.study_to_read(session, by, key).key for key in keys),
        match=query.match,
        sort=query.sort,
        limit=query.limit,
        offset=query.offset,
    )
    filters: dict[str, Sequence[str]] = {
        "exact": query.exact,
        "method": query.method,
        "by": query.by,
        "lang": query.lang,
        "has": query.has,
        "after": [query.after],
        "before": [query.before],
        "status": query.status,
        "not": query.without,
    }
    return meant(session, by, narrowed_by(session, by, wanted, filters, language()), language())
