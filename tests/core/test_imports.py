"""A file of atoms comes in: only once, unseen until it is whole, every bad row told by its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, func, select

from research_repo.core import (
    access,
    atoms,
    cards,
    evidence,
    hierarchy,
    history,
    import_runs,
    imports,
    indexing,
    links,
    naming,
    participants,
    people,
    schemes,
    tagging,
    tags,
)
from research_repo.core.clock import today
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, NotAllowed, NotFound, Unavailable
from research_repo.core.import_terms import Outcome, Row, Terms
from research_repo.core.known_tags import KnownTags
from research_repo.core.models import (
    Atom,
    ChangeSet,
    Evidence,
    History,
    ImportedRow,
    ImportRun,
    Participant,
    Person,
    Study,
    Tag,
    TagLabel,
)
from research_repo.core.pace import Pace
from tests import make

Bring = Callable[..., Outcome]


@pytest.fixture
def marina(database: Database) -> Person:
    with database.saving() as session:
        return make.person(session, "Marina", "researcher")


@pytest.fixture
def bring(database: Database) -> Bring:
    """Import rows, each given by the names of its columns, as *system* unless `by` says otherwise."""

    def bring(*given: Mapping[str, Any], by: Person | None = None, **terms: Any) -> Outcome:
        with database.reading() as session:
            person = by or people.system(session)
        found = [Row(number, cells) for number, cells in enumerate(given, start=2)]
        asked = Terms(file_name="findings.csv", **{"study_key": "returns", **terms})
        return imports.run(database, person, lambda: found, asked)

    return bring


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged, outcome.refused


def told(outcome: Outcome) -> list[tuple[int, str]]:
    return [(one.row, one.column) for one in outcome.warnings]


def atom_called(session: Session, title: str) -> Atom:
    return session.exec(select(Atom).where(Atom.title == title)).one()


def everything(database: Database) -> dict[str, int]:
    nouns = (Atom, Evidence, ImportedRow, ImportRun, Study, Tag, History)
    with database.reading() as session:
        return {
            noun.__name__: session.exec(select(func.count()).select_from(noun)).one()
            for noun in nouns
        }


def test_a_source_without_a_quote_says_where_the_claim_is_from(
    database: Database, bring: Bring
) -> None:
    row = {"external_id": "7", "title": "Late", "source": "Call 3"}
    assert counts(bring(row)) == (1, 0, 0, 0)
    assert counts(bring({**row, "source": "Call 4"})) == (0, 1, 0, 0)
    with database.reading() as session:
        (origin,) = evidence.of_atom(session, atom_called(session, "Late").id)
    assert (origin.kind, origin.text, origin.source, origin.row) == (
        "origin",
        "Call 4",
        "findings.csv",
        2,
    )
    assert counts(bring({**row, "source": "Call 4", "quote": "Weeks!"})) == (0, 1, 0, 0)
    assert counts(bring({**row, "source": "Call 5"})) == (0, 0, 1, 0)
    with database.reading() as session:
        pieces = evidence.of_atom(session, atom_called(session, "Late").id)
    assert [(one.kind, one.text, one.source) for one in pieces] == [
        ("quote", "Weeks!", "Call 4"),
        ("origin", "", "findings.csv"),
    ]


def test_a_row_becomes_an_atom_with_its_study_quote_tags_and_origin(
    database: Database, bring: Bring
) -> None:
    outcome = bring(
        {
            "external_id": "7",
            "title": "Кнопку не видят",
            "body": "Ищут внизу",
            "study": "Главная",
            "observed_on": "31.03.2026",
            "tags": "Кнопка; Product area > Basket",
            "quote": "Где она?",
            "source": "P3",
        }
    )
    assert counts(outcome) == (1, 0, 0, 0)
    assert outcome.studies_created == ["Главная"]
    assert outcome.tags_created == ["Free tags > Кнопка", "Product area > Basket"]
    with database.reading() as session:
        atom = atom_called(session, "Кнопку не видят")
        study = access.study_to_read(session, people.system(session), "главная")
        assert (atom.study_id, study.status, study.title) == (study.id, "completed", "Главная")
        assert (atom.kind, atom.status, atom.language) == ("fact", "published", "ru")
        assert (atom.external_id, atom.observed_on) == ("7", date(2026, 3, 31))
        assert atom.body_html == "<p>Ищут внизу</p>"
        quote, origin = evidence.of_atom(session, atom.id)
        assert (quote.kind, quote.text, quote.source, quote.language) == (
            "quote",
            "Где она?",
            "P3",
            "ru",
        )
        assert (origin.kind, origin.source, origin.row) == ("origin", "findings.csv", 2)
        assert len(tagging.of_atoms(session, [atom.id])[atom.id]) == 2
        assert [change.verb for change in history.of(session, "atom", [atom.id])] == ["logged"]
        assert indexing.coming_in(session) == {atom.id}
        assert [one.title for one in indexing.documents(session, [atom.id])] == ["Кнопку не видят"]


def test_the_same_file_again_changes_nothing(database: Database, bring: Bring) -> None:
    rows = (
        {"external_id": "1", "title": "With an id", "tags": "Basket"},
        {"title": "Without", "body": "One"},
        {"title": "Without", "body": "One"},
    )
    assert counts(bring(*rows)) == (3, 0, 0, 0)
    before = everything(database)
    again = bring(*rows)
    assert counts(again) == (0, 0, 3, 0)
    assert again.studies_created == again.tags_created == []
    assert everything(database) == before | {"ImportRun": before["ImportRun"] + 1}


def test_what_people_changed_since_stays_until_the_file_changes(
    database: Database, bring: Bring
) -> None:
    row = {"external_id": "1", "title": "As in the file", "tags": "Basket"}
    bring(row)
    with database.saving() as session:
        by = people.system(session)
        atom = atom_called(session, "As in the file")
        changed = atoms.ready(atoms.AtomValues(title="Said better", study_key="returns"))
        atoms.edit(session, by, atom.key, atom.version, changed)
    assert counts(bring(row)) == (0, 0, 1, 0)
    assert counts(bring(row | {"title": "New in the file"})) == (0, 1, 0, 0)
    with database.reading() as session:
        assert atom_called(session, "New in the file").key == atom.key


def test_a_changed_row_changes_only_what_the_file_has_columns_for(
    database: Database, bring: Bring
) -> None:
    bring({"external_id": "1", "title": "Old", "body": "*Kept*", "tags": "Basket", "quote": "Ah"})
    assert counts(bring({"external_id": "1", "title": "New"})) == (0, 1, 0, 0)
    with database.reading() as session:
        atom = atom_called(session, "New")
        assert (atom.body, atom.body_html) == ("*Kept*", "<p><em>Kept</em></p>")
        assert len(tagging.of_atoms(session, [atom.id])[atom.id]) == 1
        assert [row.kind for row in evidence.of_atom(session, atom.id)] == ["quote", "origin"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"kind": "rumour"}, "kind"),
        ({"status": "secret"}, "status"),
        ({"language": "fr"}, "language"),
        ({"observed_on": "soon"}, "observed_on"),
        ({"observed_on": "2026-02-30"}, "observed_on"),
        ({"observed_on": (today() + timedelta(days=9)).isoformat()}, "observed_on"),
        ({"study": "no spaces here"}, "study"),
        ({"body": "x" * 100_001}, "body"),
        ({"quote": "x" * 20_001}, "quote"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"tags": "Nowhere >"}, "tags"),
        ({"tags": ";".join(map(str, range(51)))}, "tags"),
    ],
)
def test_a_bad_row_is_told_with_its_column_and_the_good_ones_come_in(
    bring: Bring, cells: dict[str, str], column: str
) -> None:
    outcome = bring({"title": "Good"}, {"title": "Bad", **cells}, {"title": "Good, too"})
    assert counts(outcome) == (2, 0, 0, 1)
    assert told(outcome) == [(3, column)]
    assert outcome.as_json("en")["warnings"][0]["reason"]


def test_a_fact_without_any_study_is_refused(bring: Bring) -> None:
    assert told(bring({"title": "Lost"}, study_key="")) == [(2, "study")]


def test_an_external_id_stands_once_in_a_study(bring: Bring) -> None:
    outcome = bring(
        {"external_id": "1", "title": "First"},
        {"external_id": "1", "title": "Second"},
        {"external_id": "1", "title": "Elsewhere", "study": "other"},
    )
    assert counts(outcome) == (2, 0, 0, 1)
    assert "Row 2" in str(outcome.warnings[0].reason)


def test_a_label_of_several_tags_is_refused_with_their_paths(
    database: Database, bring: Bring
) -> None:
    with database.saving() as session:
        system = people.system(session)
        make.tag(session, system, "Refund")
        make.tag(session, system, "Refund", scheme="finding-type")
    outcome = bring({"title": "Which", "tags": "Refund"})
    assert told(outcome) == [(2, "tags")]
    assert "Product area › Refund" in str(outcome.warnings[0].reason)
    assert counts(bring({"title": "This", "tags": "Product area > Refund"})) == (1, 0, 0, 0)


@pytest.mark.parametrize("tag", ["Nothing", "Product area > Nothing", "No group > Nothing"])
def test_unknown_tags_are_made_skipped_or_refused(
    database: Database, bring: Bring, tag: str
) -> None:
    row = {"title": "Tagged", "tags": tag}
    assert counts(refused := bring(row, unknown_tags="refuse")) == (0, 0, 0, 1)
    assert told(refused) == [(2, "tags")]
    assert counts(skipped := bring(row, unknown_tags="skip")) == (1, 0, 0, 0)
    assert told(skipped) == [(2, "tags")]
    rehearsed = bring(row, is_dry_run=True)
    assert (counts(rehearsed), len(rehearsed.tags_created)) == ((0, 1, 0, 0), 1)
    assert counts(made := bring(row)) == (0, 1, 0, 0)
    assert (told(made), len(made.tags_created)) == ([], 1)
    with database.reading() as session:
        assert len(tagging.of_atoms(session, [1])[1]) == 1


@pytest.mark.parametrize("tag", ["🧺", "re\u202efund", "re\u200bfund", "x" * 5000], ids=ascii)
def test_a_word_that_cannot_be_a_tag_is_told_with_its_row(bring: Bring, tag: str) -> None:
    outcome = bring({"title": "Tagged", "tags": tag})
    assert counts(outcome) == (0, 0, 0, 1)
    assert told(outcome) == [(2, "tags")]


def test_a_path_is_made_step_by_step_and_shared_by_rows(database: Database, bring: Bring) -> None:
    outcome = bring(
        {"title": "One", "tags": "Product area > Shop > Basket"},
        {"title": "Two", "tags": "product AREA > shop > Search"},
    )
    assert outcome.tags_created == [
        "Product area > Shop",
        "Product area > Shop > Basket",
        "Product area > Shop > Search",
    ]


def test_a_dry_run_names_the_tags_as_the_import_does(bring: Bring) -> None:
    rows = [
        {"title": "One", "tags": "Цена; Product area > Shop > Basket; цена"},
        {"title": "Two", "tags": "Product AREA > shop > Search; Nowhere > Here"},
    ]
    would_be = bring(*rows, is_dry_run=True).tags_created
    assert would_be == [
        "Free tags > Цена",
        "Product area > Shop",
        "Product area > Shop > Basket",
        "Product area > Shop > Search",
        "Nowhere > Here",
    ]
    assert bring(*rows).tags_created == would_be
    again = {"title": "Three", "tags": "Product area > Shop > Cart"}
    assert bring(again, is_dry_run=True).tags_created == ["Product area > Shop > Cart"]


def test_a_retired_tag_is_refused(database: Database, bring: Bring) -> None:
    with database.saving() as session:
        make.tag(session, people.system(session), "Fax").status = "deprecated"
    assert told(bring({"title": "Sent", "tags": "Fax"})) == [(2, "tags")]


def test_links_are_found_whatever_the_order_of_rows(database: Database, bring: Bring) -> None:
    rows = (
        {"external_id": "i", "kind": "insight", "title": "They fear", "contradicts": "e;none"},
        {"external_id": "a", "title": "Fact a", "supports": "i"},
        {"external_id": "b", "title": "Fact b", "supports": ["i", "b"]},
        {"external_id": "e", "title": "Elsewhere", "study": "other"},
    )
    outcome = bring(*rows)
    assert counts(outcome) == (4, 0, 0, 0)
    assert told(outcome) == [(2, "contradicts"), (4, "supports")]
    assert told(bring(*rows)) == [(2, "contradicts"), (4, "supports")]
    with database.reading() as session:
        by = people.system(session)
        insight = atom_called(session, "They fear")
        found = {
            (session.get_one(Atom, link.other_id).title, link.kind, link.is_outgoing)
            for link in links.of_atom(session, by, insight)
        }
    assert found == {
        ("Fact a", "supports", False),
        ("Fact b", "supports", False),
        ("Elsewhere", "contradicts", True),
    }


def test_a_file_says_what_a_claim_replaces_and_is_related_to(
    database: Database, bring: Bring
) -> None:
    bring(
        {"external_id": "new", "title": "Now", "supersedes": "old", "relates": "near; none"},
        {"external_id": "old", "title": "Then"},
        {"external_id": "near", "title": "Beside"},
    )
    with database.reading() as session:
        by = people.system(session)
        found = links.of_atom(session, by, atom_called(session, "Now"))
        assert {(session.get_one(Atom, one.other_id).title, one.kind) for one in found} == {
            ("Then", "supersedes"),
            ("Beside", "relates"),
        }


def test_an_external_id_that_several_studies_have_is_ambiguous(bring: Bring) -> None:
    bring({"external_id": "1", "title": "Here", "study": "a"})
    bring({"external_id": "1", "title": "There", "study": "b"})
    outcome = bring({"title": "New", "study": "c", "supports": "1"})
    assert told(outcome) == [(2, "supports")]
    assert "several" in str(outcome.warnings[0].reason)


def test_all_or_nothing_writes_nothing_when_a_row_is_refused(
    database: Database, bring: Bring
) -> None:
    before = everything(database)
    outcome = bring({"title": "Good", "tags": "New"}, {"title": ""}, is_all_or_nothing=True)
    assert (counts(outcome), outcome.is_written) == ((1, 0, 0, 1), False)
    assert everything(database) == before
    assert counts(bring({"title": "Good", "tags": "New"}, is_all_or_nothing=True)) == (1, 0, 0, 0)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    database: Database, bring: Bring
) -> None:
    bring({"external_id": "1", "title": "There"}, {"external_id": "2", "title": "Same"})
    before = everything(database)
    outcome = bring(
        {"external_id": "1", "title": "Changed"},
        {"external_id": "2", "title": "Same"},
        {"external_id": "3", "title": "New", "study": "new", "tags": "Free > x; Basket; basket"},
        is_dry_run=True,
    )
    assert counts(outcome) == (1, 1, 1, 0)
    assert outcome.studies_created == ["new"]
    assert everything(database) == before


def test_who_only_reads_imports_nothing_and_a_closed_study_stays_closed(
    database: Database, bring: Bring, marina: Person
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
        owner = make.person(session, "Boris", "researcher")
        make.study(session, owner, key="closed", access="members")
    with pytest.raises(NotAllowed):
        bring({"title": "No"}, by=reader)
    outcome = bring({"title": "No"}, by=marina, study_key="closed")
    assert (counts(outcome), told(outcome)) == ((0, 0, 0, 1), [(2, "study")])


def test_somebody_elses_atom_is_not_changed_by_a_file(
    database: Database, bring: Bring, marina: Person
) -> None:
    bring({"external_id": "1", "title": "Theirs"})
    for terms in ({"is_dry_run": True}, {"is_all_or_nothing": True}, {}):
        rows = ({"external_id": "1", "title": "Mine"}, {"external_id": "2", "title": "New"})
        outcome = bring(*rows, by=marina, **terms)
        assert (counts(outcome), told(outcome)) == ((1, 0, 0, 1), [(2, "external_id")])
        assert outcome.is_written == (not terms)
    with database.reading() as session:
        assert atom_called(session, "Theirs").version == 1


def test_nothing_is_seen_before_the_file_is_whole(
    database: Database, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROWS_AT_ONCE", 1)
    seen: list[tuple[int, int, int]] = []

    def look(done: int, total: int) -> None:
        with database.reading() as session:
            by = people.system(session)
            atom_ids = list(session.exec(select(Atom.id)))
            seen.append(
                (
                    len(atom_ids),
                    len(cards.of_studies(session, by)),
                    len(indexing.documents(session, atom_ids)),
                )
            )
            with pytest.raises(NotFound):
                access.atom_to_read(session, by, session.get_one(Atom, atom_ids[0]).key)

    with database.reading() as session:
        by = people.system(session)
    rows = [Row(number, {"title": f"Fact {number}"}) for number in (1, 2)]
    imports.run(database, by, lambda: rows, Terms("f.csv", "new"), look)
    assert seen == [(1, 0, 0), (2, 0, 0)]
    with database.reading() as session:
        assert len(cards.of_studies(session, by)) == 1
        assert len(indexing.documents(session, [1, 2])) == 2


def test_a_transaction_takes_fewer_rows_on_a_slow_machine_and_never_over_500() -> None:
    pace = Pace(250)
    for _ in range(10):
        pace.note(0.001)
    assert pace.rows == 500
    pace.note(0.16)
    assert pace.rows == 250
    for _ in range(10):
        pace.note(4)
    assert pace.rows == 20
    pace.note(0.01)
    assert pace.rows == 30


def test_many_changed_rows_share_a_transaction_and_one_that_is_refused_spoils_no_other(
    database: Database, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(*({"external_id": str(n), "title": f"Old {n}"} for n in range(20)))
    update = imports.update

    def refuses(*given: Any) -> Any:
        done = update(*given)
        if given[3].values.title == "New 3":
            raise Invalid({"title": "Not this one."})
        return done

    monkeypatch.setattr(imports, "update", refuses)
    saved: list[None] = []
    database.after_saving(lambda: saved.append(None))
    outcome = bring(*({"external_id": str(n), "title": f"New {n}"} for n in range(20)))
    assert (counts(outcome), told(outcome)) == ((0, 19, 0, 1), [(5, "title")])
    assert len(saved) < 15
    with database.reading() as session:
        titles = set(session.exec(select(Atom.title)))
    assert titles == {f"New {n}" for n in range(20)} - {"New 3"} | {"Old 3"}


def test_a_full_disk_leaves_nothing_behind(
    database: Database, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROWS_AT_ONCE", 1)
    before = everything(database)
    write, calls = imports.write_new, []

    def full(*given: Any) -> list[int]:
        calls.append(given)
        if len(calls) > 1:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))
        return write(*given)

    monkeypatch.setattr(imports, "write_new", full)
    with pytest.raises(Unavailable):
        bring({"title": "One", "study": "new"}, {"title": "Two"})
    assert everything(database) == before
    monkeypatch.setattr(imports, "write_new", write)
    assert counts(bring({"title": "One", "study": "new"}, {"title": "Two"})) == (2, 0, 0, 0)


def test_what_a_killed_import_left_is_cleared_by_the_next(database: Database, bring: Bring) -> None:
    with database.saving() as session:
        by = people.system(session)
        study = make.study(session, by, key="dead")
        other = make.atom(session, by, "Stands")
        atom = make.atom(session, by, "Half", study, tags=["Basket"], quote="Ah")
        make.link(session, by, atom, other)
        run_id = import_runs.begin(session, by, "dead.csv").id
        study.import_id = atom.import_id = run_id
        left = atom.id
    with database.reading() as session:
        assert indexing.documents(session, [left]) == []
    assert counts(bring({"title": "Half", "study": "dead"})) == (1, 0, 0, 0)
    with database.reading() as session:
        assert session.get(Atom, left) is None
        assert session.get(ImportRun, run_id) is None
        assert atom_called(session, "Half").import_id != run_id


def died(database: Database, monkeypatch: pytest.MonkeyPatch, bring: Bring) -> None:
    """An import that ended in its middle as by a kill: it could clear nothing away."""
    with monkeypatch.context() as patch:
        patch.setattr(import_runs, "complete", lambda *_: exit("killed"))
        patch.setattr(import_runs, "clear_broken", lambda _: 0)
        with pytest.raises(SystemExit):
            bring(
                {
                    "title": "Half",
                    "study": "dead",
                    "tags": "Plain; Product area > Shop > Basket; New group > Other; Put > Deep",
                },
                {"title": "Half, too", "tags": "Taken; Product area > Kept > Child"},
            )


def labels(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.exec(select(TagLabel.text).join(Tag).where(Tag.status == "candidate")))


def test_tags_that_a_dead_import_made_go_with_it_unless_somebody_uses_them(
    database: Database, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(database)
    died(database, monkeypatch, bring)
    made = {"Plain", "Shop", "Basket", "Other", "Deep", "Taken", "Kept", "Child"}
    assert labels(database) == made
    with database.saving() as session:
        by = people.system(session)
        make.atom(session, by, "Mine", kind="insight", tags=["Taken", "Deep"])
        child = session.exec(select(Tag).join(TagLabel).where(TagLabel.text == "Child")).one()
        tags.approve(session, by, child.key)
        edition = indexing.vocabulary_edition(session)
    assert import_runs.clear_left(database) == 1
    assert labels(database) == {"Taken", "Deep", "Kept"}
    with database.reading() as session:
        assert indexing.vocabulary_edition(session) > edition
        assert schemes.named(session, "New group") is None
        assert schemes.named(session, "Put") is not None
        assert session.exec(select(Study.key)).all() == []
    assert everything(database)["Tag"] == before["Tag"] + 4
    assert import_runs.clear_left(database) == 0


def test_tags_of_a_dead_import_that_a_proposal_names_stay(
    database: Database, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(database, monkeypatch, bring)
    with database.saving() as session:
        plain = session.exec(select(Tag).join(TagLabel).where(TagLabel.text == "Plain")).one()
        by = people.system(session)
        lines = [{"retire": plain.key}]
        session.add(ChangeSet(key="c", lines=lines, person_id=by.id))
    import_runs.clear_left(database)
    assert labels(database) == {"Plain"}


def test_a_dead_import_is_left_alone_while_another_is_at_work(
    database: Database, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(database, monkeypatch, bring)
    with import_runs.alone(database, lambda: None):
        assert import_runs.clear_left(database) == 0
    assert import_runs.clear_left(database) == 1


def test_tags_are_found_as_one_by_one_whatever_was_merged_retired_or_renamed_meanwhile(
    database: Database, bring: Bring
) -> None:
    with database.saving() as session:
        by = people.system(session)
        shop = make.tag(session, by, "Shop")
        basket = make.tag(session, by, "Basket", under=shop, also=["Cart"])
        merged = make.tag(session, by, "Trolley", under=shop)
        below = make.tag(session, by, "Wheel", under=merged)
        merged.replaced_by = basket.id
        make.tag(session, by, "Fax").status = "deprecated"
        make.tag(session, by, "Basket", scheme="finding-type")
        deep = [shop.id, basket.id, below.id]
    texts = (
        "shop",
        "Product area > Shop > Cart",
        "Product AREA > shop > Trolley",
        "product-area › Trolley › Wheel",
        "Product area > Basket > Wheel",
        "Wheel",
        "Cart",
        "Basket",
        "Fax",
        "Shop > Cart",
        "Product area > Wheel > Shop",
        "Product area > ",
        " ; ",
    )
    with database.reading() as session:
        known = KnownTags(session)
        for text in texts:
            try:
                alone = naming.find(session, text, "en")
            except Invalid:
                alone = 0
            is_retired = alone and tagging.is_retired(session, alone)
            assert (known.find(text) or 0) == (0 if is_retired else alone), text
        assert {known.find(text) for text in texts} == {None, *deep}


def test_a_tag_that_changes_during_an_import_is_read_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROWS_AT_ONCE", 1)
    with database.saving() as session:
        by = people.system(session)
        make.tag(session, by, "Shop")
    given = [
        Row(2, {"title": "One", "tags": "Shop"}),
        Row(3, {"title": "Two", "tags": "Store"}),
        Row(4, {"title": "Three", "tags": "Store; New"}),
        Row(5, {"title": "Four", "tags": "New; Product area > Newer"}),
    ]

    def rename(done: int, _total: int) -> None:
        with database.saving() as session:
            shop = session.get_one(Tag, tag_id)
            if done == 1:
                tags.change(session, by, shop.key, 1, tags.TagWords({"en": "Store"}))

    with database.reading() as session:
        (tag_id,) = session.exec(select(TagLabel.tag_id).where(TagLabel.text == "Shop"))
    outcome = imports.run(database, by, lambda: given, Terms("f.csv", "new"), rename)
    assert outcome.tags_created == ["Free tags > New", "Product area > Newer"]
    with database.reading() as session:
        ids = list(session.exec(select(Atom.id)))
        assert [len(tagging.of_atoms(session, ids).get(one, [])) for one in ids] == [1, 1, 2, 2]


def test_known_tags_cost_no_statement_each(database: Database, bring: Bring) -> None:
    with database.saving() as session:
        by = people.system(session)
        for number in range(40):
            make.tag(session, by, f"Tag {number}")
    rows = [{"title": f"Row {number}", "tags": f"Tag {number}"} for number in range(40)]
    said: list[str] = []
    event.listen(database.engine, "after_cursor_execute", lambda *given: said.append(given[2]))
    bring(*rows[:2], is_dry_run=True)
    few = len(said)
    bring(*rows, is_dry_run=True)
    assert len(said) - few <= few + 5


def test_a_value_that_only_looks_like_a_date_says_what_to_write() -> None:
    with pytest.raises(Invalid, match="2026-03-31"):
        imports.values_of({"title": "x", "observed_on": "yesterday"})


def test_a_tag_that_a_file_names_waits_for_review_and_is_in_the_vocabulary(
    database: Database, bring: Bring
) -> None:
    with database.reading() as session:
        before = indexing.vocabulary_edition(session)
    bring({"title": "x", "tags": "Новый"})
    with database.reading() as session:
        assert indexing.vocabulary_edition(session) > before
        tag = session.exec(select(Tag).where(Tag.status == "candidate")).one()
        assert hierarchy.cards(session, [tag.id], "ru")[tag.id].label == "Новый"


def test_a_respondent_is_the_participant_of_the_row_s_study_who_is_called_so(
    database: Database, bring: Bring
) -> None:
    with database.saving() as session:
        system = people.system(session)
        for key in ("returns", "other"):
            make.study(session, system, key)
            code = participants.ParticipantValues(code="R-07")
            participants.add(session, system, key, code)
    row = {"external_id": "7", "title": "Late", "quote": "Weeks!", "respondent": "r-07"}
    silent = {"external_id": "8", "title": "Later", "respondent": "R-09"}
    assert counts(bring(row, silent, {**row, "study": "other"})) == (3, 0, 0, 0)
    assert counts(bring(row, silent, {**row, "study": "other"})) == (0, 0, 3, 0)
    with database.reading() as session:
        rows = session.exec(
            select(Evidence.kind, Evidence.who, Participant.study_id, Atom.study_id)
            .join(Atom, col(Atom.id) == Evidence.atom_id)
            .join(Participant, col(Participant.id) == Evidence.participant_id, isouter=True)
            .where(Evidence.who != "")
            .order_by(col(Evidence.id))
        ).all()
    assert [(kind, who) for kind, who, _, _ in rows] == [
        ("quote", "r-07"),
        ("origin", "R-09"),
        ("quote", "r-07"),
    ]
    assert [heard_in == study for _, _, heard_in, study in rows] == [True, False, True]
    with database.reading() as session:
        first = session.exec(select(Atom.id).order_by(col(Atom.id))).first()
    assert counts(bring({**row, "respondent": "R-08"})) == (0, 1, 0, 0)
    with database.reading() as session:
        quote, _ = evidence.of_atom(session, first)
    assert (quote.who, quote.participant_id) == ("R-08", None)


def test_a_file_without_a_column_for_respondents_leaves_whoever_is_named(
    database: Database, bring: Bring
) -> None:
    row = {"external_id": "7", "title": "Late", "quote": "Weeks!", "respondent": "R-07"}
    bring(row)
    del row["respondent"]
    assert counts(bring({**row, "title": "Too late"})) == (0, 1, 0, 0)
    with database.reading() as session:
        quote, _ = evidence.of_atom(session, atom_called(session, "Too late").id)
    assert quote.who == "R-07"


def test_personal_data_in_a_file_is_told_of_and_masked_where_that_was_asked_for(
    database: Database, bring: Bring
) -> None:
    row = {
        "title": "Звонят на +7 916 123-45-67",
        "body": "Пишут на anna@example.org",
        "quote": "Мой паспорт 4509 123456",
    }
    plain = bring({**row, "external_id": "1"}, {"title": "Заказ 4111111111111111 потерян"})
    assert told(plain) == [(2, "title"), (2, "body"), (2, "quote")]
    assert "1 phone number" in str(plain.warnings[0].reason)
    hidden = bring({**row, "external_id": "2"}, is_masked=True)
    assert counts(hidden) == (1, 0, 0, 0)
    assert told(hidden) == [(2, "title"), (2, "body"), (2, "quote")]
    with database.reading() as session:
        atom = atom_called(session, "Звонят на +• ••• •••-••-••")
        quote, _ = evidence.of_atom(session, atom.id)
        assert "anna" not in atom.body + atom.body_html
        assert quote.text == "Мой паспорт •••• ••••••"
        atom_called(session, row["title"])
