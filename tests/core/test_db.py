"""Reading and saving: nothing half done, nothing lost, one writer at a time, readers never wait."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from research_repo.core import db, people
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.models import Person, Repository
from research_repo.settings import Settings
from tests import engines, make

INCREMENTS = 50


def edition(database: Database) -> int:
    with database.reading() as session:
        return session.get_one(Repository, 1).vocabulary_edition


def raise_once(database: Database) -> None:
    # Read, then write: a transaction that is not alone would lose what another one wrote between.
    with database.saving() as session:
        session.get_one(Repository, 1).vocabulary_edition += 1


def test_eight_threads_lose_no_change(database: Database) -> None:
    before = edition(database)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: [raise_once(database) for _ in range(INCREMENTS)], range(8)))
    assert edition(database) == before + 8 * INCREMENTS


PROCESS = """
import sys
from pathlib import Path
from research_repo.core.db import Database
from research_repo.core.models import Repository
database = Database(sys.argv[1], Path(sys.argv[2]))
for _ in range(int(sys.argv[3])):
    with database.saving() as session:
        session.get_one(Repository, 1).vocabulary_edition += 1
"""


def test_three_processes_lose_no_change(database: Database) -> None:
    before = edition(database)
    command = [sys.executable, "-c", PROCESS, database.url, str(database.folder), str(INCREMENTS)]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(timeout=90) for process in running] == [0, 0, 0]
    assert edition(database) == before + 3 * INCREMENTS


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_was_saved_before(
    database: Database,
) -> None:
    before = edition(database)
    with database.saving() as session:
        session.get_one(Repository, 1).vocabulary_edition += 1
        session.flush()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(edition, database).result(timeout=2) == before
    assert edition(database) == before + 1


def test_a_reader_keeps_one_snapshot(database: Database) -> None:
    count = select(Person.id)
    with database.reading() as session:
        before = session.exec(count).all()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_add_anna, database).result(timeout=10)
        assert session.exec(count).all() == before


def _add_anna(database: Database, then: Callable[[], object] = int) -> None:
    with database.saving() as session:
        make.person(session, "Anna", "reader")
        then()


def test_what_a_reader_changes_is_not_kept(database: Database) -> None:
    with database.reading() as session:
        make.person(session, "Anna", "reader")
    with database.reading() as session:
        assert people.by_email(session, "anna@example.org") is None


def test_an_exception_leaves_no_trace_and_opens_the_gate(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _add_anna(database, then=lambda: 1 // 0)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_add_anna, database).result(timeout=10)
    with database.reading() as session:
        assert people.by_email(session, "anna@example.org") is not None


def test_listeners_hear_of_every_commit_and_of_no_failure(database: Database) -> None:
    heard: list[int] = []
    database.after_saving(lambda: heard.append(edition(database)))
    before = edition(database)
    raise_once(database)
    with pytest.raises(ZeroDivisionError), database.saving():
        raise ZeroDivisionError
    assert heard == [before + 1]


def test_a_writer_gives_up_politely_when_another_program_does_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "GATE_WAIT_SECONDS", 1)
    other = Database(database.url, database.folder)
    started = time.monotonic()
    with database.saving() as session:
        session.get_one(Repository, 1).vocabulary_edition += 1
        with pytest.raises(Unavailable, match="Another program is writing"), other.saving():
            pass
    other.close()
    assert time.monotonic() - started < 10


@engines.on_sqlite
def test_nobody_writes_past_whoever_holds_the_gate(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "GATE_WAIT_SECONDS", 1)
    other = Database(database.url, database.folder)
    with database.gate(), pytest.raises(Unavailable, match="Another program"), other.saving():
        pass
    raise_once(other)
    other.close()


@engines.on_sqlite
def test_a_foreign_tool_that_holds_the_file_gets_advice_instead_of_a_crash(
    database: Database,
) -> None:
    with database.engine.connect() as foreign:
        foreign.exec_driver_sql("PRAGMA user_version")
        foreign.rollback()
    raw = database.engine.raw_connection()
    try:
        raw.driver_connection.execute("PRAGMA busy_timeout=0")
        raw.driver_connection.execute("BEGIN IMMEDIATE")
        held = threading.Event()
        with pytest.raises(Unavailable, match="Another program"), database.saving():
            held.set()
        assert not held.is_set()
        raw.driver_connection.execute("ROLLBACK")
    finally:
        raw.close()
    raise_once(database)


@engines.on_sqlite
def test_every_connection_is_durable_and_forgets_what_was_redacted(database: Database) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
    }
    connections = [database.engine.connect() for _ in range(3)]
    for connection in connections:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
        assert found == wanted
        connection.close()


@engines.on_sqlite
def test_what_was_deleted_is_gone_from_the_file(database: Database) -> None:
    secret = "Zaphod Beeblebrox said this"
    with database.saving() as session:
        person = make.person(session, secret, "reader", email="z@example.org")
    with database.saving() as session:
        session.delete(session.get_one(Person, person.id))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    for path in database.folder.iterdir():
        assert secret.encode() not in path.read_bytes(), path


def fail_at_commit(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    def commit(self: Session) -> None:
        self.flush()
        raise OperationalError("COMMIT", {}, Exception(reason))

    monkeypatch.setattr(Session, "commit", commit)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("database or disk is full", "The disk is full. Nothing was saved"),
        ("attempt to write a readonly database", "Check who owns the instance folder"),
        ("database is locked", "Try again in a minute"),
    ],
)
def test_what_the_machine_cannot_do_is_explained_and_leaves_no_trace(
    database: Database, monkeypatch: pytest.MonkeyPatch, reason: str, advice: str
) -> None:
    fail_at_commit(monkeypatch, reason)
    with pytest.raises(Unavailable, match=advice):
        _add_anna(database)
    monkeypatch.undo()
    with database.reading() as session:
        assert people.by_email(session, "anna@example.org") is None
    _add_anna(database)


def test_a_fault_that_nobody_foresaw_is_not_dressed_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at_commit(monkeypatch, "something else")
    with pytest.raises(OperationalError) as told:
        _add_anna(database)
    assert told.value.__cause__ is not told.value


@engines.on_sqlite
def test_a_full_disk_loses_nothing_that_was_saved(database: Database) -> None:
    _add_anna(database)
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    database.close()  # the limit belongs to a connection: the next one gets it

    def limited(connection: object, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 2}")  # type: ignore[attr-defined]

    db.event.listen(database.engine, "connect", limited)
    crowd = [Person(email=f"{number}@example.org", name="x" * 200) for number in range(2000)]
    with pytest.raises(Unavailable, match="disk is full"), database.saving() as session:
        session.add_all(crowd)
    with database.reading() as session:
        assert people.by_email(session, "anna@example.org") is not None
        assert people.by_email(session, "1@example.org") is None


def test_half_a_letter_is_refused_with_advice(database: Database) -> None:
    with pytest.raises(Invalid, match="Paste the text again"), database.saving() as session:
        session.get_one(Repository, 1).title = "broken \ud83d here"


def test_quotes_in_history_stay_readable_in_the_file(database: Database) -> None:
    with database.saving() as session:
        make.study(session, make.person(session, "Anna", "researcher"), title="Возвраты")
    with database.reading() as session:
        kept = session.execute(text('SELECT "after" FROM history_payload')).scalars().all()
        assert any("Возвраты" in str(value) for value in kept)


def test_a_database_knows_its_engine(settings: Settings, tmp_path: Path) -> None:
    assert Database(settings.database, tmp_path).is_sqlite is (not engines.SERVER)


def elsewhere(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def shared_edition(database: Database) -> int:
    with database.reading(is_shared=True) as session:
        found: int = session.exec(select(Repository.vocabulary_edition)).one()
    return found


def break_off(database: Database) -> None:
    with database.reading(is_shared=True) as session:
        session.get_one(Repository, 1).vocabulary_edition = 800
        session.flush()
        raise ZeroDivisionError


def test_what_may_be_shared_is_read_from_one_snapshot(database: Database) -> None:
    before = edition(database)
    with database.one_snapshot():
        assert shared_edition(database) == before
        elsewhere(lambda: raise_once(database))
        assert shared_edition(database) == before
        assert edition(database) == before + 1  # who does not share reads what is there now
        database.look_anew()
        assert shared_edition(database) == before + 1
        elsewhere(lambda: raise_once(database))
    assert shared_edition(database) == before + 2


def test_who_saves_misses_nothing_of_it_in_their_snapshot(database: Database) -> None:
    before = edition(database)
    with database.one_snapshot():
        assert shared_edition(database) == before
        raise_once(database)
        assert shared_edition(database) == before + 1
        with database.reading(is_shared=True) as session:
            assert session.get_one(Repository, 1).vocabulary_edition == before + 1
            raise_once(database)
            found = session.exec(select(Repository.vocabulary_edition)).one()
            assert found == before + 2


def test_nobody_shares_what_was_changed_in_a_snapshot(database: Database) -> None:
    before = edition(database)
    with database.one_snapshot():
        with database.reading(is_shared=True) as session:
            session.get_one(Repository, 1).vocabulary_edition = 700
            session.flush()
            assert shared_edition(database) == before
        assert shared_edition(database) == before
        with pytest.raises(ZeroDivisionError):
            break_off(database)
        assert shared_edition(database) == before
    raise_once(database)  # nothing holds the database
    assert edition(database) == before + 1


def test_a_snapshot_is_that_of_one_thread(database: Database) -> None:
    seen: list[int] = []
    before = edition(database)
    with database.one_snapshot():
        assert shared_edition(database) == before
        elsewhere(lambda: raise_once(database))
        elsewhere(lambda: seen.append(shared_edition(database)))
    assert seen == [before + 1]
