"""The jobs of work on many findings: what is done to them and taken back, and lists that are written as files."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from research_repo.core import access, atom_lists, bulk, people
from research_repo.core.db import DISK_FULL, Database, Session
from research_repo.core.errors import Invalid, NotFound, Unavailable
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.core.records import AtomRecord
from research_repo.exchange.atom_lists import pieces
from research_repo.exchange.uploads import sweep
from research_repo.search import Search, Wanted, from_address, meant
from research_repo.worker import Progress, Work

ATOMS_MAX = 1_000_000
EXPORTS = "exports"
"""The folder, in the instance, of the files that were written."""

Step = Callable[[Session, Person, int], bool]


@dataclass(frozen=True)
class ListTerms:
    """A list of all that a search finds, as a file: whose, and which. `search` is its address."""

    person: int
    search: str
    form: str
    language: str
    base_url: str = ""


def bulk_work(database: Database, search: Search, folder: Path) -> dict[str, Work]:
    """What does the jobs, by their kinds. Files go into the folder."""

    def do(arguments: Any, progress: Progress) -> Any:
        return _in_steps(database, arguments, bulk.go_on, progress)

    def undo(arguments: Any, progress: Progress) -> Any:
        return _in_steps(database, arguments, bulk.go_back, progress)

    def export(arguments: Any, progress: Progress) -> Any:
        return _export(database, search, folder, ListTerms(**arguments), progress)

    works: dict[str, Work] = {"atoms.export": export}
    for kind, back in bulk.JOBS.values():
        works |= {kind: do, back: undo}
    return works


def all_matching(session: Session, by: Person, search: str, language: str) -> Wanted:
    """The search with this address, as work on all that it finds reads it: all words must be there."""
    wanted = meant(session, by, from_address(parse_qs(search)), language).wanted
    return replace(wanted, match="all", limit=1, offset=0)


def file_of(folder: Path, result: Any, person_id: int) -> Path:
    """The file that a job wrote for this person, or NotFound: it lies there for a day."""
    if result["person"] == person_id and (folder / result["file"]).is_file():
        return folder / str(result["file"])
    raise NotFound(say("The file was kept for a day and is gone. Export the findings again."))


def _in_steps(database: Database, arguments: Any, step: Step, progress: Progress) -> Any:
    bulk_id = arguments["bulk"]
    with database.reading() as session:
        done, total = bulk.steps(session, bulk_id, is_back=step is bulk.go_back)
    more = True
    while more:
        try:
            with database.saving() as session:
                more = step(session, people.get(session, arguments["person"]), bulk_id)
        except Invalid as refusal:
            # A job fails with one sentence.
            raise Unavailable(next(iter(refusal.problems.values()))) from refusal
        done += 1
        progress(min(done, total), total)
    return {"bulk": bulk_id}


def _export(
    database: Database, search: Search, folder: Path, terms: ListTerms, progress: Progress
) -> Any:
    with database.reading() as session:
        by = people.get(session, terms.person)
        access.require_active(by)
        wanted = all_matching(session, by, terms.search, terms.language)
    atom_ids = search.ids(wanted, by, ATOMS_MAX)
    folder.mkdir(mode=0o700, exist_ok=True)
    sweep(folder)
    file = folder / f"{secrets.token_urlsafe(24)}.{terms.form}"
    found = atom_lists.read(database, terms.person, atom_ids, terms.language, progress)
    try:
        with file.open("wb") as written:
            written.writelines(for_people(terms.form, found, terms.language, terms.base_url))
    except OSError as fault:
        file.unlink(missing_ok=True)
        if fault.errno != errno.ENOSPC:
            raise
        raise Unavailable(DISK_FULL) from fault
    return {"file": file.name, "form": terms.form, "count": len(atom_ids), "person": terms.person}


def for_people(
    form: str, found: Iterable[AtomRecord], language: str, base_url: str
) -> Iterator[bytes]:
    """The list as a file that a person opens by a double click."""
    # Without the mark at its front Excel takes a csv for one in the encoding of its country.
    encoding = "utf-8-sig" if form == "csv" else "utf-8"
    return pieces(form, found, language, base_url, encoding)
