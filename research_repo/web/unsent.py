"""What somebody has typed into the form of an atom and not sent: as it is kept, and in the form again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from research_repo.core import scratch
from research_repo.core.clock import now
from research_repo.core.errors import Invalid
from research_repo.core.models import KINDS, Person
from research_repo.core.scratch import Kept
from research_repo.web.atom_form import EVIDENCE_FIELDS, AtomForm, EvidenceRow

ATOM = "atom:"
CONTEXT = "context"
CONTEXT_HOURS = 12
"""A meeting and the day around it: tomorrow's facts are of somebody else."""
TITLE_SHOWN = 120

_SLOT = re.compile(r"[0-9a-z]{1,40}")
_TEXTS = ("kind", "title", "body", "study", "who", "tags", "observed_on", "review_by")
_LISTS = ("questions", "not_applicable", "rests_on", "bears")


@dataclass(frozen=True)
class Unsent:
    """A form that waits to be sent, in a list."""

    slot: str
    kind: str
    title: str
    at: datetime


def named(slot: str) -> str:
    """Under which name a window's form is kept; none for what no window is called."""
    return f"{ATOM}{slot}" if _SLOT.fullmatch(slot) else ""


def listed(session: Any, by: Person, besides: str = "") -> list[Unsent]:
    """The forms that wait, the last touched first, but for the one that is open."""
    return [
        Unsent(one.form.removeprefix(ATOM), one.content["kind"], _title(one.content), one.at)
        for one in scratch.of_person(session, by, ATOM)
        if one.form != named(besides)
    ]


def taken_up(session: Any, by: Person, slot: str) -> tuple[AtomForm, Kept] | None:
    """The form as it was left; None when it was sent or thrown away."""
    kept = scratch.get(session, by, named(slot))
    return (replace(_form_of(kept.content), slot=slot), kept) if kept else None


def keep(session: Any, by: Person, form: AtomForm, stamp: str) -> Kept | None:
    """Keep the form as it stands; one without a word is thrown away.

    Raises:
        Conflict: another window went on with it.
        Invalid: it is too long, or too many wait.
    """
    if has_words(form):
        return scratch.keep(session, by, named(form.slot), content_of(form), stamp)
    scratch.throw_away(session, by, named(form.slot))
    return None


def is_sent(session: Any, by: Person, form: AtomForm) -> None:
    """The form became an atom: what was kept of it goes, and what holds for the next one stays."""
    scratch.throw_away(session, by, named(form.slot))
    if form.kind == "fact":
        around = {"study": form.study, "who": form.who, "questions": list(form.questions)}
        # However many drafts wait: what was sent is written down.
        with suppress(Invalid):
            if not scratch.is_kept(session, by, CONTEXT, around):
                scratch.keep(session, by, CONTEXT, around)


def in_context(session: Any, by: Person, form: AtomForm) -> AtomForm:
    """A new form with the study, respondent and questions of the one before, where none are asked for."""
    kept = scratch.get(session, by, CONTEXT)
    if form.kind != "fact" or kept is None or now() - kept.at > timedelta(hours=CONTEXT_HOURS):
        return form
    around = kept.content
    if form.study and form.study != around["study"]:
        return form
    questions = form.questions or ([] if form.study else around["questions"])
    return replace(form, study=around["study"], who=around["who"], questions=questions)


def content_of(form: AtomForm) -> dict[str, Any]:
    """The form as plain JSON."""
    rows = [{name: getattr(row, name) for name in EVIDENCE_FIELDS} for row in form.evidence]
    texts = {name: getattr(form, name) for name in _TEXTS}
    return {**texts, **{name: list(getattr(form, name)) for name in _LISTS}, "evidence": rows}


def has_words(form: AtomForm) -> bool:
    """Whether anything was typed that would be missed; study, respondent and day are no words."""
    said = (text for row in form.evidence for text in (row.text, row.url, row.number))
    return any(text.strip() for text in (form.title, form.body, form.tags, *said))


def _form_of(content: Mapping[str, Any]) -> AtomForm:
    # What an earlier version has kept may lack a field.
    texts: dict[str, Any] = {name: str(content.get(name, "")) for name in _TEXTS}
    lists: dict[str, Any] = {name: content.get(name, ()) for name in _LISTS}
    texts["kind"] = texts["kind"] if texts["kind"] in KINDS else "fact"
    rows = [
        EvidenceRow(**{name: row[name] for name in EVIDENCE_FIELDS if name in row})
        for row in content.get("evidence", ())
    ]
    return AtomForm(**texts, **lists, evidence=rows)


def _title(content: Mapping[str, Any]) -> str:
    said = [content["title"], content["body"], content["tags"]]
    said += [row.get("text", "") for row in content["evidence"]]
    first = " ".join(next((text for text in said if text.strip()), "").split())
    return first if len(first) <= TITLE_SHOWN else first[:TITLE_SHOWN].rsplit(" ", 1)[0] + "…"
