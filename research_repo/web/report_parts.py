"""The form of sections, of a report and of a template alike: what was typed, in the order of its fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from research_repo.core.report_layouts import Part
from research_repo.web.door import is_on, text, texts
from research_repo.web.words import language


def sent(standing: Sequence[Part]) -> list[Part]:
    """The sections as they were typed; those that the form does not know stay behind.

    Where the button beside one was pressed, it stands a place further up or down.
    """
    known = {part.id: part for part in standing}
    named = [one for one in dict.fromkeys(texts("part")) if one in known]
    return _moved([_typed(known[one]) for one in named])


def heading_of(part: Part) -> str:
    """What a section is called while nobody gives it another heading."""
    return replace(part, title="").heading(language())


def _typed(part: Part) -> Part:
    title = text(f"title-{part.id}").strip()
    return replace(
        part,
        title="" if title == heading_of(part) else title,
        text=text(f"text-{part.id}"),
        is_shown=is_on(f"shown-{part.id}"),
        is_brief=is_on(f"brief-{part.id}"),
    )


def _moved(parts: list[Part]) -> list[Part]:
    asked, _, way = text("move").partition(" ")
    turn = next((turn for turn, part in enumerate(parts) if part.id == asked), None)
    if turn is not None and way in ("up", "down"):
        other = turn + (1 if way == "down" else -1)
        if 0 <= other < len(parts):
            parts[turn], parts[other] = parts[other], parts[turn]
    return parts
