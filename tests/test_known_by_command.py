"""What is known about a question, by command; and a planned study that is begun by one."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlmodel import select

from research_repo.cli import commands, run
from research_repo.core import briefs, people
from research_repo.core.db import Database
from research_repo.core.models import Brief, Study
from research_repo.settings import Settings
from tests import make

QUESTION = "Why do couriers lose time at the door?"


@pytest.fixture(autouse=True)
def here(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(settings.instance))
    monkeypatch.setenv("RESEARCH_REPO_DATABASE_URL", settings.database_url)
    with database.saving() as session:
        by = people.system(session)
        fact = make.atom(session, by, "They ring twice")
        insight = make.atom(session, by, "Couriers lose time at the door", kind="insight")
        make.link(session, by, fact, insight)


def test_the_answer_is_told_and_kept(database: Database) -> None:
    done = CliRunner().invoke(commands, ["known", QUESTION, "--save"])
    assert "We know little about this." in done.output
    assert "1. Couriers lose time at the door" in done.output
    with database.reading() as session:
        brief = session.get_one(Brief, 1)
    assert (brief.question, f"Saved as {brief.key}." in done.output) == (QUESTION, True)


def test_as_json_it_is_one_object() -> None:
    done = CliRunner().invoke(commands, ["known", QUESTION, "--months", "3", "--json"])
    told = json.loads(done.output)
    assert (told["question"], told["key"], told["months"]) == (QUESTION, None, 3)
    assert told["claims"][0]["supporting"][0]["title"] == "They ring twice"


def test_a_question_without_words_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["known", "  "]) == 1
    assert "Write the question" in capsys.readouterr().err


def test_a_planned_study_wants_a_brief_or_a_reason_and_a_running_one_nothing(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = ["study", "add", "doors", "--title", "Doors", "--status", "planned"]
    assert run(planned) == 1
    assert "Look at what is known first" in capsys.readouterr().err
    assert run([*planned, "--brief", "zzzzzz"]) == 1
    assert run([*planned, "--why", "The law asks for it"]) == 0
    assert run(["study", "add", "now", "--title", "Now"]) == 0
    with database.saving() as session:
        key = briefs.save(session, people.system(session), QUESTION, briefs.Content()).key
    other = ["study", "add", "other", "--title", "Other", "--status", "planned", "--brief", key]
    assert run(other) == 0
    with database.reading() as session:
        found = {one.key: one for one in session.exec(select(Study))}
        assert session.get_one(Brief, 1).study_id == found["other"].id
        assert found["doors"].started_why == "The law asks for it"
