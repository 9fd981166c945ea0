"""Drafts: listed for their author, and published many at once, each by its own rights and rules."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from research_repo.core import drafts, schemes
from research_repo.core.models import Atom, Person
from tests import make


@pytest.fixture
def admin(session: Session) -> Person:
    return make.person(session, "Anna", "admin")


def status_of(session: Session, atom: Atom) -> str:
    return session.get_one(Atom, atom.id).status


def test_many_drafts_are_published_at_once_and_taken_back(
    session: Session, researcher: Person
) -> None:
    made = [make.atom(session, researcher, f"Fact {n}", status="draft") for n in range(3)]
    keys = [atom.key for atom in made]
    assert drafts.publish(session, researcher, keys) == drafts.Published(keys)
    assert {status_of(session, atom) for atom in made} == {"published"}
    assert drafts.publish(session, researcher, keys) == drafts.Published()
    assert drafts.take_back(session, researcher, keys[:1]).keys == keys[:1]
    assert [status_of(session, atom) for atom in made] == ["draft", "published", "published"]


def test_one_that_breaks_a_rule_stays_a_draft_and_holds_up_no_other(
    session: Session, researcher: Person, admin: Person
) -> None:
    first, second = (make.atom(session, researcher, title, status="draft") for title in "ab")
    schemes.set_rules(session, admin, "severity", schemes.Rules(is_required=True))
    tag = make.tag(session, admin, "Fatal", "severity")
    third = make.atom(session, researcher, "c", tags=[tag], status="draft")
    done = drafts.publish(session, researcher, [first.key, third.key, second.key])
    assert done.keys == [third.key]
    assert set(done.refused) == {first.key, second.key}
    assert "Severity" in str(done.refused[first.key])
    session.expire_all()
    assert status_of(session, first) == "draft"
    to_do = drafts.to_do(session, researcher, [first.id, third.id], "en")
    assert [len(to_do[atom.id]) for atom in (first, third)] == [2, 1]  # both have no quote yet


def test_what_somebody_may_not_publish_stays_as_it_is(
    session: Session, researcher: Person, curator: Person, admin: Person
) -> None:
    closed = make.study(session, admin, "closed", access="members")
    hidden = make.atom(session, admin, "Hidden", closed, status="draft")
    theirs = make.atom(session, admin, "Theirs", status="draft")
    done = drafts.publish(session, researcher, [hidden.key, theirs.key, "nothing"])
    assert done == drafts.Published()
    assert status_of(session, hidden) == status_of(session, theirs) == "draft"
    shown = make.atom(session, admin, "Shown")
    done = drafts.take_back(session, curator, [shown.key])
    assert list(done.refused) == [shown.key]
    assert status_of(session, shown) == "published"


def test_drafts_are_listed_newest_first_of_one_study_or_all(
    session: Session, researcher: Person, admin: Person
) -> None:
    other = make.study(session, admin, "other")
    first = make.atom(session, researcher, "a", status="draft")
    second = make.atom(session, researcher, "b", other, status="draft")
    make.atom(session, researcher, "Published")
    make.atom(session, admin, "Somebody's", status="draft")
    assert drafts.of_person(session, researcher, None, 10) == (2, [second.id, first.id])
    assert drafts.of_person(session, researcher, other.id, 10) == (1, [second.id])
    assert drafts.of_person(session, researcher, None, 1, 1) == (2, [first.id])


def test_what_was_written_down_last_comes_first(session: Session, researcher: Person) -> None:
    first, second = (make.atom(session, researcher, title) for title in "ab")
    listed = drafts.logged_lately(session, researcher, None, 5)
    assert [row[0] for row in listed] == [second.id, first.id]
