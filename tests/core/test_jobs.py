"""Jobs: held by one worker at a time, taken up again when it dies, given up after three deaths."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from research_repo.core import jobs, notices
from research_repo.core.clock import now
from research_repo.core.errors import NotAllowed, NotFound
from research_repo.core.language import say
from research_repo.core.models import Job, Person
from tests import make


@pytest.fixture
def admin(session: Session) -> Person:
    return make.person(session, "Vera", "admin")


@pytest.fixture
def job(session: Session, admin: Person) -> Job:
    return jobs.start(session, admin, "index.rebuild", {"whole": True})


def lose_the_lease(session: Session, job: Job) -> None:
    job.lease_until = now() - timedelta(seconds=1)
    session.flush()


def test_a_job_is_held_by_one_worker(session: Session, job: Job) -> None:
    assert jobs.claim(session) == job
    assert (job.status, job.attempts) == ("running", 1)
    assert jobs.claim(session) is None


def test_the_oldest_job_comes_first(session: Session, admin: Person, job: Job) -> None:
    later = jobs.start(session, admin, "index.rebuild")
    assert [jobs.claim(session), jobs.claim(session), jobs.claim(session)] == [job, later, None]


def test_a_job_whose_worker_died_is_taken_up_again_from_its_beginning(
    session: Session, job: Job
) -> None:
    jobs.claim(session)
    jobs.progress(session, job.id, 3, 10)
    lose_the_lease(session, job)
    assert jobs.claim(session) == job
    assert (job.attempts, job.done) == (2, 0)


def test_work_that_goes_on_keeps_its_job(session: Session, job: Job) -> None:
    jobs.claim(session)
    lose_the_lease(session, job)
    jobs.progress(session, job.id, 3, 10)
    assert jobs.claim(session) is None


def test_a_job_that_stopped_three_times_fails_and_its_person_is_told(
    session: Session, admin: Person, job: Job
) -> None:
    for _ in range(3):
        assert jobs.claim(session) == job
        lose_the_lease(session, job)
    assert jobs.claim(session) is None
    card = jobs.get(session, admin, job.id)
    assert (card.status, str(card.error)) == (
        "failed",
        "It stopped three times without an end. Look at the log.",
    )
    (told,) = notices.listed(session, admin)
    assert told.address == f"/jobs/{job.id}"
    assert "Failed: Rebuild the search index. It stopped three times" in str(told.message)


def test_a_job_that_is_done_says_so_with_its_result(
    session: Session, admin: Person, job: Job
) -> None:
    jobs.claim(session)
    jobs.progress(session, job.id, 3, 10)
    jobs.finish(session, job.id, {"atoms": 10})
    card = jobs.get(session, admin, job.id)
    assert (card.status, card.done, card.total, card.result) == ("done", 10, 10, {"atoms": 10})
    assert card.finished_at is not None
    assert [str(told.message) for told in notices.listed(session, admin)] == [
        "Done: Rebuild the search index"
    ]
    assert jobs.claim(session) is None


def test_a_job_that_cannot_be_done_says_why(session: Session, admin: Person, job: Job) -> None:
    jobs.claim(session)
    jobs.fail(session, job.id, say("The disk is full."))
    assert str(jobs.get(session, admin, job.id).error) == "The disk is full."


def test_only_an_admin_rebuilds_the_index_and_nobody_starts_what_is_no_job(
    session: Session, curator: Person, admin: Person
) -> None:
    with pytest.raises(NotAllowed):
        jobs.start(session, curator, "index.rebuild")
    with pytest.raises(NotFound):
        jobs.start(session, admin, "make coffee")


def test_a_job_is_seen_by_its_person_and_by_admins(
    session: Session, admin: Person, curator: Person, job: Job
) -> None:
    other = make.person(session, "Petr", "admin")
    assert jobs.get(session, other, job.id).who == "Vera"
    assert [card.id for card in jobs.listed(session, other)] == [job.id]
    assert jobs.listed(session, curator) == []
    with pytest.raises(NotFound):
        jobs.get(session, curator, job.id)
    with pytest.raises(NotFound):
        jobs.get(session, admin, 10**6)


def test_the_same_work_asked_for_again_is_found_while_it_waits_or_runs(
    session: Session, admin: Person, researcher: Person
) -> None:
    asked = {"key": "returns", "form": "docx"}
    assert jobs.open_one(session, researcher, "reports.export", asked) is None
    job = jobs.start(session, researcher, "reports.export", asked)
    assert jobs.open_one(session, researcher, "reports.export", dict(asked)) == job
    assert jobs.open_one(session, researcher, "reports.export", asked | {"form": "pdf"}) is None
    assert jobs.open_one(session, admin, "reports.export", asked) is None
    jobs.finish(session, job.id)
    assert jobs.open_one(session, researcher, "reports.export", asked) is None
