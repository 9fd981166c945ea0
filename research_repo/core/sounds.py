"""How a word sounds, so that dostavka, доставка and `checkout`, чекаут meet whatever their letters.

There are many ways to write Russian in Latin letters, and each is used: kh and h, ya, ja and ia,
shch and sch, y, i and j. All of them come to the same sound here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from research_repo.core import words

SHORTEST_PATTERN = 5
HEARD_LATELY = 1_000  # words; nearly all of a vocabulary are asked for once only

_VOWELS = "aeiou"
_CYRILLIC_SOUNDS = str.maketrans(
    dict(zip("абвгдежзийклмнопрстуфхцчшщъыьэюяё", "abvgdežziiklmnoprstufhsčšš-i-e++e", strict=True))
    | {"ъ": "", "ь": "", "ю": "iu", "я": "ia"}
)
# Longest first; a letter that says nothing of its own is gone.
_LATIN_SOUNDS = (
    ("shch", "š"), ("sch", "š"), ("tch", "č"), ("ght", "t"), ("zh", "ž"), ("kh", "h"), ("ch", "č"),
    ("sh", "š"), ("ph", "f"), ("th", "t"), ("ts", "s"), ("tz", "s"), ("ck", "k"), ("qu", "kv"),
    ("ee", "i"), ("oo", "u"), ("ce", "se"), ("ci", "si"), ("cy", "si"), ("cj", "si"), ("c", "k"),
    ("q", "k"), ("w", "v"), ("x", "ks"), ("y", "i"), ("j", "i"), ("'", ""),
)  # fmt: skip
_SOUND_OF = dict(_LATIN_SOUNDS)
_WRITTEN = re.compile("|".join(re.escape(written) for written, _ in _LATIN_SOUNDS))
_TWICE = re.compile(r"(.)\1+")
_VOWEL_RUN = re.compile(f"[{_VOWELS}]+")


@lru_cache(HEARD_LATELY)
def sounds(token: str) -> frozenset[str]:
    """The ways in which a word may sound, without its ending."""
    read = _heard(token)
    if words.language_of(token) == "en":
        # It may be Russian in Latin letters, whose ending only a Russian stemmer knows.
        read.append(words.stem(words.transliterate(token)).translate(_CYRILLIC_SOUNDS))
    return frozenset(filter(None, map(_without_ending, read)))


@lru_cache(HEARD_LATELY)
def patterns(token: str) -> frozenset[str]:
    """The consonants with a mark for each vowel between them: vowels are what loan-words change."""
    heard = map(_without_ending, _heard(token))
    rough = (_VOWEL_RUN.sub("a", sound).replace("z", "s") for sound in heard)
    return frozenset(pattern for pattern in rough if len(pattern) >= SHORTEST_PATTERN)


def _heard(token: str) -> list[str]:
    if words.language_of(token) == "ru":
        return [one.translate(_CYRILLIC_SOUNDS) for one in (token, words.stem(token))]
    return [_latin(token), _latin(token.replace("j", "zh"))]


def _latin(token: str) -> str:
    return _WRITTEN.sub(lambda written: _SOUND_OF[written.group()], token)


def _without_ending(sound: str) -> str:
    once = _TWICE.sub(r"\1", sound)
    bare = once.rstrip(_VOWELS)
    return bare if len(bare) >= 3 else once
