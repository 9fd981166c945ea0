"""What answers a research question, and where nobody looked: by role, within what each person sees."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlmodel import select

from benchmarks.search_quality import data_folder
from research_repo.cli import commands
from research_repo.core import demo, instance, people
from research_repo.core.atoms import TITLE_MAX
from research_repo.core.clock import months_after, today
from research_repo.core.db import Database
from research_repo.core.models import Atom
from research_repo.search import Search
from research_repo.search.briefing import Answered, answered
from research_repo.settings import Settings
from tests import make
from tests.search.brief_questions import DEMO, REAL
from tests.search.conftest import House

FIRST = 5
BAR = 0.9
WORDS_MIN = 6  # shorter lines of the reports only list what was looked at
REAL_SET = "reports_ssa_uef"
YEAR_AGO = today() - timedelta(days=400)


def ask(house: House, question: str, by: str = "marina", months: int = 12) -> Answered:
    house.search.catch_up()
    with house.database.reading() as session:
        return answered(house.search, session, house.people[by], question, months)


def titles(house: House, question: str, by: str = "marina") -> list[str]:
    """The claims that answer, the best first."""
    found = ask(house, question, by).claims
    with house.database.reading() as session:
        return [session.get_one(Atom, atom_id).title for atom_id in found]


def link(house: House, start: Atom, end: Atom, kind: str = "supports") -> None:
    house.do(make.link, "marina", start, end, kind)


def missed(database: Database, search: Search, asked: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The questions whose answer is not among the first claims."""
    with database.reading() as session:
        by = people.system(session)
        names = dict(session.exec(select(Atom.id, Atom.external_id)).all())

        def first(question: str) -> set[str]:
            found = answered(search, session, by, question, 12).claims[:FIRST]
            return {str(names[one]).removeprefix(demo.EXTERNAL_IDS) for one in found}

        return [question for question, known in asked.items() if not first(question) & set(known)]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Search]]:
    """The demo content, found."""
    settings = Settings(instance=tmp_path_factory.mktemp("demo"), secret_key="k" * 48)
    database = instance.open_instance(settings)
    demo.load(database)
    search = Search(database, settings.index_folder)
    search.catch_up()
    yield database, search
    database.close()


@pytest.mark.slow
def test_nine_of_ten_questions_to_the_demo_find_their_answer_among_the_first_five(
    loaded: tuple[Database, Search],
) -> None:
    assert len(DEMO) >= 30
    found = missed(*loaded, DEMO)
    assert len(found) <= (1 - BAR) * len(DEMO), found


@pytest.mark.slow
def test_nine_of_ten_questions_to_real_reports_find_their_answer_among_the_first_five(
    tmp_path: Path,
) -> None:
    if not (data_folder() / REAL_SET).is_dir():
        pytest.skip(f"{REAL_SET} is not in {data_folder()}; set RESEARCH_REPO_DATA")
    with real(tmp_path) as (database, search):
        found = missed(database, search, REAL)
        assert len(found) <= (1 - BAR) * len(REAL), found


@contextmanager
def real(folder: Path) -> Iterator[tuple[Database, Search]]:
    """Findings of real reports; the heading above each becomes its tag."""
    settings = Settings(instance=folder / "instance", secret_key="k" * 48)
    lines = (data_folder() / REAL_SET / "atoms.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if _is_finding(row)]
    file = folder / "atoms.jsonl"
    file.write_text("\n".join(json.dumps(_columns(row)) for row in rows), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESEARCH_REPO_INSTANCE", str(settings.instance))
        assert CliRunner().invoke(commands, ["import", "atoms", str(file)]).exit_code == 0
    database = instance.open_instance(settings)
    yield database, Search(database, settings.index_folder)
    database.close()


def _is_finding(row: dict[str, Any]) -> bool:
    return row["kind"] == "bullet" and len(row["text"].split()) >= WORDS_MIN


def _columns(row: dict[str, Any]) -> dict[str, str]:
    tag = re.sub("[;>:|]", " ", row["headings"][-1])
    text = row["text"][:TITLE_MAX]
    return {"external_id": row["id"], "title": text, "study": row["study"], "tags": tag}


def test_an_insight_is_found_through_the_facts_that_support_it(house: House) -> None:
    fact = house.atom("Couriers ring the wrong door twice a day")
    insight = house.atom("Addresses are written for people who know the yard", kind="insight")
    link(house, fact, insight)
    assert titles(house, "Why do couriers ring at the wrong door?") == [insight.title]


def test_a_fact_stands_under_its_insight_and_one_that_nobody_interpreted_beside_it(
    house: House,
) -> None:
    insight = house.atom("Couriers lose time at the door", kind="insight")
    against = house.atom("Couriers never wait at the door in winter")
    alone = house.atom("Couriers carry a spare key for the door")
    link(house, against, insight, "contradicts")
    assert titles(house, "What do couriers do at the door?") == [insight.title, alone.title]


def test_a_claim_that_a_newer_one_replaces_answers_no_more(house: House) -> None:
    old = house.atom("Couriers wait five minutes at the door", kind="insight")
    new = house.atom("Couriers wait ten minutes at the door", kind="insight")
    link(house, new, old, "supersedes")
    assert titles(house, "How long do couriers wait at the door?") == [new.title]


def test_who_does_not_see_a_study_gets_an_answer_without_it(house: House) -> None:
    closed = house.study("closed", title="Why parcels come back", access="members")
    house.atom("Parcels come back because of the size", study=closed)
    assert len(titles(house, "Why do parcels come back?", "marina")) == 1
    found = ask(house, "Why do parcels come back?", "olga")
    assert (found.claims, found.studies) == ((), ())


def test_studies_that_asked_something_alike_are_told_the_planned_ones_too(house: House) -> None:
    asked = ["What keeps people from returning shoes?"]
    study = house.study("shoes", title="Shoes", questions=asked, status="planned")
    house.study("hats", title="Hats")
    assert ask(house, "What keeps people from returning shoes by post?").studies == (study.id,)


def test_a_gap_is_the_topmost_narrower_tag_without_a_fact_of_the_last_months(house: House) -> None:
    area = house.tag("Checkout")
    fresh, old, never = (house.tag(name, under=area) for name in ("Payment", "Basket", "Coupons"))
    below = house.tag("Coupon field", under=never)
    house.atom("People pay by phone", tags=[fresh], observed_on=today())
    house.atom("People fill baskets", tags=[old], observed_on=YEAR_AGO)
    house.atom("What coupons mean", kind="insight", tags=[below])
    gaps = ask(house, "What happens at checkout?").gaps
    assert gaps.named == (area.id,)
    assert set(gaps.tags) == {old.id, never.id}
    assert set(ask(house, "What happens at checkout?", months=24).gaps.tags) == {never.id}


def test_a_tag_without_any_new_fact_is_a_gap_itself(house: House) -> None:
    area = house.tag("Checkout")
    house.tag("Payment", under=area)
    house.atom("People fill baskets", tags=[area], observed_on=YEAR_AGO)
    assert ask(house, "What happens at checkout?").gaps.tags == (area.id,)


def test_gaps_are_told_by_what_each_person_sees(house: House) -> None:
    area = house.tag("Checkout")
    payment = house.tag("Payment", under=area)
    other = house.tag("Basket", under=area)
    closed = house.study("closed", access="members")
    house.atom("People pay by phone", study=closed, tags=[payment], observed_on=today())
    house.atom("People fill baskets", tags=[other], observed_on=today())
    assert ask(house, "What happens at checkout?", "marina").gaps.tags == ()
    assert ask(house, "What happens at checkout?", "olga").gaps.tags == (payment.id,)
    held = house.search.held([payment.id], house.people["olga"])[payment.id]
    assert (held.facts, held.latest) == (0, None)


def test_what_lies_under_a_tag_is_told_with_the_day_of_its_newest_fact(house: House) -> None:
    area = house.tag("Checkout")
    day = months_after(today(), -20)
    house.atom("People fill baskets", tags=[area], observed_on=day)
    house.atom("What it means", kind="insight", tags=[area])
    house.search.catch_up()
    held = house.search.held([area.id], house.people["olga"])[area.id]
    assert (held.facts, held.latest) == (1, day)


@pytest.mark.parametrize(
    "question", ["", "?", "«»", "\x00", "не и в", "a" * 500, "🙂 🙂", "-x NOT *"]
)
def test_any_text_is_a_question(house: House, question: str) -> None:
    house.atom("People fill baskets")
    ask(house, question)
