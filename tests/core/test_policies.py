"""What the team has agreed on: settled by administrators, read by all, and kept in history."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from research_repo.core import history, policies
from research_repo.core.errors import Invalid, NotAllowed
from research_repo.core.models import Person
from tests import make

AS_SHIPPED = {"fact": "warn", "insight": "warn", "recommendation": "warn"}


@pytest.fixture
def admin(session: Session) -> Person:
    return make.person(session, "Vera", "admin")


def test_a_new_repository_warns_about_claims_that_rest_on_nothing(session: Session) -> None:
    assert policies.publishing(session) == AS_SHIPPED


def test_each_kind_has_a_choice_of_its_own(session: Session, admin: Person) -> None:
    policies.set_publishing(session, admin, {"fact": "block"})
    policies.set_publishing(session, admin, {"insight": "off"})
    settled = {"fact": "block", "insight": "off", "recommendation": "warn"}
    assert policies.publishing(session) == settled
    newest, _ = history.of(session, "repository", [1], limit=2)
    assert newest.before["publishing"]["insight"] == "warn"
    assert newest.after == {"publishing": settled}


def test_settling_what_is_settled_leaves_no_trace(session: Session, admin: Person) -> None:
    before = history.newest(session)
    policies.set_publishing(session, admin, AS_SHIPPED)
    assert history.newest(session) == before


def test_what_is_no_choice_is_refused(session: Session, admin: Person) -> None:
    for wanted in ({"fact": "shout"}, {"rumour": "block"}):
        with pytest.raises(Invalid) as refusal:
            policies.set_publishing(session, admin, wanted)
        assert set(refusal.value.problems) == set(wanted)
    assert policies.publishing(session) == AS_SHIPPED


def test_curators_cannot_settle_it(session: Session, curator: Person) -> None:
    with pytest.raises(NotAllowed):
        policies.set_publishing(session, curator, {"fact": "off"})
