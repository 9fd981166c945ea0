"""The database that tests run on: SQLite, or the PostgreSQL server named in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url

SERVER = os.environ.get("RESEARCH_REPO_TEST_DATABASE_URL", "")
"""A PostgreSQL server in which tests may make databases; empty means SQLite."""

on_sqlite = pytest.mark.skipif(bool(SERVER), reason="about files, pragmas or locks of SQLite")
on_postgres = pytest.mark.skipif(not SERVER, reason="about PostgreSQL")


SQLITE_FILE = "repository.sqlite3"


@contextmanager
def fresh_database(template_url: str = "") -> Iterator[str]:
    """The address of a database that is gone afterwards, a copy or empty; "" (SQLite) without a server."""
    if not SERVER:
        yield ""
        return
    name = f"test_{uuid4().hex}"
    copied = f" TEMPLATE {make_url(template_url).database}" if template_url else ""
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}{copied}")
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        engine.dispose()
