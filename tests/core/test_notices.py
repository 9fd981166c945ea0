"""Notices: told once to each, kept unworded, seen by nobody else."""

from __future__ import annotations

from sqlmodel import Session

from research_repo.core import notices
from research_repo.core.language import say, say_many
from research_repo.core.models import Person


def test_a_person_is_told_once_and_reads_the_newest_first(
    session: Session, reader: Person, curator: Person
) -> None:
    notices.tell(session, [reader.id, reader.id], say("First"), "/here")
    notices.tell(session, [reader.id, curator.id], say("Second %(what)s", what="x"))
    told = notices.listed(session, reader)
    assert [(str(one.message), one.address, one.is_new) for one in told] == [
        ("Second x", "", True),
        ("First", "/here", True),
    ]
    assert notices.unread_count(session, reader) == 2


def test_what_is_read_is_no_longer_new_for_that_person_alone(
    session: Session, reader: Person, curator: Person
) -> None:
    notices.tell(session, [reader.id, curator.id], say("Hello"))
    notices.read_all(session, reader)
    assert notices.unread_count(session, reader) == 0
    assert not notices.listed(session, reader)[0].is_new
    assert notices.unread_count(session, curator) == 1


def test_a_message_is_kept_with_its_parts_and_its_number(session: Session, reader: Person) -> None:
    inner = say("the job “%(job)s”", job=say("Rebuild the search index"))
    message = say_many("%(count)s atom: %(what)s", "%(count)s atoms: %(what)s", 5, what=inner)
    notices.tell(session, [reader.id], message)
    (told,) = notices.listed(session, reader)
    assert told.message == message
    assert str(told.message) == "5 atoms: the job “Rebuild the search index”"
