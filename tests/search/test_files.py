"""The files of the index as processes read them that share descriptors since a fork."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from research_repo.search.files import Damaged, Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "numbers").write_bytes(bytes(range(256)) * 1000)
    return Files(tmp_path)


def test_a_reader_keeps_its_place_whoever_else_moves_the_shared_one(files: Files) -> None:
    file = files.open_file("numbers")
    assert file.get(10, 3) == bytes([10, 11, 12])
    os.lseek(file.fileno(), 200_000, os.SEEK_SET)
    assert file.read(2) == bytes([13, 14])
    os.lseek(file.fileno(), 77, os.SEEK_SET)
    assert file.get(100_000, 20_000) == (bytes(range(256)) * 1000)[100_000:120_000]
    files.close()


def test_places_are_counted_from_the_beginning_from_here_and_from_the_end(files: Files) -> None:
    file = files.open_file("numbers")
    file.seek(-3, os.SEEK_END)
    assert (file.read(), file.tell()) == (bytes([253, 254, 255]), 256_000)
    file.seek(20)
    file.seek(5, os.SEEK_CUR)
    assert file.read(1) == bytes([25])
    file.seek(0)
    assert len(file.read()) == 256_000
    files.close()


def test_a_file_that_lost_its_end_while_it_was_written_is_noticed(tmp_path: Path) -> None:
    files = Files(tmp_path)
    for name in ("whole", "torn"):
        file = files.create_file(name)
        file.write(b"before" * 1000)
        file.flush()
        if name == "torn":
            os.truncate(tmp_path / name, 10)
        file.write(b"after" * 1000)
        file.close()
        assert (tmp_path / name).stat().st_size == 11_000
        if name == "whole":
            files.require_as_written()
    with pytest.raises(Damaged, match="torn"):
        files.require_as_written()
