"""The command line as people and schedules use it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
import pytest
from rich.console import Console
from sqlmodel import select

from research_repo.cli import commands, door, run
from research_repo.core import access, clock, instance, people, saved_searches, tokens
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import SearchMiss
from research_repo.settings import from_environment
from tests import make

KEY = "RESEARCH_REPO_"


@dataclass
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(KEY)]:
        monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(folder))
    return folder


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def call(*arguments: str) -> Answer:
        code = run(arguments)
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture
def opened(folder: Path) -> Iterator[Database]:
    database = instance.open_instance(from_environment())
    yield database
    database.close()


@pytest.fixture
def filled(opened: Database) -> Database:
    with opened.saving() as session:
        marina = make.person(session, "Marina", "researcher")
        make.person(session, "Olga", "reader")
        ilya = make.person(session, "Ilya", "curator")
        basket = make.tag(session, ilya, "Корзина", en="Basket")
        delivery = make.tag(session, ilya, "Доставка", en="Delivery", under=basket)
        closed = make.study(session, marina, "secret", "Pay", access="members")
        make.atom(session, marina, "Люди не видят срок доставки", tags=[delivery])
        make.atom(session, marina, "Price is seen first", tags=[basket])
        make.atom(session, marina, "Secret delivery price", study=closed)
    return opened


def every_command(group: click.Group = commands, path: tuple[str, ...] = ()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield pytest.param((*path, name), command, id=" ".join((*path, name)))


@pytest.mark.parametrize(("path", "command"), list(every_command()))
def test_help_of_every_command_says_what_it_does_and_shows_an_example(call, path, command):
    answer = call(*path, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert command.help
    assert "Example: " in answer.out
    assert f"research-repo {' '.join(path)}" in answer.out
    assert all(option.help or option.show_default for option in options_of(command))


def options_of(command: click.Command) -> list[click.Option]:
    documented = [option for option in command.params if isinstance(option, click.Option)]
    return [option for option in documented if not isinstance(option.type, click.Choice)]


def test_help_needs_no_instance_and_makes_none(call, folder, monkeypatch):
    monkeypatch.setenv("RESEARCH_REPO_LANGUAGE", "xx")
    assert call("people", "add", "--help").code == 0
    assert not folder.exists()


def test_a_new_person_gets_a_one_time_password_alone_on_stdout(call, opened):
    answer = call("people", "add", "Anna@example.org", "--name", "Anna", "--role", "curator")
    assert (answer.code, answer.err) == (0, "")
    with opened.reading() as session:
        anna = people.by_email(session, "anna@example.org")
        assert people.proves(anna, answer.out.removesuffix("\n"))
        assert anna.must_change_password
        assert access.may_govern(anna)


def test_a_password_may_come_from_stdin(call, opened, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long enough sentence\n"))
    add = ("people", "add", "anna@example.org", "--name", "Anna", "--role", "reader")
    answer = call(*add, "--password-stdin")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    with opened.reading() as session:
        anna = people.by_email(session, "anna@example.org")
        assert people.proves(anna, "a long enough sentence")
        assert not anna.must_change_password


def test_a_short_password_is_refused_with_advice(call, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    add = ("people", "add", "anna@example.org", "--name", "Anna", "--role", "reader")
    answer = call(*add, "--password-stdin")
    assert (answer.code, answer.out) == (1, "")
    assert "at least 12" in answer.err


def test_an_email_that_is_here_is_refused_and_changes_nothing(call, filled):
    answer = call("people", "add", "marina@example.org", "--name", "Other", "--role", "admin")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "marina@example.org is already here. Nothing was changed.\n"
    with filled.reading() as session:
        assert people.by_email(session, "marina@example.org").name == "Marina"


def test_a_token_is_alone_on_stdout_and_works_at_once(call, filled):
    answer = call("token", "add", "marina@example.org", "--name", "nightly")
    assert (answer.code, answer.err) == (0, "")
    with filled.reading() as session:
        assert tokens.owner(session, answer.out.removesuffix("\n")).name == "Marina"


def test_a_token_never_expires_unless_days_are_given(call, filled):
    add = ("token", "add", "marina@example.org", "--name", "nightly")
    assert call(*add).code == 0
    answer = call(*add, "--days", "30")
    assert (answer.code, answer.err) == (0, "")
    with filled.reading() as session:
        marina = people.by_email(session, "marina@example.org")
        ends, never = (token.expires_at for token in tokens.listed(session, marina))
    assert never is None
    assert timedelta(days=29) < ends - clock.now() <= timedelta(days=30)


@pytest.mark.parametrize("days", ["0", "-3", "3651", "soon", "1.5"])
def test_days_that_make_no_sense_are_refused(call, filled, days):
    answer = call("token", "add", "marina@example.org", "--name", "nightly", "--days", days)
    assert (answer.code, answer.out) == (2, "")
    assert "--days" in answer.err


@pytest.mark.parametrize("email", ["nobody@example.org", "system"])
def test_a_token_for_nobody_is_refused(call, filled, email):
    answer = call("token", "add", email, "--name", "nightly")
    assert (answer.code, answer.out) == (1, "")
    assert "research-repo people add" in answer.err


def test_a_study_starts_with_its_questions(call, opened):
    answer = call(
        *("study", "add", "returns-2026", "--title", "Why parcels come back"),
        *("--method", "interviews", "--question", "Who?", "--question", "Why?"),
    )
    assert (answer.code, answer.out, answer.err) == (0, "returns-2026\n", "")
    with opened.reading() as session:
        study = access.study_to_read(session, people.system(session), "returns-2026")
        assert (study.title, study.method) == ("Why parcels come back", "interviews")


def test_a_study_key_that_exists_is_refused(call, filled):
    answer = call("study", "add", "SECRET", "--title", "Another")
    assert (answer.code, answer.out) == (1, "")
    assert "SECRET" in answer.err


def test_search_is_narrowed_by_options_and_by_what_is_typed(call, filled):
    def titles(*asked):
        answer = call("search", *asked, "--json")
        assert answer.code == 0, answer.err
        return {hit["title"] for hit in json.loads(answer.out)["hits"]}

    everything = titles("")
    russian = titles("", "--lang", "ru")
    assert russian
    assert russian < everything
    assert titles("язык:русский") == russian
    assert titles(" -lang:ru") == titles("", "--not", "lang:ru") == everything - russian
    assert set() < titles("", "--exact", "Delivery") < titles("", "--tag", "Basket")
    assert titles("", "--after", "2100") == titles("", "--kind", "insight") == set()
    assert titles("", "--before", "2100-01", "--match", "all", "--sort", "date") == everything


def test_a_filter_that_names_nothing_is_told(call, filled):
    refused = call("search", "", "--by", "Nobody")
    assert refused.code != 0
    assert "Nobody" in refused.err
    told = call("search", "tag:nowhere")
    assert told.code == 0
    assert "It was searched as words." in told.err


def test_a_person_who_is_named_acts_with_their_own_rights(call, filled):
    made = call("study", "add", "own", "--title", "Mine", "--as", "marina@example.org")
    assert made.code == 0
    with filled.reading() as session:
        marina = people.by_email(session, "marina@example.org")
        assert access.study_to_read(session, marina, "own").owner_id == marina.id
    refused = call("study", "add", "not-mine", "--title", "No", "--as", "olga@example.org")
    assert refused.code == 1
    assert "administrator" in refused.err


def missing(database):
    with database.reading() as session:
        return sorted(session.exec(select(SearchMiss.text)))


def test_words_that_a_command_does_not_find_come_to_the_curators_without_a_server(call, filled):
    for asked in (["giraffes"], ["okapi", "--json"], ["zebras", "--kind", "fact"], ["seen"]):
        assert call("search", *asked).code == 0
    assert missing(filled) == ["giraffes", "okapi", "seen"]


def test_words_of_a_closed_study_that_a_command_searches_are_not_noted(call, filled):
    with filled.saving() as session:
        marina = people.by_email(session, "marina@example.org")
        make.study(session, marina, "merger", "Zebrafish merger", access="members")
    for asked in (["zebrafish"], ["zebrafish merger", "--as", "olga@example.org"], ["secret"]):
        assert call("search", *asked).code == 0
    assert missing(filled) == []


def test_a_saved_search_that_a_schedule_runs_is_not_noted(call, filled):
    with filled.saving() as session:
        marina = people.by_email(session, "marina@example.org")
        kept = saved_searches.save(session, marina, "Mine", [("q", "giraffes")], is_shared=False)
    assert call("search", "--saved", kept.key, "--as", "marina@example.org").code == 0
    assert missing(filled) == []


def test_a_search_is_answered_when_its_words_cannot_be_noted(call, filled, monkeypatch):
    def fail(*_args, **_more):
        raise Unavailable(say("The disk is full."))

    monkeypatch.setattr("research_repo.core.misses.note", fail)
    answer = call("search", "giraffes", "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["total"] == 0


def test_search_answers_with_one_object(call, filled):
    answer = call("search", "доставка", "--json")
    assert (answer.code, answer.err) == (0, "")
    found = json.loads(answer.out)
    assert set(found) == {
        "total", "totals", "hits", "facets", "counts", "corrections", "studies", "told",
    }  # fmt: skip
    assert found["total"] == found["totals"]["any"] == len(found["hits"])
    hit = next(hit for hit in found["hits"] if hit["title"] == "Люди не видят срок доставки")
    assert hit["kind"] == "fact"
    assert hit["study"] == make.DEFAULT_STUDY
    assert hit["score"] > 0
    assert {reason["text"] for reason in hit["why"]}
    assert [(tag["label"], tag["via"]) for tag in hit["tags"]] == [
        ("Delivery", "asserted"),
        ("Basket", "inherited"),
    ]
    assert hit["tags"][0]["path"] == "Product area > Basket > Delivery"
    assert {facet["label"]: facet["count"] for facet in found["facets"]}["Basket"] >= 1


@pytest.mark.parametrize("name", ["Корзина", "product area > basket", "Basket"])
def test_search_by_a_parent_tag_finds_what_lies_under_it(call, filled, name):
    answer = call("search", "", "--tag", name, "--json")
    titles = {hit["title"] for hit in json.loads(answer.out)["hits"]}
    assert titles == {"Люди не видят срок доставки", "Price is seen first"}


def test_search_takes_the_keys_that_it_gives(call, filled):
    found = json.loads(call("search", "price", "--json").out)
    key = found["facets"][0]["key"]
    assert json.loads(call("search", "", "--tag", key, "--json").out)["total"] >= 1


def test_search_for_a_person_sees_what_they_see(call, filled):
    whole = json.loads(call("search", "secret", "--json").out)
    assert whole["total"] == 1
    seen = call("search", "secret", "--json", "--as", "olga@example.org")
    assert json.loads(seen.out)["total"] == 0
    hidden = call("search", "secret", "--study", "secret", "--as", "olga@example.org")
    unknown = call("search", "secret", "--study", "unknown", "--as", "olga@example.org")
    assert hidden.code == unknown.code == 1
    assert hidden.err == unknown.err.replace("unknown", "secret")


def test_search_for_people_shows_key_kind_study_title_and_tags(call, filled):
    answer = call("search", "price seen first")
    assert answer.code == 0
    first, tags = answer.out.splitlines()[:2]
    assert "fact  returns  Price is seen first" in first
    assert tags.strip() == "Product area > Basket"


def test_search_by_an_unknown_tag_says_so(call, filled):
    answer = call("search", "x", "--tag", "Nowhere")
    assert (answer.code, answer.out) == (1, "")
    assert "Nowhere" in answer.err


def test_a_tag_that_a_person_may_not_know_is_unknown_on_the_command_line(call, filled):
    with filled.saving() as session:
        marina = people.by_email(session, "marina@example.org")
        hidden = make.candidate(session, marina, "Hidden plan").key
    reader = ("--as", "olga@example.org")
    by_key = call("search", "", "--tag", hidden, *reader)
    by_label = call("search", "", "--tag", "Hidden plan", *reader)
    unknown = call("search", "", "--tag", "Nowhere", *reader)
    assert by_key.code == by_label.code == unknown.code == 1
    assert by_key.err.replace(hidden, "Nowhere") == unknown.err
    assert by_label.err.replace("Hidden plan", "Nowhere") == unknown.err
    assert call("search", "", "--tag", hidden).code == 0


@pytest.mark.parametrize("query", ["((((", "NOT NOT a", "x" * 10_000, "🙂", "\u202e", "*", '"'])
def test_search_refuses_no_text(call, filled, query):
    answer = call("search", query, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out)["total"] >= 0


def test_the_command_line_speaks_the_language_of_the_instance(call, filled, monkeypatch):
    monkeypatch.setenv("RESEARCH_REPO_LANGUAGE", "ru")
    answer = call("search", "price", "--tag", "Корзина")
    assert "Область продукта > Корзина" in answer.out


def test_long_work_shows_a_bar_on_a_terminal_alone(monkeypatch):
    def shown(is_terminal: bool, patience: float) -> str:
        screen = io.StringIO()
        monkeypatch.setattr(door, "PATIENCE_SECONDS", patience)
        monkeypatch.setattr(
            door, "Console", lambda stderr: Console(file=screen, force_terminal=is_terminal)
        )
        with door.progress(say("Rebuild")) as advance:
            advance(1, 2)
        return screen.getvalue()

    assert "Rebuild" in shown(is_terminal=True, patience=0)
    assert shown(is_terminal=True, patience=60) == ""
    assert shown(is_terminal=False, patience=0) == ""


def test_the_index_is_built_anew_and_agrees_with_the_database(call, filled):
    assert call("index", "rebuild").code == 0
    answer = call("index", "check", "--json")
    assert (answer.code, json.loads(answer.out)) == (0, {"differences": []})
    assert call("index", "check").out == "The index agrees with the database.\n"


def test_an_index_that_differs_is_reported(call, filled, folder):
    call("index", "rebuild")
    with filled.saving() as session:
        session.connection().exec_driver_sql("UPDATE atom SET title = 'Changed' WHERE id = 1")
    answer = call("index", "check")
    assert (answer.code, answer.out) == (1, "")
    assert "research-repo index rebuild" in answer.err
    found = json.loads(call("index", "check", "--json").out)
    assert found == {"differences": [{"atom": 1, "kind": "stale"}]}


def test_a_backup_is_restored_into_an_empty_folder_and_is_found(
    call, filled, tmp_path, monkeypatch
):
    file = tmp_path / "backup.zip"
    made = call("backup", str(file))
    assert (made.code, made.err) == (0, "")
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(tmp_path / "other"))
    assert call("restore", str(file)).code == 0
    found = json.loads(call("search", "доставки", "--json").out)
    assert "Люди не видят срок доставки" in {hit["title"] for hit in found["hits"]}
    again = call("restore", str(file))
    assert (again.code, again.out) == (1, "")
    assert "not empty" in again.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("people", "add"),
        ("people", "add", "anna@example.org", "--name", "Anna", "--role", "queen"),
        ("search", "x", "--limit", "0"),
        ("search", "x", "--nonsense"),
        ("serve", "--port", "99999"),
    ],
)
def test_a_mistyped_command_is_one_sentence_that_names_the_help(call, folder, arguments):
    answer = call(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "--help" in answer.err
    assert not folder.exists()


@pytest.mark.parametrize("arguments", [("people",), ("index",), ()])
def test_half_a_command_shows_its_help(call, arguments):
    answer = call(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "Commands:" in answer.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LANGUAGE", "xx"),
        ("PORT", "many"),
        ("TIME_ZONE", "Mars/Base"),
        ("INSTANCE", "/dev/null/x"),
        ("TRUSTED_PROXY", "my-proxy"),
        ("FILE_MB", "0"),
        ("SOURCE_CHARACTERS", "all"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(call, monkeypatch, name, value):
    monkeypatch.setenv(KEY + name, value)
    answer = call("index", "check")
    assert (answer.code, answer.out) == (2, "")
    assert KEY + name in answer.err
    assert "Traceback" not in answer.err


def test_a_damaged_database_says_how_to_restore(call, filled, folder):
    filled.close()
    for path in folder.glob("repository.sqlite3*"):
        path.unlink()
    (folder / "repository.sqlite3").write_bytes(b"SQLite format 3\0" + os.urandom(8_000))
    answer = call("index", "check")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "restore" in answer.err


def test_a_fault_of_ours_is_one_sentence_without_a_traceback(call, opened, monkeypatch):
    def broken(*_arguments: object) -> None:
        raise KeyError("something")

    monkeypatch.setattr(people, "add", broken)
    answer = call("people", "add", "anna@example.org", "--name", "Anna", "--role", "reader")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Something broke on our side (KeyError: 'something').")
    assert answer.err.count("\n") == 1


def test_a_reader_who_left_is_no_fault(filled):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "research_repo", "search", ""]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert ended.stderr == ""
