"""The rules of tag groups for the rows of a file: what breaks one comes in as a draft."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from sqlmodel import Session

from research_repo.core import rules, schemes, study_tags
from research_repo.core.errors import Invalid
from research_repo.core.language import Message
from research_repo.core.rules import Carries, Offence
from research_repo.core.schemes import Rules

SchemesOf = Callable[[Session, Collection[int]], dict[int, int]]


class RowRules:
    """What the rules say of each row, judged a batch at a time."""

    def __init__(self, schemes_of: SchemesOf, language: str) -> None:
        self.language = language
        self._schemes_of = schemes_of
        self._ruled: Mapping[int, Rules] = {}
        self._scheme_of: dict[int, int] = {}
        self._lent: dict[int, list[int]] = {}
        self._marks: dict[str, int | Message] = {}
        self._told: dict[tuple[Offence, ...], Message] = {}

    def look_up(
        self,
        session: Session,
        tag_ids: Iterable[int],
        study_ids: Iterable[int],
        marks: Iterable[str],
    ) -> None:
        """Read what the rows of a batch are judged by."""
        self._ruled = rules.in_force(session)
        for text in marks:
            self._marks.setdefault(text, _marked(session, text))
        if not self._ruled:
            return
        self._lent = study_tags.of_studies(session, {one for one in study_ids if one > 0})
        wanted = {*tag_ids, *(one for lent in self._lent.values() for one in lent)}
        self._scheme_of |= self._schemes_of(session, wanted - set(self._scheme_of))

    def mark(self, text: str) -> int | Message:
        """The scheme that is said not to apply, or why there is none."""
        return self._marks[text]

    def broken(
        self, kind: str, tag_ids: Collection[int], study_id: int | None, marks: Collection[int]
    ) -> tuple[Offence, ...]:
        """The rules that a row breaks."""
        if not self._ruled:
            return ()
        lent = [
            one
            for one in self._lent.get(study_id or 0, ())
            if self._ruled.get(self._scheme_of[one], schemes.Rules()).is_for(kind)
        ]
        return tuple(rules.judge(self._ruled, Carries(kind, tag_ids, lent, marks), self._scheme_of))

    def told(self, session: Session, broken: tuple[Offence, ...]) -> Message:
        """Why a row is kept as a draft."""
        if broken not in self._told:
            self._told[broken] = rules.kept_back(session, broken, self.language)
        return self._told[broken]


def _marked(session: Session, text: str) -> int | Message:
    try:
        return rules.named(session, [text])[0]
    except Invalid as refusal:
        return refusal.problems["not_applicable"]
