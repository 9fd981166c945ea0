"""The files of the index: opened so that none is left open, and faults in them given one name."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile


class Damaged(Exception):  # noqa: N818 (a finding about the index, healed by a rebuild)
    """The files of the index cannot be read."""


@contextmanager
def reading_files() -> Iterator[None]:
    """Turn whatever Whoosh raises over broken files into `Damaged`; the disk's own errors pass."""
    try:
        yield
    except OSError:
        raise
    except Exception as fault:
        raise Damaged(f"{type(fault).__name__}: {fault}") from fault


class Placed(io.FileIO):
    """A file that is read at a place of its own: processes that were forked share the other one."""

    readall = io.RawIOBase.readall

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._at = 0

    def read(self, size: int | None = -1, /) -> bytes:
        return io.RawIOBase.read(self, -1 if size is None else size)

    def readinto(self, buffer: Any, /) -> int:
        count = os.preadv(self.fileno(), [buffer], self._at)
        self._at += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence)
        self._at = offset + (os.fstat(self.fileno()).st_size if start is None else start)
        return self._at

    def tell(self) -> int:
        return self._at


class Files(FileStorage):
    """The files of an index, remembered, so that who fails half-way leaves none open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._opened: list[StructFile] = []
        self._within: list[Files] = []

    def open_file(self, name: str, **options: Any) -> StructFile:
        whole = io.BufferedReader(Placed(Path(self.folder) / name))
        file = StructFile(whole, name=name, **options)
        self._opened.append(file)
        return file

    def create_file(self, name: str, **options: Any) -> StructFile:
        file = super().create_file(name, **options)
        self._opened.append(file)
        return file

    def temp_storage(self, name: str) -> FileStorage:
        within = Files(Path(self.folder) / name)
        self._within.append(within)
        return within.create()

    def close(self) -> None:
        for within in self._within:
            within.close()
        for file in self._opened:
            if not file.is_closed:
                # What a full disk refuses to take is a commit that has failed already.
                with suppress(OSError):
                    file.close()
