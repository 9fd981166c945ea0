"""Whether words tell something that not everybody may know: what is closed is not told by searches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from research_repo.core import words
from research_repo.core.access import Reach
from research_repo.core.indexing import Standing
from research_repo.search import masks
from research_repo.search.asking import parse
from research_repo.search.correcting import Corrector, Shelf
from research_repo.search.postings import Documents, Mask
from research_repo.search.spelling import Spelled
from research_repo.search.study_shelf import readable
from research_repo.search.thesaurus import Thesaurus
from research_repo.search.view import View


@dataclass(frozen=True)
class _Shelf:
    """Documents of one sort: those that everybody reads, and the others."""

    view: View
    open: Mask
    spelled: Spelled

    def closed_with(self, stem: str) -> Documents:
        """The documents with a word that somebody may not read."""
        held = self.view.postings("text", stem).documents
        return held[(self.view.live & ~self.open)[held]]

    def is_told(self, stem: str) -> bool:
        """Whether everybody can read the word somewhere."""
        return bool(self.open[self.view.postings("text", stem).documents].any())


class Openness:
    """Judges texts by all atoms and studies, and by what somebody without any team reads of them."""

    def __init__(
        self,
        atoms: View,
        studies: View,
        anybody: Reach,
        stale: Mapping[int, Standing | None],
        thesaurus: Thesaurus,
        spelled: tuple[Spelled, Spelled],
    ) -> None:
        self._shelves = (
            _Shelf(atoms, masks.in_reach(atoms, anybody, stale), spelled[0]),
            _Shelf(studies, readable(studies, anybody), spelled[1]),
        )
        self._thesaurus = thesaurus

    def is_open(self, text: str) -> bool:
        """Whether no word of it, nor all of them together, come from what is closed to somebody."""
        stems = list(dict.fromkeys(words.stem(token) for token in words.tokens(text)))
        return not self._has_closed_word(stems) and not self._stands_closed(stems)

    def is_open_as_meant(self, text: str) -> bool:
        """The same, also for what a word would be if it were a misspelling or typed on other keys."""
        return all(self.is_open(one) for one in (text, *self._corrected(text)))

    def _has_closed_word(self, stems: Iterable[str]) -> bool:
        return any(
            any(len(shelf.closed_with(stem)) for shelf in self._shelves)
            and not any(shelf.is_told(stem) for shelf in self._shelves)
            for stem in stems
        )

    def _stands_closed(self, stems: list[str]) -> bool:
        if not stems:
            return False
        for shelf in self._shelves:
            together = shelf.closed_with(stems[0])
            for stem in stems[1:]:
                together = np.intersect1d(together, shelf.closed_with(stem))
            if len(together):
                return True
        return False

    def _corrected(self, text: str) -> Iterable[str]:
        atoms, studies = (
            Shelf(shelf.view, shelf.view.live, shelf.spelled) for shelf in self._shelves
        )
        for shelves in ((atoms,), (studies,), (atoms, studies)):
            everything = Corrector(self._thesaurus, frozenset(), shelves)
            query, corrections = everything.correct(text)
            if corrections and query != parse(text):
                yield " ".join(query.words)
