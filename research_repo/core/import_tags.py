"""The tags that a file names: each text is looked up, or made, once in an import."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from itertools import count

from sqlmodel import Session

from research_repo.core import access, hierarchy, naming, schemes, tagging, words
from research_repo.core.db import Database
from research_repo.core.errors import Invalid
from research_repo.core.import_terms import Terms
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Scheme

SECONDS_AT_ONCE = 0.1


class TagTexts:
    """What each text of the file stands for: a tag, or why it stands for none."""

    def __init__(self, by: Person, terms: Terms) -> None:
        self.by = by
        self.terms = terms
        self.made: dict[tuple[int, str, int], int] = {}
        self._known: dict[str, int | Message] = {}
        self._unknown: set[str] = set()
        self._hidden: set[int] | None = None
        self._not_yet = count(-1, -1)

    def tag(self, text: str) -> int | Message:
        """The tag of a text that was looked up. A negative one would be made."""
        return self._known[text]

    def look_up(self, database: Database, texts: Iterable[str]) -> None:
        """Find or make what these texts name, a little in each transaction."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
        writes = self.terms.unknown_tags == "create" and not self.terms.is_dry_run
        while unknown:
            with database.saving() if writes else database.reading() as session:
                begun = time.monotonic()
                while unknown and time.monotonic() - begun < SECONDS_AT_ONCE:
                    text = unknown.pop(0)
                    self._known[text] = self._found(session, text)

    def paths_made(self, session: Session) -> list[str]:
        """The paths of the tags that were made, or would be."""
        ids = [tag_id for tag_id in self.made.values() if tag_id > 0]
        cards = hierarchy.cards(session, ids, self.terms.language)
        texts = [text for (_, text, _), tag_id in self.made.items() if tag_id < 0]
        return [*(card.full_path for card in cards.values()), *texts]

    def is_unknown(self, text: str) -> bool:
        """Whether nothing is called so, and nothing was to be made."""
        return text in self._unknown

    def _found(self, session: Session, text: str) -> int | Message:
        if self._hidden is None:
            self._hidden = tagging.unseen(session, self.by)
        try:
            if self._begins_group(session, text):
                return self._make(session)(None, text, None)
            find = partial(naming.find, hidden=self._hidden, make=self._make(session, text))
            tag_id = find(session, text, self.terms.language)
        except Invalid as refusal:
            return next(iter(refusal.problems.values()))
        return (tag_id > 0 and tagging.is_retired(session, tag_id)) or tag_id

    def _begins_group(self, session: Session, text: str) -> bool:
        """The first step of a path may name a group that is not there yet: make it, or would."""
        first, *rest = naming.steps_of(text)
        group = schemes.tidy(first)
        if not rest or not group or schemes.named(session, group):
            return False
        if self.terms.unknown_tags != "create":
            self._unknown.add(text)
        elif access.may_govern(self.by):
            if self.terms.is_dry_run:
                return True
            schemes.add(session, self.by, {words.language_of(group): group})
        return False

    def _make(self, session: Session, whole: str = "") -> naming.Make:
        make_tag = tagging.maker(session, self.by, is_to_review=True)

        def make(scheme: Scheme | None, text: str, under: int | None) -> int:
            if self.terms.unknown_tags != "create":
                self._unknown.add(whole)
                raise Invalid({"tags": say("There is no tag “%(text)s”.", text=whole)})
            place = (scheme.id if scheme else 0, words.fold(text), under or 0)
            if place not in self.made:
                dry = self.terms.is_dry_run
                self.made[place] = next(self._not_yet) if dry else make_tag(scheme, text, under)
            return self.made[place]

        return make
