"""Splitting a tag: its parts are named, and each atom is told where to go, by hand or by a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import (
    access,
    cards,
    change_lines,
    changes,
    hierarchy,
    keys,
    retagging,
    schemes,
    tags,
)
from research_repo.core.change_lines import Line
from research_repo.core.db import Session
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import Tag
from research_repo.search import Wanted
from research_repo.web import change_forms
from research_repo.web.door import current_person, is_on, reading, saving, see_other, text
from research_repo.web.words import language

bp = Blueprint("splitting", __name__, url_prefix="/changes/split")

Page = str | Response | tuple[str, int]
PARTS = (2, 6)
ATOMS_SHOWN = 100


@dataclass(frozen=True)
class Part:
    """A part as the form has it."""

    label: str
    words: str
    """What a search within the tag is to find for it."""


@bp.route("", methods=["GET", "POST"])
def form() -> Page:
    """The parts and the atoms; `look` fills in what the searches find, `more` adds a part."""
    access.require_log(current_person())
    with reading() as session:
        tag = tags.standing(
            session, change_forms.named(session, request.values.get("tag", ""), "tag")
        )
        changes.require_known(session, current_person(), [tag.key])
        own = _own(session, tag)
    if request.method == "GET" or is_on("look") or is_on("more"):
        return _page(tag, own, Invalid({}))
    try:
        lines = _lines(tag, own)
        with saving() as session:
            kept = changes.compose(session, current_person(), lines)
    except Invalid as refusal:
        return _page(tag, own, refusal), 422
    return see_other(url_for("changes.show", key=kept.key))


def _own(session: Session, tag: Tag) -> list[int]:
    merged = hierarchy.merged_into(session, [tag.id])
    return sorted(retagging.atoms_seen_with(session, current_person(), merged), reverse=True)


def _parts() -> list[Part]:
    count = int(text("parts")) if text("parts") in map(str, range(*PARTS)) else PARTS[0]
    count = min(count + is_on("more"), PARTS[1])
    return [
        Part(schemes.tidy(text(f"label-{number}")), text(f"words-{number}").strip())
        for number in range(1, count + 1)
    ]


def _chosen(tag: Tag, own: list[int], parts: list[Part]) -> dict[int, int]:
    """Atom → the number of its part. What somebody ticked wins over what a search finds."""
    mine = set(own)
    found: dict[int, int] = {}
    for number, part in enumerate(parts, 1):
        if part.words:
            wanted = Wanted(text=part.words, tags=(tag.key,), match="all")
            for atom_id in change_forms.found_by(wanted, current_person()):
                if atom_id in mine:
                    found.setdefault(atom_id, number)
    for atom_id in own:
        typed = text(f"atom-{atom_id}")
        if typed in map(str, range(1, len(parts) + 1)):
            found[atom_id] = int(typed)
        elif typed == "stays":
            found.pop(atom_id, None)
    return found


def _lines(tag: Tag, own: list[int]) -> list[Line]:
    parts = _parts()
    named = {number: part for number, part in enumerate(parts, 1) if part.label}
    if len(named) < PARTS[0]:
        raise Invalid({"label-1": say("Name at least two parts.")})
    going = _chosen(tag, own, parts)
    if unnamed := set(going.values()) - set(named):
        raise Invalid({f"label-{min(unnamed)}": say("Atoms go here: name the part.")})
    with reading() as session:
        made = keys.new_keys(session, Tag.key, len(named))
        scheme = schemes.key_of(session, tag.scheme_id)
        parent = _parent(session, tag)
    lines: list[Line] = []
    moves: list[Line] = []
    for key, (number, part) in zip(made, named.items(), strict=True):
        lines.append(change_lines.Create(key, scheme, {_language(): part.label}, parent))
        atoms = [atom_id for atom_id in own if going.get(atom_id) == number]
        if atoms:
            moves.append(change_lines.Retag(atoms, [key], [tag.key], part.words))
    retires = [change_lines.Retire(tag.key)] if is_on("retire") else []
    return [*lines, *moves, *retires]


def _parent(session: Session, tag: Tag) -> str:
    if text("place") == "under":
        return tag.key
    parent = hierarchy.primary_parents(session, [tag.id]).get(tag.id)
    return session.get_one(Tag, parent).key if parent else ""


def _language() -> str:
    return text("language") or language()


def _page(tag: Tag, own: list[int], refusal: Invalid) -> str:
    by = current_person()
    parts = _parts()
    chosen: dict[int, Any] = dict(_chosen(tag, own, parts)) if request.method == "POST" else {}
    with reading() as session:
        card = hierarchy.cards(session, [tag.id], language())[tag.id]
        shown = cards.of_atoms(session, by, own[:ATOMS_SHOWN], language())
    return render_template(
        "changes/split.html",
        tag=card,
        parts=parts,
        parts_max=PARTS[1],
        atoms=shown,
        total=len(own),
        chosen=chosen,
        counts=[sum(1 for one in chosen.values() if one == n + 1) for n in range(len(parts))],
        suggested=_language(),
        problems=_by_field(refusal),
    )


def _by_field(refusal: Invalid) -> dict[str, Any]:
    # The first lines of the set make the parts, in their order.
    return {
        f"label-{int(name[5:]) + 1}"
        if name[:5] == "line-" and int(name[5:]) < PARTS[1]
        else "": one
        for name, one in refusal.problems.items()
        if name[:5] == "line-"
    } | {name: one for name, one in refusal.problems.items() if name[:5] != "line-"}
