"""A file of atoms comes in: in small transactions, unseen until it is whole, and only once.

Rows pass in chunks: what needs no database (checks, Markdown) is done before a transaction opens.
"""

from __future__ import annotations

import errno
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import IO

from sqlmodel import Session, select

from research_repo.core import (
    access,
    atoms,
    import_grounds,
    import_runs,
    masking,
    new_words,
    pace,
    rows,
    studies,
    tagging,
    words,
)
from research_repo.core.atoms import AtomValues
from research_repo.core.db import DISK_FULL, Database
from research_repo.core.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    Unavailable,
)
from research_repo.core.import_links import SEVERAL
from research_repo.core.import_links import linked as linked
from research_repo.core.import_rules import RowRules
from research_repo.core.import_tags import TagTexts
from research_repo.core.import_terms import Outcome, Row, Terms
from research_repo.core.import_writing import Ready, digest, not_mine, standing, update, write_new
from research_repo.core.language import Message, say
from research_repo.core.models import LINK_KINDS, Atom, Person, Study
from research_repo.core.pace import Pace
from research_repo.core.rows import values_of as values_of

ROWS_AT_ONCE = 100
LINKED_AT_ONCE = 20
LINKS = LINK_KINDS

Progress = Callable[[int, int], None]
Source = Callable[[], Iterable[Row]]


def run(
    database: Database,
    by: Person,
    source: Source,
    terms: Terms,
    progress: Progress = lambda done, total: None,
    total: int = 0,
) -> Outcome:
    """Bring the rows in. Another import is waited for; one that broke off is cleared away first.

    Raises:
        NotAllowed: the person only reads.
        Unavailable: the disk is full; what was begun stays unseen and is cleared away.
    """
    access.require_log(by)
    if terms.is_dry_run:
        return _Import(database, by, terms, progress, total).rehearse(source)
    with import_runs.alone(database, lambda: progress(0, total)):
        import_runs.clear_broken(database)
        if terms.is_all_or_nothing:
            trial = replace(terms, is_dry_run=True)
            outcome = _Import(database, by, trial, progress, total).rehearse(source)
            if outcome.refused:
                return outcome
        try:
            return _Import(database, by, terms, progress, total).perform(source)
        except BaseException as fault:
            # A full disk may forbid even this; then the next import does it.
            with suppress(Refusal):
                import_runs.clear_broken(database)
            if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
                raise Unavailable(DISK_FULL) from fault
            raise


class _Import:
    """One pass through a file."""

    def __init__(
        self, database: Database, by: Person, terms: Terms, progress: Progress, total: int
    ) -> None:
        self.database, self.by, self.terms = database, by, terms
        self.progress, self.total = progress, total
        self.outcome = Outcome(is_written=not terms.is_dry_run)
        self.run_id = 0
        self._tags = TagTexts(by, terms)
        self._rules = RowRules(self._tags.schemes_of, terms.language)
        self._studies: dict[str, int | Message] = {}
        self._seen: dict[str, int] = {}
        self._occurrences: dict[str, int] = {}
        self._in_file: dict[str, int] = {}
        self._changed: list[tuple[int, Ready]] = []
        self._foretold = import_grounds.Foretold()
        # Nobody waits for a reader: a dry run goes in large steps.
        self._pace = Pace(pace.MOST if terms.is_dry_run else ROWS_AT_ONCE)

    def rehearse(self, source: Source) -> Outcome:
        """Say what would happen; nothing is written."""
        for batch in self._batches(source()):
            with self.database.reading() as session:
                self._sort(session, batch)
            self.outcome.updated += len(self._changed)
            self._changed.clear()
        with self.database.reading() as session:
            for number, told in self._foretold.told(session):
                self.outcome.note(number, "supports", told)
        return self._told()

    def perform(self, source: Source) -> Outcome:
        """Write all good rows, then their links, then let everybody see them."""
        with self.database.saving() as session:
            self.run_id = import_runs.begin(session, self.by, self.terms.file_name).id
        self._tags.run_id = self.run_id
        with tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
            for batch in self._batches(source()):
                self._write(batch, waiting)
            self._link(waiting)
        self._keep_back_unfounded()
        with self.database.saving() as session:
            import_runs.complete(session, self.by, self.run_id)
        return self._told()

    def _told(self) -> Outcome:
        with self.database.reading() as session:
            self.outcome.tags_created = made = self._tags.paths_made(session)
            for alike in new_words.doubts(session, self.by, made, self.terms.language):
                self.outcome.note(0, "tags", alike)
        return self.outcome

    def _batches(self, source: Iterable[Row]) -> Iterator[list[Ready]]:
        incoming, done = iter(source), 0
        while chunk := list(islice(incoming, self._pace.rows)):
            readable = [(row, values) for row in chunk if (values := self._values(row))]
            self._find_studies([values.study_key for _, values in readable])
            self._tags.look_up(
                self.database, [text for _, values in readable for text in values.tags]
            )
            self._look_up_rules([values for _, values in readable])
            placed = (self._placed(row, values) for row, values in readable)
            yield [one for one in placed if one]
            done += len(chunk)
            self.progress(done, max(self.total, done))

    def _values(self, row: Row) -> AtomValues | None:
        for column, note in row.notes:
            self.outcome.note(row.number, column, note)
        if row.refused:
            self.outcome.refuse(row.number, list(row.refused))
            return None
        try:
            values = rows.values_of(row.cells)
            values = replace(values, study_key=values.study_key or self.terms.study_key)
            return atoms.ready(self._looked_over(row, values))
        except Invalid as refusal:
            self.outcome.refuse(row.number, rows.problems_of(refusal))
            return None

    def _looked_over(self, row: Row, values: AtomValues) -> AtomValues:
        found = masking.found_in(values)
        told = masking.done(found) if self.terms.is_masked else masking.advised(found)
        for name, advice in told.items():
            self.outcome.note(row.number, rows.field_of(name), advice)
        return masking.masked(values) if found and self.terms.is_masked else values

    def _look_up_rules(self, batch: Sequence[AtomValues]) -> None:
        named = [self._tags.tag(text) for values in batch for text in values.tags]
        studies_of = [self._studies.get(words.fold(values.study_key)) for values in batch]
        marks = [text for values in batch for text in values.not_applicable or ()]
        with self.database.reading() as session:
            self._rules.look_up(
                session,
                [one for one in named if isinstance(one, int)],
                [one for one in studies_of if isinstance(one, int)],
                marks,
            )

    def _find_studies(self, named: Iterable[str]) -> None:
        unknown = {words.fold(key): key for key in named if words.fold(key) not in self._studies}
        unknown.pop("", None)
        if not unknown:
            return
        values = {
            key: studies.ready(studies.StudyValues(title=key, status="completed"))
            for key in unknown.values()
        }
        opened = self.database.reading if self.terms.is_dry_run else self.database.saving
        with opened() as session:
            for folded, key in unknown.items():
                self._studies[folded] = self._study(session, key, values[key])

    def _study(self, session: Session, key: str, values: studies.StudyValues) -> int | Message:
        mine = select(Study).where(Study.folded_key == words.fold(key))
        study = session.exec(mine.where(access.sees_study(self.by))).first()
        if study is not None:
            if access.may_log_into(session, self.by, study):
                return study.id
            return say("Only its team logs into this study. Ask its owner to add you.")
        try:
            studies.check_key(session, key)
            if not self.terms.is_dry_run:
                study = studies.create(session, self.by, key, values)
                study.import_id = self.run_id
        except Invalid as refusal:
            return next(iter(refusal.problems.values()))
        self.outcome.studies_created.append(key)
        return study.id if study else -len(self.outcome.studies_created)

    def _placed(self, row: Row, values: AtomValues) -> Ready | None:
        problems: list[tuple[str, Message]] = []
        study = self._studies[words.fold(values.study_key)] if values.study_key else None
        if isinstance(study, Message):
            problems.append(("study", study))
        accepted: dict[str, int] = {}
        for text in values.tags:
            tag = self._tags.tag(text)
            if isinstance(tag, int):
                accepted[text] = tag
            elif self.terms.unknown_tags == "skip" and self._tags.is_unknown(text):
                self.outcome.note(row.number, "tags", tag)
            else:
                problems.append(("tags", tag))
        if len(accepted) > tagging.TAGS_MAX:
            most = tagging.TAGS_MAX
            problems.append(("tags", say("An atom has at most %(count)s tags.", count=most)))
        marks = [self._rules.mark(text) for text in values.not_applicable or ()]
        problems += [("not_applicable", one) for one in marks if isinstance(one, Message)]
        identity = None if values.external_id else self._identity(values)
        if not problems and values.external_id and (first := self._first(row, values)):
            told = say("Row %(row)s has this external id already. Give each its own.", row=first)
            problems.append(("external_id", told))
        if problems:
            self.outcome.refuse(row.number, problems)
            return None
        place = study if isinstance(study, int) else None
        values = replace(values, tags=tuple(accepted))
        tag_ids = tuple(dict.fromkeys(accepted.values()))
        marked = tuple(dict.fromkeys(one for one in marks if isinstance(one, int)))
        is_public = values.status == "published"
        broken = self._rules.broken(values.kind, tag_ids, place, marked) if is_public else ()
        return Ready(row, values, place, identity, tag_ids, marked, broken)

    def _identity(self, values: AtomValues) -> str:
        quotes = [piece.text for piece in values.evidence if piece.kind == "quote"]
        said = digest(words.fold(values.study_key), values.title, values.body, quotes)
        self._occurrences[said] = occurrence = self._occurrences.get(said, 0) + 1
        return digest(said, occurrence)

    def _first(self, row: Row, values: AtomValues) -> int:
        """The row that has the same external id in the same study; 0 when this is the first."""
        place = digest(words.fold(values.study_key), values.external_id)
        first = self._seen.setdefault(place, row.number)
        return 0 if first == row.number else first

    def _sort(
        self, session: Session, batch: Sequence[Ready]
    ) -> tuple[list[Ready], list[tuple[int, Ready]]]:
        new: list[Ready] = []
        known: list[tuple[int, Ready]] = []
        stand = standing(session, batch)
        closed = not_mine(session, self.by, [found[0] for found in stand if found])
        for one, found in zip(batch, stand, strict=True):
            if self.terms.is_dry_run:
                supports, is_draft = rows.listed(one.row.cells, "supports"), bool(one.broken)
                self._foretold.note(
                    one.row.number, one.values, supports, is_new=found is None, is_draft=is_draft
                )
            if found is None:
                new.append(one)
                self._keep_back(session, one)
                continue
            if found[1] != one.content and found[0] in closed:
                self.outcome.refuse(one.row.number, [("external_id", access.NOT_YOURS)])
                continue
            known.append((found[0], one))
            if found[1] == one.content:
                self.outcome.unchanged += 1
            else:
                self._changed.append((found[0], one))
                if self.terms.is_dry_run and "tags" in one.row.cells:
                    self._keep_back(session, one)
        self.outcome.created += len(new)
        return new, known

    def _keep_back(self, session: Session, one: Ready) -> None:
        if one.broken:
            self.outcome.note(one.row.number, "tags", self._rules.told(session, one.broken))

    def _write(self, batch: list[Ready], waiting: IO[str]) -> None:
        with self._pace.saving(self.database) as session:
            new, known = self._sort(session, batch)
            ids = write_new(session, self.by, self.run_id, self.terms.file_name, new)
        for atom_id, one in [*zip(ids, new, strict=True), *known]:
            self._keep_links(atom_id, one, waiting)
        self._update_all()

    def _keep_links(self, atom_id: int, one: Ready, waiting: IO[str]) -> None:
        if not any(kind in one.row.cells for kind in LINKS):
            return
        if one.values.external_id:
            place = atom_id if one.values.external_id not in self._in_file else SEVERAL
            self._in_file[one.values.external_id] = place
        named = {kind: rows.listed(one.row.cells, kind) for kind in LINKS}
        if any(named.values()):
            waiting.write(json.dumps([one.row.number, atom_id, named]) + "\n")

    def _link(self, waiting: IO[str]) -> None:
        waiting.seek(0)
        while some := list(islice(waiting, LINKED_AT_ONCE)):
            with self.database.saving() as session:
                for number, atom_id, named in map(json.loads, some):
                    atom = session.get_one(Atom, atom_id)
                    for kind, external_ids in named.items():
                        for problem in linked(
                            session, self.by, atom, kind, external_ids, self._in_file
                        ):
                            self.outcome.note(number, kind, problem)

    def _keep_back_unfounded(self) -> None:
        for kind in import_grounds.kinds():
            last = 0
            while True:
                with self.database.saving() as session:
                    made = import_grounds.judged(session, self.run_id, kind, last)
                    if not made:
                        break
                    last = made[-1].id
                    for number, told in import_grounds.keep_back(
                        session, self.by, self.run_id, made
                    ):
                        self.outcome.note(number, "supports", told)

    def _update_all(self) -> None:
        while self._changed:
            with self.database.saving() as session:
                begun = time.monotonic()
                while self._changed and time.monotonic() - begun < pace.SECONDS:
                    self._update(session, *self._changed.pop(0))

    def _update(self, session: Session, atom_id: int, one: Ready) -> None:
        try:
            with session.begin_nested():
                changed, told = update(session, self.by, atom_id, one, self.terms.language)
        except Invalid as refusal:
            self.outcome.refuse(one.row.number, rows.problems_of(refusal))
        except (NotFound, NotAllowed, Conflict) as refusal:
            self.outcome.refuse(one.row.number, [("external_id", refusal.message)])
        else:
            if told:
                self.outcome.note(one.row.number, "tags", told)
            self.outcome.updated += changed
            self.outcome.unchanged += not changed
