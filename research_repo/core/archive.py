"""The file format of a backup: a zip with a manifest that names every file, its size and its hash.

Nothing in a file from outside is believed: not its names, not its sizes, not that it is a zip.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import TypeAdapter

from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say

FORMAT = 1
DATABASE = "repository.sqlite3"
ATTACHMENTS = "attachments"
MANIFEST = "manifest.json"
MANIFEST_BYTES_MAX = 64 << 20
CHUNK_BYTES = 1 << 20
IS_ENCRYPTED = 0x1  # a bit among a zip entry's flags

Progress = Callable[[int, int], None]


def unwatched(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Contents:
    """One file of a backup."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, which version made it and when."""

    format: int
    version: str
    schema: str
    made_at: str
    counts: dict[str, int]
    files: dict[str, Contents]


def pack(file: Path, sources: Mapping[str, Path], progress: Progress) -> dict[str, Contents]:
    """Write a zip of the sources under their names; only its owner may read it."""
    total = sum(source.stat().st_size for source in sources.values())
    done = 0
    contents = {}
    opener = partial(os.open, mode=0o600)
    with open(file, "xb", opener=opener) as raw, ZipFile(raw, "w", ZIP_DEFLATED) as archive:
        for name, source in sources.items():
            digest, size = hashlib.sha256(), 0
            with source.open("rb") as read, archive.open(name, "w", force_zip64=True) as write:
                for chunk in _chunks(read):
                    write.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                    progress(done + size, total)
            done += size
            contents[name] = Contents(size, digest.hexdigest())
    return contents


def seal(file: Path, manifest: Manifest) -> None:
    """Add the manifest, which makes a zip a backup, and see it onto the disk."""
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
    sync(file)


def unpack(file: Path, folder: Path, progress: Progress, main: str = DATABASE) -> Manifest:
    """Write the files of a backup into a folder, each verified, and return its manifest.

    Refuses what is no backup, is damaged, was changed by hand, or does not fit on the disk. `main`
    is the file that must be there beside any attachments.
    """
    with _distrusted(file), ZipFile(file) as archive:
        manifest = _manifest(archive, file)
        total = _checked_total(archive, manifest, file, main)
        free = shutil.disk_usage(folder).free
        if total > free:
            raise _invalid(
                say(
                    "%(file)s needs %(needed)s MB, and %(free)s MB are free. Free some space.",
                    file=str(file),
                    needed=total >> 20,
                    free=free >> 20,
                )
            )
        done = 0
        for name, expected in manifest.files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as packed, target.open("xb") as unpacked:
                found = _copy(packed, unpacked, expected.size)
            if found != expected:
                raise damaged(file)
            done += expected.size
            progress(done, total)
    return manifest


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _manifest(archive: ZipFile, file: Path) -> Manifest:
    try:
        entry = archive.getinfo(MANIFEST)
    except KeyError:
        raise damaged(file) from None
    if not _is_plain(entry) or entry.file_size > MANIFEST_BYTES_MAX:
        raise damaged(file)
    manifest = TypeAdapter(Manifest).validate_json(archive.read(entry))
    if manifest.format != FORMAT:
        raise newer(file)
    return manifest


def _checked_total(archive: ZipFile, manifest: Manifest, file: Path, main: str) -> int:
    entries = [entry for entry in archive.infolist() if entry.filename != MANIFEST]
    declared = {entry.filename: entry.file_size for entry in entries if _is_plain(entry)}
    if (
        len(declared) != len(archive.infolist()) - 1
        or declared != {name: contents.size for name, contents in manifest.files.items()}
        or main not in declared
        or not all(name == main or _is_attachment(name) for name in declared)
    ):
        raise damaged(file)
    return sum(declared.values())


def _is_plain(entry: ZipInfo) -> bool:
    return entry.compress_type in (ZIP_DEFLATED, ZIP_STORED) and not entry.flag_bits & IS_ENCRYPTED


def _is_attachment(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (
        len(parts) > 1
        and parts[0] == ATTACHMENTS
        and "/".join(parts) == name
        and not any(part == ".." or "\\" in part or ":" in part for part in parts)
    )


def _copy(packed: IO[bytes], unpacked: IO[bytes], most: int) -> Contents:
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(packed):
        size += len(chunk)
        if size > most:
            break
        unpacked.write(chunk)
        digest.update(chunk)
    unpacked.flush()
    os.fsync(unpacked.fileno())
    return Contents(size, digest.hexdigest())


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(partial(file.read, CHUNK_BYTES), b"")


@contextmanager
def _distrusted(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise _invalid(say("There is no file %(file)s.", file=str(file))) from None
    except (BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError) as no:
        raise damaged(file) from no


def newer(file: Path) -> Invalid:
    """The file was made by a newer version of the product."""
    return _invalid(
        say(
            "%(file)s was made by a newer version. Update research-repo, then restore it.",
            file=str(file),
        )
    )


def damaged(file: Path) -> Invalid:
    """The file cannot be believed."""
    return _invalid(
        say(
            "%(file)s is not a backup, or it is damaged. Nothing was restored: take another one.",
            file=str(file),
        )
    )


def _invalid(message: Message) -> Invalid:
    return Invalid({"file": message})
