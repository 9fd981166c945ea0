"""How a report is arranged: its sections in their order, what the author wrote into them, and the
arrangements that come with the product.

Paragraphs may name what is counted when the report is read, as `{participants}`: see PLACEHOLDERS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from html import escape
from typing import Any

from babel.dates import format_date

from research_repo.core.language import Message, say
from research_repo.core.report_shape import SECTIONS
from research_repo.settings import LANGUAGES

HEADINGS: dict[str, Message] = {
    "summary": say("In short"),
    "questions": say("Questions"),
    "background": say("Background"),
    "method": say("Approach"),
    "participants": say("Who took part"),
    "answers": say("What was found"),
    "also": say("Also found"),
    "recommendations": say("Recommendations"),
    "limitations": say("Limitations"),
    "charts": say("Charts"),
    "studies": say("Based on"),
    "appendix": say("All facts"),
    "tags": say("Tags"),
    "text": say("Text of your own"),
}
FINDINGS = say("Findings")
"""The heading of what was found where nothing was asked."""

PLACEHOLDERS: dict[str, Message] = {
    "participants": say("how many people took part"),
    "dates": say("the first and the last day of the studies"),
    "studies": say("how many studies it draws on"),
    "facts": say("how many facts it shows"),
    "insights": say("how many insights it shows"),
    "recommendations": say("how many recommendations it shows"),
    "title": say("the title of the report"),
    "team": say("who worked on it"),
}
UNKNOWN = "—"
"""Stands where nobody wrote down what a placeholder asks for."""

_NAMED = re.compile(r"\{\{(\w{1,40})\}\}|\{([^\W\d]\w{0,39})\}")
_ACTING = re.compile(r"([\\`*_\[\]<>|#~])")


@dataclass(frozen=True)
class Part:
    """A section as it is arranged. `title` is the author's own heading, `html` what `text` shows.

    `version` rises with its words alone, so that who writes in one section stands in nobody's way.
    Where `is_brief`, claims stand without facts, bodies and most of their evidence.
    """

    name: str
    id: str
    title: str = ""
    text: str = ""
    html: str = ""
    is_shown: bool = True
    is_brief: bool = False
    version: int = 1
    like: str = ""
    """A shipped template whose words these are: each reader gets them in their own language."""
    questions: tuple[tuple[int, str], ...] = ()
    """Of "answers" in a report across studies: the author's questions by number."""

    @property
    def is_own(self) -> bool:
        """The author added it, and may take it away."""
        return self.name == "text"

    def heading(self, language: str) -> str:
        """The author's heading, or what the section is called."""
        return self.title or HEADINGS[self.name].put(language)


Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Shipped:
    """An arrangement that comes with the product."""

    name: Message
    note: Message
    shown: tuple[str, ...]
    titles: Mapping[str, Message] = field(default_factory=dict)
    texts: Mapping[str, Message] = field(default_factory=dict)
    brief: frozenset[str] = frozenset()

    def words(self, name: str, language: str) -> tuple[str, str]:
        """The heading and the text of a section; most have none of their own."""
        title, text = (
            messages[name].put(language) if name in messages else ""
            for messages in (self.titles, self.texts)
        )
        return title, text


_CLASSIC = (
    *("summary", "questions", "background", "method", "participants", "answers"),
    *("recommendations", "also", "charts", "limitations", "studies", "appendix", "tags"),
)
CLASSIC = "study"
SHIPPED: dict[str, Shipped] = {
    CLASSIC: Shipped(
        say("Study report"),
        say("Everything: questions with what was found on each, and all facts at the end."),
        _CLASSIC,
    ),
    "usability-test": Shipped(
        say("Usability test"),
        say("What to do comes first, then the tasks and what happened at each."),
        (
            *("summary", "recommendations", "method", "participants", "questions", "answers"),
            *("also", "limitations", "appendix", "tags"),
        ),
        titles={"questions": say("Tasks and questions"), "recommendations": say("What to do")},
        texts={"method": say("Participants: {participants}. When: {dates}.")},
    ),
    "interviews": Shipped(
        say("Interviews"),
        say("Who was heard and why, then the answers with people's own words."),
        (
            *("summary", "background", "questions", "participants", "method", "answers"),
            *("also", "recommendations", "limitations", "appendix"),
        ),
        titles={"participants": say("Whom we heard")},
    ),
    "survey": Shipped(
        say("Survey"),
        say("Charts before words, and how far the numbers can be trusted."),
        (
            *("summary", "method", "participants", "charts", "questions", "answers", "also"),
            *("limitations", "recommendations", "appendix", "tags"),
        ),
        titles={"limitations": say("How far this can be trusted")},
        texts={"method": say("Answers from {participants} people. When: {dates}.")},
    ),
    "one-pager": Shipped(
        say("Executive one-pager"),
        say("The insights in a line each, what to do, and what it is based on."),
        ("summary", "answers", "also", "recommendations", "studies"),
        titles={"recommendations": say("What to do")},
        texts={"studies": say("Facts: {facts}. Studies: {studies}. When: {dates}.")},
        brief=frozenset({"answers", "also", "recommendations"}),
    ),
}


def shipped(key: str, language: str) -> Parts:
    """A template that came along, in a language; what it does not show comes last."""
    made = SHIPPED[key]
    worded = {*made.titles, *made.texts}
    parts = (
        Part(name, name, is_brief=name in made.brief, like=key if name in worded else "")
        for name in made.shown
    )
    return whole(_worded(part, language) for part in parts)


def whole(parts: Iterable[Part]) -> Parts:
    """The parts, with every section that is missing at the end, not shown."""
    listed = list(parts)
    there = {part.name for part in listed}
    missing = (name for name in SECTIONS if name != "text" and name not in there)
    return (*listed, *(Part(name, name, is_shown=False) for name in missing))


def parts_of(kept: Any, language: str = "") -> Parts:
    """The parts that plain JSON holds; what a newer or an older version knew is left out.

    Without a language, words of templates that came along are left out, too.
    """
    known = {one.name for one in fields(Part)}
    found: dict[str, Part] = {}
    for row in kept or ():
        values = {name: value for name, value in row.items() if name in known}
        if values.get("name") in SECTIONS:
            asked = tuple((number, text) for number, text in values.pop("questions", ()))
            part = Part(**values, questions=asked)
            found.setdefault(part.id, _worded(part, language) if language else part)
    return whole(found.values())


def as_json(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The parts as plain JSON."""
    return [
        {name: value for name, value in asdict(part).items() if name != "questions"}
        | ({"questions": [list(one) for one in part.questions]} if part.questions else {})
        for part in map(unworded, parts)
    ]


def unworded(part: Part) -> Part:
    """The part without words that are a template's, to be kept for readers of any language."""
    return replace(part, title="", text="", html="") if part.like in SHIPPED else part


def still_like(part: Part, title: str, text: str) -> str:
    """The template whose words a part has with this heading and text, if it has any."""
    made = SHIPPED.get(part.like)
    known = [made.words(part.name, language) for language in LANGUAGES] if made else []
    return part.like if (title, text) in known else ""


def _worded(part: Part, language: str) -> Part:
    if part.like not in SHIPPED:
        return part
    title, text = SHIPPED[part.like].words(part.name, language)
    # What comes along is a plain sentence each.
    html = f"<p>{escape(text)}</p>" if text else ""
    return replace(part, title=title, text=text, html=html)


def unknown_in(text: str) -> list[str]:
    """The placeholders in a paragraph that name nothing."""
    found = (match[2] for match in _NAMED.finditer(text))
    return [name for name in dict.fromkeys(found) if name and name not in PLACEHOLDERS]


def problem_of(text: str) -> Message | None:
    """What keeps a paragraph from being used, if anything does."""
    unknown = unknown_in(text)
    if not unknown:
        return None
    return say(
        "Nothing is called %(names)s. These can be used: %(known)s. "
        "To show braces themselves, double them: %(doubled)s.",
        names=", ".join(f"{{{name}}}" for name in unknown),
        known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
        doubled=f"{{{{{unknown[0]}}}}}",
    )


def filled(part: Part, values: Mapping[str, str]) -> Part:
    """The part with its placeholders filled in, in what was written and in what is shown."""
    if "{" not in part.text:
        return part
    return replace(
        part,
        text=_filled(part.text, {name: _inert(value) for name, value in values.items()}),
        html=_filled(part.html, {name: escape(value) for name, value in values.items()}),
    )


def period(starts_on: date | None, ends_on: date | None, language: str) -> str:
    """From when until when, in words; "" where nobody wrote it down."""
    days = [format_date(day, "long", locale=language) for day in (starts_on, ends_on) if day]
    return " – ".join(dict.fromkeys(days))


def _filled(text: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        doubled, name = match[1], match[2]
        return f"{{{doubled}}}" if doubled else values.get(name, match[0])

    return _NAMED.sub(value, text)


def _inert(text: str) -> str:
    return _ACTING.sub(r"\\\1", " ".join(text.split()))
