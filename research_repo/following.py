"""Followed searches are asked again, each for its person, when anything has changed."""

from __future__ import annotations

import logging

from research_repo.core import follows, history, indexing
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.search import Search
from research_repo.search.keeping import followed

log = logging.getLogger(__name__)


class Following:
    """Looks for news in all followed searches of one repository."""

    def __init__(self, database: Database, search: Search) -> None:
        self.database = database
        self.search = search
        self._seen = -1

    def look(self) -> None:
        """Tell everybody who follows a search what it finds since the last look.

        Nothing is asked while nothing was changed. What the index does not hold yet is looked at next
        time.
        """
        with self.database.reading() as session:
            newest = history.newest(session)
            if newest == self._seen:
                return
            is_behind = indexing.newest_waiting(session) > 0
            waiting = follows.to_look_at(session)
        for saved_id, person_id in waiting:
            try:
                self._look_at(saved_id, person_id)
            except Unavailable as refusal:
                # The index is being built, or the disk is full: others would fare no better.
                log.info("Followed searches wait: %s", refusal)
                return
            except Exception:
                # One search that cannot be asked keeps nothing from the others.
                log.exception("The followed search %s could not be looked at", saved_id)
        if not is_behind:
            self._seen = newest

    def _look_at(self, saved_id: int, person_id: int) -> None:
        with self.database.reading() as session:
            before = follows.look(session, saved_id, person_id)
        if before is None:
            return
        ids = self.search.ids(followed(before.wanted), before.person, follows.HITS_MAX + 1)
        if before.is_news(ids):
            with self.database.saving() as session:
                follows.note(session, before, ids)
