"""Attached files: each lies there once and whole, whatever happens while it is kept."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from research_repo.core import attachments, backup
from research_repo.core.attachments import UNFINISHED
from research_repo.core.errors import Unavailable
from research_repo.core.models import Attachment

PNG = "image/png"


def lying(instance: Path) -> list[Path]:
    return [path for path in (instance / "attachments").rglob("*") if path.is_file()]


def test_the_same_file_lies_there_once_however_often_it_comes(session, database):
    first = attachments.keep(database.folder, b"picture", PNG)
    again = attachments.keep(database.folder, b"picture", PNG)
    assert first == again
    assert first.hash == hashlib.sha256(b"picture").hexdigest()
    (path,) = lying(database.folder)
    assert path == attachments.path(database.folder, first.hash)
    assert path.read_bytes() == b"picture"
    assert path.stat().st_mode & 0o077 == 0
    rows = [attachments.add(session, kept) for kept in (first, again)]
    assert rows[0].id == rows[1].id
    assert (rows[0].size, rows[0].media_type) == (7, PNG)
    assert len(session.exec(select(Attachment)).all()) == 1


def test_a_file_that_was_damaged_is_whole_again_when_it_comes_again(tmp_path):
    kept = attachments.keep(tmp_path, b"picture", PNG)
    attachments.path(tmp_path, kept.hash).write_bytes(b"pic")
    attachments.keep(tmp_path, b"picture", PNG)
    assert attachments.path(tmp_path, kept.hash).read_bytes() == b"picture"


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EDQUOT, errno.EACCES])
def test_without_space_on_the_disk_nothing_of_the_file_stays(tmp_path, monkeypatch, fault):
    def full(_handle: int) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(attachments.os, "fsync", full)
    with pytest.raises(Unavailable) as refused:
        attachments.keep(tmp_path, b"picture", PNG)
    assert ("disk is full" in str(refused.value)) == (fault != errno.EACCES)
    assert not lying(tmp_path)


DYING = """
import os, signal, sys
from pathlib import Path
from research_repo.core import attachments
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
setattr(attachments.os, sys.argv[2], die)
attachments.keep(Path(sys.argv[1]), b"picture" * 100_000, "image/png")
"""


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_kill_in_the_middle_leaves_no_half_file_to_be_seen(database, tmp_path, moment):
    killed = subprocess.run([sys.executable, "-c", DYING, str(database.folder), moment])
    assert killed.returncode == -signal.SIGKILL
    (left,) = lying(database.folder)
    assert left.name.startswith(UNFINISHED)
    assert not backup.attachments(database.folder)
    kept = attachments.keep(database.folder, b"picture" * 100_000, PNG)
    assert attachments.path(database.folder, kept.hash).stat().st_size == kept.size
    assert list(backup.attachments(database.folder)) == [f"attachments/{kept.hash[:2]}/{kept.hash}"]
