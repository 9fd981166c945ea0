"""Reports come and go: begun from a search, a tag or picked claims; renamed, shown to all, deleted.

A study has its report by itself; a row of its own it gets when somebody first arranges or freezes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    history,
    report_layouts,
    report_picking,
    report_scopes,
    search_pairs,
    tags,
    typed,
)
from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.keys import new_key
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Report, Study
from research_repo.core.report_layouts import CLASSIC, Parts

TITLE_MAX = 500
SCOPES = ("search", "tag", "list")

CHANGED = say("Somebody renamed this report meanwhile. Look at its title again.")


@dataclass(frozen=True)
class NewReport:
    """What a report across studies begins with: what it is of, and the template's parts."""

    scope: str
    title: str
    parts: Parts
    wanted: Iterable[Sequence[str]] = ()
    """Of a search: its filters as pairs of an address."""
    tag_key: str = ""
    atom_keys: Sequence[str] = ()
    is_shared: bool = False


def create(session: Session, by: Person, values: NewReport) -> Report:
    """Begin a report across studies that `by` owns.

    Raises:
        NotFound: there is no such tag for this person.
        Invalid: no title, nothing that is searched for, or no claim picked.
    """
    access.require_log(by)
    title = typed.line(values.title)
    pairs = [(str(name), str(value)) for name, value in values.wanted]
    problems = _title_problems(title)
    if values.scope not in SCOPES:
        problems["scope"] = say("Begin a report from a search, from a tag, or from chosen claims.")
    if values.scope == "search":
        problems |= search_pairs.problems(pairs)
    if values.scope == "list" and not values.atom_keys:
        problems["atoms"] = say("Choose at least one claim, then begin the report.")
    if problems:
        raise Invalid(problems)
    report = Report(
        key=new_key(session, Report.key),
        scope=values.scope,
        tag_id=_tag_id(session, by, values.tag_key) if values.scope == "tag" else None,
        wanted=[list(pair) for pair in pairs] if values.scope == "search" else None,
        title=title,
        layout=report_layouts.as_json(values.parts),
        owner_id=by.id,
        is_shared=values.is_shared,
    )
    session.add(report)
    session.flush()
    if values.scope == "list":
        report_picking.pick(session, by, report.key, values.atom_keys)
    history.record(session, by, "created", "report", report.id, after=_told(report))
    return report


def of_study(session: Session, by: Person, study_key: str, language: str) -> Report:
    """The row of a study's report, made when there is none, for whoever may change the study."""
    study = access.study_to_edit(session, by, study_key)
    # Two editors who begin at once begin the same one.
    session.exec(select(Study.id).where(Study.id == study.id).with_for_update()).one()
    standing = report_scopes.of_study_row(session, study.id)
    if standing:
        return standing
    report = Report(
        key=new_key(session, Report.key),
        scope="study",
        study_id=study.id,
        layout=report_layouts.as_json(report_layouts.shipped(CLASSIC, language)),
        owner_id=by.id,
    )
    session.add(report)
    session.flush()
    history.record(session, by, "created", "report", report.id, after=_told(report))
    return report


def retitle(session: Session, by: Person, key: str, version: int, title: str) -> Report:
    """Give a report another title; without one the report of a study has the study's.

    Raises:
        Conflict: somebody did so since this version was read; carries the title as it is now.
    """
    report = report_scopes.to_arrange(session, by, key)
    if report.version != version:
        raise Conflict(CHANGED, report.title)
    title = typed.line(title)
    problems = {} if report.study_id and not title else _title_problems(title)
    if problems:
        raise Invalid(problems)
    before = _told(report)
    report.title = title
    report.version += 1
    _note(session, by, "changed", report, before)
    return report


def share(session: Session, by: Person, key: str, is_shared: bool) -> Report:
    """Show a report across studies to everybody who signs in, or keep it to oneself.

    Raises:
        Invalid: it is a study's: who sees the study sees its report.
    """
    report = report_scopes.to_arrange(session, by, key)
    if report.study_id is not None:
        raise Invalid(
            {"": say("Whoever sees the study sees its report. Change the study instead.")}
        )
    before = _told(report)
    report.is_shared = is_shared
    _note(session, by, "shared" if is_shared else "unshared", report, before)
    return report


def remove(session: Session, by: Person, key: str) -> Report:
    """Delete a report across studies; its owner can put it back.

    Raises:
        Invalid: it is a study's, which stays as long as the study.
    """
    report = report_scopes.to_arrange(session, by, key)
    if report.study_id is not None:
        told = say("A study's report stays with it. Hide sections, or choose another template.")
        raise Invalid({"": told})
    before = _told(report)
    report.deleted_at = now()
    _note(session, by, "deleted", report, before)
    return report


def put_back(session: Session, by: Person, key: str) -> Report:
    """Undo a deletion."""
    deleted = select(Report).where(Report.key == key.lower(), col(Report.deleted_at).is_not(None))
    report = session.exec(deleted).first()
    if report is None or not access.may_edit_report(session, by, report):
        raise NotFound
    before = _told(report)
    report.deleted_at = None
    _note(session, by, "restored", report, before)
    return report


def _tag_id(session: Session, by: Person, tag_key: str) -> int:
    tag_id = report_scopes.tag_of(session, by, tags.get(session, tag_key).id)
    if tag_id is None:
        raise NotFound
    return tag_id


def _title_problems(title: str) -> dict[str, Message]:
    if not title:
        return {"title": say("Name the report by what it tells, in one line.")}
    if len(title) > TITLE_MAX:
        return {"title": say("Use at most %(count)s characters.", count=TITLE_MAX)}
    return {}


def _told(report: Report) -> dict[str, Any]:
    names = ("scope", "title", "is_shared", "tag_id", "study_id", "wanted")
    told = {name: getattr(report, name) for name in names}
    return told | {"is_deleted": report.deleted_at is not None}


def _note(session: Session, by: Person, verb: str, report: Report, before: dict[str, Any]) -> None:
    report.changed_at = now()
    session.flush()
    history.record(session, by, verb, "report", report.id, before, _told(report))
