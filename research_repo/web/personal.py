"""Personal data in a form: asked about once, then masked or kept as whoever sent it says."""

from __future__ import annotations

from research_repo.core import atoms, masking, personal
from research_repo.core.atoms import AtomValues
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.web.door import text


def settled(values: AtomValues, known: AtomValues | None = None) -> AtomValues:
    """The values, with dots for personal data where that was chosen; they are `ready`, and stay so.

    Raises:
        Invalid: they hold some that does not stand in `known` already, and nothing was chosen.
    """
    found = masking.found_in(values, known)
    choice = text("personal")
    if not found or choice == "keep":
        return values
    if choice == "mask":
        return atoms.ready(masking.masked(values))
    what = personal.told([one for some in found.values() for one in some])
    told = say("This holds %(what)s, which readers would see. Mask it?", what=what)
    raise Invalid({"personal": told})
