"""How pages tell the strength of a claim."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from research_repo.core import strength_words
from research_repo.core.strength import Strength
from research_repo.web.words import fine, language


def counts(strength: Strength, kind: str) -> tuple[str, ...]:
    """What was counted, as a card tells it, in the language of the page."""
    return _counts(strength, kind, language())


@lru_cache(4096)
def _counts(strength: Strength, kind: str, code: str) -> tuple[str, ...]:
    told = strength_words.counts(strength, kind)
    # Sentences and numbers of ours.
    return tuple(Markup(fine(one.put(code), code)) for one in told)  # noqa: S704
