"""Which labels mean the same: whatever their forms, order, script, keyboard, or typing errors.

Pure: it compares words and knows no database. Two labels are alike when each word of one has its
counterpart in the other. What people tell apart is kept apart: opposites, numbers, short words, and
two words that both exist.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from rapidfuzz.distance import OSA

from research_repo.core import words
from research_repo.core.spelling import (
    EDITS_MAX,
    Spellings,
    Term,
    differ_in_sense,
    known_stems,
    misspelling,
    sound_alike,
    term_of,
)

TEXT_MAX = 100
TERMS_MAX = 12
REORDERED_MAX = 4
SHORTEST_WHOLE = 8
SHORTEST_COMPARED = 3  # C, C++ and C# have one letter, emoji none

# From the surest to the most daring; typing errors count by the edit.
SAME, FORM, VERB, SOUND, EDIT, OTHER_KEYS = 0.0, 0.1, 0.3, 0.4, 1.0, 1.5
OTHER_ORDER = 0.05

_SAYS_NOTHING = frozenset(
    "в во на с со по и для о об обо к ко у при за из а the an of for to and by with at".split()
)


@dataclass(frozen=True)
class Near:
    """A tag that may be the same, by the label that is alike. The lower the distance, the surer."""

    tag_id: int
    label: str
    distance: float


@dataclass(frozen=True, slots=True)
class _Form:
    """A label as it is compared."""

    folded: str
    terms: tuple[Term, ...]
    whole: Term
    """All its words without spaces: e-mail is email."""


class Likeness:
    """The labels of a vocabulary, ready to tell which of them a text is like."""

    def __init__(self, labels: Iterable[tuple[int, str]] = ()) -> None:
        self._labels: list[tuple[int, str]] = []
        self._forms: list[_Form] = []
        self._named: dict[str, list[int]] = defaultdict(list)
        self._holding = _Places()
        self._spelt = Spellings()
        self._spelt_whole = Spellings()
        self._wholes = _Places()
        self._tags_with: Counter[str] = Counter()
        self._stems_of_tag: dict[int, set[str]] = defaultdict(set)
        for tag_id, text in labels:
            self.add(tag_id, text)
        self._holding.settle()
        self._wholes.settle()

    def add(self, tag_id: int, text: str) -> None:
        """One more label of a tag."""
        form = _form(text)
        place = len(self._labels)
        self._labels.append((tag_id, text))
        self._forms.append(form)
        self._named[form.folded].append(place)
        for key in form.whole.keys:
            self._wholes.add(key, place)
        if _may_be_misspelt_whole(form):
            self._spelt_whole.add(form.whole)
        for term in form.terms:
            for key in term.keys:
                self._holding.add(key, place)
            self._spelt.add(term)
            if term.stem not in self._stems_of_tag[tag_id]:
                self._stems_of_tag[tag_id].add(term.stem)
                self._tags_with[term.stem] += 1

    def near(self, text: str) -> list[Near]:
        """The tags that `text` may be another way to write, the nearest first, each once."""
        best: dict[int, Near] = {}
        for place, distance in self._alike(_form(text)):
            _keep(best, Near(*self._labels[place], distance))
        if not best:
            for place, distance in self._alike(_form(words.other_layout(text)), 0):
                _keep(best, Near(*self._labels[place], distance + OTHER_KEYS))
        return sorted(best.values(), key=lambda one: (one.distance, one.label, one.tag_id))

    def pairs(self) -> list[tuple[Near, Near]]:
        """All tags that may be the same as another one, each pair once, the nearest first."""
        # Of two words that differ by typing errors one is unknown: asking about that one is enough.
        found: dict[tuple[int, int], tuple[Near, Near]] = {}
        for place, form in enumerate(self._forms):
            tag_id, text = self._labels[place]
            for other, distance in self._alike(form, EDITS_MAX, self._is_known):
                other_id, other_text = self._labels[other]
                pair = (min(tag_id, other_id), max(tag_id, other_id))
                if tag_id == other_id or distance >= found.get(pair, _FARTHEST)[0].distance:
                    continue
                mine, theirs = Near(tag_id, text, distance), Near(other_id, other_text, distance)
                found[pair] = (mine, theirs) if tag_id < other_id else (theirs, mine)
        return sorted(found.values(), key=lambda pair: (pair[0].distance, pair[0].label))

    def _alike(
        self, form: _Form, edits: int = EDITS_MAX, is_right: Callable[[Term], int] | None = None
    ) -> Iterator[tuple[int, float]]:
        for place in self._candidates(form, edits, is_right):
            distance = self._distance(form, self._forms[place])
            if distance is not None and distance < (edits + 1) * EDIT:
                yield place, distance

    def _candidates(
        self, form: _Form, edits: int, is_right: Callable[[Term], int] | None
    ) -> set[int]:
        found = set(self._named.get(form.folded, ()))
        for key in form.whole.keys:
            found.update(self._wholes.of(key))
        if edits and _may_be_misspelt_whole(form):
            for spelling in self._spelt_whole.near(form.whole, 1):
                found.update(self._wholes.of(spelling))
        holding: set[int] | None = None
        for term in form.terms:
            places = self._holding_like(term, 0 if is_right and is_right(term) else edits)
            holding = places if holding is None else holding & places
            if not holding:
                break
        return found | (holding or set())

    def _holding_like(self, term: Term, edits: int) -> set[int]:
        found: set[int] = set()
        for key in term.keys:
            found.update(self._holding.of(key))
        if edits and not term.is_exact:
            for spelling in self._spelt.near(term, edits):
                found.update(self._holding.of(spelling))
        return found

    def _distance(self, one: _Form, other: _Form) -> float | None:
        if one.folded == other.folded:
            return SAME
        if min(len(one.whole.text), len(other.whole.text)) < SHORTEST_COMPARED:
            return None
        if one.whole.stem == other.whole.stem or one.whole.text == other.whole.text:
            return FORM
        if len(one.terms) != len(other.terms):
            return self._whole_distance(one, other)
        best = _FARTHEST[0].distance
        is_phrase = len(one.terms) > 1
        for place, order in enumerate(_orders(other.terms)):
            total = OTHER_ORDER if place else 0.0
            for mine, theirs in zip(one.terms, order, strict=True):
                distance = self._term_distance(mine, theirs, is_phrase)
                total += _FARTHEST[0].distance if distance is None else distance
                if total >= best:
                    break
            best = min(best, total)
        return best if best < _FARTHEST[0].distance else None

    def _whole_distance(self, one: _Form, other: _Form) -> float | None:
        mine, theirs = one.whole, other.whole
        if mine.is_russian != theirs.is_russian:
            return SOUND if sound_alike(mine, theirs) else None
        if not (_may_be_misspelt_whole(one) and _may_be_misspelt_whole(other)):
            return None
        if OSA.distance(mine.stem, theirs.stem, score_cutoff=1) > 1:
            return None
        return None if differ_in_sense(mine.stem, theirs.stem) else EDIT

    def _term_distance(self, one: Term, other: Term, is_phrase: bool) -> float | None:
        if one.text == other.text:
            return SAME
        if not one.stems.isdisjoint(other.stems):
            return FORM
        if one.is_russian != other.is_russian:
            return SOUND if sound_alike(one, other) else None
        if is_phrase and not one.is_russian and one.verb == other.verb:
            return VERB
        if one.is_exact or other.is_exact:
            return None
        edits = misspelling(one, other, self._is_known(one) + self._is_known(other))
        return None if edits is None else edits * EDIT

    def _is_known(self, term: Term) -> int:
        return int(term.stem in known_stems() or self._tags_with[term.stem] > 1)


class _Places:
    """Where labels with a key stand. The key itself is not kept: who looks compares the words anyway.

    A large vocabulary has 200,000 keys; as numbers in order they take a twentieth of the memory.
    """

    def __init__(self) -> None:
        self._keys, self._places = array("q"), array("l")
        self._fresh: dict[int, list[int]] | None = None

    def add(self, key: str, place: int) -> None:
        if self._fresh is None:
            self._keys.append(hash(key))
            self._places.append(place)
        else:
            self._fresh.setdefault(hash(key), []).append(place)

    def settle(self) -> None:
        """Put in order what was added so far; what comes later is kept beside."""
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        self._keys = array("q", map(self._keys.__getitem__, order))
        self._places = array("l", map(self._places.__getitem__, order))
        self._fresh = {}

    def of(self, key: str) -> list[int]:
        wanted = hash(key)
        start = bisect_left(self._keys, wanted)
        end = bisect_right(self._keys, wanted, start)
        return [*self._places[start:end], *(self._fresh or {}).get(wanted, ())]


def unknown_words(text: str) -> int:
    """How many words of a label are in no list: of two spellings the one with fewer is right."""
    return sum(term.stem not in known_stems() for term in _form(text).terms)


def _keep(best: dict[int, Near], near: Near) -> None:
    if near.tag_id not in best or near.distance < best[near.tag_id].distance:
        best[near.tag_id] = near


_FARTHEST = (Near(0, "", 99.0), Near(0, "", 99.0))


@lru_cache(50_000)
def _form(text: str) -> _Form:
    tokens = words.tokens(text[:TEXT_MAX])[:TERMS_MAX]
    telling = [token for token in tokens if token not in _SAYS_NOTHING] or tokens
    return _Form(words.fold(text), tuple(map(term_of, telling)), term_of("".join(telling)))


def _orders(terms: tuple[Term, ...]) -> Iterable[tuple[Term, ...]]:
    return permutations(terms) if len(terms) <= REORDERED_MAX else [terms]


def _may_be_misspelt_whole(form: _Form) -> bool:
    return len(form.whole.stem) >= SHORTEST_WHOLE and not any(
        term.text.isdigit() for term in form.terms
    )
