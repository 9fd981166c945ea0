"""Words that are written in several ways: what is a form or a misspelling of what.

Two words that both exist are two words, however alike they look: `known_words.txt` lists those that
people use for products and research, and a vocabulary adds its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from research_repo.core import sounds, words
from research_repo.core.packed import Lexicon, Numbers

EDITS_MAX = 2
SHORTEST_MISSPELT = 5
COMPARED_LATELY = 2_000  # words
TWO_EDITS_FROM = 7

_RUSSIAN_PREFIXES = (
    "без бес в во воз вос вы до за из ис на над не недо о об от пере по под пред при про раз рас "
    "с со у анти микро макро мульти офф оф он"
)
_ENGLISH_PREFIXES = (
    "de dis down ex im in inter intra ir mis micro macro multi non off on out over post pre re sub "
    "super un under up"
)
_PREFIXES = frozenset([*_RUSSIAN_PREFIXES.split(), *_ENGLISH_PREFIXES.split()])
_TURNS_ROUND = frozenset("не без бес недо анти пере un non dis de mis anti re pre post".split())
SHORTEST_ROOT = 3

_SIBILANT = re.compile(r".*(?:ch|sh|ss|x|zz)es")
_ENDS_IN_S_ALONE = ("ss", "us", "is", "news")
_TWICE = re.compile(r"(.)\1+")
_VERB_ENDING = re.compile(r"(.{3,}?)(?:(.)\2)?(?:ing|ed|e)")
# Snowball gives these the stem of another word.
_OWN_STEMS = {
    **dict.fromkeys("цветы цветов цветами цветам цветах".split(), "цветы"),
    **dict.fromkeys("часы часами часам".split(), "часы"),
    **dict.fromkeys("весы весов весами весам весах".split(), "весы"),
    **dict.fromkeys("платье платья платьев платьем платьями платьям платьях".split(), "платье"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a label as it is compared. A vocabulary has many: what follows is not kept."""

    text: str
    stem: str
    is_russian: bool
    is_exact: bool
    """A number, or too short to be misspelt: there is no other way to write it."""

    @property
    def stems(self) -> frozenset[str]:
        # What looks like a genitive may be the word itself: товаров, but вызов.
        has_two = self.is_russian and self.text.endswith(("ов", "ев"))
        return frozenset({self.stem, self.text} if has_two else {self.stem})

    @property
    def keys(self) -> frozenset[str]:
        """What finds the labels with a counterpart of this word, but for typing errors."""
        heard = (f"~{one}" for one in sounds.sounds(self.text) | sounds.patterns(self.text))
        return frozenset((*self.stems, f"-{self.verb}", *heard))

    @property
    def verb(self) -> str:
        ending = _VERB_ENDING.fullmatch(self.text)
        return ending[1] + (ending[2] or "") if ending else self.text


class Spellings:
    """The ways in which the words of a vocabulary are written, ready to look for those near to one."""

    def __init__(self, spellings: Iterable[str]) -> None:
        known = set(spellings)
        self._known = Lexicon(known)
        self._first_letters = Numbers((one[1:], ord(one[0])) for one in known)

    def near(self, term: Term, edits: int) -> set[str]:
        """Those at most so many typing errors away, with others that only begin in another way."""
        found: set[str] = set()
        for typed in {term.stem, term.text}:
            # The first letter is missing, or another one; else it is there, or swapped with the next.
            for rest in (typed, typed[1:]):
                found.update(chr(first) + rest for first in self._first_letters.of(rest))
            for first in {*typed[:2]}:
                lengths = range(len(typed) - edits, len(typed) + edits + 1)
                some = [one for length in lengths for one in self._known.alike(first, length)]
                near = process.extract(
                    typed, some, scorer=OSA.distance, score_cutoff=edits, limit=None
                )
                found.update(spelling for spelling, _, _ in near)
        return found


@lru_cache(1)
def known_stems() -> frozenset[str]:
    """The stems of the words in `known_words.txt`."""
    listed = Path(__file__).with_name("known_words.txt").read_text(encoding="utf-8")
    lines = (line for line in listed.splitlines() if not line.startswith("#"))
    return frozenset(_stem(token) for line in lines for token in words.tokens(line))


@lru_cache(COMPARED_LATELY)
def term_of(token: str) -> Term:
    is_russian = words.language_of(token) == "ru"
    is_exact = len(token) < SHORTEST_MISSPELT or not token.replace("'", "").isalpha()
    return Term(token, _stem(token), is_russian, is_exact)


def _stem(token: str) -> str:
    if words.language_of(token) == "ru":
        return _OWN_STEMS.get(token) or words.stem(token)
    # Snowball takes a market and marketing for one word; only the number may differ here.
    bare = token.removesuffix("'s").removesuffix("'")
    if len(bare) < 4 or bare.endswith(_ENDS_IN_S_ALONE):
        return bare
    if bare.endswith("ies"):
        return bare[:-3] + "y"
    return bare[:-2] if _SIBILANT.fullmatch(bare) else bare.removesuffix("s")


def sound_alike(one: Term, other: Term) -> bool:
    return not (
        sounds.sounds(one.text).isdisjoint(sounds.sounds(other.text))
        and sounds.patterns(one.text).isdisjoint(sounds.patterns(other.text))
    )


def misspelling(one: Term, other: Term, known: int) -> int | None:
    """By how many typing errors two words of one script differ, `known` of which exist; None when
    they are two words.
    """
    short = min(len(one.text), len(other.text))
    allowed = _edits_allowed(short, known)
    edits = min(OSA.distance(one.text, other.text), OSA.distance(one.stem, other.stem))
    if not allowed or edits > allowed:
        return None
    if not _begin_alike(one.text, other.text) and not (known == 1 and edits == 1 and short > 5):
        return None
    if differ_in_sense(one.stem, other.stem) or differ_in_sense(one.text, other.text):
        return None
    return edits


def _edits_allowed(short: int, known: int) -> int:
    if known == 2 or short < SHORTEST_MISSPELT:
        return 0  # both words exist: neither is a misspelling
    doubt = 1 - known  # where no word is known, a longer one is asked for
    return 2 if short >= TWO_EDITS_FROM + 2 * doubt else int(short >= SHORTEST_MISSPELT + doubt)


def _begin_alike(one: str, other: str) -> bool:
    # People miss keys inside a word, hardly ever its first one; two swapped letters are still there.
    return one[0] == other[0] or (one[0] in other[:2] and other[0] in one[:2])


def differ_in_sense(one: str, other: str) -> bool:
    """Whether the difference is one that makes another word: a prefix, or a longer ending."""
    if _TWICE.sub(r"\1", one) == _TWICE.sub(r"\1", other):
        return False
    short, long = sorted((one, other), key=len)
    if long.startswith(short) and len(long) - len(short) > 1:
        return True
    if long.endswith(short) and long[: -len(short)] in _TURNS_ROUND:
        return True
    common = 0
    while common < len(short) and one[-1 - common] == other[-1 - common]:
        common += 1
    for root in range(SHORTEST_ROOT, common + 1):
        if one[:-root] in _PREFIXES and other[:-root] in _PREFIXES:
            return True
    return False
