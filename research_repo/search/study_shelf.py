"""The words of all studies in memory, read anew in small lots when studies change."""

from __future__ import annotations

import threading
from collections import defaultdict

import numpy as np

from research_repo.core import indexing, study_texts
from research_repo.core.access import Reach
from research_repo.core.db import Database, Session
from research_repo.search.postings import Mask
from research_repo.search.spelling import Spelled
from research_repo.search.study_segment import StudySegment
from research_repo.search.view import View

AT_ONCE = 50  # studies that are analysed anew together when one of them changes: some 20 ms


class StudyShelf:
    """Holds the newest studies for all threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._lots: dict[str, StudySegment] = {}
        self._held: tuple[tuple[int, int, int], View] | None = None
        self.spelled = Spelled()
        """The words that stand in studies."""

    def warm_up(self) -> None:
        """Read what the first search would have to wait for."""
        self.newest()

    def newest(self, edition: tuple[int, int, int] | None = None) -> View:
        """All studies, whoever may read them, one document each.

        They are those of this moment, or of the edition that somebody has just read.
        """
        held = self._held
        if held is not None and held[0] == edition:
            return held[1]
        with self._turn, self._database.reading() as session:
            edition = indexing.studies_edition(session)
            if self._held is None or self._held[0] != edition:
                self._lots = self._read(session)
                live = [np.ones(lot.size, bool) for lot in self._lots.values()]
                self._held = edition, View(self._lots, live)
            return self._held[1]

    def _read(self, session: Session) -> dict[str, StudySegment]:
        listed: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for study_id, version in study_texts.versions(session):
            listed[study_id // AT_ONCE].append((study_id, version))
        lots = {}
        for number, standing in listed.items():
            # By its name others know a segment that they have seen: it changes with what it holds.
            name = f"studies {number}: {standing}"
            if name not in self._lots:
                ids = [study_id for study_id, _ in standing]
                self._lots[name] = StudySegment(study_texts.of_studies(session, ids))
            lots[name] = self._lots[name]
        return lots


def readable(view: View, sight: Reach) -> Mask:
    """The studies that exist for a person."""
    return np.isin(view.facts["study"], list(sight.studies))
