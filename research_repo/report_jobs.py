"""Reports as files: which one is asked for, who may read it, and the job that writes a long one."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from research_repo.core import (
    access,
    attachments,
    brief_reports,
    jobs,
    people,
    report_versions,
    reports,
)
from research_repo.core.db import DISK_FULL, Database, Session
from research_repo.core.errors import NotFound, Unavailable
from research_repo.core.jobs import JobCard
from research_repo.core.language import say
from research_repo.core.models import Job, Person
from research_repo.core.report_shape import StudyReport
from research_repo.exchange import report_files
from research_repo.exchange.document import Pictures
from research_repo.exchange.uploads import sweep
from research_repo.report_found import claims_found
from research_repo.search import Search
from research_repo.worker import Progress, Work

KIND = "reports.export"
AT_ONCE = 200
"""So many claims are set while the person waits; more by a job."""
QUICK = frozenset({"md", "html", "json", "csv"})
"""Kinds that are written at once whatever their length."""
READ, WRITTEN, STEPS = 1, 2, 3


@dataclass(frozen=True)
class Asked:
    """A report by what it is of: study, report, version or brief; `key` is that of its address."""

    what: str
    key: str
    number: int | None = None

    @property
    def name(self) -> str:
        """What its file is called."""
        return self.key if self.number is None else f"{self.key}-{self.number}"


@dataclass(frozen=True)
class ReportTerms:
    """A report as a file: whose, which, and how."""

    person: int
    what: str
    key: str
    number: int | None
    form: str
    language: str
    base_url: str = ""

    @property
    def asked(self) -> Asked:
        return Asked(self.what, self.key, self.number)


def read(session: Session, by: Person, search: Search, asked: Asked, language: str) -> StudyReport:
    """The report as this person may read it now.

    Raises:
        NotFound: there is none, or none for them.
        Unavailable: it rests on a search, and the index is being rebuilt.
    """
    return READERS[asked.what](session, by, search, asked, language)


def _of_study(
    session: Session, by: Person, _search: Search, asked: Asked, language: str
) -> StudyReport:
    return reports.study_report(session, by, asked.key, language)


def _of_report(
    session: Session, by: Person, search: Search, asked: Asked, language: str
) -> StudyReport:
    row = access.report_to_read(session, by, asked.key)
    found = claims_found(search, session, by, row, language)
    return reports.of_report(session, by, asked.key, language, found)


def _of_version(
    session: Session, by: Person, _search: Search, asked: Asked, _language: str
) -> StudyReport:
    if asked.number is None:
        raise NotFound
    return report_versions.read(session, by, asked.key, asked.number).report


def _of_brief(
    session: Session, by: Person, _search: Search, asked: Asked, language: str
) -> StudyReport:
    return brief_reports.report(session, by, asked.key, language)


READERS: dict[str, Callable[[Session, Person, Search, Asked, str], StudyReport]] = {
    "study": _of_study,
    "report": _of_report,
    "version": _of_version,
    "brief": _of_brief,
}


def is_long(report: StudyReport, form: str) -> bool:
    """Whether writing it takes longer than a person waits."""
    return form not in QUICK and len(report.findings) > AT_ONCE


def written(form: str, report: StudyReport, base_url: str | None, instance: Path) -> bytes:
    """The report as a file, with the images that lie in the instance.

    Raises:
        Unavailable: the disk is full, or it takes more time or memory than there is.
    """
    with _told_of_a_full_disk():
        return report_files.written(form, report, base_url, pictures(instance))


def pictures(instance: Path) -> Pictures:
    """The attached images of an instance by their hash, for whoever sees the claims they belong to."""

    def content(digest: str) -> bytes | None:
        try:
            return attachments.path(instance, digest).read_bytes()
        except OSError:
            return None

    return content


def begin(
    session: Session, by: Person, asked: Asked, form: str, language: str, base_url: str
) -> Job:
    """Ask for the file. Asked again while it waits or is written, the answer is the same job."""
    terms = asdict(
        ReportTerms(by.id, asked.what, asked.key, asked.number, form, language, base_url)
    )
    return jobs.open_one(session, by, KIND, terms) or jobs.start(session, by, KIND, terms)


def report_work(
    database: Database, search: Search, folder: Path, instance: Path
) -> dict[str, Work]:
    """What does the job, by its kind. Files go into the folder."""

    def export(arguments: Any, progress: Progress) -> Any:
        terms = ReportTerms(**arguments)
        with database.reading() as session:
            by = people.get(session, terms.person)
            access.require_active(by)
            report = read(session, by, search, terms.asked, terms.language)
        progress(READ, STEPS)
        content = written(terms.form, report, terms.base_url, instance)
        progress(WRITTEN, STEPS)
        with _told_of_a_full_disk():
            file = _kept(folder, content, terms.form)
        named = f"{terms.asked.name}.{terms.form}"
        count = len(report.findings)
        return {"file": file, "name": named, "person": terms.person, "count": count}

    return {KIND: export}


def handed_out(folder: Path, job: JobCard, person_id: int) -> tuple[Path, str]:
    """The file that a job wrote for this person, and its name; NotFound once it is gone."""
    if job.kind != KIND or job.status != "done":
        raise NotFound
    file = folder / str(job.result["file"])
    if job.result["person"] != person_id or not file.is_file():
        raise NotFound(
            say("The file was kept for a day and is gone. Download the report again from its page.")
        )
    return file, str(job.result["name"])


def _kept(folder: Path, content: bytes, form: str) -> str:
    """The file under a name that nobody guesses, whole or not at all."""
    folder.mkdir(mode=0o700, exist_ok=True)
    sweep(folder)
    name = f"{secrets.token_urlsafe(24)}.{form}"
    part = folder / f"{name}.part"
    try:
        part.write_bytes(content)
        os.replace(part, folder / name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return name


@contextmanager
def _told_of_a_full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno != errno.ENOSPC:
            raise
        raise Unavailable(DISK_FULL) from fault
