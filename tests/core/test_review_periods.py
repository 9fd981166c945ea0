"""After how long claims want a second look: settled by tags, shortest first, and by what merges make."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from research_repo.core import changes, history, review_periods
from research_repo.core.change_lines import Merge
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.models import Person, Tag
from tests import make


@pytest.fixture
def admin(session: Session) -> Person:
    return make.person(session, "Vera", "admin")


def starter(session: Session, name: str) -> Tag:
    guid = f"research-repo:finding-type:{name}"
    return session.exec(select(Tag).where(Tag.guid == guid)).one()


def months(session: Session, *tags: Tag) -> int:
    return review_periods.periods(session).months(tag.id for tag in tags)


def test_what_people_do_holds_longer_than_what_an_interface_does(
    session: Session, curator: Person
) -> None:
    behaviour, problem = starter(session, "behaviour"), starter(session, "problem")
    assert [months(session, one) for one in (behaviour, problem)] == [24, 9]
    assert months(session, behaviour, problem) == 9
    assert months(session) == months(session, make.tag(session, curator, "Payment")) == 18


def test_any_tag_can_have_a_period_that_holds_for_all_under_it(
    session: Session, admin: Person
) -> None:
    law = make.tag(session, admin, "Law")
    tax = make.tag(session, admin, "Tax", under=law)
    form = make.tag(session, admin, "Form", under=tax)
    review_periods.set_period(session, admin, law.key, 12)
    assert [months(session, one) for one in (law, tax, form)] == [12, 12, 12]
    review_periods.set_period(session, admin, tax.key, 36)
    assert [months(session, one) for one in (law, tax, form)] == [12, 36, 36]
    listed = review_periods.listed(session, "en")
    assert [(card.label, count) for card, count in listed][:2] == [("Tax", 36), ("Behaviour", 24)]
    review_periods.set_period(session, admin, tax.key, None)
    assert [months(session, one) for one in (law, tax, form)] == [12, 18, 18]


def test_a_merged_tag_is_judged_as_the_one_that_stands_for_it(
    session: Session, admin: Person
) -> None:
    fee, price = (make.tag(session, admin, one) for one in ("Fee", "Price"))
    review_periods.set_period(session, admin, fee.key, 6)
    changes.apply_at_once(session, admin, [Merge(fee.key, price.key)])
    assert months(session, fee) == months(session, price) == 6
    review_periods.set_period(session, admin, fee.key, 7)
    assert months(session, price) == 7


def test_what_is_shipped_can_be_settled_anew_and_leaves_history(
    session: Session, admin: Person
) -> None:
    problem = starter(session, "problem")
    review_periods.set_period(session, admin, problem.key, None)
    review_periods.set_others(session, admin, 30)
    assert months(session, problem) == months(session) == 30
    (line,) = [one for one in history.of(session, "tag", [problem.id]) if one.verb == "settled"]
    assert (line.before, line.after) == ({"review_months": 9}, {"review_months": None})
    before = history.newest(session)
    review_periods.set_others(session, admin, 30)
    review_periods.set_period(session, admin, problem.key, None)
    assert history.newest(session) == before


@pytest.mark.parametrize("count", [0, -1, 121])
def test_a_number_of_months_that_nobody_means_is_refused(
    session: Session, admin: Person, count: int
) -> None:
    with pytest.raises(Invalid, match="from 1 to 120"):
        review_periods.set_others(session, admin, count)
    with pytest.raises(Invalid, match="from 1 to 120"):
        review_periods.set_period(session, admin, starter(session, "need").key, count)


def test_only_administrators_settle_it(session: Session, curator: Person, admin: Person) -> None:
    with pytest.raises(NotAllowed):
        review_periods.set_others(session, curator, 12)
    with pytest.raises(NotAllowed):
        review_periods.set_period(session, curator, starter(session, "need").key, 12)
    with pytest.raises(NotFound):
        review_periods.set_period(session, admin, "none", 12)
