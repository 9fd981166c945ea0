"""What is typed and not sent: kept for its author alone, never over what another window kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from research_repo.core import scratch
from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid, NotAllowed
from research_repo.core.models import Person, Scratch


def test_what_was_typed_comes_back_until_it_is_thrown_away(
    session: Session, researcher: Person
) -> None:
    scratch.keep(session, researcher, "atom:a", {"title": "Half a tho"})
    kept = scratch.get(session, researcher, "atom:a")
    assert kept
    assert kept.content == {"title": "Half a tho"}
    scratch.throw_away(session, researcher, "atom:a")
    scratch.throw_away(session, researcher, "atom:a")
    assert scratch.get(session, researcher, "atom:a") is None


def test_a_second_window_is_refused_and_what_the_first_kept_stays(
    session: Session, researcher: Person
) -> None:
    first = scratch.keep(session, researcher, "atom:a", {"title": "One"})
    scratch.keep(session, researcher, "atom:a", {"title": "One, more"}, first.stamp)
    with pytest.raises(Conflict) as refusal:
        scratch.keep(session, researcher, "atom:a", {"title": "Two"}, first.stamp)
    assert refusal.value.current.content == {"title": "One, more"}
    kept = scratch.get(session, researcher, "atom:a")
    assert kept
    assert kept.content == {"title": "One, more"}


def test_words_on_a_screen_are_kept_anew_when_their_draft_was_sent_elsewhere(
    session: Session, researcher: Person
) -> None:
    first = scratch.keep(session, researcher, "atom:a", {"title": "One"})
    scratch.throw_away(session, researcher, "atom:a")
    scratch.keep(session, researcher, "atom:a", {"title": "One, more"}, first.stamp)
    assert [one.form for one in scratch.of_person(session, researcher, "atom:")] == ["atom:a"]


def test_nobody_sees_what_somebody_else_types(
    session: Session, researcher: Person, curator: Person
) -> None:
    scratch.keep(session, researcher, "atom:a", {"title": "Mine"})
    assert scratch.get(session, curator, "atom:a") is None
    assert scratch.of_person(session, curator, "atom:") == []
    scratch.throw_away(session, curator, "atom:a")
    assert scratch.get(session, researcher, "atom:a")


def test_who_only_reads_keeps_nothing(session: Session, reader: Person) -> None:
    with pytest.raises(NotAllowed):
        scratch.keep(session, reader, "atom:a", {"title": "Mine"})


def test_what_nobody_touches_for_a_month_goes(session: Session, researcher: Person) -> None:
    scratch.keep(session, researcher, "atom:old", {"title": "Old"})
    row = session.get_one(Scratch, (researcher.id, "atom:old"))
    row.updated_at = now() - timedelta(days=scratch.KEPT_DAYS, minutes=1)
    session.flush()
    assert scratch.get(session, researcher, "atom:old") is None
    assert scratch.of_person(session, researcher, "atom:") == []
    scratch.keep(session, researcher, "atom:new", {"title": "New"})
    assert session.get(Scratch, (researcher.id, "atom:old")) is None


def test_too_many_and_too_long_are_refused_and_nothing_is_dropped_in_silence(
    session: Session, researcher: Person
) -> None:
    for number in range(scratch.KEPT_MAX):
        scratch.keep(session, researcher, f"atom:{number}", {"title": "x"})
    with pytest.raises(Invalid):
        scratch.keep(session, researcher, "atom:more", {"title": "x"})
    scratch.keep(session, researcher, "atom:0", {"title": "y"})
    with pytest.raises(Invalid):
        scratch.keep(session, researcher, "atom:0", {"title": "x" * scratch.SIZE_MAX})
    assert len(scratch.of_person(session, researcher, "atom:")) == scratch.KEPT_MAX


@pytest.mark.parametrize("form", ["", "x" * 61, "имя", "a\x00b", "a\nb"])
def test_a_name_that_no_window_has_is_refused(
    session: Session, researcher: Person, form: str
) -> None:
    with pytest.raises(Invalid):
        scratch.keep(session, researcher, form, {})
    assert scratch.get(session, researcher, form) is None
    scratch.throw_away(session, researcher, form)
