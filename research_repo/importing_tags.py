"""The jobs "import.tags.preview" and "import.tags": a list of tags that was sent to a page."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research_repo.core import people, tag_imports
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.language import say
from research_repo.core.tag_imports import Outcome
from research_repo.core.tag_lists import FLAW_KINDS, Flaw
from research_repo.exchange import cells, tag_files, uploads
from research_repo.exchange.uploads import Upload
from research_repo.worker import Progress, Work

NAMES_KEPT = 50
FLAWS_KEPT = 20
REFUSED = "refused"
KINDS = {REFUSED: say("Refused rows")} | FLAW_KINDS

Told = dict[str, Any]


@dataclass(frozen=True)
class ListTerms:
    """Whose list is to come in: `group` is for its tags that name none."""

    token: str
    person: int
    group: str
    language: str


def tag_work(database: Database, folder: Path) -> dict[str, Work]:
    """What does the jobs, by their kinds."""

    def preview(arguments: Any, _progress: Progress) -> Told:
        return _in_a_job(lambda: try_out(database, folder, ListTerms(**arguments)))

    def bring_in(arguments: Any, progress: Progress) -> Told:
        return _in_a_job(lambda: _bring_in(database, folder, ListTerms(**arguments), progress))

    return {"import.tags.preview": preview, "import.tags": bring_in}


def try_out(database: Database, folder: Path, terms: ListTerms) -> Told:
    """Keep what the list would do beside it, and tell; nothing else is written.

    Raises:
        Invalid: the file cannot be read; field "file" says why.
    """
    upload = uploads.get(folder, terms.person, terms.token)
    listed = tag_files.read(upload.path.read_bytes(), upload.name)
    with database.reading() as session:
        by = people.get(session, terms.person)
        outcome = tag_imports.preview(session, by, listed, terms.group)
    told = _told(outcome, upload, terms)
    upload.told.write_text(json.dumps(told), encoding="utf-8")
    return told


def kept_told(upload: Upload) -> Told | None:
    """What a list would do, when it was tried out."""
    try:
        kept: Told = json.loads(upload.told.read_text(encoding="utf-8"))
    except OSError:
        return None
    return kept


def _bring_in(database: Database, folder: Path, terms: ListTerms, progress: Progress) -> Told:
    upload = uploads.get(folder, terms.person, terms.token)
    listed = tag_files.read(upload.path.read_bytes(), upload.name)
    with database.reading() as session:
        by = people.get(session, terms.person)
    outcome = tag_imports.bring_in(database, by, listed, terms.group, progress)
    told = _told(outcome, upload, terms)
    uploads.forget(upload)
    return told


def _in_a_job(work: Any) -> Told:
    try:
        told: Told = work()
    except Invalid as refusal:
        # A job fails with one sentence.
        raise Unavailable(next(iter(refusal.problems.values()))) from refusal
    return told


def _told(outcome: Outcome, upload: Upload, terms: ListTerms) -> Told:
    """What is shown of an outcome, as JSON; all that was wrong is kept as a table."""
    flaws = [(REFUSED, flaw) for flaw in outcome.refused]
    flaws += [(flaw.kind, flaw) for flaw in outcome.warnings]
    _keep_table(upload, flaws, terms.language)
    return vars(terms) | {
        "file": upload.name,
        "created": outcome.created,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "refused": len(outcome.refused),
        "tags_created": outcome.tags_created[:NAMES_KEPT],
        "tags_updated": outcome.tags_updated[:NAMES_KEPT],
        "groups": [
            {
                "key": group.key,
                "labels": dict(group.labels),
                "is_new": group.key in outcome.groups_created,
            }
            for group in outcome.groups
        ],
        "flaws": [one for kind in KINDS if (one := _of_kind(kind, flaws))],
    }


def _of_kind(kind: str, flaws: Iterable[tuple[str, Flaw]]) -> Told | None:
    ours = [flaw for its_kind, flaw in flaws if its_kind == kind]
    if not ours:
        return None
    return {
        "kind": kind,
        "title": KINDS[kind].as_json(),
        "count": len(ours),
        "rows": [(one.row, one.column, one.reason.as_json()) for one in ours[:FLAWS_KEPT]],
    }


def _keep_table(upload: Upload, flaws: Iterable[tuple[str, Flaw]], language: str) -> None:
    upload.refused.unlink(missing_ok=True)
    rows = [
        (str(flaw.row or ""), flaw.column, KINDS[kind].put(language), flaw.reason.put(language))
        for kind, flaw in flaws
    ]
    if rows:
        with upload.refused.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow(("row", "column", "kind", "reason"))
            table.writerows([cells.neutral(cell) for cell in row] for row in rows)
