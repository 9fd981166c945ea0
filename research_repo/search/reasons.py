"""Where the words stand for which a hit was found: told by looking at its texts as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from research_repo.core import words
from research_repo.core.indexing import Texts
from research_repo.search.found import Why

Fields = dict[str, list[tuple[str, str]]]
"""Title, body and quote, each with its tokens and their stems."""


def placed(whys: Iterable[Why], texts: Texts) -> tuple[Why, ...]:
    """The reasons with the field in which their words stand; words of two fields make two reasons.

    What does not stand there any more, since somebody has just edited the text, is left out.
    """
    fields = {
        "title": _tokens([texts.title]),
        "body": _tokens([texts.body]),
        "quote": _tokens(texts.quotes),
    }
    found = (one for why in whys for one in ([why] if why.kind == "tag" else _located(why, fields)))
    return tuple(dict.fromkeys(found))


def _located(why: Why, fields: Fields) -> Iterator[Why]:
    """Each word is told once, where it stands first: in the title, else in the body, else in a quote."""
    by_field: dict[str, list[str]] = {}
    for word in why.text.split():
        for field, tokens in fields.items():
            standing = _standing(word, tokens)
            if standing:
                by_field.setdefault(field, []).append(standing)
                break
    for field, standing_there in by_field.items():
        yield replace(why, text=" ".join(standing_there), field=field)


def _standing(word: str, tokens: Sequence[tuple[str, str]]) -> str:
    """The word if any form of it is among the tokens; for a beginning the first that begins so."""
    if word.endswith("*"):
        return next((token for token, _ in tokens if token.startswith(word[:-1])), "")
    asked, stems = words.tokens(word), {stem for _, stem in tokens}
    return word if asked and all(words.stem(token) in stems for token in asked) else ""


def _tokens(texts: Iterable[str]) -> list[tuple[str, str]]:
    return [(token, words.stem(token)) for text in texts for token in words.tokens(text)]
