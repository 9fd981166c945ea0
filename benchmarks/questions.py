"""What is asked of the engines: the same seeded questions for all of them, kind by kind."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from benchmarks.corpus import LEXEMES, Corpus, Note
from benchmarks.peers.engine import Asked, Tree
from research_repo.core import words
from research_repo.core.words import STOP_WORDS, language_of

QUESTIONS = 100
COMMON, RARE = 50, 4_000  # ranks of words
_TYPED_WRONG = {"ru": "оеаинтсрвл", "en": "etaoinshrd"}

Make = Callable[["Chance"], Asked]


class Chance:
    """Words and tags of the corpus at random, as often as they occur in it."""

    def __init__(self, made: Corpus, tree: Tree) -> None:
        self._made, self._tree = made, tree
        self._random = random.Random(made.seed)
        self.note: Note = {}
        self.turn()

    def turn(self) -> None:
        """From now on questions are about another note."""
        self.note = self._made.note(self._random.randrange(self._made.atoms))

    def words(self, count: int) -> tuple[str, ...]:
        return tuple(self._made.word(self._random, self.note["language"]) for _ in range(count))

    def ranked(self, first: int, last: int) -> tuple[str, ...]:
        """A word of these ranks: 0 is the most frequent."""
        lexeme = self._made.lexemes[self.note["language"]][self._random.randrange(first, last)]
        return (self._random.choice(lexeme.forms),)

    def stop_words(self) -> tuple[str, ...]:
        listed = [word for word in STOP_WORDS if language_of(word) == self.note["language"]]
        return tuple(self._random.sample(sorted(listed), 3))

    def phrase(self, size: int) -> tuple[str, ...]:
        """Words side by side in the note."""
        sentence = self._random.choice(self.note["body"].split(". ")).rstrip(".").lower().split()
        start = self._random.randrange(len(sentence) - size + 1)
        return tuple(sentence[start : start + size])

    def beginning(self, size: int) -> str:
        """The first letters of a word, as texts have them once they are indexed."""
        (word,) = self.words(1)
        return words.tokens(word)[0][:size]

    def typo(self) -> tuple[str, ...]:
        """A longer word of the note with one letter typed wrong."""
        long = [
            word for word in self.note["body"].lower().replace(".", "").split() if len(word) > 6
        ]
        word = self._random.choice(long or [self.note["body"].split()[0].lower()])
        place = self._random.randrange(1, len(word) - 1)
        others = [one for one in _TYPED_WRONG[self.note["language"]] if one != word[place]]
        return (word[:place] + self._random.choice(others) + word[place + 1 :],)

    def tag(self) -> int:
        """A tag of the note or, as often, one above it."""
        label = self._random.choice(self.note["tags"].split("; "))
        return self._random.choice(self._tree.above[self._tree.labels[label]])


KINDS: dict[str, Make] = {
    "one rare word": lambda c: Asked("", c.ranked(RARE, LEXEMES), "any"),
    "one common word": lambda c: Asked("", c.ranked(0, COMMON), "any"),
    "stop words": lambda c: Asked("", c.stop_words(), "any"),
    "three words, any": lambda c: Asked("", c.words(3), "any"),
    "two words, all": lambda c: Asked("", c.words(2), "all"),
    "a phrase of two words": lambda c: Asked("", c.phrase(2), "phrase"),
    "a prefix of three letters": lambda c: Asked("", (c.beginning(3),), "prefix"),
    "words under a tag": lambda c: Asked("", c.words(3), "any", c.tag()),
    "a tag alone, newest first": lambda c: Asked("", tag=c.tag()),
    "words with counts of all tags": lambda c: Asked("", c.words(3), "any", counts=True),
    "common word with counts of all tags": lambda c: Asked(
        "", c.ranked(0, COMMON), "any", counts=True
    ),
    "nothing typed, counts of all tags": lambda _: Asked("", counts=True),
    "did you mean": lambda c: Asked("", c.typo(), "typo"),
}


def questions(made: Corpus, tree: Tree, count: int) -> list[Asked]:
    """So many of each kind, in the order of the table."""
    return [asked for kind, make in KINDS.items() for asked in _some(made, tree, kind, make, count)]


def _some(made: Corpus, tree: Tree, kind: str, make: Make, count: int) -> Sequence[Asked]:
    chance = Chance(made, tree)
    some = []
    for _ in range(count):
        chance.turn()
        asked = make(chance)
        some.append(Asked(kind, asked.words, asked.match, asked.tag, asked.counts))
    return some
