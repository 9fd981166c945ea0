"""What may be meant while somebody types: filters, tags, studies, saved searches, pages.

Each row either leads somewhere or writes the rest of a filter into the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from flask import render_template, request, url_for

from research_repo.core import hierarchy, saved_searches, studies, words
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.search import Found, Wanted, from_address, meant
from research_repo.search.typed_filters import quoted
from research_repo.web.door import current_person, reading, search
from research_repo.web.search_address import address_of
from research_repo.web.search_commands import Command, begins, commands
from research_repo.web.search_results import Marked
from research_repo.web.search_values import MEANINGS, filter_called, names_of, values_of
from research_repo.web.words import language, put

TAGS_SHOWN = 6
STUDIES_SHOWN = 3
SAVED_SHOWN = 3
VALUES_SHOWN = 8
SHORTEST = 2

_STARTED = re.compile(
    r"(?<!\S)(?P<turned>[-−]?)(?P<name>[^\W\d_]+):(?P<exact>=?)"
    r'(?:["«“„](?P<quoted>[^"»“”]*)|(?P<bare>[^\s"«»“”„]*))$'
)
# The last four words at most: more of them never name one tag.
_LAST_WORDS = re.compile(r"(?<!\S)[^\s:\"«»“”„]+(?:\s+[^\s:\"«»“”„]+){0,3}$")


@dataclass(frozen=True)
class Row:
    """One thing that may be meant. It leads to `href`, or makes the field say `fill`."""

    text: Marked
    icon: str
    sub: Marked = field(default_factory=list)
    count: int | None = None
    href: str = ""
    fill: str = ""
    caret: int = 0
    key: str = ""


Offer = tuple[TagCard, Row]


@dataclass(frozen=True)
class Section:
    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Typed:
    """The field as it is: what stands before the caret, and after it."""

    before: str
    after: str

    def filled(self, start: int, text: str) -> tuple[str, int]:
        """The field with `text` in place of what was typed from `start` on, and the caret then."""
        done = self.before[:start] + text
        return (done + self.after.lstrip()).rstrip(" ") + ("" if self.after else " "), len(done)

    def without(self, start: int) -> str:
        """The field without what was typed from `start` on."""
        return f"{self.before[:start].rstrip()} {self.after.lstrip()}".strip()


def shown() -> str:
    """The list under the field, as a part of a page; `caret` tells how far the typing has come."""
    by = current_person()
    wanted = from_address(request.args.to_dict(flat=False))
    text = request.args.get("q", "")[:300]
    caret = request.args.get("caret", len(text), type=int)
    typed = Typed(text[: max(caret, 0)], text[max(caret, 0) :])
    with reading() as session:
        sections = list(_sections(session, by, wanted, typed))
    return render_template("search/_typing.html", sections=[one for one in sections if one.rows])


def _sections(session: Any, by: Person, wanted: Wanted, typed: Typed) -> Iterator[Section]:
    started = _STARTED.search(typed.before)
    asked = filter_called(started["name"]) if started else None
    if started and asked:
        yield _values(session, by, wanted, typed, started, asked)
        return
    free = _LAST_WORDS.search(typed.before)
    last = free[0] if free else ""
    is_palette = "palette" in request.args
    if last:
        yield Section(put(say("Tags")), list(_tags(session, by, wanted, typed, last)))
        yield Section(put(say("Studies")), list(_studies(session, by, last)))
        yield Section(put(say("Saved searches")), list(_saved(session, by, last)))
    if is_palette:
        rows = [_command(one, last) for one in commands(by, last)]
        yield Section(put(say("Go to")), rows)
    else:
        yield Section(put(say("Filters")), list(_filters(typed, last)))


def _values(
    session: Any, by: Person, wanted: Wanted, typed: Typed, started: re.Match[str], asked: str
) -> Section:
    value = started["quoted"] if started["bare"] is None else started["bare"]
    begun = f"{started['turned']}{started['name']}:{started['exact']}"
    rows = []
    if asked in ("tag", "also"):
        left = _narrowed(session, by, replace(wanted, text=typed.without(started.start())))
        for card, row in _offered(session, by, value):
            fill, caret = typed.filled(started.start(), begun + quoted(_name_of(card)) + " ")
            # What a tag holds without those under it, or besides others, nobody has counted.
            is_counted = not started["exact"] and asked == "tag"
            count = _count(left, card, row) if is_counted else None
            rows.append(replace(row, fill=fill, caret=caret, count=count))
    else:
        rest = replace(wanted, text=typed.without(started.start()), limit=1, offset=0)
        found = search().find(meant(session, by, rest, language()).wanted, by)
        for one in values_of(session, by, found, asked, value):
            fill, caret = typed.filled(started.start(), begun + quoted(one.written) + " ")
            text = _marked(one.name, value)
            rows.append(Row(text, "filter", [(one.sub, False)], one.count, fill=fill, caret=caret))
    return Section(put(MEANINGS[asked]), rows[:VALUES_SHOWN])


def _tags(session: Any, by: Person, wanted: Wanted, typed: Typed, last: str) -> Iterator[Row]:
    """Tags for the last words: as many of them as a tag takes, at least the last one."""
    parts = last.split()
    for first in range(len(parts)):
        text = " ".join(parts[first:])
        found = list(_offered(session, by, text)) if len(text) >= SHORTEST else []
        if not found:
            continue
        start = len(typed.before) - len(last) + _nth_word(last, first)
        rest = replace(wanted, text=typed.without(start))
        left = _narrowed(session, by, rest)
        for card, row in found[:TAGS_SHOWN]:
            tags = tuple(dict.fromkeys((*wanted.tags, card.key)))
            yield replace(row, href=address_of(rest, tags=tags), count=_count(left, card, row))
        return


def _narrowed(session: Any, by: Person, wanted: Wanted) -> Found | None:
    """What the search finds, to count tags in it; None where nothing narrows it yet."""
    rest = meant(session, by, replace(wanted, limit=1, offset=0), language()).wanted
    return search().find(rest, by) if rest.text or rest.is_filtered else None


def _count(found: Found | None, card: TagCard, row: Row) -> int | None:
    if found is None:
        return row.count
    beside = (of_scheme.get(card.id) for of_scheme in found.options.tags.values())
    return next(filter(None, beside), found.tag_counts.get(card.id, 0))


def _offered(session: Any, by: Person, text: str) -> Iterator[Offer]:
    suggested = search().suggest(text, by, language(), limit=VALUES_SHOWN)
    made = hierarchy.cards(session, [one.tag_id for one in suggested], language())
    for one in suggested:
        card = made.get(one.tag_id)
        if card is not None and card.status != "deprecated":
            sub = [(" › ".join(card.path[:-1]) or card.scheme, False)]
            if one.matched_label != card.label:
                sub = [*_marked(one.matched_label, text), (" · ", False), *sub]
            yield card, Row(_marked(card.label, text), "tag", sub, one.count)


def _saved(session: Any, by: Person, last: str) -> Iterator[Row]:
    asked = words.fold(last)
    called = (one for one in saved_searches.listed(session, by) if _begins(one.name, asked))
    for one in islice(called, SAVED_SHOWN):
        href = url_for("saved_searches.show", key=one.key)
        sub = "" if one.is_own else one.who
        yield Row(_marked(one.name, last), "bookmark", [(sub, False)] if sub else [], href=href)


def _begins(name: str, asked: str) -> bool:
    return len(asked) >= SHORTEST and begins(words.fold(name), asked)


def _studies(session: Any, by: Person, last: str) -> Iterator[Row]:
    if len(last) < SHORTEST:
        return
    for key, title in studies.called(session, by, last, STUDIES_SHOWN):
        href = url_for("studies.show", key=key)
        yield Row(_marked(title, last), "kind-study", href=href)


def _filters(typed: Typed, last: str) -> Iterator[Row]:
    """Filters whose name is begun; all of them where nothing is typed yet."""
    begun = last.split()[-1] if last else ""
    asked = words.fold(begun)
    for one, meaning in MEANINGS.items():
        called = names_of(one)
        if asked and not any(name.startswith(asked) for name in called):
            continue
        fill, caret = typed.filled(len(typed.before) - len(begun), f"{called[0]}:")
        text, sub = _marked(f"{called[0]}:", begun), [(put(meaning), False)]
        yield Row(text, "filter", sub, fill=fill.rstrip(), caret=caret)


def _command(one: Command, last: str) -> Row:
    return Row(_marked(put(one.name), last), one.icon, href=one.href, key=one.key)


def _name_of(card: TagCard) -> str:
    """The label where no other tag has it, else the whole path."""
    return card.full_path if card.twins else card.label


def _nth_word(text: str, number: int) -> int:
    return [found.start() for found in re.finditer(r"\S+", text)][number]


def _marked(text: str, typed: str) -> Marked:
    """The text with the part that was typed marked, where that begins a word of it."""
    folded, asked = words.fold(text), words.fold(typed)
    at = 0 if folded.startswith(asked) else folded.find(f" {asked}") + 1
    if not asked or len(folded) != len(text) or (at == 0 and not folded.startswith(asked)):
        return [(text, False)]
    end = at + len(asked)
    parts = [(text[:at], False), (text[at:end], True), (text[end:], False)]
    return [part for part in parts if part[0]]
