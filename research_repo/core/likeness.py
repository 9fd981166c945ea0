"""Which labels mean the same: whatever their forms, order, script, keyboard, or typing errors.

Pure: it compares words and knows no database. Two labels are alike when each word of one has its
counterpart in the other. What people tell apart is kept apart: opposites, numbers, short words, and
two words that both exist.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from rapidfuzz.distance import OSA

from research_repo.core import words
from research_repo.core.packed import Labels, Numbers
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
COMPARED_LATELY = 1_000  # labels
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
    """The labels of a vocabulary, ready to tell which of them a text is like.

    How a label is compared is worked out when it is looked at: kept for 30,000, it would take a
    hundred megabytes. `before` is an earlier vocabulary, whose labels need not be taken apart again.
    """

    def __init__(
        self, labels: Iterable[tuple[int, str]] = (), before: Likeness | None = None
    ) -> None:
        self._labels = labels if isinstance(labels, Labels) else Labels(labels)
        self._named, self._holding, self._wholes = Numbers(), Numbers(), Numbers()
        taken_over = self._take_over(before) if before else set[int]()
        spelt, spelt_whole = set[str](), set[str]()
        tags_with: dict[str, int] = {}
        in_several = set[str]()
        for place, (tag_id, text) in enumerate(self._labels):
            form = _form_of(text)
            if place not in taken_over:
                self._add(form, place)
            if _may_be_misspelt_whole(form):
                spelt_whole |= {form.whole.stem, form.whole.text}
            for term in form.terms:
                spelt |= {term.stem, term.text}
                if tags_with.setdefault(term.stem, tag_id) != tag_id:
                    in_several.add(term.stem)
        for found in (self._named, self._holding, self._wholes):
            found.settle()
        self._spelt, self._spelt_whole = Spellings(spelt), Spellings(spelt_whole)
        self._in_several = Numbers((stem, 1) for stem in in_several)

    def _add(self, form: _Form, place: int) -> None:
        self._named.add(form.folded, place)
        for key in form.whole.keys:
            self._wholes.add(key, place)
        for term in form.terms:
            for key in term.keys:
                self._holding.add(key, place)

    def _take_over(self, before: Likeness) -> set[int]:
        """The places of labels that were there before, with what was known of them."""
        now: dict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(self._labels.texts):
            now[text].append(place)
        places = array("q")
        for text in before._labels.texts:
            same = now.get(text)
            places.append(same.pop() if same else -1)
        self._named = before._named.renumbered(places)
        self._holding = before._holding.renumbered(places)
        self._wholes = before._wholes.renumbered(places)
        return set(places)

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
        for tag_id, text in self._labels:
            form = _form(text)
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
            distance = self._distance(form, _form(self._labels.texts[place]))
            if distance is not None and distance < (edits + 1) * EDIT:
                yield place, distance

    def _candidates(
        self, form: _Form, edits: int, is_right: Callable[[Term], int] | None
    ) -> set[int]:
        found = set(self._named.of(form.folded))
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
        return int(term.stem in known_stems() or term.stem in self._in_several)


def unknown_words(text: str) -> int:
    """How many words of a label are in no list: of two spellings the one with fewer is right."""
    return sum(term.stem not in known_stems() for term in _form(text).terms)


def _keep(best: dict[int, Near], near: Near) -> None:
    if near.tag_id not in best or near.distance < best[near.tag_id].distance:
        best[near.tag_id] = near


_FARTHEST = (Near(0, "", 99.0), Near(0, "", 99.0))


def _form_of(text: str) -> _Form:
    tokens = words.tokens(text[:TEXT_MAX])[:TERMS_MAX]
    telling = [token for token in tokens if token not in _SAYS_NOTHING] or tokens
    return _Form(words.fold(text), tuple(map(term_of, telling)), term_of("".join(telling)))


_form = lru_cache(COMPARED_LATELY)(_form_of)


def _orders(terms: tuple[Term, ...]) -> Iterable[tuple[Term, ...]]:
    return permutations(terms) if len(terms) <= REORDERED_MAX else [terms]


def _may_be_misspelt_whole(form: _Form) -> bool:
    return len(form.whole.stem) >= SHORTEST_WHOLE and not any(
        term.text.isdigit() for term in form.terms
    )
