"""The server."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
from filelock import FileLock, Timeout
from waitress import create_server, wasyncore  # type: ignore[import-untyped]

from research_repo.cli import processes
from research_repo.cli.demo import load_demo
from research_repo.cli.door import tell, write
from research_repo.core import demo as demo_content
from research_repo.core.errors import Unavailable
from research_repo.core.instance import open_instance
from research_repo.core.language import say
from research_repo.settings import Settings, from_environment

# Of each process: with more they would only wait for one another, each with its arrays in memory.
THREADS = 2
# What a page may take beside the largest file: the server keeps what is sent on the disk before
# anybody knows who sends it.
BODY_BYTES_MORE = 14 << 20
STOP_SECONDS = 9.0
STOPPING = (signal.SIGTERM, signal.SIGINT)
WAITING_MAX = 1024  # connections; as many as waitress itself lets wait


@click.command(epilog="Example: research-repo serve --port 8080")
@click.option(
    "--host", help="The address to listen on.  [default: RESEARCH_REPO_HOST or 127.0.0.1]"
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen on.  [default: RESEARCH_REPO_PORT or 8000]",
)
@click.option(
    "--processes",
    "count",
    type=click.IntRange(1, 32),
    default=processes.default,
    help="How many processes answer; on Linux.  [default: 2, or 1 on one core]",
)
@click.option("--demo", is_flag=True, help="Load the demo content into a repository without any.")
def serve(host: str | None, port: int | None, count: int, demo: bool) -> None:
    """Serve the repository to browsers until Ctrl+C or SIGTERM.

    One server serves an instance; other commands work beside it.
    """
    processes.share_memory()
    settings = from_environment()
    settings = replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
    )
    open_instance(settings).close()
    # Pages are slow to load, and no other command needs them.
    from research_repo import app as pages

    with _alone(settings):
        if demo:
            _load_demo_where_due(settings)
        sockets = _listening(settings)
        app = pages.create_app(settings)
        pages.warm_up(app)
        processes.settle()
        # Whoever is asked to stop before it knows how would be killed by it.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        family = processes.Family(count)
        pages.start(app, with_jobs=family.is_first)
        _answer(app, settings, sockets, family)
        pages.stop(app)
        family.wait()


def _answer(
    app: Any, settings: Settings, sockets: list[socket.socket], family: processes.Family
) -> None:
    parts: dict[int, Any] = {}
    _EndOfLoop(parts, family)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    # That requests wait a moment in line is no news for whoever reads the terminal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app,
        map=parts,
        sockets=sockets,
        threads=THREADS,
        url_scheme="https" if settings.is_https else "http",
        ident=None,
        max_request_body_size=settings.file_bytes + BODY_BYTES_MORE,
        # Without it everybody behind the proxy would share one limit of wrong passwords.
        trusted_proxy=settings.trusted_proxy or None,
        trusted_proxy_headers={"x-forwarded-for"} if settings.trusted_proxy else set(),
        clear_untrusted_proxy_headers=True,
    )
    if family.is_first:
        write(say("Serving on %(address)s", address=_address(settings, sockets)))
    server.run()


class _EndOfLoop(wasyncore.dispatcher):
    """The part of the server's loop that ends it when somebody asks the process to stop.

    An exception raised where the signal strikes would be lost in a destructor or a callback of a
    weak reference; raised by the loop's own part it ends the loop wherever the signal struck.
    """

    def __init__(self, parts: dict[int, Any], family: processes.Family) -> None:
        struck, self._told = socket.socketpair()
        super().__init__(struck, parts)
        self._family = family
        self._told.setblocking(False)
        signal.set_wakeup_fd(self._told.fileno())
        for name in STOPPING:
            signal.signal(name, lambda _name, _frame: None)

    def writable(self) -> bool:
        return False

    def handle_read(self) -> None:
        # Requests and the indexer get time to finish; what is left undone then is safe to break off.
        last = threading.Timer(STOP_SECONDS, os._exit, [0])
        last.daemon = True
        last.start()
        self._family.stop()
        raise SystemExit


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


def _listening(settings: Settings) -> list[socket.socket]:
    """Sockets on the address; whoever connects from now on waits until somebody answers."""
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, *_, place in socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            # A name such as localhost may stand for several sockets, all on one port.
            port = _port(sockets) if sockets else settings.port
            one = socket.socket(family, kind, protocol)
            sockets.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((place[0], port, *place[2:]))
            one.listen(WAITING_MAX)
    except OSError as fault:
        for one in sockets:
            one.close()
        raise Unavailable(
            say(
                "%(host)s:%(port)s cannot be listened on: %(reason)s. Name another with --host "
                "and --port.",
                host=settings.host,
                port=settings.port,
                reason=fault.strerror or str(fault),
            )
        ) from fault
    return sockets


def _port(sockets: list[socket.socket]) -> int:
    port: int = sockets[0].getsockname()[1]
    return port


def _address(settings: Settings, sockets: list[socket.socket]) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{_port(sockets)}"
