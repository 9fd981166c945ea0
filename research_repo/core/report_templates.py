"""How reports of a kind are arranged: templates that come with the product, and the team's own.

A team may change those that come along, too; taking its change away brings the original back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import access, history, prose, report_layouts, typed, words
from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.keys import new_key
from research_repo.core.language import Message, say
from research_repo.core.models import Person, ReportTemplate
from research_repo.core.report_layouts import SHIPPED, Part, Parts

NAME_MAX = 120
TITLE_MAX = 300
TEXT_MAX = 20_000
TEMPLATES_MAX = 100

CHANGED = say("Somebody changed this template while you were writing. Look at it again.")


@dataclass(frozen=True)
class Template:
    """A template as lists and reports take it. `version` is 0 where nobody changed it."""

    key: str
    name: str
    note: str
    parts: Parts
    is_shipped: bool
    version: int


@dataclass(frozen=True)
class TemplateValues:
    """A template as it was typed. `ready` fills the HTML of its parts."""

    name: str
    parts: Sequence[Part]


def ready(values: TemplateValues) -> TemplateValues:
    """Check a template and render its paragraphs: the slow part, done before a transaction opens.

    Raises:
        Invalid: no name, a text that is too long, or a placeholder that names nothing; the field is
        "title-" or "text-" with the number of the part, from 1.
    """
    name = typed.line(values.name)
    problems: dict[str, Message] = {}
    if not name or len(name) > NAME_MAX:
        told = say("Name the template in one line of up to %(most)s signs.", most=NAME_MAX)
        problems["name"] = told
    parts = []
    for number, part in enumerate(values.parts, 1):
        text = typed.lines(part.text)
        problem = report_layouts.problem_of(text)
        if len(text) > TEXT_MAX:
            problem = say("Use at most %(count)s characters.", count=TEXT_MAX)
        if problem:
            problems[f"text-{number}"] = problem
        title = typed.line(part.title)
        if len(title) > TITLE_MAX:
            problems[f"title-{number}"] = say("Use at most %(count)s characters.", count=TITLE_MAX)
        like = report_layouts.still_like(part, title, text)
        parts.append(replace(part, title=title, text=text, like=like))
    if problems:
        raise Invalid(problems)
    return TemplateValues(
        name,
        tuple(replace(one, html=prose.render(one.text, under=2), version=1) for one in parts),
    )


def listed(session: Session, language: str) -> list[Template]:
    """Those that come with the product, as the team changed them, then the team's own by name."""
    rows = {row.key: row for row in session.exec(_standing())}
    shipped = [_shipped(key, rows.get(key), language) for key in SHIPPED]
    own = [_own(row, language) for key, row in rows.items() if key not in SHIPPED]
    return [*shipped, *sorted(own, key=lambda one: words.fold(one.name))]


def get(session: Session, key: str, language: str) -> Template:
    """The template with this key, or NotFound."""
    found = {one.key: one for one in listed(session, language)}.get(key.lower())
    if found is None:
        raise NotFound
    return found


def add(session: Session, by: Person, values: TemplateValues) -> ReportTemplate:
    """Add a template of the team's own. The values must be `ready`.

    Raises:
        Invalid: another one has the name, or there are too many.
    """
    access.require_log(by)
    _refuse_taken(session, values.name, "")
    if len(session.exec(_standing()).all()) >= TEMPLATES_MAX:
        told = say("There are %(most)s templates. Delete one first.", most=TEMPLATES_MAX)
        raise Invalid({"": told})
    row = ReportTemplate(
        key=new_key(session, ReportTemplate.key),
        name=values.name,
        layout=report_layouts.as_json(report_layouts.whole(values.parts)),
    )
    return _noted(session, by, "created", row, None)


def change(
    session: Session, by: Person, key: str, version: int, values: TemplateValues
) -> ReportTemplate:
    """Change a template: reports that were begun from it stay as they are. The values must be `ready`.

    Raises:
        Conflict: somebody changed it since this version was read.
    """
    access.require_log(by)
    key = key.lower()
    row = session.exec(select(ReportTemplate).where(ReportTemplate.key == key)).first()
    if key not in SHIPPED and (row is None or row.deleted_at is not None):
        raise NotFound
    standing = row.version if row and row.deleted_at is None else 0
    if standing != version:
        raise Conflict(CHANGED, row)
    _refuse_taken(session, values.name, key)
    before = _told(row) if row else None
    row = row or ReportTemplate(key=key, name="", version=0)
    row.name = values.name
    row.layout = report_layouts.as_json(report_layouts.whole(values.parts))
    row.version += 1
    row.deleted_at = None
    return _noted(session, by, "changed", row, before)


def remove(session: Session, by: Person, key: str) -> ReportTemplate:
    """Delete a template, or the team's change of one that came along: then it is as it came."""
    access.require_log(by)
    row = session.exec(_standing().where(col(ReportTemplate.key) == key.lower())).first()
    if row is None:
        raise NotFound
    before = _told(row)
    row.deleted_at = now()
    row.version += 1
    return _noted(session, by, "deleted", row, before)


def put_back(session: Session, by: Person, key: str) -> ReportTemplate:
    """Undo a deletion."""
    access.require_log(by)
    row = session.exec(select(ReportTemplate).where(ReportTemplate.key == key.lower())).first()
    if row is None:
        raise NotFound
    _refuse_taken(session, row.name, row.key)
    before = _told(row)
    row.deleted_at = None
    row.version += 1
    return _noted(session, by, "restored", row, before)


def _standing() -> Any:
    return select(ReportTemplate).where(col(ReportTemplate.deleted_at).is_(None))


def _shipped(key: str, row: ReportTemplate | None, language: str) -> Template:
    made = SHIPPED[key]
    note = made.note.put(language)
    if row is None:
        parts = report_layouts.shipped(key, language)
        return Template(key, made.name.put(language), note, parts, True, 0)
    return replace(_own(row, language), note=note, is_shipped=True)


def _own(row: ReportTemplate, language: str) -> Template:
    parts = report_layouts.parts_of(row.layout, language)
    return Template(row.key, row.name, "", parts, False, row.version)


def _refuse_taken(session: Session, name: str, own_key: str) -> None:
    others = session.exec(_standing().where(col(ReportTemplate.key) != own_key))
    if any(words.fold(one.name) == words.fold(name) for one in others):
        raise Invalid({"name": say("A template has this name already. Choose another one.")})


def _told(row: ReportTemplate) -> dict[str, object]:
    return {"name": row.name, "layout": row.layout, "is_deleted": row.deleted_at is not None}


def _noted(
    session: Session,
    by: Person,
    verb: str,
    row: ReportTemplate,
    before: dict[str, object] | None,
) -> ReportTemplate:
    session.add(row)
    session.flush()
    history.record(session, by, verb, "report_template", row.id, before, _told(row))
    return row
