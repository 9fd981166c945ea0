"""Search pages over HTTP: the real server, eight people at once: `python -m benchmarks.serving INSTANCE`.

`research-repo serve` runs as it does for people and its visitors in a process beside it. They ask a seeded mix of search
pages twice: each as fast as the answers come, which tells how many pages a second there can be; then
thirty pages a second together, which tells how long one waits on a busy day.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import click

from benchmarks.corpus import Corpus
from benchmarks.gauges import family, family_megabytes
from benchmarks.visitors import Visit
from research_repo.core import indexing, instance, people
from research_repo.core.clock import now
from research_repo.settings import Settings

CLIENTS = 8
PAGES = 400
WARMING = 60
PAGES_PER_SECOND = 30.0
PASSWORD = "only for this measurement"
# How often each kind of page is asked: words, one common word, words of one kind, words under a tag,
# a tag alone, the second page.
MIX = {"words": 8, "common": 2, "kind": 2, "under a tag": 4, "tag": 2, "page 2": 2}


def measured(made: Corpus, folder: Path, pages: int) -> dict[str, Any]:
    """Pages of the instance in the folder, over HTTP: times, pages a second, processor and memory."""
    email = _somebody(folder)
    with _served(folder) as (server, port):
        visit = Visit(port, email, PASSWORD, [], CLIENTS)
        started = family_megabytes(server)
        _visited(replace(visit, addresses=_addresses(made, folder, WARMING, seed=1)))
        listed = _addresses(made, folder, pages, seed=2)
        worked = _cpu_seconds(server)
        fast = _visited(replace(visit, addresses=listed))
        fast["cpu_milliseconds"] = 1000 * (_cpu_seconds(server) - worked) / pages
        other = _addresses(made, folder, pages, seed=3)
        even = _visited(replace(visit, addresses=other, pages_per_second=PAGES_PER_SECOND))
        return {
            "as fast as they can": fast,
            "thirty a second": even,
            "processes": len(family(server)),
            "memory_megabytes": family_megabytes(server),
            "started_megabytes": started,
        }


def _visited(visit: Visit) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "visit.json"
        file.write_text(json.dumps(asdict(visit)), "utf-8")
        command = [sys.executable, "-m", "benchmarks.visitors", file]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def _served(folder: Path) -> Iterator[tuple[int, int]]:
    """The server's process id and port, while it runs."""
    server = subprocess.Popen(
        [sys.executable, "-m", "research_repo", "serve", "--port", "0"],
        env={**os.environ, "RESEARCH_REPO_INSTANCE": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        told = next((line for line in server.stdout if "http://" in line), "")
        if not told:
            raise click.ClickException("The server did not start.")
        yield server.pid, int(told.strip().rpartition(":")[2])
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate()


def _cpu_seconds(process_id: int) -> float:
    worked = 0
    for one in family(process_id):
        text = Path(f"/proc/{one}/stat").read_text(encoding="ascii")
        worked += sum(map(int, text.rpartition(")")[2].split()[11:13]))
    return worked / os.sysconf("SC_CLK_TCK")


def _somebody(folder: Path) -> str:
    database = instance.open_instance(Settings(instance=folder))
    email = f"{now().timestamp()}@example.org"
    password = people.chosen_password(PASSWORD)
    with database.saving() as session:
        people.add(session, people.system(session), email, "Measure", "researcher", password)
    database.close()
    return email


def _addresses(made: Corpus, folder: Path, count: int, seed: int) -> list[str]:
    chance = random.Random(f"{made.seed} {seed}")
    keys = _keys(folder)
    found = []
    for kind in chance.choices(list(MIX), list(MIX.values()), k=count):
        note = made.note(chance.randrange(made.atoms))
        words = " ".join(made.word(chance, note["language"]) for _ in range(3))
        lexeme = made.lexemes[note["language"]][chance.randrange(50)]
        key = keys[chance.choice(note["tags"].split("; "))]
        asked = {
            "words": {"q": words},
            "common": {"q": chance.choice(lexeme.forms)},
            "kind": {"q": words, "kind": "insight"},
            "under a tag": {"q": words, "tag": key},
            "tag": {"tag": key},
            "page 2": {"q": words, "page": "2"},
        }
        found.append("/search?" + urlencode(asked[kind]))
    return found


def _keys(folder: Path) -> dict[str, str]:
    """Label → key of the tag that it prefers."""
    database = instance.open_instance(Settings(instance=folder))
    with database.reading() as session:
        vocabulary = indexing.vocabulary(session)
    database.close()
    keys = {tag.id: tag.key for tag in vocabulary.tags}
    return {one.text: keys[one.tag_id] for one in vocabulary.labels if one.kind == "pref"}


def told(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The figures as lines of a table: name and value."""
    for name in ("as fast as they can", "thirty a second"):
        one = figures[name]
        yield (
            f"search page, 8 people, {name}",
            f"{one['p50']:.0f} / {one['p95']:.0f} ms, {one['pages_per_second']:.0f} pages/s",
        )
    fast = figures["as fast as they can"]
    yield (
        "search page, work of the server",
        f"{fast['cpu_milliseconds']:.0f} ms of a core, {fast['kilobytes']:.0f} kB",
    )
    yield (
        f"server memory, {figures['processes']} processes, at first and in the end",
        f"{figures['started_megabytes']:.0f}, {figures['memory_megabytes']:.0f} MB",
    )


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--atoms", default=10_000, show_default=True, help="Of the corpus that it holds.")
@click.option("--tags", default=1_000, show_default=True)
@click.option("--pages", default=PAGES, show_default=True)
def main(folder: Path, atoms: int, tags: int, pages: int) -> None:
    """Measure the search pages of an instance that holds the corpus."""
    for name, value in told(measured(Corpus(atoms, tags), folder, pages)):
        print(f"{name:54} {value}")


if __name__ == "__main__":
    main()
