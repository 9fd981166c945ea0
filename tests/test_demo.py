"""The demo content: what a newcomer is shown, and that it keeps its hands off everything else."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, func, select

from research_repo.app import create_app
from research_repo.cli import run
from research_repo.core import (
    access,
    cards,
    demo,
    instance,
    links,
    people,
    recommendations,
    tag_health,
    tags,
)
from research_repo.core.atoms import TITLE_ADVISED
from research_repo.core.clock import today
from research_repo.core.db import Database
from research_repo.core.models import (
    Atom,
    Evidence,
    History,
    Link,
    Participant,
    Person,
    Recommendation,
    Scheme,
    Source,
    Study,
    StudyMember,
    Tag,
    TagLabel,
    TagNote,
    TagParent,
    metadata,
)
from research_repo.search import Search, Wanted
from research_repo.settings import Settings
from tests import make
from tests.test_serving import Start, start
from tests.web.conftest import send, sign_in

__all__ = ["start"]

A_MONTH = timedelta(days=30.44)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A repository with the demo content: tests that write work on copies of it."""
    settings = Settings(instance=tmp_path_factory.mktemp("demo"), secret_key="k" * 48)
    database = instance.open_instance(settings)
    demo.load(database)
    Search(database, settings.index_folder).catch_up()
    yield settings
    database.close()


@pytest.fixture(scope="module")
def shown(loaded: Settings) -> Iterator[Database]:
    database = instance.open_instance(loaded)
    yield database
    database.close()


@pytest.fixture
def story(shown: Database) -> Iterator[Session]:
    with shown.reading() as session:
        yield session


@pytest.fixture
def copied(loaded: Settings, tmp_path: Path) -> Settings:
    return Settings(
        instance=shutil.copytree(loaded.instance, tmp_path / "copy"), secret_key="k" * 48
    )


@pytest.fixture
def app(copied: Settings) -> Iterator[Flask]:
    app = create_app(copied)
    yield app
    app.extensions["house"].database.close()


def external_id(session: Session, atom_id: int) -> str:
    return (session.get_one(Atom, atom_id).external_id or "").removeprefix(demo.EXTERNAL_IDS)


def answer(loaded: Settings, shown: Database, text: str) -> tuple[int, list[str]]:
    """How many atoms are found, and the first of them."""
    with shown.reading() as session:
        found = Search(shown, loaded.index_folder).find(
            Wanted(text, limit=100), people.system(session)
        )
        return found.total, [external_id(session, hit.atom_id) for hit in found.hits]


def named(session: Session, name: str) -> Atom:
    return session.exec(select(Atom).where(Atom.external_id == demo.EXTERNAL_IDS + name)).one()


def linked_to(session: Session, atom: Atom, kind: str) -> list[Atom]:
    rows = links.incoming(session, people.system(session), [atom.id])[atom.id].get(kind, [])
    return [session.get_one(Atom, atom_id) for atom_id in rows]


def counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def test_six_studies_and_their_claims_are_there(story: Session) -> None:
    tally = cards.tally(story, people.system(story))
    assert tally == {"study": 6, "fact": 78, "insight": 28, "recommendation": 14}
    russian = [atom for atom in story.exec(select(Atom)) if atom.language == "ru"]
    assert 0.65 <= len(russian) / 120 <= 0.75
    studies = {study.method: study for study in story.exec(select(Study))}
    assert studies["support tickets"].participant_count == 412
    assert studies["survey"].participant_count == 640
    assert studies["interviews"].participant_count == 10
    assert [study.method for study in studies.values() if study.access == "members"] == ["diary"]


def test_what_became_of_its_advice_is_told(story: Session) -> None:
    told = Counter(story.exec(select(Recommendation.stage)))
    assert told == {"done": 3, "accepted": 3, "in_progress": 2, "declined": 1}
    asked = named(story, "tickets-r1")
    (stage,) = recommendations.stages_of(story, [asked.id]).values()
    assert (stage.by, stage.tracker.startswith("https://")) == ("Илья Серов", True)


def test_days_count_back_from_today_over_seventeen_months(story: Session) -> None:
    starts = [study.starts_on for study in story.exec(select(Study)) if study.starts_on]
    assert 17 * A_MONTH < today() - min(starts) < 18 * A_MONTH
    observed = [day for day in story.exec(select(Atom.observed_on)) if day]
    assert len(observed) == 78
    assert today() - A_MONTH < max(observed) <= today()
    written = [moment.date() for moment in story.exec(select(Atom.created_at))]
    assert max(written) <= today()


def test_a_claim_is_one_short_sentence(story: Session) -> None:
    titles = list(story.exec(select(Atom.title)))
    assert [title for title in titles if len(title) > TITLE_ADVISED or title.endswith(".")] == []
    assert len(set(titles)) == len(titles)


def test_claims_rest_on_quotes_numbers_and_each_other(story: Session) -> None:
    pieces = list(story.exec(select(Evidence)))
    assert len([piece for piece in pieces if piece.kind == "quote" and piece.who]) >= 45
    numbers = [piece for piece in pieces if piece.kind == "number"]
    assert len(numbers) >= 20
    assert all(piece.unit and piece.n and piece.number is not None for piece in numbers)
    kinds = {link.kind for link in story.exec(select(Link))}
    assert kinds == {"supports", "contradicts", "supersedes", "relates"}
    for atom in story.exec(select(Atom).where(Atom.kind != "fact")):
        assert linked_to(story, atom, "supports"), atom.external_id


def test_eighty_tags_lie_in_eight_groups_with_synonyms_in_both_languages(story: Session) -> None:
    assert 75 <= len(list(story.exec(select(Tag.id)))) <= 90
    assert len(list(story.exec(select(Scheme.id)))) == 8
    words = set(story.exec(select(TagLabel.language).where(TagLabel.kind == "alt")))
    assert words == {"ru", "en"}


def test_money_back_lies_under_returns_and_under_payment(story: Session) -> None:
    above = select(TagLabel.text).where(
        TagLabel.language == "ru",
        TagLabel.kind == "pref",
        col(TagLabel.tag_id).in_(
            select(TagParent.parent_id)
            .join(TagLabel, col(TagLabel.tag_id) == TagParent.child_id)
            .where(TagLabel.text == "Возврат денег")
        ),
    )
    assert set(story.exec(above)) == {"Возвраты", "Оплата"}


def test_one_thing_has_three_tags_for_a_curator_to_find(story: Session) -> None:
    rows = story.exec(
        select(TagLabel.tag_id).where(col(TagLabel.text).in_(["Вход", "Авторизация", "логин"]))
    )
    assert len(set(rows)) == 3


def test_a_word_that_stands_in_no_text_finds_nine_by_its_tag(
    loaded: Settings, shown: Database, story: Session
) -> None:
    texts = [
        *story.exec(select(Atom.title)),
        *story.exec(select(Atom.body)),
        *story.exec(select(Evidence.text)),
    ]
    assert not [text for text in texts if "рефанд" in text.lower()]
    assert answer(loaded, shown, "рефанд")[0] == 9


def test_a_russian_question_finds_what_sellers_said_in_english(
    loaded: Settings, shown: Database, story: Session
) -> None:
    assert "sellers stop at the tax-ID step" in named(story, "sellers-01").title
    assert "sellers-01" in answer(loaded, shown, "регистрация продавца")[1][:10]


def test_what_a_home_page_test_found_beside_its_questions_tops_the_answer_about_returns(
    loaded: Settings, shown: Database, story: Session
) -> None:
    assert answer(loaded, shown, "условия возврата")[1][0] == "home-03"
    page = cards.of_atom(story, people.system(story), named(story, "home-03").key, "ru")
    assert page.questions == ()


def test_a_reassuring_insight_is_disputed_by_a_newer_fact(story: Session) -> None:
    insight = named(story, "tickets-i1")
    (against,) = linked_to(story, insight, "contradicts")
    assert against.kind == "fact"
    assert against.observed_on is not None
    assert against.observed_on > insight.created_at.date()


def test_one_insight_is_seventeen_months_old_and_nothing_newer_confirms_it(story: Session) -> None:
    insight = named(story, "home-i1")
    assert round((today() - insight.created_at.date()) / A_MONTH) == 17
    heard = [atom.observed_on for atom in linked_to(story, insight, "supports")]
    assert all(day and day <= insight.created_at.date() for day in heard)


def test_the_diary_does_not_exist_for_people_outside_its_team(copied: Settings) -> None:
    database = instance.open_instance(copied)
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
        keys = [study.key for study in cards.of_studies(session, reader)]
    assert len(keys) == 5
    assert "lavochka-pickup-diary" not in keys
    database.close()


def test_a_second_load_changes_nothing(copied: Settings) -> None:
    database = instance.open_instance(copied)
    with database.reading() as session:
        before = counts(session)
    assert demo.load(database) == 0
    with database.reading() as session:
        assert counts(session) == before
    database.close()


def test_what_people_changed_in_it_stays_changed(copied: Settings) -> None:
    database = instance.open_instance(copied)
    with database.saving() as session:
        system = people.system(session)
        first = session.exec(select(Link).where(Link.kind == "contradicts")).one()
        links.remove(session, system, first.id)
        named(session, "home-01").title = "Said in our own words"
    demo.load(database)
    with database.reading() as session:
        assert named(session, "home-01").title == "Said in our own words"
        assert session.exec(select(Link).where(Link.kind == "contradicts")).all() == []
    database.close()


def test_a_load_that_was_broken_off_is_completed_by_the_next(
    database: Database, story: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = links.add

    def broken(*arguments: object) -> Link:
        if len(done) == 60:
            raise KeyboardInterrupt
        done.append(arguments)
        return whole(*arguments)  # type: ignore[arg-type]

    done: list[object] = []
    monkeypatch.setattr(links, "add", broken)
    with pytest.raises(KeyboardInterrupt):
        demo.load(database)
    monkeypatch.undo()
    demo.load(database)
    with database.reading() as session:
        tables = ("atom", "link", "tag", "tag_label", "tag_parent", "evidence", "study", "person")
        now, once = counts(session), counts(story)
        assert {name: now[name] for name in tables} == {name: once[name] for name in tables}


def test_beside_a_teams_own_research_nothing_of_theirs_is_touched(database: Database) -> None:
    with database.saving() as session:
        curator = make.person(session, "Ilya", "curator")
        people.name_repository(session, people.system(session), "Bank")
        tag = make.tag(session, curator, "Возвраты", also=["рефанд"])
        atom = make.atom(session, curator, "Our own fact", tags=[tag])
        kept = (atom.version, tag.version)
        before = counts(session)["history"]
    demo.load(database)
    with database.reading() as session:
        assert instance.repository(session).title == "Bank"
        mine = session.get_one(Atom, atom.id), session.get_one(Tag, tag.id)
        assert (mine[0].version, mine[1].version) == kept
        told = session.exec(select(History.noun, History.noun_id).where(History.id > before)).all()
        assert not {("atom", atom.id), ("tag", tag.id)} & set(told)
        owners = session.exec(
            select(TagLabel.tag_id).where(col(TagLabel.text).in_(["Возвраты", "рефанд"]))
        )
        assert set(owners) == {tag.id}


def test_its_people_cannot_come_in(story: Session) -> None:
    colleagues = [person for person in story.exec(select(Person)) if not person.is_system]
    assert len(colleagues) == 4
    for person in colleagues:
        assert not person.is_active
        assert not people.proves(person, "")
        assert not access.may_log(person)
    assert story.exec(select(StudyMember)).all() == []


def test_a_newcomer_sets_up_and_is_shown_what_to_try(app: Flask) -> None:
    client: FlaskClient = app.test_client()
    assert client.get("/").headers["Location"].endswith("/set-up")
    page = client.get("/set-up").get_data(as_text=True)
    assert 'value="Лавочка"' in page
    assert "made-up research" in page
    form = {"title": "Лавочка", "name": "Vera", "email": "vera@example.org", "language": "ru"}
    assert send(client, "/set-up", **form, password=make.PASSWORD).status_code == 303
    page = client.get("/").get_data(as_text=True)
    for query in ("рефанд", "регистрация продавца", "условия возврата"):
        assert f">{query}</a>" in page
    assert client.get("/set-up").status_code == 404


def test_a_curator_is_led_to_the_tags_that_are_one_until_they_are_in_order(app: Flask) -> None:
    database: Database = app.extensions["house"].database
    with database.saving() as session:
        curator = make.person(session, "Ilya", "curator")
        researcher = make.person(session, "Marina", "researcher")
    browser = sign_in(app.test_client(), curator)
    step = "The same thing goes by three tags"
    assert step in browser.get("/").get_data(as_text=True)
    assert step not in sign_in(app.test_client(), researcher).get("/").get_data(as_text=True)
    with database.saving() as session:
        query = select(Tag).join(TagLabel).where(TagLabel.text == "логин")
        tags.approve(session, curator, session.exec(query).one().key)
    assert step not in browser.get("/").get_data(as_text=True)


def test_whoever_logged_something_is_no_newcomer(app: Flask) -> None:
    database: Database = app.extensions["house"].database
    with database.saving() as session:
        researcher = make.person(session, "Marina", "researcher")
    browser = sign_in(app.test_client(), researcher)
    assert "Three searches to try" in browser.get("/").get_data(as_text=True)
    with database.saving() as session:
        make.atom(session, researcher, "Something of my own")
    page = browser.get("/").get_data(as_text=True)
    assert "Three searches to try" not in page
    assert "What to do next" not in page


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_search_to_try_finds_something(
    loaded: Settings, shown: Database, story: Session, language: str
) -> None:
    offered = demo.tries(story, language)
    assert len(offered) == 3
    for one in offered:
        assert answer(loaded, shown, one.text)[0] > 5


def test_without_demo_content_no_search_is_offered(session: Session) -> None:
    assert demo.tries(session, "en") == []


def test_the_command_says_what_was_added_and_what_to_do_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(tmp_path))
    assert run(["demo"]) == 0
    assert "120 claims were added" in capfd.readouterr().out
    assert run(["demo"]) == 0
    assert "Nothing was changed" in capfd.readouterr().out
    assert run(["search", "рефанд", "--json"]) == 0
    assert '"total": 9' in capfd.readouterr().out


def test_its_tags_say_what_they_mean_but_for_some_that_a_curator_finds(story: Session) -> None:
    found = tag_health.undefined(tag_health.read(story, people.system(story)))
    guids = {story.get_one(Tag, one.tag_id).guid for one in found}
    assert {guid.removeprefix("research-repo:demo:") for guid in guids} == {
        *("authorisation", "login"),
        *("shelves", "storage", "first-listing"),
    }
    told = story.exec(select(TagNote).where(TagNote.kind == "definition")).all()
    assert {note.language for note in told} == {"en", "ru"}
    assert all(note.text.endswith(".") for note in told)


def test_a_server_loads_it_into_a_new_repository(start: Start, tmp_path: Path) -> None:
    server = start("--demo")
    assert server.get("/set-up") == 200
    server.process.terminate()
    server.end()
    database = instance.open_instance(Settings(instance=tmp_path / "instance"))
    with database.reading() as session:
        assert demo.is_here(session)
        assert demo.is_due(session)
    database.close()


def test_a_server_leaves_research_of_ones_own_alone(start: Start, tmp_path: Path) -> None:
    database = instance.open_instance(Settings(instance=tmp_path / "instance"))
    with database.saving() as session:
        make.study(session, people.system(session))
    database.close()
    server = start("--demo")
    assert server.get("/healthz") == 200
    server.process.terminate()
    assert "research of your own" in server.end()[1]
    database = instance.open_instance(Settings(instance=tmp_path / "instance"))
    with database.reading() as session:
        assert not demo.is_here(session)
    database.close()


def test_quotes_of_three_studies_stand_in_their_transcripts_word_for_word(story: Session) -> None:
    pairs = story.exec(
        select(Evidence, Source).join(Source, col(Source.id) == Evidence.source_id)
    ).all()
    assert len({source.study_id for _, source in pairs}) == 3
    assert len(pairs) >= 10
    for quote, source in pairs:
        assert source.text[quote.span_start : quote.span_end] == quote.text
        assert quote.participant_id


def test_everybody_who_was_quoted_with_a_code_is_a_participant_whose_consent_is_known(
    story: Session,
) -> None:
    quotes = story.exec(select(Evidence).where(col(Evidence.who).startswith("R-"))).all()
    assert all(quote.participant_id for quote in quotes)
    people_heard = story.exec(select(Participant)).all()
    assert {row.consent_until is None for row in people_heard} == {False}
    due = [row for row in people_heard if row.consent_until and row.consent_until < today()]
    assert 0 < len(due) < len(people_heard)


def test_loading_twice_brings_no_transcript_and_no_participant_again(copied: Settings) -> None:
    database = instance.open_instance(copied)
    counts = []
    for _ in range(2):
        with database.reading() as session:
            counts.append(
                [session.exec(select(func.count(noun.id))).one() for noun in (Source, Participant)]
            )
        demo.load(database)
    database.close()
    assert counts[0] == counts[1] == [3, counts[0][1]]
