"""Followed searches: asked again when something changed, each as its person, through kills and waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from research_repo.core import changes, follows, notices, people, saved_searches, studies
from research_repo.core.change_lines import Merge
from research_repo.core.db import Database
from research_repo.core.models import Follow, Person
from research_repo.following import Following
from research_repo.search import Search
from research_repo.search.keeping import followed
from research_repo.settings import Settings
from research_repo.worker import Worker
from tests import make


class Killed(BaseException):
    """Ends the work as a kill would."""


class House:
    """A repository with Marina, who writes, and Olga, who follows."""

    def __init__(self, database: Database, search: Search) -> None:
        self.database, self.search = database, search
        self.following = Following(database, search)
        with database.saving() as session:
            self.marina = make.person(session, "Marina", "researcher")
            self.olga = make.person(session, "Olga", "reader")
            self.ilya = make.person(session, "Ilya", "curator")

    def write(self, title: str, **values: object) -> None:
        with self.database.saving() as session:
            make.atom(session, self.marina, title, **values)  # type: ignore[arg-type]
        self.search.catch_up()

    def follow(self, name: str, *pairs: tuple[str, str], by: Person | None = None) -> str:
        by = by or self.olga
        ids = self.search.ids(followed(pairs), by, follows.HITS_MAX + 1)
        with self.database.saving() as session:
            saved = saved_searches.save(session, by, name, pairs)
            follows.follow(session, by, saved.key, ids)
            return saved.key

    def told(self) -> list[str]:
        with self.database.reading() as session:
            return [
                str(one.message)
                for one in reversed(notices.listed(session, self.olga))
                if one.address.startswith("/searches")
            ]


@pytest.fixture
def house(database: Database, settings: Settings) -> Iterator[House]:
    search = Search(database, settings.index_folder)
    house = House(database, search)
    house.write("Refunds take two weeks")
    yield house
    search.stop()


def test_who_follows_is_told_of_what_comes_after(house: House) -> None:
    house.follow("Refunds", ("q", "refunds"))
    house.following.look()
    assert house.told() == []
    house.write("Refunds are feared")
    house.write("Refunds come by post")
    house.write("Couriers are late")
    house.following.look()
    house.following.look()
    assert house.told() == ["2 new in “Refunds”"]


def test_all_words_must_match_in_what_is_followed(house: House) -> None:
    house.follow("Slow refunds", ("q", "refunds slow"), ("match", "any"))
    house.write("Refunds are feared")
    house.write("Refunds are slow")
    house.following.look()
    assert house.told() == ["1 new in “Slow refunds”"]


def test_what_others_keep_to_themselves_is_not_told(house: House) -> None:
    with house.database.saving() as session:
        closed = make.study(session, house.marina, "closed", access="members")
    house.follow("Refunds", ("q", "refunds"))
    house.write("Refunds are feared", study=closed)
    house.following.look()
    assert house.told() == []
    with house.database.saving() as session:
        studies.add_member(session, house.marina, "closed", house.olga.email, may_edit=False)
    house.following.look()
    assert house.told() == ["1 new in “Refunds”"]
    with house.database.saving() as session:
        studies.remove_member(session, house.marina, "closed", house.olga.id)
    house.write("Refunds are odd", study=closed)
    house.following.look()
    assert len(house.told()) == 1


def test_a_tag_merged_since_is_followed_under_its_new_name(house: House) -> None:
    with house.database.saving() as session:
        old, new = (make.tag(session, house.ilya, text) for text in ("Fees", "Costs"))
    house.follow("Fees", ("tag", old.key))
    with house.database.saving() as session:
        changes.apply_at_once(session, house.ilya, [Merge(old.key, new.key)])
    house.write("It costs too much", tags=[new])
    house.following.look()
    assert house.told() == ["1 new in “Fees”"]


def test_nothing_is_asked_while_nothing_changed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.follow("Refunds", ("q", "refunds"))
    house.following.look()

    def ids(*_: object) -> list[int]:
        raise AssertionError

    monkeypatch.setattr(house.search, "ids", ids)
    house.following.look()


def test_what_waits_for_the_index_is_not_passed_over(house: House) -> None:
    house.follow("Refunds", ("q", "refunds"))
    with house.database.saving() as session:
        make.atom(session, house.marina, "Refunds are feared")
    house.following.look()
    assert house.told() == []
    house.search.catch_up()
    house.following.look()
    assert house.told() == ["1 new in “Refunds”"]


def test_people_who_left_are_told_when_they_are_back(house: House) -> None:
    house.follow("Refunds", ("q", "refunds"))
    for is_active, told in ((False, []), (True, ["1 new in “Refunds”"])):
        with house.database.saving() as session:
            system = people.system(session)
            people.change(session, system, house.olga.id, "Olga", "reader", is_active)
        if not is_active:
            house.write("Refunds are feared")
        house.following.look()
        assert house.told() == told


@pytest.mark.parametrize("step", ["ids", "tell", "commit"])
def test_a_kill_in_the_middle_tells_nothing_twice_and_loses_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    house.follow("Refunds", ("q", "refunds"))
    house.follow("Post", ("q", "post"))
    house.write("Refunds come by post")

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if step == "ids":
            patch.setattr(house.search, "ids", killed)
        elif step == "tell":
            patch.setattr(notices, "tell", killed)
        else:
            patch.setattr("sqlalchemy.orm.Session.commit", killed)
        with pytest.raises(Killed):
            house.following.look()
    assert house.told() == []
    Following(house.database, house.search).look()
    Following(house.database, house.search).look()
    assert sorted(house.told()) == ["1 new in “Post”", "1 new in “Refunds”"]


def test_one_search_that_fails_keeps_nothing_from_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house.follow("Odd", ("q", "odd"))
    house.follow("Refunds", ("q", "refunds"))
    house.write("Refunds are odd")
    ask = house.search.ids

    def ids(wanted, by, limit):  # type: ignore[no-untyped-def]
        if wanted.text == "odd":
            raise ValueError
        return ask(wanted, by, limit)

    monkeypatch.setattr(house.search, "ids", ids)
    house.following.look()
    assert house.told() == ["1 new in “Refunds”"]
    assert "could not be looked at" in caplog.text


def test_while_there_is_no_index_nobody_takes_silence_for_news(
    house: House, database: Database, settings: Settings
) -> None:
    house.follow("Refunds", ("q", "refunds"))
    house.write("Refunds are odd")
    empty = Search(database, settings.instance / "another-index")
    waiting = Following(database, empty)
    waiting.look()
    with database.reading() as session:
        (kept,) = session.exec(select(Follow)).all()
        assert len(kept.found) == 1
    assert house.told() == []
    empty.catch_up()
    waiting.look()
    assert house.told() == ["1 new in “Refunds”"]


def test_the_worker_looks_each_minute_also_when_a_look_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, moment = [], [0.0]
    monkeypatch.setattr("research_repo.worker.time.monotonic", lambda: moment[0])

    def look() -> None:
        looked.append(moment[0])
        if len(looked) == 2:
            raise ValueError("odd")

    worker = Worker(house.database, {}, look)
    for moment[0] in (1000.0, 1001.0, 1030.0):
        worker.look_around()
    moment[0] = 1061.0
    with pytest.raises(ValueError, match="odd"):
        worker.look_around()
    for moment[0] in (1062.0, 1122.0):
        worker.look_around()
    assert looked == [1000.0, 1061.0, 1122.0]
