"""The server."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import click
from filelock import FileLock, Timeout
from waitress import create_server  # type: ignore[import-untyped]

from research_repo.cli.demo import load_demo
from research_repo.cli.door import tell, write
from research_repo.core import demo as demo_content
from research_repo.core.errors import Unavailable
from research_repo.core.instance import open_instance
from research_repo.core.language import say
from research_repo.settings import Settings, from_environment

THREADS = 8
# Somewhat over the largest file that a page takes: the server keeps what is sent on the disk before
# anybody knows who sends it.
BODY_BYTES_MAX = 64 << 20
STOP_SECONDS = 9.0
# malloc.h of glibc: how many pools of memory the threads of a process may have.
M_ARENA_MAX, POOLS = -8, 2


@click.command(epilog="Example: research-repo serve --port 8080")
@click.option(
    "--host", help="The address to listen on.  [default: RESEARCH_REPO_HOST or 127.0.0.1]"
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen on.  [default: RESEARCH_REPO_PORT or 8000]",
)
@click.option("--demo", is_flag=True, help="Load the demo content into a repository without any.")
def serve(host: str | None, port: int | None, demo: bool) -> None:
    """Serve the repository to browsers until Ctrl+C or SIGTERM.

    One server serves an instance; other commands work beside it.
    """
    share_memory()
    settings = from_environment()
    settings = replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
    )
    open_instance(settings).close()
    # Pages are slow to load, and no other command needs them.
    from research_repo.app import create_app

    with _alone(settings):
        if demo:
            _load_demo_where_due(settings)
        app = create_app(settings, background=True)
        server = _listening(app, settings)
        # That requests wait a moment in line is no news for whoever reads the terminal.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, _stop)
        write(say("Serving on %(address)s", address=_address(settings, server)))
        server.run()
        app.extensions["worker"].stop()
        app.extensions["house"].search.stop()


def share_memory() -> None:
    """Let all threads draw from few pools; before any of them begins.

    Else each keeps what its largest search once took: with 100,000 atoms a third of all memory.
    """
    with suppress(OSError, AttributeError):  # another C library, which keeps no pools
        ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, POOLS)


def _load_demo_where_due(settings: Settings) -> None:
    database = open_instance(settings)
    try:
        with database.reading() as session:
            is_due = demo_content.is_due(session)
        if is_due:
            load_demo(database)
        else:
            # Whoever starts every day with --demo must not find strangers' claims among their own.
            tell(
                say(
                    "This repository holds research of your own, so the demo content stays out. "
                    "`research-repo demo` adds it all the same."
                )
            )
    finally:
        database.close()


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    lock = FileLock(settings.instance / "serve.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Unavailable(
            say(
                "The instance %(folder)s is being served already. Stop that server, or set "
                "RESEARCH_REPO_INSTANCE to another folder.",
                folder=str(settings.instance),
            )
        ) from None
    try:
        yield
    finally:
        lock.release()


def _listening(app: Any, settings: Settings) -> Any:
    try:
        return create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=THREADS,
            url_scheme="https" if settings.is_https else "http",
            ident=None,
            max_request_body_size=BODY_BYTES_MAX,
        )
    except OSError as fault:
        raise Unavailable(
            say(
                "%(host)s:%(port)s cannot be listened on: %(reason)s. Name another with --host "
                "and --port.",
                host=settings.host,
                port=settings.port,
                reason=fault.strerror or str(fault),
            )
        ) from fault


def _address(settings: Settings, server: Any) -> str:
    # A name such as localhost may stand for several sockets, all on one port.
    port = getattr(server, "effective_port", settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}"


def _stop(_signal: int, _frame: Any) -> None:
    # Requests and the indexer get time to finish; what is left undone then is safe to break off.
    last = threading.Timer(STOP_SECONDS, os._exit, [0])
    last.daemon = True
    last.start()
    raise SystemExit
