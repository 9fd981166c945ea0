"""How pages tell the strength of a claim, and the page of the sum behind it."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, render_template
from markupsafe import Markup

from research_repo.core import access, arithmetic, strength_words
from research_repo.core.strength import Strength
from research_repo.web.door import current_person, reading
from research_repo.web.words import fine, language, put

bp = Blueprint("strength", __name__, url_prefix="/atoms")


@bp.get("/<key>/strength")
def show(key: str) -> str:
    by = current_person()
    with reading() as session:
        atom = access.atom_to_read(session, by, key)
        found = arithmetic.of_atom(session, by, key)
    left_out = [put(message) for message in arithmetic.told(found.left_out)]
    return render_template("atoms/strength.html", atom=atom, sum=found, left_out=left_out)


def counts(strength: Strength, kind: str) -> tuple[str, ...]:
    """What was counted, as a card tells it, in the language of the page."""
    return _counts(strength, kind, language())


@lru_cache(4096)
def _counts(strength: Strength, kind: str, code: str) -> tuple[str, ...]:
    told = strength_words.counts(strength, kind)
    # Sentences and numbers of ours.
    return tuple(Markup(fine(one.put(code), code)) for one in told)  # noqa: S704
