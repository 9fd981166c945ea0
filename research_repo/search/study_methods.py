"""By which method each study was made, for filters and counts: read anew when studies change."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from research_repo.core import indexing
from research_repo.core.db import Session
from research_repo.core.models import METHODS

NO_METHOD = -1


class NewestMethods:
    """Holds the newest list for all threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._edition: tuple[int, int, int] | None = None
        self._places = np.empty(0, np.int64)

    def newest(self, session: Session, edition: tuple[int, int, int]) -> NDArray[np.int64]:
        """For each study id the place of its method in METHODS; NO_METHOD where there is none.

        `edition` is the one of the studies that the session sees.
        """
        with self._turn:
            if edition != self._edition:
                self._places = _placed(indexing.study_methods(session))
                self._edition = edition
            return self._places


def _placed(methods: list[tuple[int, str]]) -> NDArray[np.int64]:
    size = max((study_id for study_id, _ in methods), default=0) + 1
    places = np.full(size, NO_METHOD)
    for study_id, method in methods:
        if method in METHODS:
            places[study_id] = METHODS.index(method)
    return places
