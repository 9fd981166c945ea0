"""A real browser before a real server: for tests of what pages do in the hands of people."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from research_repo.app import create_app
from research_repo.core.db import Session
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests.web.conftest import sign_in

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass(frozen=True)
class Place:
    """A running server with something in it, and the person who looks at it."""

    app: Flask
    address: str
    person: Person

    def enter(self, context: BrowserContext) -> BrowserContext:
        """Give the browser the session of that person."""
        return come_in(context, self.app, self.address, self.person)


@contextmanager
def place_with(
    folder: Path, fill: Callable[[Session], Person], *, background: bool = False
) -> Iterator[Place]:
    """A server over a new repository, filled so, before the person whom `fill` names."""
    app = create_app(Settings(instance=folder, secret_key="k" * 48), background=background)
    here = app.extensions["house"]
    with here.database.saving() as session:
        person = fill(session)
    here.search.catch_up()
    with serving(app) as address:
        yield Place(app, address, person)
    if background:
        app.extensions["worker"].stop()
        here.search.stop()
    here.database.close()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address at which the app answers meanwhile."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each file drowns the rest
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the system."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=SWITCHES
        )
        yield browser
        browser.close()


def come_in(context: BrowserContext, app: Flask, address: str, person: Person) -> BrowserContext:
    """Give the browser the session of a person, without waiting for a password."""
    client = sign_in(app.test_client(), person)
    cookie = client.get_cookie("research_repo_session")
    assert cookie is not None
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    return context


def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(wider))
