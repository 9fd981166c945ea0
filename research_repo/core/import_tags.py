"""The tags that a file names: each text is looked up, or made, once in an import."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from functools import partial
from itertools import count

from sqlmodel import Session, select

from research_repo.core import (
    access,
    hierarchy,
    import_runs,
    indexing,
    naming,
    schemes,
    tagging,
    words,
)
from research_repo.core.db import Database
from research_repo.core.errors import Invalid
from research_repo.core.import_terms import Terms
from research_repo.core.known_tags import KnownTags
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Scheme, Tag

SECONDS_AT_ONCE = 0.1


class TagTexts:
    """What each text of the file stands for: a tag, or why it stands for none."""

    def __init__(self, by: Person, terms: Terms) -> None:
        self.by = by
        self.terms = terms
        self.run_id = 0
        """The run that makes the tags; without one none is made."""
        self.made: dict[tuple[int, str, int], int] = {}
        self._would_be: dict[int, str] = {}
        self._found_before: dict[str, int | Message] = {}
        self._unknown: set[str] = set()
        self._not_yet = count(-1, -1)
        self._known: KnownTags | None = None
        self._hidden: set[int] = set()
        self._just_made: dict[str, list[int]] = {"tags": [], "schemes": []}

    def tag(self, text: str) -> int | Message:
        """The tag of a text that was looked up. A negative one would be made."""
        return self._found_before[text]

    def look_up(self, database: Database, texts: Iterable[str]) -> None:
        """Find or make what these texts name: most in memory, the rest a little in each transaction."""
        new = [text for text in dict.fromkeys(texts) if text not in self._found_before]
        if not new:
            return
        with database.reading() as session:
            known = self._known = self._newest(session)
        found = {text: known.find(text) for text in new}
        self._found_before.update({text: tag for text, tag in found.items() if tag is not None})
        unsure = [text for text, tag in found.items() if tag is None]
        writes = self.terms.unknown_tags == "create" and not self.terms.is_dry_run
        while unsure:
            with database.saving() if writes else database.reading() as session:
                edition, begun = indexing.vocabulary_edition(session), time.monotonic()
                while unsure and time.monotonic() - begun < SECONDS_AT_ONCE:
                    text = unsure.pop(0)
                    self._found_before[text] = self._found(session, text)
                self._keep_made(session)
                if edition == known.edition:
                    # What changed since is what was made here, and that is known.
                    known.edition = indexing.vocabulary_edition(session)

    def paths_made(self, session: Session) -> list[str]:
        """The paths of the tags that were made, or would be."""
        ids = [tag_id for tag_id in self.made.values() if tag_id > 0]
        cards = hierarchy.cards(session, ids, self.terms.language)
        paths = [cards[tag_id].full_path for tag_id in ids if tag_id in cards]
        return [*paths, *self._would_be.values()]

    def schemes_of(self, session: Session, tag_ids: Collection[int]) -> dict[int, int]:
        """Tag → its group, of tags that would be made, too."""
        there = hierarchy.in_chunks(session, select(Tag.id, Tag.scheme_id), Tag.id, tag_ids)
        would_be = {tag_id: place[0] for place, tag_id in self.made.items()}
        return {**{tag_id: would_be.get(tag_id, 0) for tag_id in tag_ids}, **dict(there)}

    def is_unknown(self, text: str) -> bool:
        """Whether nothing is called so, and nothing was to be made."""
        return text in self._unknown

    def _newest(self, session: Session) -> KnownTags:
        if self._known and self._known.edition == indexing.vocabulary_edition(session):
            return self._known
        self._hidden = tagging.unseen(session, self.by)
        return KnownTags(session)

    def _found(self, session: Session, text: str) -> int | Message:
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
            made = schemes.add(session, self.by, {words.language_of(group): group})
            self._just_made["schemes"].append(made.id)
        return False

    def _make(self, session: Session, whole: str = "") -> naming.Make:
        make_tag = tagging.maker(session, self.by, is_to_review=True)

        def make(scheme: Scheme | None, text: str, under: int | None) -> int:
            if self.terms.unknown_tags != "create":
                self._unknown.add(whole)
                raise Invalid({"tags": say("There is no tag “%(text)s”.", text=whole)})
            home = scheme or schemes.named(session, schemes.FREE)
            if home:
                # A trial says what the import would say.
                schemes.admitted(session, self.by, home, is_to_review=True)
            place = (scheme.id if scheme else 0, words.fold(text), under or 0)
            if place not in self.made and self.terms.is_dry_run:
                self.made[place] = tag_id = next(self._not_yet)
                self._would_be[tag_id] = self._path(session, scheme, text, under)
            elif place not in self.made:
                self.made[place] = tag_id = make_tag(scheme, text, under)
                self._know(session, tag_id, text, under)
            return self.made[place]

        return make

    def _path(self, session: Session, scheme: Scheme | None, text: str, under: int | None) -> str:
        if len(naming.steps_of(text)) > 1:
            return text
        language = self.terms.language
        if under is not None and under > 0:
            above = hierarchy.cards(session, [under], language)[under].full_path
        elif under is not None:
            above = self._would_be[under]
        elif scheme is not None:
            above = hierarchy.scheme_labels(session, language)[scheme.id]
        else:
            above = schemes.FREE_LABELS[language]
        return f"{above} > {text}"

    def _know(self, session: Session, tag_id: int, text: str, under: int | None) -> None:
        self._just_made["tags"].append(tag_id)
        if self._known:
            self._known.add(tag_id, session.get_one(Tag, tag_id).scheme_id, text, under)

    def _keep_made(self, session: Session) -> None:
        if any(self._just_made.values()):
            import_runs.keep_made(session, self.by, self.run_id, self._just_made)
            self._just_made = {"tags": [], "schemes": []}
