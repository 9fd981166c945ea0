"""How long the pages of tags take and how large they are: `python -m benchmarks.pages INSTANCE`.

The page is made in this process, from the request to its last byte, for a curator: the top of the
largest group, its widest and its deepest branch, names that hold three letters, and the page of the
tag that most atoms carry.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from research_repo.app import create_app
from research_repo.core import indexing, people, schemes
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.indexing import Vocabulary
from research_repo.search.closure import Closure
from research_repo.settings import Settings

TIMES = 21


@dataclass(frozen=True)
class Cost:
    """Milliseconds and kilobytes of one page; `cpu` is what the processor worked of p50."""

    p50: float
    p95: float
    cpu: float
    kilobytes: float

    def __str__(self) -> str:
        return (
            f"{self.p50:.0f} / {self.p95:.0f} ms ({self.cpu:.0f} ms of a core), "
            f"{self.kilobytes:.0f} kB"
        )


def of_pages(folder: Path) -> dict[str, Cost]:
    """The cost of each page of the tags that an instance holds."""
    app = create_app(Settings(instance=folder))
    house = app.extensions["house"]
    house.search.catch_up()
    browser = _signed_in(app, house.database)
    with house.database.reading() as session:
        vocabulary = indexing.vocabulary(session)
        by = people.system(session)
        group = max(schemes.listed(session, "en"), key=lambda one: one.tag_count).key
    counts = house.search.counts(by)
    found = {name: _cost(browser, path) for name, path in _paths(group, vocabulary, counts).items()}
    house.database.close()
    return found


def _paths(group: str, vocabulary: Vocabulary, counts: dict[int, int]) -> dict[str, str]:
    closure = Closure(vocabulary)
    keys = {tag.id: tag.key for tag in vocabulary.tags}
    children = Counter(parent for _, parent in vocabulary.edges)
    deepest = max(keys, key=lambda one: len(closure.ancestors(one)))
    line = sorted(closure.ancestors(deepest), key=lambda one: len(closure.ancestors(one)))
    opened = ".".join(keys[one] for one in line[:12])
    widest = keys[max(children, key=lambda one: children[one])]
    used = keys[max(counts, key=lambda one: counts[one])] if counts else widest
    return {
        "tree: the largest group": f"/tags?group={group}",
        "tree: the widest branch": f"/tags?under={widest}",
        "tree: the deepest branch": f"/tags?open={opened}",
        "tree: names with three letters": f"/tags?q={_common(vocabulary)}",
        "the page of a tag": f"/tags/{used}",
    }


def _cost(browser: FlaskClient, path: str) -> Cost:
    browser.get(path)
    times, worked = [], []
    for _ in range(TIMES):
        start, began = time.perf_counter(), time.process_time()
        answer = browser.get(path)
        times.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.process_time() - began))
    assert answer.status_code == 200, path
    size = len(answer.data) / 1000
    return Cost(statistics.median(times), sorted(times)[-2], statistics.median(worked), size)


def _signed_in(app: Flask, database: Database) -> FlaskClient:
    with database.saving() as session:
        system = people.system(session)
        password = people.chosen_password("only for this measurement")
        name = f"{now().timestamp()}@example.org"
        person = people.add(session, system, name, "Measure", "curator", password)
        who = f"{person.id}:{person.session_epoch}"
    browser = app.test_client()
    with browser.session_transaction() as kept:
        kept.update(begun=now().timestamp(), _user_id=who)
    return browser


def _common(vocabulary: Vocabulary) -> str:
    starts = Counter(label.text[:3].casefold() for label in vocabulary.labels)
    return next(start for start, _ in starts.most_common() if start.isalpha())


if __name__ == "__main__":
    for name, cost in of_pages(Path(sys.argv[1])).items():
        print(f"{name:34} {cost}")
