"""Links to frozen versions: unguessable, for a time, to be revoked, and to nothing but the version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import people, recommendations, report_shape, shares, studies
from research_repo.core.charts import Chart
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.models import History, Person, Report, Share, Study
from research_repo.core.report_shape import Section
from tests import frozen, make


@pytest.fixture
def marina(session: Session) -> Person:
    return make.person(session, "Marina", "researcher")


@pytest.fixture
def report(session: Session, marina: Person) -> Report:
    fact = make.atom(session, marina, "Money takes two weeks", quote="Two weeks!")
    found = frozen.row(session, marina, is_shared=True)
    frozen.version(session, marina, found, [fact])
    return found


def shared(
    session: Session, by: Person, report: Report, days: int = shares.DAYS_USUAL
) -> tuple[Share, str]:
    return shares.make(session, by, report.key, 1, "Agency", days)


def test_a_link_opens_its_version_to_whoever_holds_it(
    session: Session, marina: Person, report: Report
) -> None:
    share, secret = shared(session, marina, report)
    found = shares.opened(session, secret)
    assert [one.title for one in found.report.findings] == ["Money takes two weeks"]
    assert found.share_id == share.id


def test_only_a_hash_of_a_link_is_kept(session: Session, marina: Person, report: Report) -> None:
    _, secret = shared(session, marina, report)
    assert len(secret) * 6 >= 128
    rows = [session.exec(select(noun)).all() for noun in (Share, History)]
    assert secret not in str(rows)


def test_a_link_works_for_thirty_days_unless_told_otherwise(
    session: Session, marina: Person, report: Report
) -> None:
    usual, _ = shared(session, marina, report)
    assert usual.expires_at - now() > timedelta(days=29)
    assert usual.expires_at - now() <= timedelta(days=30)
    for days in (0, 366, -1):
        with pytest.raises(Invalid, match="1 to 365 days"):
            shared(session, marina, report, days=days)


def test_a_link_says_for_whom_it_is(session: Session, marina: Person, report: Report) -> None:
    for name in ("", " \n", "x" * 201):
        with pytest.raises(Invalid, match="for whom"):
            shares.make(session, marina, report.key, 1, name)


def test_links_that_are_guessed_over_or_revoked_are_all_the_same(
    session: Session, marina: Person, report: Report
) -> None:
    over, over_secret = shared(session, marina, report)
    over.expires_at = now() - timedelta(seconds=1)
    gone, gone_secret = shared(session, marina, report)
    shares.revoke(session, marina, report.key, gone.id)
    told = set()
    for secret in (over_secret, gone_secret, "guessed", "", "\ud800"):
        with pytest.raises(NotFound) as refusal:
            shares.opened(session, secret)
        told.add(str(refusal.value))
    assert len(told) == 1


def test_links_end_with_whoever_made_them(session: Session, marina: Person, report: Report) -> None:
    _, secret = shared(session, marina, report)
    assert shares.open_count(session, marina.id) == 1
    system = people.system(session)
    people.change(session, system, marina.id, "Marina", "researcher", is_active=False)
    with pytest.raises(NotFound):
        shares.opened(session, secret)


def test_links_end_when_their_maker_may_not_read_the_version_any_more(session: Session) -> None:
    olga = make.person(session, "Olga", "researcher")
    marina = make.person(session, "Marina", "researcher")
    closed = make.study(session, olga, "pay", "Why people leave", access="members")
    studies.add_member(session, olga, closed.key, marina.email, may_edit=True)
    found = frozen.row(session, marina, closed)
    frozen.version(session, marina, found, [make.atom(session, marina, "A secret", closed)])
    _, secret = shares.make(session, marina, found.key, 1, "Agency", is_confirmed=True)
    assert shares.opened(session, secret)
    studies.remove_member(session, olga, closed.key, marina.id)
    session.flush()
    with pytest.raises(NotFound):
        shares.opened(session, secret)


def test_links_end_with_their_report(session: Session, marina: Person, report: Report) -> None:
    _, secret = shared(session, marina, report)
    report.deleted_at = now()
    session.flush()
    with pytest.raises(NotFound):
        shares.opened(session, secret)


def test_words_of_a_closed_study_leave_the_house_only_knowingly(session: Session) -> None:
    marina = make.person(session, "Marina", "researcher")
    closed = make.study(session, marina, "pay", "Why people leave", access="members")
    found = frozen.row(session, marina, closed)
    frozen.version(session, marina, found, [make.atom(session, marina, "A secret", closed)])
    with pytest.raises(Invalid, match="Why people leave"):
        shares.make(session, marina, found.key, 1, "Agency")
    shares.make(session, marina, found.key, 1, "Agency", is_confirmed=True)
    assert session.exec(select(History.verb).where(History.noun == "report")).all()[-1] == "shared"


def test_only_those_who_may_change_a_report_share_and_revoke(
    session: Session, marina: Person, report: Report
) -> None:
    olga = make.person(session, "Olga", "researcher")
    with pytest.raises(NotAllowed):
        shared(session, olga, report)
    share, _ = shared(session, marina, report)
    with pytest.raises(NotFound):
        shares.revoke(session, olga, report.key, share.id)
    assert shares.listed(session, olga, report) == []
    other = frozen.row(session, marina)
    with pytest.raises(NotFound):
        shares.revoke(session, marina, other.key, share.id)


def test_a_link_to_a_version_that_one_may_not_read_cannot_be_made(session: Session) -> None:
    marina = make.person(session, "Marina", "researcher")
    olga = make.person(session, "Olga", "researcher")
    closed = make.study(session, olga, "pay", "Why people leave", access="members")
    studies.add_member(session, olga, closed.key, marina.email, may_edit=True)
    found = frozen.row(session, marina)
    frozen.version(session, marina, found, [make.atom(session, marina, "A secret", closed)])
    studies.remove_member(session, olga, closed.key, marina.id)
    session.flush()
    with pytest.raises(NotFound):
        shares.make(session, marina, found.key, 1, "Agency", is_confirmed=True)


def test_visits_are_counted(session: Session, marina: Person, report: Report) -> None:
    share, _ = shared(session, marina, report)
    shares.note_opened(session, share.id)
    shares.note_opened(session, share.id)
    (card,) = shares.listed(session, marina, report)
    assert (card.opened, card.is_open, card.number) == (2, True, 1)


def test_nothing_of_what_goes_outside_leads_into_the_repository(
    session: Session, marina: Person
) -> None:
    study = make.default_study(session, marina)
    body = (
        "See [that](/atoms/k7w2) and [this](https://repo.example/atoms/x) and [web](https://a.org/)"
    )
    tag = make.tag(session, make.person(session, "Ilya", "curator"), "Payment")
    fact = make.atom(session, marina, "Money takes two weeks", body=body, tags=[tag])
    insight = make.atom(session, marina, "People leave", kind="insight")
    make.link(session, marina, fact, insight)
    advice = make.atom(session, marina, "Say when it comes", study, kind="recommendation")
    recommendations.set_stage(session, marina, advice.key, "done", "https://tasks.lan/SHOP-7", "")
    found = frozen.made(
        session, marina, frozen.row(session, marina, study), [fact, insight, advice]
    )
    chart = Chart("bars", "T", "", "R", ("n",), ("a",), ((1,),), (("/search",),))
    found = replace(
        found, sections=(*found.sections, Section("charts", "charts", "C", charts=(chart,)))
    )
    told = str(report_shape.plain(shares.outside(found, "https://repo.example")))
    assert "/atoms" not in told
    assert "/search" not in told
    assert "/tags" not in told
    assert "/reports" not in told
    assert "done" in told
    assert "tasks.lan" not in told
    assert "https://a.org/" in told
    assert "See that and this and" in told
    assert session.get(Study, study.id)
