"""Reports: the list, their frozen versions, and each of them as a file."""

from __future__ import annotations

from typing import Literal

from flask import Response
from pydantic import BaseModel

from research_repo import report_jobs
from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading, search, settings
from research_repo.api.fields import Moment, Values, told
from research_repo.core import access, report_lists, report_versions
from research_repo.core.language import say
from research_repo.exchange import report_files
from research_repo.report_jobs import Asked

MEDIA = tuple(report_files.TYPES[form] for form in report_files.FORMS)


class FileValues(Values):
    """As which kind of file a report is wanted."""

    format: Literal["json", "md", "html", "pdf", "docx", "pptx", "csv", "xlsx"] = told(
        say("The kind of file."), "json"
    )


class ReportInList(BaseModel):
    """A report that somebody arranged, froze or began."""

    key: str
    scope: Literal["study", "search", "tag", "list"]
    title: str
    study: str | None
    owner: str
    shared: bool
    address: str
    changed_at: Moment


class ReportsAnswer(BaseModel):
    """The reports that you see."""

    reports: list[ReportInList]


class VersionInList(BaseModel):
    """A frozen version of a report."""

    number: int
    title: str
    language: str
    note: str
    atoms: int
    author: str
    published_at: Moment


class VersionsAnswer(BaseModel):
    """The frozen versions of a report, the newest first."""

    versions: list[VersionInList]


@operation(
    "GET",
    "/reports",
    say("The reports that somebody arranged or froze and that you see, the last touched first."),
    ReportsAnswer,
)
def list_reports() -> ReportsAnswer:
    with reading() as session:
        found = report_lists.listed(session, caller())
    return ReportsAnswer(
        reports=[
            ReportInList(
                key=one.key,
                scope=one.scope,
                title=one.title,
                study=one.study_key or None,
                owner=one.owner,
                shared=one.is_shared,
                address=one.address,
                changed_at=one.changed_at,
            )
            for one in found
        ]
    )


@operation(
    "GET",
    "/reports/<key>/versions",
    say("The frozen versions of a report that you may read, the newest first."),
    VersionsAnswer,
)
def list_report_versions(key: str) -> VersionsAnswer:
    with reading() as session:
        row = access.report_to_read(session, caller(), key)
        found = report_versions.listed(session, caller(), row)
    return VersionsAnswer(
        versions=[
            VersionInList(
                number=one.number,
                title=one.title,
                language=one.language,
                note=one.note,
                atoms=one.atom_count,
                author=one.author,
                published_at=one.published_at,
            )
            for one in found
        ]
    )


@operation(
    "GET",
    "/studies/<key>/report",
    say("The report of a study as it is now, as values or as a file."),
    None,
    media=MEDIA,
)
def read_study_report(key: str, query: FileValues) -> Response:
    return file(Asked("study", key), query.format)


@operation(
    "GET",
    "/reports/<key>",
    say("A report as it is now, as values or as a file."),
    None,
    media=MEDIA,
)
def read_report(key: str, query: FileValues) -> Response:
    return file(Asked("report", key), query.format)


@operation(
    "GET",
    "/reports/<key>/versions/<int:number>",
    say("A frozen version of a report, as values or as a file: the same bytes each time."),
    None,
    media=MEDIA,
)
def read_report_version(key: str, number: int, query: FileValues) -> Response:
    return file(Asked("version", key, number), query.format)


def file(asked: Asked, form: str) -> Response:
    """The report as a file; a program waits for a long one."""
    with reading() as session:
        report = report_jobs.read(session, caller(), search(), asked, language())
    own = settings()
    written = report_jobs.written(form, report, own.base_url, own.instance)
    return Response(written, mimetype=report_files.TYPES[form])
