"""What typed filters mean: names of tags, studies and people become filters of the search.

Nobody learns here of a tag, a study or a person that they may not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from research_repo.core import hierarchy, lookup, naming, tagging
from research_repo.core.db import Session
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import Person
from research_repo.search import typed_filters
from research_repo.search.asking import TAGS, WITHOUT, Wanted, cut, person_ids
from research_repo.search.typed_filters import Typed
from research_repo.search.typed_wanted import as_text, narrowed, with_statuses
from research_repo.settings import LANGUAGES

ONESELF = ("me", "я")


@dataclass(frozen=True)
class Meant:
    """A search whose typed filters are filters now; its text keeps only what nobody knows.

    `told` says of each of those that its words are searched instead.
    """

    wanted: Wanted
    told: tuple[Message, ...] = ()


def meant(session: Session, by: Person, wanted: Wanted, language: str) -> Meant:
    """The search that `by` means; what it cannot make out it tells, and refuses nothing."""
    text = cut(wanted.text)
    told, done = [], []
    statuses: dict[bool, list[str]] = defaultdict(list)
    for filter_ in typed_filters.typed(text):
        values, problem = _values(session, by, filter_, language)
        if problem is not None:
            told.append(say("%(problem)s It was searched as words.", problem=problem))
            continue
        done.append(filter_)
        if filter_.name == "status":
            statuses[filter_.is_without] += values
        else:
            wanted = narrowed(wanted, filter_, values)
    wanted = _standing(session, wanted)
    if statuses:
        wanted = with_statuses(wanted, statuses[False], statuses[True])
    left = typed_filters.without(text, done) if done else text
    return Meant(replace(wanted, text=left), tuple(told))


def narrowed_by(
    session: Session, by: Person, wanted: Wanted, asked: Mapping[str, Sequence[str]], language: str
) -> Wanted:
    """The search with filters that a program names: filter → values, as they could be typed.

    `not` holds filters with their names, such as "kind:fact".

    Raises:
        Invalid: a value that names nothing, under the filter's name.
    """
    statuses: list[str] = []
    for filter_, name in _asked(asked):
        values, problem = _values(session, by, filter_, language)
        if problem is not None:
            raise Invalid({name: problem})
        if filter_.name == "status":
            statuses += values
        else:
            wanted = narrowed(wanted, filter_, values)
    return with_statuses(wanted, statuses, ()) if statuses else wanted


def _asked(asked: Mapping[str, Sequence[str]]) -> Iterator[tuple[Typed, str]]:
    """Each value as a typed filter, with the name under which it was asked."""
    for name, values in asked.items():
        for value in filter(None, values):
            if name != "not":
                yield Typed(name, value, False, 0, 0), name
                continue
            turned, _, rest = value.partition(":")
            turned = "exact" if turned == "tag" and rest.startswith("=") else turned
            if turned not in WITHOUT or not rest:
                known = ", ".join(WITHOUT)
                advice = say("Write a filter and its value, such as kind:fact. Filters: %(known)s.")
                raise Invalid({"not": replace(advice, values={"known": known})})
            yield Typed(turned, rest.removeprefix("="), True, 0, 0), name


def as_typed(session: Session, by: Person, wanted: Wanted, language: str) -> str:
    """The search as `by` could type it in a language; what they may not know keeps its key."""
    return as_text(wanted, _names(session, by, wanted, language), language)


def _standing(session: Session, wanted: Wanted) -> Wanted:
    """The search with the keys of tags that stand for merged ones."""
    keys = [key for name in TAGS for key in wanted.named(name)]
    if not keys:
        return wanted
    cards = hierarchy.cards_of_keys(session, keys, LANGUAGES[0])
    now = {key: card.key for key, card in cards.items()}
    for name in TAGS:
        chosen = tuple(dict.fromkeys(now.get(key, key) for key in wanted.chosen(name)))
        wanted = replace(wanted.choosing(name, chosen), offset=wanted.offset)
    without = (
        (name, now.get(value, value) if name in TAGS else value) for name, value in wanted.without
    )
    return replace(wanted, without=tuple(dict.fromkeys(without)))


Values = tuple[Sequence[str], Message | None]


def _values(session: Session, by: Person, filter_: Typed, language: str) -> Values:
    name, text = filter_.name, filter_.value
    if not text.isprintable():
        return (), say("“%(text)s” is no name.", text="…")
    if name in TAGS:
        return _tag(session, by, text, language)
    if name == "study":
        keys = lookup.studies_called(session, by, text)
        return keys, None if keys else say("There is no study “%(text)s”.", text=text)
    if name == "by":
        return _authors(session, by, text)
    values = typed_filters.known_values(filter_)
    if values:
        return values, None
    if name in ("after", "before"):
        return (), say("“%(text)s” is no date such as 2025, 2025-03 or 2025-03-31.", text=text)
    known = ", ".join(typed_filters.choices(name, language))
    return (), say("“%(text)s” is none of: %(known)s.", text=text, known=known)


def _tag(session: Session, by: Person, text: str, language: str) -> Values:
    try:
        return (tagging.asked(session, by, text, language).key,), None
    except Invalid as refusal:
        # What is told of a path that leads nowhere may speak of tags that the person cannot know.
        if len(naming.steps_of(text)) > 1 or not _is_in_doubt(refusal):
            return (), say("There is no tag “%(text)s”.", text=text)
        return (), refusal.problems["tag"]


def _is_in_doubt(refusal: Invalid) -> bool:
    return "paths" in refusal.problems["tag"].values


def _authors(session: Session, by: Person, text: str) -> Values:
    if text.casefold() in ONESELF:
        return (str(by.id),), None
    ids = lookup.authors_called(session, by, text)
    if not ids:
        return (), say("Nobody called “%(text)s” has logged anything here.", text=text)
    return [str(person_id) for person_id in ids], None


def _names(
    session: Session, by: Person, wanted: Wanted, language: str
) -> dict[tuple[str, str], str]:
    names: dict[tuple[str, str], str] = {}
    keys = [key for name in TAGS for key in wanted.named(name)]
    hidden = tagging.unseen(session, by) if keys else set()
    for key, card in hierarchy.cards_of_keys(session, keys, language).items():
        if card.id in hidden:
            continue
        values, _ = _tag(session, by, card.label, language)
        name = card.label if list(values) == [card.key] else card.full_path
        names |= {(filter_, key): name for filter_ in TAGS}
    authors = person_ids(wanted.named("by"))
    for person_id, name in lookup.author_names(session, by, authors).items():
        if lookup.authors_called(session, by, name) == [person_id]:
            names["by", str(person_id)] = name
    return names
