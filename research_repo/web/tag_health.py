"""Tag health: what wants tidying, check by check; each row opens the change that mends it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from research_repo.core import access, hierarchy, likeness, tag_health
from research_repo.core.errors import NotFound
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message, say, say_many
from research_repo.core.likeness import Near
from research_repo.core.tag_health import Finding
from research_repo.web import tag_misses
from research_repo.web.door import current_person, page_number, reading, search
from research_repo.web.words import language, word

bp = Blueprint("tag_health", __name__, url_prefix="/tags/health")

ROWS = 50
DOUBLE = "double"
ATOMS_AT_ONCE = 200


@dataclass(frozen=True)
class Check:
    """What a check is called, why it matters, and what its button does."""

    title: Message
    why: Message
    action: Message


CHECKS = {
    DOUBLE: Check(
        say("Looks like another tag"),
        say("Forms, misspellings and other scripts of one word: what belongs together lies apart."),
        say("Merge"),
    ),
    "ambiguous": Check(
        say("A word of two tags"),
        say("Whoever types it has to choose by the path."),
        say("Rename"),
    ),
    "both": Check(
        say("Beside a wider tag"),
        say("The wider tag on the same atom says nothing new: the narrower one finds it there."),
        say("Take off the wider one"),
    ),
    "orphan": Check(
        say("Without a place"),
        say("Neither part of another tag nor including any, in a group that has levels."),
        say("Give it a place"),
    ),
    "chain": Check(
        say("An only child"),
        say("The one tag inside another: a level too many, or its sisters are missing."),
        say("Merge into the upper one"),
    ),
    "wide": Check(
        say("Too many side by side"),
        say("More than %(count)s tags directly inside one.", count=tag_health.CHILDREN_MAX),
        say("Put a level between"),
    ),
    "deep": Check(
        say("Too deep"),
        say("More than %(count)s levels: nobody drills down so far.", count=tag_health.DEPTH_MAX),
        say("Move it up"),
    ),
    "common": Check(
        say("On almost everything"),
        say(
            "On more than %(share)s %% of the atoms: it tells none of them apart.",
            share=round(100 * tag_health.COMMON_SHARE),
        ),
        say("Make a narrower tag"),
    ),
    "once": Check(
        say("Used once"),
        say("One atom alone: perhaps another tag says the same."),
        say("Merge"),
    ),
    "unused": Check(
        say("Unused for a year"),
        say("Nothing in its branch was put on an atom for twelve months."),
        say("Retire"),
    ),
    "undefined": Check(
        say("Without a definition"),
        say("Nobody wrote what it means, so that two people use it for two things."),
        say("Define"),
    ),
    "untranslated": Check(
        say("Without a translation"),
        say("Without a name in one of the languages."),
        say("Name it"),
    ),
}


@dataclass(frozen=True)
class Row:
    """A finding with its tags, and the change set that it opens."""

    tag: TagCard
    other: TagCard | None
    note: Message | None
    fields: dict[str, str | list[str]]
    is_ready: bool
    """The change needs no more words: its preview comes next."""


@bp.get("")
def show() -> str:
    """All checks with their counts, and the findings of one."""
    by = current_person()
    access.require_govern(by)
    chosen = request.args.get("check", "ambiguous")
    if chosen not in CHECKS:
        raise NotFound
    with reading() as session:
        vocabulary = tag_health.read(session, by)
        found = {check: tag_health.found(vocabulary, check) for check in tag_health.CHECKS}
        if chosen == DOUBLE:
            found[DOUBLE] = _doubles()
        page = page_number()
        first = (page - 1) * ROWS
        some = found[chosen][first : first + ROWS]
        ids = {one for row in some for one in (row.tag_id, row.other_id) if one}
        made = hierarchy.cards(session, ids, language())
    total = len(found[chosen])
    return render_template(
        "tags/health.html",
        checks=CHECKS,
        counts={check: len(listed) for check, listed in found.items()},
        chosen=chosen,
        check=CHECKS[chosen],
        rows=[_row(chosen, one, made) for one in some],
        page=page,
        first=first,
        total=total,
        last_page=max(1, -(-total // ROWS)),
        missed=tag_misses.waiting_count(),
    )


@bp.get("/doubles")
def doubles() -> str:
    """How many tags look like another one: the one check that takes time, asked for by the page."""
    access.require_govern(current_person())
    return render_template("tags/_doubles.html", count=len(_doubles()))


def _doubles() -> list[Finding]:
    counts = search().counts(current_person())

    def weight(near: Near) -> tuple[int, int, int]:
        return counts.get(near.tag_id, 0), -likeness.unknown_words(near.label), -near.tag_id

    found = []
    for pair in search().doubles():
        # The tag that is used less, spelt worse, made later goes into the other one.
        less, more = sorted(pair, key=weight)
        found.append(Finding(less.tag_id, more.tag_id, text=f"{less.label} ≈ {more.label}"))
    return found


def _row(check: str, found: Finding, made: dict[int, TagCard]) -> Row:
    tag, other = made[found.tag_id], made.get(found.other_id or 0)
    fields, is_ready = _change(check, found, tag, other)
    return Row(tag, other, _note(check, found), fields, is_ready)


def _change(
    check: str, found: Finding, tag: TagCard, other: TagCard | None
) -> tuple[dict[str, str | list[str]], bool]:
    over = other.key if other else ""
    atoms: list[str] = [str(one) for one in found.atom_ids[:ATOMS_AT_ONCE]]
    if check == "both":
        return {"do": "retag", "remove": over, "atom": atoms}, True
    if check == DOUBLE and other and tag.scheme_id != other.scheme_id:
        # No merge leads out of a group: the atoms are retagged, and an unused tag comes up later.
        whole = {"add": other.full_path, "remove": tag.full_path}
        return {"do": "retag", "tag": tag.key, **whole}, False
    if check in (DOUBLE, "chain"):
        return {"do": "merge", "tag": tag.key, "into": over}, True
    if check == "unused":
        return {"do": "retire", "tag": tag.key}, True
    if check in ("wide", "common"):
        return {"do": "create", "parent": tag.full_path}, False
    if check == "untranslated":
        return {"do": "rename", "tag": tag.key, "language": found.text}, False
    do = {"ambiguous": "rename", "undefined": "define", "once": "merge"}.get(check, "move")
    return {"do": do, "tag": tag.key}, False


def _note(check: str, found: Finding) -> Message | None:
    if check in ("wide", "deep", "common"):
        return {
            "wide": say_many("%(count)s tag inside", "%(count)s tags inside", found.number),
            "deep": say_many("%(count)s level", "%(count)s levels", found.number),
            "common": say("%(share)s %% of the atoms", share=found.number),
        }[check]
    if check == "untranslated":
        return say("no name in the language: %(language)s", language=word("language", found.text))
    if check in (DOUBLE, "ambiguous"):
        return say("“%(text)s”", text=found.text)
    if check in ("both", "orphan", "undefined", "unused"):
        return say_many("%(count)s atom", "%(count)s atoms", found.number)
    return None
