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


@contextmanager
def fresh_database(server: str = SERVER) -> Iterator[str]:
    """The address of an empty database that is gone afterwards; empty (SQLite) without a server."""
    if not server:
        yield ""
        return
    name = f"test_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        engine.dispose()
