"""The power goes while many findings are tagged or untagged: it goes on, and nothing is half done."""

import random
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import bulk, clock, history, instance, jobs, tagging
from research_repo.core.models import Atom, AtomTag, BulkTagging, Job, Person
from research_repo.search import Search
from tests import make

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

COUNT = 240
WORKER = """
import sys
from pathlib import Path
from research_repo.bulk_jobs import bulk_work
from research_repo.core import instance
from research_repo.search import Search
from research_repo.settings import Settings
from research_repo.worker import Worker

settings = Settings(instance=Path(sys.argv[1]))
database = instance.open_instance(settings)
work = bulk_work(database, Search(database, settings.index_folder), settings.instance / "exports")
print("ready", flush=True)
print(Worker(database, work).work_once(), flush=True)
"""


def work(settings, seconds: float | None) -> bool:
    """Let a worker take up the job, and kill it after a while; whether it came to the end."""
    command = [sys.executable, "-c", WORKER, str(settings.instance)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    if seconds is not None:
        time.sleep(seconds)
        process.kill()
    told, _ = process.communicate()
    return told == "True\n"


def lose_lease(database) -> None:
    with database.saving() as session:
        for job in session.exec(select(Job).where(Job.status == "running")):
            job.lease_until, job.attempts = clock.now() - timedelta(seconds=1), 1


def until_done(settings, database, chance: random.Random) -> int:
    """Kill after kill; how many there were before it came to its end."""
    kills = 0
    while not work(settings, chance.uniform(0.01, 0.2) if kills < 2 else None):
        kills += 1
        lose_lease(database)
    return kills


def of_marina(session: Session) -> Person:
    return session.exec(select(Person).where(Person.name == "Marina")).one()


def test_tags_for_many_are_put_and_taken_back_whole_whenever_the_power_goes(settings, monkeypatch):
    monkeypatch.setattr(bulk, "STEP_ATOMS", 10)
    chance = random.Random(7)
    database = instance.open_instance(settings)
    with database.saving() as session:
        marina = make.person(session, "Marina", "researcher")
        tags = [make.tag(session, marina, word) for word in ("Refund", "Parcel")]
        study = make.study(session, marina)
        for number in range(COUNT):
            make.atom(session, marina, f"Finding {number}", study, tags=tags[1:])
        ids = list(session.exec(select(Atom.id)))
        before = {
            (row.atom_id, row.tag_id, row.created_at) for row in session.exec(select(AtomTag))
        }
        made = bulk.begin(session, marina, ids, [tags[0].id], [tags[1].id]).id
    assert until_done(settings, database, chance) > 0
    with database.reading() as session:
        puts = tagging.of_atoms(session, ids)
        assert [[put.tag_id for put in puts[one]] for one in ids] == [[tags[0].id]] * COUNT
        # Done once each, however often it was begun anew.
        lines = history.of(session, "atom", ids, limit=10 * COUNT)
        assert sum("bulk" in (line.after or {}) for line in lines) == COUNT
        assert session.get_one(BulkTagging, made).status == "done"
    with database.saving() as session:
        bulk.undo(session, of_marina(session), made)
    assert until_done(settings, database, chance) > 0
    with database.reading() as session:
        after = {(row.atom_id, row.tag_id, row.created_at) for row in session.exec(select(AtomTag))}
        assert after == before
        assert session.get_one(BulkTagging, made).status == "undone"
        assert [one.status for one in jobs.listed(session, of_marina(session))] == ["done"] * 2
    search = Search(database, settings.index_folder)
    search.catch_up()
    assert search.check() == []
    database.close()
