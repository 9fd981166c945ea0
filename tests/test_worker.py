"""Long work survives refusals, faults and kills, and its person is told how it ended."""

import threading
import time
from datetime import timedelta

import pytest
from sqlmodel import select

from research_repo.core import clock, import_runs, jobs, notices, people, tagging, tokens
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import Atom, ImportRun, Job, Tag
from research_repo.worker import Worker
from tests import frozen, make

KIND = "index.rebuild"


class Lost(BaseException):
    """Ends the work as a kill would: nothing of the worker runs after it."""


@pytest.fixture
def asked(database: Database) -> int:
    with database.saving() as session:
        return jobs.start(session, people.system(session), KIND, {"why": "test"}).id


def job(database: Database, job_id: int) -> jobs.JobCard:
    with database.reading() as session:
        return jobs.get(session, people.system(session), job_id)


def told(database: Database) -> list[str]:
    with database.reading() as session:
        return [str(notice.message) for notice in notices.listed(session, people.system(session))]


def lose_lease(database: Database, job_id: int) -> None:
    with database.saving() as session:
        session.get_one(Job, job_id).lease_until = clock.now() - timedelta(seconds=1)


def test_a_job_is_done_and_its_person_is_told(database, asked):
    seen = []

    def work(arguments, progress):
        seen.append(arguments)
        progress(1, 2)
        return {"count": 2}

    assert Worker(database, {KIND: work}).work_once()
    assert seen == [{"why": "test"}]
    assert (job(database, asked).status, job(database, asked).result) == ("done", {"count": 2})
    assert told(database) == ["Done: Rebuild the search index"]
    assert not Worker(database, {KIND: work}).work_once()


def test_progress_is_seen_while_the_work_goes_on(database, asked):
    def work(_arguments, progress):
        progress(3, 10)
        assert (job(database, asked).done, job(database, asked).total) == (3, 10)

    assert Worker(database, {KIND: work}).work_once()
    assert job(database, asked).status == "done"


def test_a_refusal_is_told_in_its_own_words(database, asked):
    def work(_arguments, _progress):
        raise Unavailable(say("The disk is full."))

    Worker(database, {KIND: work}).work_once()
    assert job(database, asked).status == "failed"
    assert told(database) == ["Failed: Rebuild the search index. The disk is full."]


def test_a_fault_fails_the_job_and_not_the_worker(database, asked, caplog):
    def work(_arguments, _progress):
        raise KeyError("secret words of a respondent")

    worker = Worker(database, {KIND: work})
    assert worker.work_once()
    assert job(database, asked).status == "failed"
    assert "secret" not in str(job(database, asked).error)
    assert not worker.work_once()


def test_a_job_that_is_held_is_not_taken_twice(database, asked):
    taken = []

    def work(_arguments, _progress):
        taken.append(Worker(database, {KIND: work}).work_once())

    Worker(database, {KIND: work}).work_once()
    assert taken == [False]


def test_a_job_whose_worker_died_is_taken_up_three_times_and_then_fails(database, asked):
    attempts = []

    def work(_arguments, _progress):
        attempts.append(1)
        raise Lost

    worker = Worker(database, {KIND: work})
    for _ in range(jobs.ATTEMPTS):
        with pytest.raises(Lost):
            worker.work_once()
        assert not worker.work_once()
        lose_lease(database, asked)
    assert not worker.work_once()
    assert len(attempts) == 3
    assert job(database, asked).status == "failed"
    assert told(database) == [
        "Failed: Rebuild the search index. It stopped three times without an end. Look at the log."
    ]


def test_the_thread_takes_up_what_is_asked_and_stops(database):
    done = threading.Event()
    worker = Worker(database, {KIND: lambda _arguments, _progress: done.set()})
    worker.start()
    try:
        with database.saving() as session:
            jobs.start(session, people.system(session), KIND)
        assert done.wait(10)
    finally:
        begun = time.monotonic()
        worker.stop()
    assert time.monotonic() - begun < 5


def test_what_a_killed_import_left_goes_when_the_worker_starts(database):
    with database.saving() as session:
        by = people.system(session)
        atom = make.atom(session, by, "Half", tags=["Half a word"])
        run = import_runs.begin(session, by, "dead.csv")
        atom.import_id = run.id
        tag_ids = tagging.recent(session, by)
        import_runs.keep_made(session, by, run.id, {"tags": tag_ids, "schemes": []})
        for tag_id in tag_ids:
            session.get_one(Tag, tag_id).status = "candidate"
    worker = Worker(database, {})
    worker.start()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with database.reading() as session:
            left = [session.exec(select(noun)).all() for noun in (ImportRun, Atom, Tag)]
        if not left[0]:
            break
        time.sleep(0.02)
    worker.stop()
    assert left[:2] == [[], []]
    assert tag_ids[0] not in {tag.id for tag in left[2]}


def test_the_owner_of_a_token_that_ends_soon_is_told_while_the_worker_runs(database):
    with database.saving() as session:
        olga = make.person(session, "Olga", "reader")
        token, _ = tokens.add(session, olga, olga.id, "nightly", days=30)
        token.created_at -= timedelta(days=28)
        token.expires_at -= timedelta(days=28)
    worker = Worker(database, {})
    worker.look_ahead()
    worker.look_ahead()
    with database.reading() as session:
        (notice,) = notices.listed(session, olga)
    assert "works for 2 more days" in str(notice.message)


def test_the_owner_of_a_report_hears_what_became_of_it_while_the_worker_runs(database):
    with database.saving() as session:
        olga = make.person(session, "Olga", "researcher")
        fact = make.atom(session, olga, "Money takes two weeks")
        frozen.version(session, olga, frozen.row(session, olga), [fact])
        fact.status = "archived"
    worker = Worker(database, {})
    worker.look_ahead()
    worker.look_ahead()
    with database.reading() as session:
        (notice,) = notices.listed(session, olga)
    assert "is not what it was" in str(notice.message)
