"""Ids of tags as formats take them that know nothing but UUIDs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1c3c0e-8a55-5b0e-9d0c-3f2f4d1b7a52")
_UUID = re.compile(r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?")


def canonical(text: str) -> str:
    """A UUID in small letters and without braces; empty when the text is none."""
    found = _UUID.fullmatch(text.strip().lower())
    return found[1] if found else ""


def derived(*parts: str) -> str:
    """The UUID that always stands for these texts."""
    return str(uuid5(NAMESPACE, "\n".join(parts)))


def uuids(guids: Iterable[str]) -> dict[str, str]:
    """Guid → a UUID of its own: itself where it is one, else one that is always the same."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for guid in sorted(set(guids)):
        made = canonical(guid) or derived("id", guid)
        if made in taken:
            made = derived("again", guid)
        taken.add(made)
        found[guid] = made
    return found
