"""Tags offered for the words that somebody types: what exists already comes before a new one.

A form with a tag field asks once about a new word that may be another way to write a tag: it comes
back with the choice, and with all that was typed. Who saw the near tags in the picker and made the
word nevertheless is not asked (`sure`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import g, request

from research_repo.core import hierarchy, naming, words
from research_repo.core.errors import Invalid
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.web.door import current_person, reading, search, texts
from research_repo.web.words import language, put

SUGGESTED = 10
SEPARATOR = ";"


@dataclass(frozen=True)
class Doubt:
    """A word that would become a new tag, and the tags that it may stand for."""

    text: str
    near: tuple[TagCard, ...]


def rows(typed: str) -> list[dict[str, Any]]:
    """Tags for the picker: what they are called, where they stand, by which word they matched."""
    found = search().suggest(typed, current_person(), language(), limit=SUGGESTED)
    with reading() as session:
        made = hierarchy.cards(session, [one.tag_id for one in found], language())
    listed = []
    for one in found:
        card = made.get(one.tag_id)
        if card is None or card.status == "deprecated":
            continue
        other = one.matched_label if one.matched_label != card.label else ""
        listed.append(
            {
                "value": card.full_path,
                "label": card.label,
                "path": " › ".join((card.scheme, *card.path[:-1])),
                "note": put(say("also called “%(label)s”", label=other)) if other else "",
                "exact": one.exact,
                "near": one.is_near,
            }
        )
    return listed


def answered(typed: str) -> str:
    """The words of the tag field, with the tags that were chosen instead of new words."""
    instead = {words.fold(text): choice for text, choice in _answers() if choice}
    names = [instead.get(words.fold(one), one.strip()) for one in typed.split(SEPARATOR)]
    return f"{SEPARATOR} ".join(filter(None, dict.fromkeys(names))) if instead else typed


def require_sure(typed: str) -> None:
    """Refuse, beside the tag field, new words that may be meant for tags that exist."""
    known = {words.fold(text) for text in sure()}
    names = [one.strip() for one in typed.split(SEPARATOR) if one.strip()]
    g.tag_doubts = in_doubt(one for one in names if words.fold(one) not in known)
    if g.tag_doubts:
        raise Invalid({"tags": say("Choose what is meant: a tag like this exists already.")})


def in_doubt(names: Iterable[str]) -> list[Doubt]:
    """Those of these labels or paths that would be new tags, beside others that are like them."""
    found = []
    for name in names:
        near = search().near(naming.steps_of(name)[-1].strip(), current_person())
        if near and near[0].distance:
            found.append((name, [one.tag_id for one in near]))
    with reading() as session:
        found = [one for one in found if not _is_there(session, one[0])]
        made = hierarchy.cards(session, {one for _, near in found for one in near}, language())
    return [Doubt(name, tuple(made[one] for one in near if one in made)) for name, near in found]


def _is_there(session: Any, name: str) -> bool:
    # A retired tag is like none, and yet there.
    try:
        naming.existing(session, name, language())
    except Invalid:
        return False
    return True


def doubts() -> list[Doubt]:
    """What the tag field of this page asks about."""
    return getattr(g, "tag_doubts", [])


def sure() -> list[str]:
    """The new words that somebody made knowing what they are like."""
    return [*texts("sure"), *(text for text, choice in _answers() if choice == "")]


def _answers() -> list[tuple[str, str | None]]:
    listed = enumerate(texts("doubt"))
    return [(text, request.form.get(f"instead-{place}")) for place, text in listed]
