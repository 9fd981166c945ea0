"""Many people search while others write, bring in files, take rights away and break the index."""

from __future__ import annotations

import random
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from research_repo.core import atoms, imports, instance, studies
from research_repo.core.import_terms import Row, Terms
from research_repo.core.models import Person, Study
from research_repo.search import Search, Wanted, building, generations, searching
from research_repo.search.files import Files
from research_repo.settings import Settings
from tests import make
from tests.search.conftest import House

SEARCHERS = 16
STEADY = 30


@pytest.fixture
def steady(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Thirty findings that nobody touches, five of them in a closed study of Pavel's."""
    monkeypatch.setattr(searching, "WAIT_SECONDS", 30)  # whatever else the machine does
    tag = house.tag("Delivery")
    hidden = house.study("hidden", by="pavel", access="members")
    with house.database.saving() as session:
        pavel = house.people["pavel"]
        for number in range(STEADY):
            study = hidden if number < 5 else None
            title = f"Steady {number}"
            make.atom(session, pavel, title, study, tags=[tag], body="late parcel")
    house.search.catch_up()
    return house


def assert_steady(search: Search, olga: Person, pavel: Person, chance: random.Random) -> None:
    """Whatever goes on, each sees their share of what does not change, in hits and in counts."""
    for person, share in ((olga, STEADY - 5), (pavel, STEADY)):
        asked = chance.choice(["steady", "steady parcel", "parcel delivery", '"late parcel"'])
        found = search.find(Wanted(asked, limit=100), person)
        assert found.total == share, (asked, person.name, found.total)
        assert len({hit.atom_id for hit in found.hits}) == share
        if found.rebuilding is None:
            assert sum(found.kind_counts.values()) == share
            assert set(found.tag_counts.values()) == {share}


@contextmanager
def searching_threads(
    house: House, search: Search | None = None, count: int = SEARCHERS
) -> Iterator[list[int]]:
    """Threads that ask all the time, from the beginning to the end of the block."""
    room = search or house.search
    faults: list[BaseException] = []
    asked: list[int] = []
    is_over = threading.Event()

    def ask(seed: int) -> None:
        chance = random.Random(seed)
        try:
            while not is_over.is_set():
                assert_steady(room, house.people["olga"], house.people["pavel"], chance)
                asked.append(seed)
        except BaseException as fault:
            faults.append(fault)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(count)]
    try:
        for thread in threads:
            thread.start()
        yield asked
        deadline = time.monotonic() + 60
        while not faults and len(set(asked)) < count and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(before)
    assert faults == []
    assert set(asked) == set(range(count))


def test_sixteen_people_search_while_another_writes(steady: House) -> None:
    steady.search.start()
    marina = steady.people["marina"]
    with searching_threads(steady):
        for number in range(5):
            atom = steady.atom(f"Fresh {number}", kind="insight")
            found = steady.search.find(Wanted("fresh", limit=100), marina)
            assert found.total == number + 1
            values = atoms.ready(atoms.AtomValues(kind="insight", title=f"Renewed {number}"))
            steady.do(atoms.edit, "marina", atom.key, atom.version, values)
            assert steady.search.find(Wanted("renewed"), marina).total == 1
            values = atoms.ready(atoms.AtomValues(kind="insight", title=f"Fresh {number}"))
            steady.do(atoms.edit, "marina", atom.key, atom.version + 1, values)
    steady.search.stop()
    steady.search.catch_up()
    assert steady.search.check() == []


@pytest.mark.parametrize(
    "rows",
    [2_500, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(1_800)])],
)
def test_an_import_holds_up_neither_searches_nor_saves(steady: House, rows: int) -> None:
    steady.search.start()
    marina, seen, faults = steady.people["marina"], [0], []

    def bring_in() -> None:
        try:
            given = (Row(n, {"title": f"Brought {n}", "body": "in a file"}) for n in range(rows))
            terms = Terms("many.csv", "brought")
            imports.run(steady.database, steady.people["anna"], lambda: given, terms)
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=bring_in)
    with searching_threads(steady, count=4):
        thread.start()
        saved = 0
        while thread.is_alive() or saved < 5:
            started = time.monotonic()
            steady.atom(f"Meanwhile {saved}", kind="insight")
            saved += 1
            assert steady.search.find(Wanted("meanwhile"), marina).total == saved
            assert time.monotonic() - started < 20
            seen.append(steady.search.find(Wanted("brought"), marina).total)
            time.sleep(0.2)
        thread.join()
    steady.search.stop()
    steady.search.catch_up()
    assert faults == []
    assert seen == sorted(seen)
    assert steady.search.find(Wanted("brought"), marina).total == rows
    assert steady.search.check() == []


def delete(folder: Path, chance: random.Random) -> None:
    shutil.rmtree(chance.choice([folder, *folder.glob("g*")]), ignore_errors=True)


def truncate(folder: Path, chance: random.Random) -> None:
    files: list[Path] = []
    # The indexer clears away at the same time.
    with suppress(FileNotFoundError):
        files += [path for path in folder.glob("g*/*") if path.is_file()]
    for path in chance.sample(files, min(3, len(files))):
        with suppress(FileNotFoundError), path.open("r+b") as file:
            file.truncate(chance.randrange(max(path.stat().st_size, 1)))


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """The index of another repository, in which other things stand under the same ids."""
    settings = Settings(instance=tmp_path / "foreign")
    database = instance.open_instance(settings)
    with database.saving() as session:
        anna = make.person(session, "Anna", "admin")
        for number in range(60):
            make.atom(session, anna, f"Steady late parcel {number}")
    Search(database, settings.index_folder).catch_up()
    database.close()
    return settings.index_folder


@pytest.mark.parametrize("name", ["deleted", "truncated", "swapped"])
def test_an_index_that_is_broken_under_searches_answers_right_and_heals(
    steady: House, foreign: Path, name: str
) -> None:
    def swap(folder: Path, _chance: random.Random) -> None:
        for path in (*folder.glob("g*"), folder / generations.CURRENT):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(
                missing_ok=True
            )
        for path in foreign.iterdir():
            if path.is_dir():
                shutil.copytree(path, folder / path.name)
        shutil.copy(foreign / generations.CURRENT, folder)

    break_it = {"deleted": delete, "truncated": truncate, "swapped": swap}[name]
    folder, chance = steady.search.live.folder, random.Random(len(name))
    steady.search.start()
    with searching_threads(steady, count=6):
        for number in range(6):
            break_it(folder, chance)
            time.sleep(0.05)
            steady.atom(f"Meanwhile {number}", kind="insight")
    steady.search.stop()
    for search in (steady.search, Search(steady.database, folder)):
        for _ in range(3):
            # What is damaged where no search has looked yet comes to light when it is read.
            search.catch_up()
            found = search.find(Wanted("meanwhile"), steady.people["marina"])
        assert (found.total, found.rebuilding) == (6, None)
        assert search.check() == []


def test_searches_are_answered_from_the_old_index_while_a_new_one_is_built(
    steady: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "ROWS_AT_ONCE", 4)
    told: list[tuple[int, int]] = []
    old = steady.search.live.generation()
    olga, pavel = steady.people["olga"], steady.people["pavel"]

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        assert steady.search.live.generation() == old
        assert_steady(steady.search, olga, pavel, random.Random(done))
        assert steady.search.find(Wanted("steady"), olga).rebuilding is None
        if done == 12:
            with steady.database.saving() as session:
                make.atom(session, steady.people["anna"], "Written meanwhile", kind="insight")

    with searching_threads(steady, count=4):
        steady.search.rebuild(progress)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1] >= STEADY
    assert steady.search.live.generation() != old
    assert steady.search.find(Wanted("meanwhile"), olga).total == 1
    assert steady.search.check() == []


@pytest.mark.parametrize("is_running", [True, False], ids=["indexed", "only queued"])
def test_what_is_withdrawn_in_mid_visit_is_gone_at_the_next_question(
    house: House, is_running: bool
) -> None:
    study = house.study("open", by="pavel")
    tag = house.tag("Salaries")
    house.study("closed", by="pavel", access="members")
    notes = [
        house.atom(f"Payday {number}", by="pavel", study=study, tags=[tag]) for number in range(3)
    ]
    insight = house.atom("Payday matters", by="pavel", kind="insight", tags=[tag])
    house.search.catch_up()
    olga = house.people["olga"]
    before = house.search.find(Wanted("payday"), olga)
    assert (before.total, before.study_counts, before.tag_counts) == (4, {study.id: 3}, {tag.id: 4})

    def settle() -> None:
        if is_running:
            house.search.catch_up()

    def open_to(access: str) -> None:
        with house.database.saving() as session:
            stored = session.get_one(Study, study.id)
            values = studies.ready(studies.StudyValues(title=stored.title, access=access))
            studies.change(session, house.people["pavel"], stored.key, stored.version, values)
        settle()

    open_to("members")
    after = house.search.find(Wanted("payday"), olga)
    assert [hit.atom_id for hit in after.hits] == [insight.id]
    assert (after.total, after.study_counts, after.tag_counts) == (1, {}, {tag.id: 1})
    assert sum(after.year_counts.values()) == 1
    assert house.search.find(Wanted("pyaday"), olga).total == 1
    assert house.search.counts(olga) == {tag.id: 1}
    open_to("open")
    assert house.search.find(Wanted("payday"), olga).total == 4
    house.do(atoms.set_status, "pavel", notes[0].key, notes[0].version, "draft")
    settle()
    assert house.search.find(Wanted("payday"), olga).total == 3


def test_a_full_disk_at_any_write_loses_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.atom("Coupons 0", kind="insight")
    house.search.catch_up()
    create = Files.create_file
    left = [0]

    def full(self: Files, name: str, **options: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return create(self, name, **options)

    for step in range(8):
        house.atom(f"Coupons {step + 1}", kind="insight")
        left[0] = step
        monkeypatch.setattr(Files, "create_file", full)
        try:
            house.search.catch_up()
        except OSError:
            # Meanwhile the old index answers, and what waits is judged by the database.
            assert house.search.find(Wanted("coupons"), house.people["olga"]).total >= 1
        monkeypatch.setattr(Files, "create_file", create)
    house.search.catch_up()
    assert house.search.find(Wanted("coupons"), house.people["olga"]).total == 9
    assert house.search.check() == []
