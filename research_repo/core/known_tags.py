"""The whole vocabulary of one edition in memory: a file names the same tags many thousand times.

It answers only where there is no doubt. Everything else is for `naming`, which asks the database.
"""

from __future__ import annotations

from collections import defaultdict

from sqlmodel import Session, select

from research_repo.core import indexing, naming, schemes, words
from research_repo.core.models import Scheme, SchemeLabel


class KnownTags:
    """Which tag a text names, as it was at `edition`."""

    def __init__(self, session: Session) -> None:
        vocabulary = indexing.vocabulary(session)
        self.edition = vocabulary.edition
        self._replaced = {tag.id: tag.replaced_by for tag in vocabulary.tags}
        self._scheme = {tag.id: tag.scheme_id for tag in vocabulary.tags}
        self._retired = {tag.id for tag in vocabulary.tags if tag.status == "deprecated"}
        self._owners: defaultdict[str, set[int]] = defaultdict(set)
        for label in vocabulary.labels:
            self._owners[words.fold(label.text)].add(self._end(label.tag_id))
        self._children: defaultdict[int, set[int]] = defaultdict(set)
        for child, parent in vocabulary.edges:
            if self._replaced[child] is None:
                self._children[self._end(parent)].add(child)
        self._schemes: defaultdict[str, set[int]] = defaultdict(set)
        for row in session.exec(select(SchemeLabel.folded, SchemeLabel.scheme_id)):
            self._schemes[row[0]].add(row[1])
        for key, scheme_id in session.exec(select(Scheme.key, Scheme.id)):
            self._schemes[key] = {scheme_id}

    def find(self, text: str) -> int | None:
        """The one tag that a label or a path names; None when there is any doubt."""
        steps = [words.fold(schemes.tidy(step)) for step in naming.steps_of(text)]
        if len(steps) == 1:
            return self._sole(self._owners.get(steps[0], set()))
        groups = self._schemes.get(steps[0], set())
        if len(groups) != 1:
            return None
        (scheme_id,) = groups
        here: int | None = None
        for step in steps[1:]:
            owners = {tag for tag in self._owners.get(step, ()) if self._scheme[tag] == scheme_id}
            here = self._sole(owners if here is None else owners & self._children[here])
            if here is None:
                return None
        return here

    def add(self, tag_id: int, scheme_id: int, text: str, under: int | None) -> None:
        """Know of a tag that was made since."""
        self._replaced[tag_id], self._scheme[tag_id] = None, scheme_id
        self._owners[words.fold(text)].add(tag_id)
        if under is not None:
            self._children[under].add(tag_id)

    def _sole(self, owners: set[int]) -> int | None:
        if len(owners) != 1:
            return None
        (tag_id,) = owners
        return None if tag_id in self._retired else tag_id

    def _end(self, tag_id: int) -> int:
        while (survivor := self._replaced[tag_id]) is not None:
            tag_id = survivor
        return tag_id
