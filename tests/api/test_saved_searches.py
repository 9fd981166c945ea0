"""Saved searches by API and by command: kept as on their page, run for whoever asks."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from research_repo import cli
from research_repo.core import saved_searches
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import make
from tests.api.conftest import Program, program_of


def saved(program: Program, **sent: object) -> dict[str, object]:
    answer = program.ask("POST", "/searches", json=sent)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    told: dict[str, object] = answer.json
    return told


def test_a_search_is_kept_found_run_and_deleted(marina: Program) -> None:
    marina.post(title="Refunds take weeks", study="returns")
    marina.post(title="Couriers are late", study="returns")
    kept = saved(marina, name="Refunds", search="q=refunds&kind=fact")
    assert (kept["search"], kept["own"], kept["followed"]) == ("q=refunds&kind=fact", True, False)
    assert marina.get("/searches")["searches"] == [kept]
    assert marina.get(f"/searches/{kept['key']}") == kept
    found = marina.get(f"/searches/{kept['key']}/atoms", limit="1")
    assert [hit["title"] for hit in found["hits"]] == ["Refunds take weeks"]
    assert found["total"] == 1
    assert marina.ask("DELETE", f"/searches/{kept['key']}").status_code == 200
    assert marina.get("/searches")["searches"] == []
    assert marina.ask("GET", f"/searches/{kept['key']}").status_code == 404


def test_tags_may_be_named_by_their_path_and_unknown_ones_are_refused(
    marina: Program, admin: Program
) -> None:
    admin.post(title="Refunds take weeks", study="returns", tags=["Product area > Money back"])
    kept = saved(marina, name="Money", search="tag=Product+area+>+Money+back&q=kind:fact")
    assert str(kept["search"]).startswith("tag=")
    assert "kind=fact" in str(kept["search"])
    assert marina.get(f"/searches/{kept['key']}/atoms")["total"] == 1
    answer = marina.ask("POST", "/searches", json={"name": "x", "search": "tag=Nothing"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "tag")


def test_a_shared_search_is_followed_from_its_first_day_and_finds_for_each_their_own(
    app: Flask, database: Database, marina: Program, anna: Person
) -> None:
    with database.saving() as session:
        closed = make.study(session, anna, "closed", access="members")
        make.atom(session, anna, "Refunds are feared", closed)
        make.atom(session, anna, "Refunds are slow", kind="insight")
    app.extensions["house"].search.catch_up()
    kept = saved(program_of(app, anna), name="R", search="q=refunds", shared=True, followed=True)
    assert (kept["followed"], kept["new"]) == (True, 0)
    (seen,) = marina.get("/searches")["searches"]
    assert (seen["own"], seen["owner"], seen["followed"]) == (False, "Anna", False)
    assert marina.get(f"/searches/{kept['key']}/atoms")["total"] == 1
    assert marina.ask("DELETE", f"/searches/{kept['key']}").status_code == 403


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(settings.instance))
    monkeypatch.setenv("RESEARCH_REPO_DATABASE_URL", settings.database_url)


@pytest.mark.usefixtures("command")
def test_the_command_line_lists_and_runs_what_its_person_may_use(
    app: Flask, database: Database, anna: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.saving() as session:
        make.atom(session, anna, "Refunds are slow", kind="insight")
        make.atom(session, anna, "Refunds are late")
        pairs = [("q", "refunds"), ("kind", "insight")]
        own = saved_searches.save(session, anna, "Own", pairs)
        shared = saved_searches.save(session, anna, "Ours", pairs, is_shared=True)
    app.extensions["house"].search.catch_up()
    assert cli.run(["searches", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["searches"]
    assert [(one["key"], one["search"]) for one in listed] == [
        (shared.key, "q=refunds&kind=insight")
    ]
    assert cli.run(["searches", "--as", anna.email]) == 0
    assert own.key in capsys.readouterr().out
    assert cli.run(["search", "--saved", shared.key, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [hit["title"] for hit in found["hits"]] == ["Refunds are slow"]
    assert cli.run(["search", "late", "--saved", shared.key, "--kind", "fact", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 1
    assert cli.run(["search", "--saved", own.key]) == 1
    assert "need --as" in capsys.readouterr().err
    assert cli.run(["search"]) == 2
