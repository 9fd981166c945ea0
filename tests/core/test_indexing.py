"""The queue of stale atoms, and what the index reads of an atom and of the vocabulary."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session

from research_repo.core import atoms, import_runs, indexing, tags
from research_repo.core.indexing import Document, Standing
from research_repo.core.models import Person
from research_repo.core.pieces import Piece
from tests import make


@pytest.fixture
def empty(session: Session, researcher: Person) -> Session:
    indexing.done(session, [row.id for row in indexing.waiting(session)])
    return session


def test_a_change_waits_for_its_author_until_it_is_done(
    empty: Session, researcher: Person, reader: Person
) -> None:
    indexing.enqueue(empty, researcher, [7, 7, 8])
    rows = indexing.waiting(empty)
    assert [row.atom_id for row in rows] == [7, 8]
    assert indexing.is_waiting_for(empty, researcher.id)
    assert not indexing.is_waiting_for(empty, reader.id)
    assert indexing.newest_waiting(empty) == rows[-1].id
    indexing.done(empty, [rows[0].id])
    assert not indexing.is_waiting(empty, rows[0].id)
    assert indexing.is_waiting(empty, rows[1].id)
    assert [row.atom_id for row in indexing.waiting(empty)] == [8]


def test_nothing_to_mark_marks_nothing(empty: Session, researcher: Person) -> None:
    indexing.enqueue(empty, researcher, [])
    assert indexing.newest_waiting(empty) == 0


def test_a_row_written_while_the_index_works_is_not_lost(
    empty: Session, researcher: Person
) -> None:
    indexing.enqueue(empty, researcher, [7])
    read = indexing.waiting(empty)
    indexing.enqueue(empty, researcher, [7])
    indexing.done(empty, [row.id for row in read])
    assert [row.atom_id for row in indexing.waiting(empty)] == [7]


def test_rows_come_in_portions_the_oldest_first(empty: Session, researcher: Person) -> None:
    indexing.enqueue(empty, researcher, range(1, 1301))
    assert len(indexing.waiting(empty)) == indexing.ROWS_AT_ONCE
    every = indexing.waiting(empty, limit=2000)
    indexing.done(empty, [row.id for row in every])
    assert indexing.waiting(empty) == []


def test_an_import_waits_as_one_row_and_is_read_in_portions(
    empty: Session, researcher: Person
) -> None:
    run = import_runs.begin(empty, researcher, "f.csv")
    atoms_of_run = [make.atom(empty, researcher, f"Fact {n}") for n in range(3)]
    for atom in atoms_of_run:
        atom.import_id = run.id
    ids = [atom.id for atom in atoms_of_run]
    indexing.done(empty, indexing.all_waiting(empty))
    import_runs.complete(empty, researcher, run.id)
    assert (indexing.waiting(empty), indexing.stale(empty)) == ([], {})
    assert indexing.is_waiting_for(empty, researcher.id)
    assert indexing.coming_in(empty) == set(ids)
    read = []
    while some := indexing.incoming(empty, limit=2):
        read.append(some.atom_ids)
        indexing.came_in(empty, some)
    assert read == [ids[:2], ids[2:], []]
    assert indexing.all_waiting(empty) == []


def test_a_document_holds_what_is_searched(session: Session, researcher: Person) -> None:
    study = make.study(session, researcher)
    atom = make.atom(
        session,
        researcher,
        "Coupons expire",
        study=study,
        body="Without a warning.",
        quote="It was gone",
        who="R-1",
        observed_on=date(2025, 5, 1),
        tags=["Coupons"],
    )
    (document,) = indexing.documents(session, [atom.id, 999_999])
    (tag,) = indexing.vocabulary(session).tags[-1:]
    assert document == Document(
        atom_id=atom.id,
        kind="fact",
        study_id=study.id,
        status="published",
        author_id=researcher.id,
        date=date(2025, 5, 1),
        language="en",
        title="Coupons expire",
        body="Without a warning.",
        quotes=("It was gone",),
        tag_ids=(tag.id,),
        pieces=(
            Piece(
                ("quote", "It was gone", "r-1", "", None, "", None, None),
                ("name", study.id, "r-1"),
                is_measured=False,
            ),
        ),
    )


def test_all_atoms_are_walked_through_in_steps(session: Session, researcher: Person) -> None:
    made = [make.atom(session, researcher, f"Note {n}", kind="insight").id for n in range(5)]
    assert indexing.atom_count(session) == 5
    assert indexing.atom_ids_after(session, 0, 3) == made[:3]
    assert indexing.atom_ids_after(session, made[2], 3) == made[3:]


def test_every_verb_that_changes_what_is_searched_leaves_a_row(
    empty: Session, researcher: Person
) -> None:
    atom = make.atom(empty, researcher, "Coupons expire", kind="insight")
    assert indexing.stale(empty) == {atom.id: Standing("published", None, researcher.id)}
    for change in ("words", "status"):
        indexing.done(empty, [row.id for row in indexing.waiting(empty)])
        if change == "words":
            values = atoms.AtomValues(kind="insight", title="Coupons vanish")
            atoms.edit(empty, researcher, atom.key, atom.version, atoms.ready(values))
        else:
            atoms.set_status(empty, researcher, atom.key, atom.version, "draft")
        assert atom.id in indexing.stale(empty), change
    assert indexing.stale(empty)[atom.id] == Standing("draft", None, researcher.id)


def test_an_atom_that_is_gone_stands_nowhere(empty: Session, researcher: Person) -> None:
    indexing.enqueue(empty, researcher, [999_999])
    assert indexing.stale(empty) == {999_999: None}


def test_the_edition_rises_with_every_change_of_the_vocabulary(
    session: Session, curator: Person
) -> None:
    editions = [indexing.vocabulary_edition(session)]
    parent = make.tag(session, curator, "Delivery")
    editions.append(indexing.vocabulary_edition(session))
    child = make.tag(session, curator, "Courier", en="Courier", ru="Курьер")
    editions.append(indexing.vocabulary_edition(session))
    tags.add_parent(session, curator, child.key, parent.key)
    editions.append(indexing.vocabulary_edition(session))
    assert editions == sorted(set(editions))
    vocabulary = indexing.vocabulary(session)
    assert vocabulary.edition == editions[-1]
    assert (child.id, parent.id) in vocabulary.edges
    assert {label.text for label in vocabulary.labels if label.tag_id == child.id} == {
        "Courier",
        "Курьер",
    }


def test_studies_are_named_by_key_whatever_its_case(session: Session, researcher: Person) -> None:
    study = make.study(session, researcher, "Цены-2025")
    assert indexing.study_ids(session, ["ЦЕНЫ-2025", "none", "\x00", "\ud800"]) == {
        "ЦЕНЫ-2025": study.id
    }
