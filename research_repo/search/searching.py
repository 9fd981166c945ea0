"""The search of one instance: what pages, JSON and the command line talk to."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from research_repo.core import indexing, links, lookup, people, tagging, words
from research_repo.core.access import anybody, atom_to_read
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.likeness import Near
from research_repo.core.models import Person
from research_repo.search import checking, facets, finding, gaps, masks, narrowing, similar, studies
from research_repo.search.aside import aside
from research_repo.search.asking import Wanted, parse
from research_repo.search.building import Progress
from research_repo.search.checking import Difference
from research_repo.search.correcting import Shelf
from research_repo.search.dictionary import Dictionary, NewestDictionary
from research_repo.search.facets import Facet
from research_repo.search.files import Damaged
from research_repo.search.finding import Question
from research_repo.search.found import Found, Hit, Suggestion
from research_repo.search.gaps import Gaps, Held
from research_repo.search.indexer import Indexer
from research_repo.search.live import Live
from research_repo.search.masks import Known
from research_repo.search.openness import Openness
from research_repo.search.similar import Similar
from research_repo.search.studies import Asked, StudiesFound
from research_repo.search.study_shelf import StudyShelf
from research_repo.search.surroundings import NewestSurroundings, Surroundings
from research_repo.search.view import EMPTY, View

WAIT_SECONDS = 0.15
WAIT_STEP_SECONDS = 0.01

Counted = TypeVar("Counted")

REBUILDING = say("The search index is being rebuilt. Try again in a minute or two.")


class Search:
    """Answers from the index, or from the database while there is no index that can be served."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        with database.reading() as session:
            self.live = Live(folder, indexing.guid(session))
        self.indexer = Indexer(database, self.live)
        self._dictionary = NewestDictionary(database)
        self._shelf = StudyShelf(database)
        self._surroundings = NewestSurroundings()

    def find(
        self, wanted: Wanted, by: Person, *, is_counted: bool = True, best_of: str = ""
    ) -> Found:
        """The hits for `by`, who sees their own changes at once; never refuses a text.

        Without counts it takes half the time, and tells only the hits, their words and the totals.
        `best_of` names a kind of atom of which the best are told beside, whatever the order and the
        page.
        """
        around = self._around(by, is_patient=True)
        try:
            question = self._question(wanted, around)
            if question is not None:
                return finding.answer(question, is_counted=is_counted, best_of=best_of)
        except (Damaged, OSError) as fault:
            self.live.report(fault)
        self.indexer.wake()
        return self._look_up(wanted, by)

    def ids(self, wanted: Wanted, by: Person, limit: int) -> list[int]:
        """The atoms of all that is found, rising and `limit` at most, whatever page is wanted.

        Raises:
            Unavailable: there is no index that could tell all of them now.
        """
        around = self._around(by, is_patient=True)
        try:
            question = self._question(wanted, around)
            if question is not None:
                return finding.ids(question)[:limit]
        except (Damaged, OSError) as fault:
            self.live.report(fault)
        self.indexer.wake()
        raise Unavailable(REBUILDING)

    def counted(self, wanted: Wanted, by: Person, count: Callable[[Question], Counted]) -> Counted:
        """What `count` tells of all that the filters leave of what `by` sees; words are passed over.

        Raises:
            Unavailable: there is no index that could tell all of it now.
        """
        try:
            question = self._question(replace(wanted, text=""), self._around(by))
            if question is not None:
                return count(question)
        except (Damaged, OSError) as fault:
            self.live.report(fault)
        self.indexer.wake()
        raise Unavailable(REBUILDING)

    def studies(self, wanted: Wanted, by: Person) -> StudiesFound:
        """The studies that answer, by their words and tags, for `by`; never refuses a text."""
        around = self._around(by)
        try:
            return studies.answer(self._asked(wanted, around, self.live.view() or EMPTY))
        except (Damaged, OSError) as fault:
            self.live.report(fault)
        self.indexer.wake()
        return studies.answer(self._asked(wanted, around, EMPTY))

    def gaps(self, text: str, by: Person, since: date) -> Gaps:
        """The tags that the words name, and where below them `by` sees no fact of that day or later.

        None while there is no index that could tell.
        """
        try:
            question = self._question(Wanted(text=text, kinds=("fact",)), self._around(by))
            if question is not None:
                return gaps.of(question, since)
        except (Damaged, OSError) as fault:
            self.live.report(fault)
        return Gaps()

    def held(self, tag_ids: Collection[int], by: Person) -> dict[int, Held]:
        """The published facts that `by` sees under these tags; nothing of tags unknown to them."""
        try:
            question = self._question(Wanted(kinds=("fact",)), self._around(by))
            if question is not None:
                return dict(gaps.held(question, tag_ids))
        except (Damaged, OSError) as fault:
            self.live.report(fault)
        return {}

    def similar(self, key: str, by: Person) -> list[Similar]:
        """Published atoms that say nearly the same as one that `by` sees, but for those linked to it.

        Raises:
            NotFound: there is no such atom for `by`.
        """
        with self.database.reading(is_shared=True) as session:
            atom = atom_to_read(session, by, key)
            around = self._surroundings.of(session, by)
            document = indexing.documents(session, [atom.id])[0]
            linked = [link.other_id for link in links.of_atom(session, by, atom)]
        view = self.live.view()
        if view is None:
            return []
        allowed = around.seen_in(view) & similar.published(view)
        allowed[view.places_of(linked)] = False
        try:
            closure = self._words(around).closure
            near = similar.candidates(view, closure, document, allowed)
        except (Damaged, OSError) as fault:
            self.live.report(fault)
            return []
        return self._chosen(document.title, near)

    def similar_to(self, text: str, by: Person) -> list[Similar]:
        """Published atoms that say nearly what is being typed; none until it tells enough."""
        view = self.live.view()
        if view is None:
            return []
        allowed = self._look(by).seen_in(view) & similar.published(view)
        try:
            near = similar.for_text(view, text, allowed)
        except (Damaged, OSError) as fault:
            self.live.report(fault)
            return []
        return self._chosen(text, near)

    def _chosen(self, title: str, near: list[tuple[int, float]]) -> list[Similar]:
        if not near:
            return []
        with self.database.reading(is_shared=True) as session:
            texts = indexing.texts(session, [atom_id for atom_id, _ in near])
        return similar.chosen(title, near, texts)

    def open_texts(self, texts: Iterable[str], *, as_meant: bool = False) -> list[str]:
        """Those of the texts that tell nothing of what is closed to somebody: a study, a draft.

        `as_meant` also judges what a misspelt word would be, which takes longer. None while there
        is no index to judge by.
        """
        dictionary = self._dictionary.newest()
        with self.database.reading() as session:
            sight, stale = anybody(session), indexing.stale(session)
        shelf = self._shelf.newest()
        view = self.live.view()
        if view is None:
            return []
        spelled = self.live.spelled, self._shelf.spelled
        judge = Openness(view, shelf, sight, stale, dictionary.thesaurus, spelled)
        is_open = judge.is_open_as_meant if as_meant else judge.is_open
        try:
            return [text for text in texts if is_open(text)]
        except (Damaged, OSError) as fault:
            self.live.report(fault)
        return []

    def is_called(self, text: str) -> bool:
        """Whether a tag is called so, in whatever form of the word."""
        spans = self._dictionary.newest().thesaurus.spans(words.stems(text))
        return len(spans) == 1 and bool(spans[0].names)

    def facets(self, found: Found, wanted: Wanted) -> list[Facet]:
        """How the hits spread over the tags, below the ones that are chosen."""
        return facets.facets(found.closure or self._dictionary.newest().closure, found, wanted)

    def beside(self, found: Found, key: str, limit: int) -> list[tuple[int, int]]:
        """Of what was found under a tag: the tags that it carries beside, with how often."""
        closure = found.closure or self._dictionary.newest().closure
        return facets.beside(closure, found.tag_counts, key, limit)

    def counts(self, by: Person) -> dict[int, int]:
        """For each tag the published atoms in its subtree that `by` sees: what a click would show."""
        try:
            question = self._question(Wanted(), self._around(by))
            if question is not None:
                closure = question.dictionary.closure
                return dict(question.view.tag_counts(closure, question.allowed).items())
        except (Damaged, OSError) as fault:
            self.live.report(fault)
        self.indexer.wake()
        return self._count_in_database(by)

    def suggest(self, text: str, by: Person, language: str, limit: int = 10) -> list[Suggestion]:
        """Tags for what is being typed; when nothing is typed, those used recently and most."""
        used = self.counts(by)
        with self.database.reading(is_shared=True) as session:
            recent, around = tagging.recent(session, by), self._surroundings.of(session, by)
        labels = self._words(around).labels
        return labels.suggest(
            text, language, used=used, recent=recent, unseen=set(around.unseen), limit=limit
        )

    def near(self, text: str, by: Person, limit: int = 3) -> list[Near]:
        """The tags that `text` may be another word for, the nearest first."""
        with self.database.reading(is_shared=True) as session:
            around = self._surroundings.of(session, by)
        labels = self._words(around).labels
        return labels.near(text, set(around.unseen), limit)

    def doubles(self) -> list[tuple[Near, Near]]:
        """Tags that may be one: each pair once, the likeliest first; for those who govern all tags.

        Worked out once for an edition of the vocabulary; with thousands of tags that takes seconds.
        """
        self.database.look_anew()  # the newest edition may be newer than what a page has read
        return self._dictionary.newest().labels.doubles

    def catch_up(self) -> int:
        """Return when all that was saved before is findable; how many atoms this call wrote."""
        return self.indexer.catch_up()

    def rebuild(self, progress: Progress | None = None) -> None:
        """Build the index anew; searches are answered meanwhile."""
        self.indexer.rebuild(progress)

    def check(self) -> list[Difference]:
        """Where the index differs from the database, document by document."""
        return checking.differences(self.database, self.live)

    def warm_up(self) -> None:
        """Read what the first searches would have to wait for."""
        view = self.live.view()
        if view is not None:
            self.live.spelled.of(view)
        self._dictionary.warm_up()
        self._shelf.warm_up()
        with self.database.reading() as session:
            by = people.system(session)
        self.find(Wanted(), by)

    def start(self) -> None:
        """Keep up with the database from now on, in one thread."""
        self.indexer.start()
        aside(self._dictionary.warm_up, "words of tags")
        aside(self._shelf.warm_up, "words of studies")

    def stop(self) -> None:
        self.indexer.stop()

    def _around(self, by: Person, *, is_patient: bool = False) -> Surroundings:
        """What `by` sees; who is patient waits a little until their own changes are in the index."""
        around = self._look(by)
        if is_patient and around.is_waiting:
            self._wait_for(by)
            self.database.look_anew()
            around = self._look(by)
        return around

    def _wait_for(self, by: Person) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            # This alone: to read all that a search needs would slow down the indexer.
            with self.database.reading() as session:
                if not indexing.is_waiting_for(session, by.id):
                    return
            with self.indexer.published:
                self.indexer.published.wait(WAIT_STEP_SECONDS)

    def _look(self, by: Person) -> Surroundings:
        with self.database.reading(is_shared=True) as session:
            return self._surroundings.of(session, by)

    def _words(self, around: Surroundings) -> Dictionary:
        dictionary = self._dictionary.newest(around.vocabulary)
        if dictionary.closure.edition != around.vocabulary:
            self.database.look_anew()  # whoever shows the answer has to know its tags
        return dictionary

    def _question(self, wanted: Wanted, around: Surroundings) -> Question | None:
        # The queue was read before the view: what leaves it in between is in the view already.
        view = self.live.view()
        if view is None:
            return None
        dictionary = self._words(around)
        known = self._known(wanted, around, dictionary)
        filtered = masks.filtered(view, known, wanted)
        seen = around.seen_in(view)
        shelf = self._shelf.newest(around.studies)
        studies = Shelf(shelf, around.readable_in(shelf), self._shelf.spelled)
        return Question(wanted, view, dictionary, seen, filtered, known, self.live.spelled, studies)

    def _known(self, wanted: Wanted, around: Surroundings, dictionary: Dictionary) -> Known:
        studies: dict[str, int] = {}
        if named := wanted.named("study"):
            with self.database.reading(is_shared=True) as session:
                studies = indexing.study_ids(session, named)
        return Known(dictionary.closure, studies, around.methods, around.unseen)

    def _asked(self, wanted: Wanted, around: Surroundings, atoms: View) -> Asked:
        dictionary = self._words(around)
        known = self._known(wanted, around, dictionary)
        view = self._shelf.newest(around.studies)
        seen, seen_atoms = around.readable_in(view), around.seen_in(atoms)
        spelled = self._shelf.spelled
        return Asked(wanted, dictionary, known, view, seen, spelled, atoms, seen_atoms)

    def _look_up(self, wanted: Wanted, by: Person) -> Found:
        closure = self._dictionary.newest().closure
        query = parse(wanted.text)
        with self.database.reading() as session:
            unseen = frozenset(tagging.unseen(session, by))
            studies = indexing.study_ids(session, wanted.named("study"))
            total, atom_ids = lookup.find(
                session,
                by,
                (*query.words, *query.prefixes),
                narrowing.of(wanted, closure, studies, unseen),
                without=narrowing.excluded(wanted, closure, studies, unseen),
                statuses=narrowing.statuses(wanted),
                limit=wanted.limit,
                offset=wanted.offset,
            )
        return Found(
            total,
            tuple(Hit(atom_id, 0.0) for atom_id in atom_ids),
            words=frozenset(query.stems),
            unseen=unseen,
            rebuilding=self.indexer.progress or 0.0,
        )

    def _count_in_database(self, by: Person) -> dict[int, int]:
        closure = self._dictionary.newest().closure
        atoms_of: dict[int, set[int]] = {}
        with self.database.reading() as session:
            for atom_id, tag_id in lookup.taggings(session, by):
                for ancestor in closure.ancestors(tag_id):
                    atoms_of.setdefault(ancestor, set()).add(atom_id)
        return {tag_id: len(atom_ids) for tag_id, atom_ids in atoms_of.items()}
