"""The view that searches use: what is broken is taken out of use, what is only busy is not."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from research_repo.search import generations, live
from research_repo.search.files import Damaged
from research_repo.search.live import Live
from tests.search.conftest import House

BUSY = OSError(errno.EMFILE, os.strerror(errno.EMFILE))


@pytest.fixture
def fresh(house: House) -> Live:
    """Over an index with one atom, as a process that has not searched yet has it."""
    house.atom("Coupons expire")
    house.search.catch_up()
    return Live(house.search.live.folder, house.search.live.repository)


def used(fresh: Live) -> Path:
    generation = fresh.generation()
    assert generation is not None
    return generation


def test_one_view_serves_until_something_is_committed(house: House, fresh: Live) -> None:
    first = fresh.view()
    assert first is not None
    assert fresh.view() is first
    house.atom("Coupons vanish")
    house.search.catch_up()
    second = fresh.view()
    assert second is not None
    assert second is not first
    assert (len(first.places), len(second.places)) == (1, 2)


def test_where_there_is_no_index_there_is_no_view(tmp_path: Path) -> None:
    assert Live(tmp_path / "nothing", "here").view() is None


def test_an_index_of_another_repository_is_no_view_and_is_left_alone(fresh: Live) -> None:
    assert Live(fresh.folder, "another").view() is None
    assert fresh.view() is not None


def cut(ending: str) -> Callable[[Path], None]:
    def harm(generation: Path) -> None:
        for file in generation.glob(f"*{ending}"):
            file.write_bytes(file.read_bytes()[:10])

    return harm


def swap(generation: Path) -> None:
    """What stood in one file stands in another."""
    terms, facts = next(generation.glob("*.trm")), next(generation.glob("*.col"))
    aside = terms.read_bytes()
    terms.write_bytes(facts.read_bytes())
    facts.write_bytes(aside)


@pytest.mark.parametrize("harm", [cut(".toc"), cut(".trm"), cut(".col"), swap])
def test_a_damaged_index_is_taken_out_of_use_for_every_process(
    house: House, fresh: Live, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    harm(used(fresh))
    assert fresh.view() is None
    assert fresh.generation() is None
    assert "damaged and will be rebuilt" in caplog.text
    assert Live(fresh.folder, fresh.repository).view() is None
    house.search.rebuild()
    assert fresh.view() is not None


def test_a_deleted_folder_is_no_index_any_more(house: House, fresh: Live) -> None:
    before = fresh.view()
    assert before is not None
    shutil.rmtree(fresh.folder)
    assert fresh.view() is None
    fresh.report(FileNotFoundError("gone"))
    house.search.rebuild()
    assert fresh.view() not in (None, before)


def opening(monkeypatch: pytest.MonkeyPatch, *faults: Callable[[], None]) -> None:
    """The next openings of a view do this first, each its own."""
    opened, left = live.open_view, list(faults)

    def open_view(*arguments: Any) -> Any:
        if left:
            left.pop(0)()
        return opened(*arguments)

    monkeypatch.setattr(live, "open_view", open_view)


def test_an_index_that_was_replaced_while_it_was_opened_gives_way_to_the_new_one(
    house: House, fresh: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = used(fresh)
    opening(monkeypatch, house.search.rebuild)
    assert fresh.view() is not None
    assert not old.exists()
    assert fresh.generation() is not None
    assert caplog.text == ""


@pytest.mark.parametrize(
    "fault", [BUSY, PermissionError(errno.EACCES, "no"), OSError(errno.EIO, "disk")]
)
def test_a_busy_machine_has_no_view_for_now_and_keeps_its_index(
    fresh: Live, monkeypatch: pytest.MonkeyPatch, fault: OSError, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise fault

    generation = used(fresh)
    opening(monkeypatch, fail)
    assert fresh.view() is None
    assert fresh.generation() == generation
    assert "cannot be read now" in caplog.text
    assert fresh.view() is not None


def test_a_fault_that_a_search_meets_is_told_apart_the_same_way(
    fresh: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = fresh.view()
    fresh.report(BUSY)
    assert fresh.view() is view
    fresh.report(Damaged("a block is cut"))
    assert fresh.view() is None
    assert generations.current(fresh.folder, fresh.repository) is None
