"""Lines of notes or a range of a spreadsheet, pasted: looked at, then kept as drafts.

GET  /drafts/paste[?slot=]   the form; with a slot, what it would make of what was pasted there
POST /drafts/paste           do=look keeps the text and leads to that; do=mask hides personal data
                             first; do=keep writes the drafts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, naming, pasting, personal, scratch, tagging, words
from research_repo.core.atoms import AtomValues
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import Person
from research_repo.core.pasting import COLUMNS, LINES_MAX, Around
from research_repo.exchange import pasted
from research_repo.exchange.pasted import Line
from research_repo.web import atom_form, capture, tag_offers, unsent
from research_repo.web.atom_form import AtomForm
from research_repo.web.door import (
    current_person,
    is_on,
    reading,
    row_id,
    saving,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import language

bp = Blueprint("pasting", __name__, url_prefix="/drafts/paste")

Page = str | Response | tuple[str, int]
Content = Mapping[str, Any]

PASTE = "paste:"
TEXT_MAX = 300_000
SHOWN = 30
NEW = -1
MARKS = {"lines": pasted.LINES, "tab": "\t", "semicolon": ";", "comma": ","}


@dataclass
class Looked:
    """What pasted text would become: the drafts, and the lines that cannot be kept, with the reason."""

    lines: Sequence[Line]
    mapping: Sequence[str]
    names: Sequence[str]
    good: list[tuple[Line, AtomValues]] = field(default_factory=list)
    refused: list[tuple[Line, str, Message]] = field(default_factory=list)
    twice: int = 0
    personal: Message | None = None
    """What in the text tells who somebody is."""
    new_tags: list[str] = field(default_factory=list)
    doubts: list[tag_offers.Doubt] = field(default_factory=list)


@bp.route("", methods=["GET", "POST"])
def paste() -> Page:
    by = current_person()
    access.require_log(by)
    if request.method == "GET":
        return _opened(by)
    slot = text("slot") if unsent.named(text("slot")) else atom_form.new_slot()
    try:
        content = _kept(by, slot, _sent())
        if text("do") == "keep":
            return _keep(by, slot, content)
    except Invalid as refusal:
        return _page(_sent(), slot, refusal=refusal), 422
    return see_other(url_for("pasting.paste", slot=slot))


def _opened(by: Person) -> str:
    slot = request.args.get("slot", "")
    with reading() as session:
        kept = scratch.get(session, by, _named(slot)) if slot else None
        new = unsent.in_context(session, by, atom_form.asked())
    if kept is not None:
        return _page(kept.content, slot, looked=_look(by, kept.content))
    if slot:
        tell(say("These lines are kept as drafts, or were thrown away."))
    around = {"study": new.study, "who": new.who, "questions": list(new.questions)}
    return _page({**_EMPTY, **around}, atom_form.new_slot())


_EMPTY: dict[str, Any] = {
    "text": "",
    "mark": "",
    "is_named": None,
    "mapping": [],
    "study": "",
    "who": "",
    "questions": [],
    "tags": "",
    "done": None,
}


def _sent() -> dict[str, Any]:
    """The form as it was sent. What was not chosen yet is found out from the text."""
    typed = text("text")
    if text("do") == "mask":
        typed = personal.masked(typed, personal.found(typed, words.language_of(typed)))
    is_seen = bool(text("mark")) and text("mark") == text("seen")
    return {
        **_EMPTY,
        "text": typed,
        "mark": text("mark") if text("mark") in MARKS else "",
        "is_named": is_on("is_named") if is_seen else None,
        "mapping": [one if one in COLUMNS else "" for one in texts("column")] if is_seen else [],
        "study": text("study"),
        "who": text("who"),
        "questions": texts("question"),
        "tags": tag_offers.answered(text("tags")),
    }


def _kept(by: Person, slot: str, content: dict[str, Any]) -> Content:
    """Keep what was pasted; drafts that are being written already go on as they were begun.

    Raises:
        Invalid: nothing was pasted, too much, or no study is chosen.
    """
    problems: dict[str, Message] = {}
    found = _lines(content)
    if not found:
        problems["text"] = say("Paste some lines first: each becomes a draft.")
    elif len(found) > LINES_MAX or len(content["text"]) > TEXT_MAX:
        problems["text"] = say(
            "At most %(most)s lines at once, and here are %(count)s. Paste them in parts, "
            "or import them as a file.",
            most=LINES_MAX,
            count=len(found),
        )
    with saving() as session:
        standing = scratch.get(session, by, _named(slot))
        if standing and standing.content["done"] is not None:
            return standing.content
        try:
            study = access.study_to_read(session, by, content["study"])
            if not access.may_log_into(session, by, study):
                raise NotFound
        except NotFound:
            problems["study"] = say("Choose the study that these facts come from.")
        if problems:
            raise Invalid(problems)
        begun = {**content, "done": 0} if text("do") == "keep" else content
        return scratch.keep(session, by, _named(slot), begun).content


def _keep(by: Person, slot: str, content: Content) -> Page:
    looked = _look(by, content)
    good = [values for _, values in looked.good]
    rest = None
    if looked.refused:
        left = [line for line, _, _ in looked.refused]
        named = [Line(0, tuple(looked.names))] if looked.names else []
        rest = {**content, "text": pasted.written(named + left, _mark(content)), "done": None}
    is_more = True
    while is_more:
        try:
            with saving() as session:
                is_more = pasting.go_on(session, by, _named(slot), good, rest)
        except Invalid as refusal:
            _put_back(by, slot, looked)
            raise refusal
    tell(say_many("%(count)s draft is kept.", "%(count)s drafts are kept.", len(good)))
    if rest:
        told = say("What could not be kept is here: put it right, and look again.")
        tell(told)
        return see_other(url_for("pasting.paste", slot=slot))
    return see_other(url_for("drafts.listed", study=content["study"], new=len(good)))


def _put_back(by: Person, slot: str, looked: Looked) -> None:
    """What is not written yet waits again, and nothing else."""
    with saving() as session:
        kept = scratch.get(session, by, _named(slot))
        if kept is not None:
            left = [line for line, _ in looked.good[kept.content["done"] or 0 :]]
            left += [line for line, _, _ in looked.refused]
            named = [Line(0, tuple(looked.names))] if looked.names else []
            again = pasted.written(named + left, _mark(kept.content))
            scratch.keep(session, by, _named(slot), {**kept.content, "text": again, "done": None})


def _look(by: Person, content: Content) -> Looked:
    lines = _lines(content)
    table = [line.cells for line in lines]
    is_named = pasting.has_names(table) if content["is_named"] is None else content["is_named"]
    mapping = content["mapping"] or pasting.guess(table, is_named)
    looked = Looked(lines[1:] if is_named else lines, mapping, table[0] if is_named else ())
    around = Around(
        content["study"],
        content["who"],
        [one for one in map(row_id, content["questions"]) if one],
        [one for one in content["tags"].split(";") if one.strip()],
    )
    for line in looked.lines:
        cells = {name: cell for name, cell in zip(mapping, line.cells, strict=False) if name}
        try:
            looked.good.append((line, pasting.ready(cells, around)))
        except Invalid as refusal:
            looked.refused.append((line, *next(iter(refusal.problems.items()))))
    _look_at_tags(by, looked)
    looked.twice = len(pasting.alike([values.title for _, values in looked.good]))
    looked.personal = _told(content["text"])
    return looked


def _told(typed: str) -> Message | None:
    found = personal.found(typed, words.language_of(typed))
    return personal.told(found) if found else None


def _look_at_tags(by: Person, looked: Looked) -> None:
    """Lines whose tag names several stay out; new words that are like a tag are told."""
    names = {words.fold(one): one for _, values in looked.good for one in values.tags}
    unusable: dict[str, Message] = {}
    new = []
    with reading() as session:
        hidden = tagging.unseen(session, by)
        for folded, name in names.items():
            try:
                found = naming.find(session, name, language(), hidden=hidden, make=lambda *_: NEW)
            except Invalid as refusal:
                unusable[folded] = next(iter(refusal.problems.values()))
            else:
                new += [name] if found == NEW else []
    good, looked.good = looked.good, []
    for line, values in good:
        wrong = [unusable[one] for one in map(words.fold, values.tags) if one in unusable]
        if wrong:
            looked.refused.append((line, "tags", wrong[0]))
        else:
            looked.good.append((line, values))
    looked.new_tags, looked.doubts = new, tag_offers.in_doubt(new)


def _lines(content: Content) -> list[Line]:
    return pasted.rows(content["text"], _mark(content))


def _mark(content: Content) -> str:
    return MARKS.get(content["mark"], pasted.separator_of(content["text"]))


def _named(slot: str) -> str:
    return unsent.named(slot).replace(unsent.ATOM, PASTE)


def _page(
    content: Content, slot: str, looked: Looked | None = None, refusal: Invalid | None = None
) -> str:
    by = current_person()
    form = AtomForm(study=content["study"], who=content["who"], questions=content["questions"])
    with reading() as session:
        around = atom_form.surroundings(session, by, form)
        around["heard"] = capture.heard(session, by, form.study)
    names = {mark: name for name, mark in MARKS.items()}
    return render_template(
        "drafts/paste.html",
        form=form,
        content=content,
        slot=slot,
        looked=looked,
        mark=names[_mark(content)],
        columns=COLUMNS,
        shown=SHOWN,
        lines_max=LINES_MAX,
        problems=refusal.problems if refusal else {},
        **around,
    )
