"""The job "import.atoms": a file that was sent to a page comes in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from research_repo.core import imports, people
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.import_terms import Outcome, Terms
from research_repo.core.language import Message
from research_repo.exchange import tables, uploads
from research_repo.exchange.tables import Table
from research_repo.exchange.uploads import Upload
from research_repo.worker import Progress, Work

PROBLEMS_KEPT = 1000


def import_work(database: Database, folder: Path) -> Work:
    """Does the job; the file goes when it is in."""

    def bring_in(arguments: Any, progress: Progress) -> Any:
        with database.reading() as session:
            by = people.get(session, arguments["person"])
        upload = uploads.get(folder, by.id, arguments["token"])
        try:
            table = tables.opened(upload.path)
            rows = table.rows
            mapping, terms = arguments["mapping"], Terms(**arguments["terms"])
            done = imports.run(database, by, lambda: rows(mapping), terms, progress, table.total)
        except Invalid as refusal:
            # A job fails with one sentence.
            raise Unavailable(next(iter(refusal.problems.values()))) from refusal
        _keep_refused(table, upload, done, terms.language)
        uploads.forget(upload)
        return _result(done, upload, by.id)

    return bring_in


def _keep_refused(table: Table, upload: Upload, done: Outcome, language: str) -> None:
    problems: dict[int, str] = {}
    for one in done.warnings:
        if one.is_refusal:
            told = f"{one.column}: {one.reason.put(language)}".removeprefix(": ")
            problems[one.row] = "; ".join(filter(None, (problems.get(one.row), told)))
    if not problems:
        return
    try:
        with upload.refused.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(table.kept_out(problems))
    except OSError:
        # The file is in, and its page tells the problems: a full disk takes only the table away.
        upload.refused.unlink(missing_ok=True)


def _result(done: Outcome, upload: Upload, person_id: int) -> dict[str, Any]:
    def kept(reason: Message) -> Any:
        return reason.as_json()

    told = sorted(done.warnings, key=lambda one: (not one.is_refusal, one.row))[:PROBLEMS_KEPT]
    return {
        "token": upload.token,
        "person": person_id,
        "file": upload.name,
        "is_written": done.is_written,
        "created": done.created,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "refused": done.refused,
        "studies_created": done.studies_created,
        "tags_created": done.tags_created,
        "more": max(0, len(done.warnings) - PROBLEMS_KEPT),
        "warnings": [
            {"row": one.row, "column": one.column, "reason": kept(one.reason)} for one in told
        ],
    }
