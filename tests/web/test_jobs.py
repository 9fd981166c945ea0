"""Long work as its person sees it: asked for, at work, done or failed, and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import jobs, notices
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.worker import Progress, Worker
from tests.web.conftest import send, sign_in


def worker(database: Database, work: Callable[[Any, Progress], Any]) -> Worker:
    return Worker(database, {"index.rebuild": work})


def rebuild(client: FlaskClient, admin: Person) -> str:
    address = send(sign_in(client, admin), "/jobs/rebuild-index").headers["Location"]
    assert address.startswith("/jobs/")
    return address


def test_an_administrator_rebuilds_the_search_index_and_is_told(
    client: FlaskClient, app: Flask, database: Database, admin: Person
) -> None:
    address = rebuild(client, admin)
    assert "waiting" in client.get(address).get_data(as_text=True)
    assert app.extensions["worker"].work_once()
    page = client.get(address).get_data(as_text=True)
    assert "Done." in page
    assert "hx-trigger" not in page
    told = client.get("/notices").get_data(as_text=True)
    assert "Done: Rebuild the search index" in told
    assert address in told
    assert not app.extensions["worker"].work_once()


def test_a_job_at_work_shows_how_far_it_is_and_asks_again(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    address = rebuild(client, admin)
    seen = []

    def work(_arguments: Any, progress: Progress) -> None:
        progress(300, 1200)
        seen.append(client.get(f"{address}/progress").get_data(as_text=True))

    worker(database, work).work_once()
    assert '<progress class="progress" value="300" max="1200"' in seen[0]
    assert "300 of 1,200" in seen[0]
    assert f'hx-get="{address}/progress"' in seen[0]
    assert "<html" not in seen[0]


def test_a_job_that_cannot_be_done_says_why(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    address = rebuild(client, admin)

    def refuse(_arguments: Any, _progress: Progress) -> None:
        raise Unavailable(
            say("The disk is full. Nothing was saved: free some space, then try again.")
        )

    worker(database, refuse).work_once()
    assert "free some space" in client.get(address).get_data(as_text=True)


def test_a_job_that_breaks_shows_no_details_and_the_next_one_is_done(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    def break_down(_arguments: Any, _progress: Progress) -> None:
        raise RuntimeError("the secret detail")

    address = rebuild(client, admin)
    worker(database, break_down).work_once()
    page = client.get(address).get_data(as_text=True)
    assert "Something broke on our side" in page
    assert "the secret detail" not in page
    address = rebuild(client, admin)
    worker(database, lambda _arguments, _progress: None).work_once()
    assert "Done." in client.get(address).get_data(as_text=True)


def test_a_job_of_somebody_else_is_not_there(
    client: FlaskClient, app: Flask, admin: Person, colleague: Person
) -> None:
    address = rebuild(client, admin)
    theirs = sign_in(app.test_client(), colleague)
    assert theirs.get(address).status_code == 404
    assert theirs.get(f"{address}/progress").status_code == 404
    assert address not in theirs.get("/jobs").get_data(as_text=True)


def test_notices_are_new_until_they_are_marked_as_read(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        notices.tell(
            session, [colleague.id], say("Done: %(job)s", job=jobs.TITLES["index.rebuild"])
        )
    sign_in(client, colleague)
    page = client.get("/notices").get_data(as_text=True)
    assert "Notices: one is new" in page
    assert "New:" in page
    send(client, "/notices/read")
    page = client.get("/notices").get_data(as_text=True)
    assert "New:" not in page
    assert "Done: Rebuild the search index" in page
