"""A kill at any moment of indexing, and any damage to the files, ends in an index that is right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from whoosh.reading import SegmentReader

from research_repo.core import imports
from research_repo.core.import_terms import Row, Terms
from research_repo.core.models import IndexQueue, Repository
from research_repo.search import Search, Wanted, building, generations, live, merging, writing
from research_repo.search.checking import Difference
from research_repo.search.files import Damaged
from tests.search.conftest import House

# A process that saves nothing new, catches up, and kills itself at one step of it.
DIES = """
import os, signal, sys
from pathlib import Path
from research_repo.core import indexing
from research_repo.core.db import Database
from research_repo.search import Search, building, generations, indexer

def die(*_args, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

instance, step = Path(sys.argv[1]), sys.argv[2]
if step == "before the index commit":
    building.SegmentWriter.commit = die
elif step == "before the rows are done":
    indexer.indexing.done = die
elif step == "before a rebuild is published":
    generations.publish = die
elif step == "while a rebuild is published":
    generations.os.replace = die
database = Database(f"sqlite:///{instance / 'repository.sqlite3'}", instance)
Search(database, instance / "index").catch_up()
"""


def killed(house: House, step: str) -> None:
    instance = str(house.search.live.folder.parent)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", DIES, instance, step], check=False)
    assert done.returncode == -signal.SIGKILL


def queued(house: House) -> int:
    with house.database.reading() as session:
        return len(session.exec(select(IndexQueue)).all())


@pytest.mark.parametrize("step", ["before the index commit", "before the rows are done"])
def test_a_kill_while_catching_up_loses_and_doubles_nothing(house: House, step: str) -> None:
    house.atom("Coupons expire")
    house.find()
    house.atom("Coupons vanish")
    killed(house, step)
    assert queued(house) == 1
    assert sorted(house.titles("coupons")) == ["Coupons expire", "Coupons vanish"]
    assert queued(house) == 0
    assert house.search.check() == []


@pytest.mark.parametrize("step", ["before a rebuild is published", "while a rebuild is published"])
def test_a_kill_while_rebuilding_leaves_no_half_index(house: House, step: str) -> None:
    house.atom("Coupons expire")
    killed(house, step)
    assert house.search.live.view() is None
    assert house.titles("coupons") == ["Coupons expire"]
    assert house.search.check() == []
    assert len(list(house.search.live.folder.glob("g*"))) == 1


def delete_all(generation: Path) -> None:
    for path in generation.iterdir():
        path.unlink()


def delete_folder(generation: Path) -> None:
    delete_all(generation)
    generation.rmdir()


def truncate(ending: str) -> Callable[[Path], None]:
    def damage(generation: Path) -> None:
        for path in generation.glob(f"*{ending}"):
            path.write_bytes(path.read_bytes()[:10])

    return damage


def scribble(ending: str) -> Callable[[Path], None]:
    def damage(generation: Path) -> None:
        for path in generation.glob(f"*{ending}"):
            path.write_bytes(b"\xff" * path.stat().st_size)

    return damage


DAMAGES = {
    "all files gone": delete_all,
    "folder gone": delete_folder,
    "list of segments cut": truncate(".toc"),
    "terms cut": truncate(".trm"),
    "postings cut": truncate(".pst"),
    "facts cut": truncate(".col"),
    "postings overwritten": scribble(".pst"),
    "terms overwritten": scribble(".trm"),
    "sentinel nonsense": lambda generation: (generation / generations.SENTINEL).write_text("{"),
    "CURRENT points nowhere": lambda g: (g.parent / generations.CURRENT).write_text("../../etc"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("is_open", [True, False], ids=["running", "restarted"])
def test_a_damaged_index_answers_and_heals(
    house: House, damage: Callable[[Path], None], is_open: bool
) -> None:
    house.atom("Coupons expire", body="every month")
    house.atom("Coupons vanish", body="every month")
    house.find()
    generation = house.search.live.generation()
    assert generation is not None
    damage(generation)
    search = house.search if is_open else Search(house.database, house.search.live.folder)
    found = search.find(Wanted("month"), house.people["olga"])
    assert found.total == 2
    search.find(Wanted("vanish -expire"), house.people["olga"])
    search.catch_up()
    healed = search.find(Wanted("month"), house.people["olga"])
    assert (healed.total, healed.rebuilding) == (2, None)
    assert search.check() == []


# Terms that are overwritten in place are noticed when a segment is opened, not by open readers.
@pytest.mark.parametrize("name", sorted(DAMAGES.keys() - {"terms overwritten"}))
def test_writing_into_a_damaged_index_heals_it(house: House, name: str) -> None:
    for number in range(merging.TOGETHER):
        house.atom(f"Coupon {number}")
        house.search.catch_up()
        if number == 3:
            DAMAGES[name](house.search.live.generation())
    # Where no write met the damage, this search does; then the next catching up heals.
    assert house.find("coupon").total == merging.TOGETHER
    assert house.find("coupon").rebuilding is None
    assert house.search.check() == []


@pytest.mark.parametrize("is_rebuilt", [True, False], ids=["rebuilding", "catching up"])
def test_a_hole_in_a_file_that_was_just_written_is_never_searched(
    house: House, monkeypatch: pytest.MonkeyPatch, is_rebuilt: bool
) -> None:
    house.atom("Coupons expire")
    house.find()
    flush = writing.DocumentWriter._flush_segment
    holes = ["one"]

    def torn(writer: writing.DocumentWriter) -> None:
        flush(writer)
        if holes:
            holes.pop()
            # So it looks when a file is cut and the process goes on writing behind the cut.
            name = writer.newsegment.make_filename(".trm")
            file = Path(writer.storage.folder) / name
            whole = file.read_bytes()
            file.write_bytes(whole[:60] + bytes(len(whole) - 400) + whole[-340:])

    monkeypatch.setattr(writing.DocumentWriter, "_flush_segment", torn)
    if is_rebuilt:
        with suppress(Damaged):
            house.search.rebuild()
    house.atom("Coupons vanish")
    found = house.find("coupons")
    assert (found.total, holes) == (2, [])
    assert house.find("coupons").rebuilding is None
    assert house.search.check() == []


def test_facts_that_are_cut_while_they_are_merged_make_no_new_segment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.atom("Coupons expire")
    house.search.catch_up()
    generation = house.search.live.generation()
    assert generation is not None
    opened = SegmentReader.column_reader

    def cut(reader: SegmentReader, *arguments: Any, **named: Any) -> Any:
        column = opened(reader, *arguments, **named)
        os.truncate(next(generation.glob("*.facts.col")), 8)
        return column

    monkeypatch.setattr(SegmentReader, "column_reader", cut)
    with pytest.raises(Damaged):
        building.write(
            generation, (), (), lambda writer, all_: merging._merge(writer, all_, [(1, all_)])
        )


def test_the_running_indexer_heals_by_itself(house: House) -> None:
    house.atom("Coupons expire")
    house.find()
    house.search.start()
    delete_all(house.search.live.generation())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = house.search.find(Wanted("coupons"), house.people["olga"])
        assert found.total == 1
        if found.rebuilding is None:
            break
    assert found.rebuilding is None


def test_a_busy_machine_does_not_condemn_the_index(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.atom("Coupons expire")
    house.find()
    generation = house.search.live.generation()

    def too_many(*_args: object, **_named: object) -> None:
        raise OSError("Too many open files")

    monkeypatch.setattr(live, "open_view", too_many)
    house.atom("Coupons vanish")
    fresh = Search(house.database, house.search.live.folder)
    assert fresh.find(Wanted("coupons"), house.people["olga"]).total == 2
    monkeypatch.undo()
    assert house.search.live.generation() == generation
    assert house.find("coupons").total == 2


def test_a_full_disk_does_not_condemn_the_index(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.atom("Coupons expire")
    house.find()
    generation = house.search.live.generation()

    def full(*_args: object, **_named: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(building.SegmentWriter, "commit", full)
    house.atom("Coupons vanish")
    with pytest.raises(OSError, match="No space"):
        house.search.catch_up()
    monkeypatch.undo()
    assert house.search.live.generation() == generation
    assert house.find("coupons").total == 2


def test_an_index_of_another_database_is_never_served(house: House) -> None:
    house.atom("Coupons expire")
    house.find()
    with house.database.saving() as session:
        session.exec(select(Repository)).one().guid = "another"
    search = Search(house.database, house.search.live.folder)
    assert search.live.view() is None
    assert search.find(Wanted("coupons"), house.people["olga"]).rebuilding == 0.0
    search.catch_up()
    assert search.find(Wanted("coupons"), house.people["olga"]).rebuilding is None


def test_an_index_of_another_edition_is_rebuilt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.atom("Coupons expire")
    house.find()
    old = house.search.live.generation()
    monkeypatch.setattr(generations, "ANALYSER_EDITION", 99)
    assert house.search.live.view() is None
    assert house.titles("coupons") == ["Coupons expire"]
    assert house.search.live.generation() != old


def test_the_check_names_what_differs(house: House) -> None:
    from research_repo.core import indexing
    from research_repo.core.models import Atom

    kept, changed, lost = (house.atom(title) for title in ("Kept", "Changed", "Lost"))
    house.find()
    with house.database.saving() as session:
        # Written past the queue, as no verb does.
        session.get_one(Atom, changed.id).title = "Changed in silence"
        added = Atom(key="zzzz", kind="insight", title="Added", author_id=lost.author_id)
        session.add(added)
    assert house.search.check() == [
        Difference(changed.id, "stale"),
        Difference(lost.id + 1, "missing"),
    ]
    house.do(indexing.enqueue, "marina", [changed.id, lost.id + 1])
    assert house.search.check() == []
    house.search.catch_up()
    assert house.search.check() == []
    assert kept.id in house.search.live.view().places


def test_rebuilding_tells_how_far_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from research_repo.search import building

    monkeypatch.setattr(building, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(building, "ATOMS_PER_COMMIT", 4)
    for number in range(9):
        house.atom(f"Coupon {number}")
    told: list[tuple[int, int]] = []
    house.search.rebuild(lambda done, total: told.append((done, total)))
    assert told == [(2, 9), (4, 9), (6, 9), (8, 9), (9, 9)]
    assert house.find("coupon").total == 9
    assert house.search.check() == []


def steps_survived(house: House, work: str, query: str, total: int, stride: int) -> int:
    """Kill copies of the repository at every so many steps of a work; how many steps it has."""
    instance = house.search.live.folder.parent
    house.database.close()
    arguments = [str(instance), work, query, str(total), str(stride)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.search.dying", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


STRIDES = [9, pytest.param(1, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]


@pytest.mark.parametrize("stride", STRIDES)
def test_a_kill_at_any_step_of_catching_up_heals(house: House, stride: int) -> None:
    for number in range(merging.TOGETHER):
        house.atom(f"Coupon {number}")
        house.search.catch_up()
    house.atom("Coupon at last")
    assert steps_survived(house, "catching up", "coupon", merging.TOGETHER + 1, stride) > 5


@pytest.mark.parametrize("stride", STRIDES)
def test_a_kill_at_any_step_of_taking_in_a_file_heals(house: House, stride: int) -> None:
    house.atom("Coupon 0", kind="insight")
    house.search.catch_up()
    rows = [Row(number, {"title": f"Coupon row {number}"}) for number in range(20)]
    imports.run(house.database, house.people["marina"], lambda: rows, Terms("coupons.csv", "pilot"))
    assert steps_survived(house, "catching up", "coupon", 21, stride) > 5


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("is_first", [True, False], ids=["the first", "another"])
def test_a_kill_at_any_step_of_a_rebuild_heals(house: House, is_first: bool, stride: int) -> None:
    for number in range(20):
        house.atom(f"Coupon {number}", kind="insight")
    if not is_first:
        house.search.catch_up()
        house.atom("Coupon at last", kind="insight")
    assert steps_survived(house, "a rebuild", "coupon", 20 + (not is_first), stride) > 10


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_kill_at_any_step_of_merging_heals(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "small_ones", merging.none)
    for number in range(merging.TOGETHER):
        house.atom(f"Coupon {number}", kind="insight")
        house.search.catch_up()
    monkeypatch.undo()
    assert steps_survived(house, "merging at rest", "coupon", merging.TOGETHER, 1) > 5
