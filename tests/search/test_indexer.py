"""The one indexer: whoever holds the lock writes, the others wait, segments are merged in tens."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import pytest
from filelock import FileLock
from sqlmodel import select

from research_repo.core import imports, indexing
from research_repo.core.import_terms import Row, Terms
from research_repo.core.models import Atom, IndexQueue
from research_repo.search import Search, Wanted, building, indexer, merging, searching
from tests import make
from tests.search.conftest import House


def test_catching_up_tells_how_many_atoms_it_wrote(house: House) -> None:
    house.search.catch_up()
    house.atom("One")
    atom = house.atom("Two")
    house.do(indexing.enqueue, "marina", [atom.id])
    assert house.search.catch_up() == 2
    assert house.search.catch_up() == 0


def test_a_second_process_leaves_the_queue_to_the_holder_and_waits(house: House) -> None:
    house.search.catch_up()
    house.atom("Coupons expire")
    lock = FileLock(house.search.live.folder / "lock")
    other = Search(house.database, house.search.live.folder)
    waited = threading.Thread(target=other.catch_up)
    with lock:
        waited.start()
        time.sleep(0.2)
        assert waited.is_alive()
        assert other.find(Wanted("coupons"), house.people["olga"]).total == 0
    waited.join(10)
    assert not waited.is_alive()
    assert other.find(Wanted("coupons"), house.people["olga"]).total == 1


def test_what_people_change_is_found_before_a_long_file_is_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "ATOMS_AT_ONCE", 2)
    house.search.catch_up()
    rows = [Row(number, {"title": f"Row {number}"}) for number in range(5)]
    terms = Terms("f.csv", "pilot")
    imports.run(house.database, house.people["marina"], lambda: rows, terms)
    house.atom("Coupons expire", "pavel")
    written: list[int] = []
    replace = house.search.indexer._replace

    def watched(atom_ids: Any, documents: Any) -> None:
        written.append(len(atom_ids))
        if len(written) == 2:
            house.atom("Vouchers expire", "pavel")
        replace(atom_ids, documents)

    monkeypatch.setattr(house.search.indexer, "_replace", watched)
    assert house.search.catch_up() == 7
    assert written == [1, 2, 1, 2, 1]
    assert house.search.check() == []
    assert len(house.titles("row")) == 5


def test_a_crash_within_a_long_file_loses_and_doubles_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "ATOMS_AT_ONCE", 2)
    house.search.catch_up()
    rows = [Row(number, {"title": f"Row {number}"}) for number in range(5)]
    terms = Terms("f.csv", "pilot")
    imports.run(house.database, house.people["marina"], lambda: rows, terms)
    came_in, calls = indexing.came_in, []

    def dies(*given: Any) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise OSError("killed")
        came_in(*given)

    monkeypatch.setattr(indexing, "came_in", dies)
    with pytest.raises(OSError, match="killed"):
        house.search.catch_up()
    assert house.search.check() == []
    assert house.search.catch_up() == 3
    assert len(house.titles("row")) == 5
    assert house.search.check() == []


def test_an_atom_that_is_gone_leaves_the_index(house: House) -> None:
    atom = house.atom("Coupons expire", kind="insight")
    house.find()
    with house.database.saving() as session:
        from research_repo.core.models import History, HistoryPayload

        for row in session.exec(select(HistoryPayload)):
            session.delete(row)
        for row in session.exec(select(History)):
            session.delete(row)
        session.delete(session.get_one(Atom, atom.id))
        indexing.enqueue(session, house.people["marina"], [atom.id])
    assert house.search.find(Wanted("coupons"), house.people["anna"]).total == 0
    assert house.find("coupons", by="anna").total == 0
    assert house.search.check() == []


def test_what_is_saved_after_the_thread_has_ended_can_still_be_caught_up(house: House) -> None:
    house.search.start()
    house.search.stop()
    house.atom("Coupons expire")
    assert house.search.catch_up() == 1


def test_many_edits_do_not_become_many_segments(house: House) -> None:
    house.search.catch_up()
    for number in range(35):
        house.atom(f"Coupon {number}")
        house.search.catch_up()
    view = house.search.live.view()
    assert view is not None
    assert len(view.segments) <= 2 * merging.TOGETHER
    assert house.find("coupon", limit=50).total == 35
    assert house.search.check() == []


def test_at_rest_larger_segments_are_merged_too(house: House) -> None:
    house.search.catch_up()
    for number in range(merging.TOGETHER):
        with house.database.saving() as session:
            for part in range(10):
                make.atom(session, house.people["marina"], f"Coupon {number} {part}")
        house.search.catch_up()
    before = house.search.live.view()
    generation = house.search.live.generation()
    assert before is not None
    assert generation is not None
    assert len(before.segments) == merging.TOGETHER
    building.tidy(generation)
    after = house.search.live.view()
    assert after is not None
    assert len(after.segments) == 1
    assert house.find("coupon").total == 100
    assert house.search.check() == []


def test_no_merge_is_so_large_that_edits_would_wait_for_it(house: House, monkeypatch) -> None:
    house.search.catch_up()
    for number in range(merging.TOGETHER):
        with house.database.saving() as session:
            for part in range(10):
                make.atom(session, house.people["marina"], f"Coupon {number} {part}")
        house.search.catch_up()
    monkeypatch.setattr(merging, "MERGED_MAX", 99)
    generation = house.search.live.generation()
    assert generation is not None
    building.tidy(generation)
    view = house.search.live.view()
    assert view is not None
    assert len(view.segments) == merging.TOGETHER


def test_a_segment_that_was_wholly_rewritten_is_merged_away(house: House) -> None:
    house.search.catch_up()
    atoms = [house.atom(f"Coupon {number}") for number in range(3)]
    house.search.catch_up()
    house.do(indexing.enqueue, "marina", [atom.id for atom in atoms])
    house.search.catch_up()
    generation = house.search.live.generation()
    assert generation is not None
    building.tidy(generation)
    fresh = Search(house.database, house.search.live.folder)
    found = fresh.find(Wanted("coupon"), house.people["marina"])
    assert (found.total, found.rebuilding) == (3, None)
    assert fresh.check() == []


def test_segments_have_names_of_their_own_even_when_chance_is_seeded(house: House) -> None:
    house.search.catch_up()
    for title in ("Coupon one", "Coupon two"):
        random.seed(0)
        house.atom(title)
        house.search.catch_up()
    assert house.find("coupon").total == 2


def test_a_rebuild_writes_what_waited_only_once(house: House, monkeypatch) -> None:
    for number in range(3):
        house.atom(f"Coupon {number}")
    written: list[int] = []
    documents = indexing.documents

    def counted(session, atom_ids):
        written.extend(atom_ids)
        return documents(session, atom_ids)

    monkeypatch.setattr(indexing, "documents", counted)
    house.search.catch_up()
    assert len(written) == 3
    with house.database.reading() as session:
        assert indexing.newest_waiting(session) == 0


def test_the_indexer_survives_a_fault_and_tries_again(house: House, monkeypatch, caplog) -> None:
    monkeypatch.setattr(indexer, "POLL_SECONDS", 0.01)
    house.search.catch_up()
    real, faults = building.write, [OSError("No space left on device")]

    def full_at_first(*arguments, **named):
        if faults:
            raise faults.pop()
        return real(*arguments, **named)

    monkeypatch.setattr(building, "write", full_at_first)
    house.search.start()
    house.atom("Coupons expire")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if house.search.find(Wanted("coupons"), house.people["olga"]).total:
            break
    assert house.search.find(Wanted("coupons"), house.people["olga"]).total == 1
    assert not faults


def test_writers_and_searchers_in_many_threads_agree_with_the_database(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "WAIT_SECONDS", 30)  # whatever else the machine does
    house.search.catch_up()
    house.search.start()
    faults: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(8):
                with house.database.saving() as session:
                    make.atom(
                        session, house.people[name], f"Coupon {name} {number}", kind="insight"
                    )
                found = house.search.find(Wanted(f"coupon {name}"), house.people[name])
                assert found.hits
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("marina", "pavel", "ilya")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house.search.stop()
    assert faults == []
    assert house.find("coupon").total == 24
    assert house.search.check() == []
    with house.database.reading() as session:
        assert session.exec(select(IndexQueue)).all() == []
