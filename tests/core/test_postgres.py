"""The core keeps its promises on PostgreSQL, too: its tests run again, on a server of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import engines

ROOMS = Path(__file__).parent


@pytest.fixture
def server() -> Iterator[str]:
    with engines.postgresql() as server:
        yield server


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
@engines.on_sqlite
def test_everything_that_the_core_promises_holds_on_postgresql(server: str) -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            str(ROOMS),
            "-m",
            "not slow",
            "-x",
            "-p",
            "no:cacheprovider",
        ],
        env={**os.environ, "RESEARCH_REPO_TEST_DATABASE_URL": server},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:]
