"""The power goes at any moment: what was acknowledged is there, and the index comes to agree."""

import random
import sqlite3
import subprocess
import sys
import time

import pytest

from research_repo.core import instance
from research_repo.search import Search
from tests import make

pytestmark = pytest.mark.slow

WRITER = """
import sys
from pathlib import Path
from research_repo.core import instance, people
from research_repo.search import Search
from research_repo.settings import Settings
from tests import make

settings = Settings(instance=Path(sys.argv[1]))
database = instance.open_instance(settings)
search = Search(database, settings.index_folder)
search.start()
print("ready", flush=True)
for number in range(100_000):
    with database.saving() as session:
        marina = people.by_email(session, "marina@example.org")
        key = make.atom(session, marina, f"Fact {number} of run {sys.argv[2]}", quote="Yes").key
    print(key, flush=True)
"""


def test_nothing_acknowledged_is_lost_and_the_index_heals(settings):
    database = instance.open_instance(settings)
    with database.saving() as session:
        make.study(session, make.person(session, "Marina", "researcher"))
    database.close()
    chance = random.Random(3)
    acknowledged: list[str] = []
    for run in range(6):
        acknowledged += write_until_killed(settings, run, chance.uniform(0.02, 1.5))
    path = settings.instance / "repository.sqlite3"
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    stored = {row[0] for row in connection.execute("SELECT key FROM atom")}
    evidence = connection.execute("SELECT count(*) FROM evidence").fetchone()[0]
    connection.close()
    assert len(acknowledged) > 10
    assert set(acknowledged) <= stored
    assert evidence == len(stored)
    database = instance.open_instance(settings)
    search = Search(database, settings.index_folder)
    search.catch_up()
    assert search.check() == []
    database.close()


def write_until_killed(settings, run: int, seconds: float) -> list[str]:
    command = [sys.executable, "-c", WRITER, str(settings.instance), str(run)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.kill()
    rest, _ = process.communicate()
    # A key without its line end was on its way when the kill came.
    return rest[: rest.rfind("\n") + 1].splitlines()
