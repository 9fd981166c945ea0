"""Keys: short, readable aloud, never taken twice."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session

from research_repo.core import keys
from research_repo.core.models import Atom, Person
from tests import make


def test_a_key_is_short_and_cannot_be_misread(session: Session) -> None:
    made = keys.new_keys(session, Atom.key, 200)
    assert len(set(made)) == 200
    assert all(re.fullmatch("[2-9b-df-hj-km-np-tv-xz]{6}", key) for key in made)


def test_a_key_that_is_taken_is_not_given_again(
    session: Session, researcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    atom = make.atom(session, researcher, "One", kind="insight")
    drawn = iter(atom.key * 3 + "2bcdfg")
    monkeypatch.setattr(keys.secrets, "choice", lambda _: next(drawn))
    assert keys.new_key(session, Atom.key) == "2bcdfg"
