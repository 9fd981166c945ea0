"""What is wanted, as text, as an address and as plain values. Pure: knows no index and no database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from research_repo.core import words
from research_repo.core.models import ATOM_STATUSES, KINDS, METHODS
from research_repo.search import typed_filters
from research_repo.settings import LANGUAGES

TEXT_MAX = 300
FILTER_MAX = 50
LIMIT = 20
LIMIT_MAX = 100
OFFSET_MAX = 10_000
MATCHES = ("any", "all")
SORTS = ("relevance", "date", "strength")
HAS = ("quote",)
FIELDS = {
    "tag": "tags",
    "exact": "exact",
    "also": "also",
    "kind": "kinds",
    "study": "studies",
    "method": "methods",
    "by": "authors",
    "lang": "languages",
    "has": "has",
}
"""The filters of several values: as they are called in an address, and as fields of `Wanted`."""
TAGS = ("tag", "exact", "also")
"""The filters whose values are tags."""
WITHOUT = tuple(name for name in FIELDS if name != "also")
"""The filters that can be turned round, as they are called in an address."""


@dataclass(frozen=True)
class Wanted:
    """One search: words, and filters that are all to hold.

    Several values of one filter are alternatives; so are tags of one scheme, while tags of
    different schemes must all hold. A tag means its subtree, one in `exact` itself alone. What is in
    `also` must hold besides, each tag of it, whatever its scheme.
    """

    text: str = ""
    tags: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    authors: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    after: date | None = None
    """The first day that counts."""
    before: date | None = None
    """The first day that counts no more."""
    statuses: tuple[str, ...] = ("published",)
    without: tuple[tuple[str, str], ...] = ()
    """Filters turned round: name, of WITHOUT, and value."""
    match: str = "any"
    sort: str = "relevance"
    literal: bool = False
    """Only the words as they were typed: no tags, no corrections."""
    not_meant: tuple[str, ...] = ()
    """Keys of tags that the words name and that are not what is looked for."""
    limit: int = LIMIT
    offset: int = 0

    @property
    def page(self) -> int:
        return self.offset // self.limit + 1

    def named(self, name: str) -> list[str]:
        """The values that a filter names, called as in an address: chosen ones and excluded ones."""
        return [*self.chosen(name), *self.excluded(name)]

    def chosen(self, name: str) -> tuple[str, ...]:
        """The values of a filter, called as in an address."""
        values: tuple[Any, ...] = getattr(self, FIELDS[name])
        return tuple(map(str, values))

    def choosing(self, name: str, values: Iterable[str]) -> Wanted:
        """The same search with these values of a filter instead, from its first page on."""
        listed: tuple[Any, ...] = tuple(values)
        if name == "by":
            listed = tuple(person_ids(listed))
        changed: dict[str, Any] = {FIELDS[name]: listed}
        return replace(self, offset=0, **changed)

    def excluded(self, name: str) -> list[str]:
        """The values that a filter, called as in an address, keeps out."""
        return [value for turned, value in self.without if turned == name]

    @property
    def is_filtered(self) -> bool:
        """Whether anything but words narrows it."""
        return self != replace(
            Wanted(),
            text=self.text,
            match=self.match,
            sort=self.sort,
            literal=self.literal,
            not_meant=self.not_meant,
            limit=self.limit,
            offset=self.offset,
        )


@dataclass(frozen=True)
class Query:
    """A text taken apart. `words` rank, those of phrases too; the others narrow."""

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    prefixes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    without_phrases: tuple[tuple[str, ...], ...] = ()

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(words.stem(word) for word in self.words)


def cut(text: str) -> str:
    """The text as far as a search reads it."""
    said = text[:TEXT_MAX].encode(errors="replace").decode()
    return unicodedata.normalize("NFC", said).replace("\x00", " ").strip()


def parse(text: str) -> Query:
    """Words, «phrases», prefix* and -excluded. Any text is a query; signs that fit nothing are air."""
    phrases, prefixes, loose = [], [], []
    without, without_phrases = [], []

    def take(found: re.Match[str]) -> str:
        phrase = next((found[name] for name in _QUOTES if found[name] is not None), None)
        if phrase is not None and found["minus"]:
            without_phrases.append(tuple(words.tokens(phrase)))
        elif phrase is not None:
            phrases.append(tuple(words.tokens(phrase)))
            loose.append(phrase)
        elif found["without"] is not None:
            without.extend(words.tokens(found["without"]))
        else:
            prefixes.extend(words.tokens(found["prefix"]))
        return " "

    # Words of phrases come after the others: only words side by side can name a tag together.
    rest = _SIGNS.sub(take, typed_filters.as_words(cut(text)))
    ranked = [token for part in (rest, *loose) for token in words.tokens(part)]
    return Query(
        words=tuple(word for word in ranked if word not in words.STOP_WORDS) or tuple(ranked),
        phrases=tuple(phrase for phrase in phrases if phrase),
        prefixes=tuple(prefixes),
        without=tuple(without),
        without_phrases=tuple(phrase for phrase in without_phrases if phrase),
    )


def plain_parts(text: str) -> Iterator[tuple[int, int]]:
    """From where to where a text stands free of signs: not quoted, excluded or only begun."""
    start = 0
    for found in _SIGNS.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def from_address(args: Mapping[str, Sequence[str]]) -> Wanted:
    """What an address asks for. What it gets wrong is left out; nothing is refused."""

    def one(name: str, default: str = "") -> str:
        return next(iter(args.get(name, ())), default)

    def many(name: str) -> tuple[str, ...]:
        given = (value.strip() for value in args.get(name, ()))
        return tuple(dict.fromkeys(value for value in given if value))[:FILTER_MAX]

    def known(name: str, allowed: Sequence[str]) -> tuple[str, ...]:
        return tuple(value for value in many(name) if value in allowed)

    return Wanted(
        text=cut(one("q")),
        tags=many("tag"),
        kinds=known("kind", KINDS),
        studies=many("study"),
        exact=many("exact"),
        also=many("also"),
        methods=known("method", METHODS),
        authors=tuple(person_ids(many("by"))),
        languages=known("lang", LANGUAGES),
        has=known("has", HAS),
        after=_day(one("after")),
        before=_day(one("before")),
        without=tuple(
            (name, value)
            for name, _, value in (pair.partition(":") for pair in many("not"))
            if name in WITHOUT and value
        ),
        not_meant=many("not_meant"),
        statuses=known("status", ATOM_STATUSES) or Wanted.statuses,
        match=next(iter(known("match", MATCHES)), Wanted.match),
        sort=next(iter(known("sort", SORTS)), Wanted.sort),
        literal=one("literal") == "1",
        offset=(_page(one("page", "1")) - 1) * LIMIT,
    )


def to_address(wanted: Wanted, **changes: Any) -> list[tuple[str, str]]:
    """The query arguments that ask for the same, defaults left out; a change starts at page one."""
    if changes:
        wanted = replace(wanted, **{"offset": 0, **changes})
    pairs = [("q", wanted.text)] if wanted.text else []
    pairs += [("tag", key) for key in wanted.tags]
    pairs += [("kind", kind) for kind in wanted.kinds]
    pairs += [("study", key) for key in wanted.studies]
    pairs += [("exact", key) for key in wanted.exact]
    pairs += [("also", key) for key in wanted.also]
    pairs += [("method", method) for method in wanted.methods]
    pairs += [("by", str(person_id)) for person_id in wanted.authors]
    pairs += [("lang", code) for code in wanted.languages]
    pairs += [("has", name) for name in wanted.has]
    pairs += [("after", wanted.after.isoformat())] if wanted.after else []
    pairs += [("before", wanted.before.isoformat())] if wanted.before else []
    pairs += [("not", f"{name}:{value}") for name, value in wanted.without]
    pairs += [("not_meant", key) for key in wanted.not_meant]
    if wanted.statuses != Wanted.statuses:
        pairs += [("status", status) for status in wanted.statuses]
    if wanted.match != Wanted.match:
        pairs.append(("match", wanted.match))
    if wanted.sort != Wanted.sort:
        pairs.append(("sort", wanted.sort))
    if wanted.literal:
        pairs.append(("literal", "1"))
    if wanted.page > 1:
        pairs.append(("page", str(wanted.page)))
    return pairs


def person_ids(values: Iterable[str]) -> list[int]:
    """The ids of people among texts; what is no id is left out."""
    return [int(value) for value in values if re.fullmatch("[0-9]{1,9}", value)]


_QUOTES = ("angled", "curly", "low", "straight")
_SIGNS = re.compile(
    r"(?P<minus>(?<!\S)[-−])?"
    r"(?:«(?P<angled>[^«»]*)»"
    r"|“(?P<curly>[^“”]*)”"
    r"|„(?P<low>[^„“”]*)[“”]"
    r'|"(?P<straight>[^"]*)")'
    r"|(?<!\S)[-−](?P<without>\w\S*)"
    r"|(?P<prefix>\w{2,})\*"
)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9-]{10}", text) else None
    except ValueError:
        return None


def _page(text: str) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 1
    return min(max(number, 1), OFFSET_MAX // LIMIT)
