"""Where the words stand for which a hit was found: told by looking at its texts as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from research_repo.core import words
from research_repo.core.indexing import Texts
from research_repo.search.found import Why

Field = tuple[list[str], frozenset[str]]
"""The tokens of a text in their order, and their stems."""


def placed(whys: Iterable[Why], texts: Texts) -> tuple[Why, ...]:
    """The reasons with the field in which their words stand; words of two fields make two reasons.

    What does not stand there any more, since somebody has just edited the text, is left out.
    """
    fields = _Fields(texts)
    found = (one for why in whys for one in ([why] if why.kind == "tag" else _located(why, fields)))
    return tuple(dict.fromkeys(found))


class _Fields(dict[str, Field]):
    """Title, body and quote, each read when it is asked for: most words stand in the title."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = {"title": [texts.title], "body": [texts.body], "quote": texts.quotes}

    def __missing__(self, name: str) -> Field:
        tokens = [token for text in self._texts[name] for token in words.tokens(text)]
        self[name] = tokens, frozenset(map(words.stem, tokens))
        return self[name]


def _located(why: Why, fields: _Fields) -> Iterator[Why]:
    """Each word is told once, where it stands first: in the title, else in the body, else in a quote."""
    by_field: dict[str, list[str]] = {}
    for word in why.text.split():
        for field in ("title", "body", "quote"):
            standing = _standing(word, *fields[field])
            if standing:
                by_field.setdefault(field, []).append(standing)
                break
    for field, standing_there in by_field.items():
        yield replace(why, text=" ".join(standing_there), field=field)


def _standing(word: str, tokens: Sequence[str], stems: Set[str]) -> str:
    """The word if any form of it is among the tokens; for a beginning the first that begins so."""
    if word.endswith("*"):
        return next((token for token in tokens if token.startswith(word[:-1])), "")
    asked = words.tokens(word)
    return word if asked and all(words.stem(token) in stems for token in asked) else ""
