"""People who read pages: a process of its own beside the server, so that its work is not counted.

`python -m benchmarks.visitors VISIT.json` signs in once and asks with so many kept connections, each
in a thread. Without `pages_per_second` everybody asks again at once; with it the pages are due at
even intervals, and the time runs from when a page was due.
"""

from __future__ import annotations

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from benchmarks.gauges import summed


@dataclass(frozen=True)
class Visit:
    port: int
    email: str
    password: str
    addresses: list[str]
    clients: int
    pages_per_second: float = 0.0


class Browser:
    """One kept connection with the cookie of whoever signed in."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = cookie

    def ask(self, method: str, address: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of the answer, read to its end."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        body = urlencode(form) if form else None
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, address, body, headers)
        answer = self._connection.getresponse()
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        return answer.status, answer.read().decode()

    def sign_in(self, email: str, password: str) -> None:
        _, page = self.ask("GET", "/sign-in")
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        form = {"csrf_token": found[1] if found else "", "email": email, "password": password}
        status, text = self.ask("POST", "/sign-in", form)
        if status != 303:
            raise SystemExit(f"Signing in gave {status}: {text[:500]}")


def made(visit: Visit) -> dict[str, Any]:
    """Ask all addresses; how long each took, in milliseconds, and how large the pages were."""
    first = Browser(visit.port)
    first.sign_in(visit.email, visit.password)
    turns, lock = count(), Lock()
    times: list[float] = []
    sizes: list[int] = []
    begun = time.perf_counter()

    def ask() -> None:
        browser = Browser(visit.port, first.cookie)
        while True:
            with lock:
                turn = next(turns)
            if turn >= len(visit.addresses):
                return
            due = time.perf_counter()
            if visit.pages_per_second:
                due = begun + turn / visit.pages_per_second
                time.sleep(max(0.0, due - time.perf_counter()))
            status, text = browser.ask("GET", visit.addresses[turn])
            took = 1000 * (time.perf_counter() - due)
            if status != 200:
                raise SystemExit(f"{visit.addresses[turn]} gave {status}: {text[:500]}")
            with lock:
                times.append(took)
                sizes.append(len(text.encode()))

    with ThreadPoolExecutor(visit.clients) as pool:
        for done in [pool.submit(ask) for _ in range(visit.clients)]:
            done.result()
    seconds = time.perf_counter() - begun
    return {
        **summed(times),
        "pages_per_second": len(times) / seconds,
        "kilobytes": sum(sizes) / len(sizes) / 1000,
        "pages": len(times),
    }


if __name__ == "__main__":
    print(json.dumps(made(Visit(**json.loads(Path(sys.argv[1]).read_text("utf-8"))))))
