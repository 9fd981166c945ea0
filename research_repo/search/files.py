"""The files of the index: opened so that none is left open, and faults in them given one name."""

from __future__ import annotations

import io
import os
import zlib
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


class Written(io.FileIO):
    """A file that remembers what was written to it from its beginning to its end.

    A file that loses its end while it is written gets zeros there, which nobody can tell from what
    belongs there: an empty row of a table says that a word stands nowhere.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w")
        self._sum = 0
        self.path = path

    def write(self, some: Any, /) -> int:
        count = super().write(some)
        self._sum = zlib.crc32(memoryview(some)[:count], self._sum)
        return count

    def is_as_written(self) -> bool:
        """The file holds that and nothing else."""
        found = 0
        with self.path.open("rb") as file:
            while some := file.read(_READ_BYTES):
                found = zlib.crc32(some, found)
        return found == self._sum


_READ_BYTES = 1 << 20


class Files(FileStorage):
    """The files of an index, remembered, so that who fails half-way leaves none open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._opened: list[StructFile] = []
        self._written: list[Written] = []
        self._within: list[Files] = []

    def open_file(self, name: str, **options: Any) -> StructFile:
        whole = io.BufferedReader(Placed(Path(self.folder) / name))
        file = StructFile(whole, name=name, **options)
        self._opened.append(file)
        return file

    def create_file(self, name: str, mode: str = "wb", **options: Any) -> StructFile:
        if mode == "wb":
            written = Written(Path(self.folder) / name)
            self._written.append(written)
            file = StructFile(io.BufferedWriter(written), name=name, **options)
        else:
            file = super().create_file(name, mode=mode, **options)
        self._opened.append(file)
        return file

    def require_as_written(self) -> None:
        """Refuse files that were closed since and do not hold what was written to them.

        Raises:
            Damaged: the first of them.
            FileNotFoundError: it is gone.
        """
        for one in self._written:
            if one.closed and not one.is_as_written():
                raise Damaged(f"{one.path.name} does not hold what was written to it")

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
