"""Evidence: what the columns of a file or a program say, and what nobody's form takes away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from research_repo.core import atoms, evidence
from research_repo.core.atoms import AtomValues
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Person
from tests import make

WORDS = st.sampled_from(["", "Call 3", "«Ждала»"])
PIECES = st.lists(
    st.builds(EvidenceValues, kind=st.sampled_from(["quote", "number"]), text=st.just("said")),
    max_size=3,
)


@given(quote=WORDS, source=WORDS, standing=PIECES)
def test_two_columns_come_back_as_they_were_given(
    quote: str, source: str, standing: list[EvidenceValues]
) -> None:
    first = next((piece for piece in standing if piece.kind == "quote"), None)
    others = [piece for piece in standing if piece is not first]
    made = evidence.of_columns(quote, source, standing)
    assert [piece for piece in made if piece in others] == others
    assert not any(piece.is_empty() for piece in made)
    if quote or not any(piece.kind == "quote" for piece in others):
        assert evidence.columns_of(made) == (quote, source)


@pytest.mark.parametrize(
    ("quote", "source", "told"),
    [
        ("", "", []),
        ("It was late", "", [("quote", "It was late", "")]),
        ("It was late", "Call 3", [("quote", "It was late", "Call 3")]),
        ("", "Call 3", [("origin", "Call 3", "")]),
    ],
)
def test_a_source_without_words_says_where_a_claim_is_from(
    quote: str, source: str, told: list[tuple[str, str, str]]
) -> None:
    made = evidence.of_columns(quote, source)
    assert [(piece.kind, piece.text, piece.source) for piece in made] == told


def test_where_a_claim_is_from_outlives_a_page_that_does_not_show_it(
    session: Session, researcher: Person
) -> None:
    pieces = evidence.of_columns("", "Call 3")
    atom = make.atom(session, researcher, "Late", kind="insight", evidence=pieces)
    typed = AtomValues(kind="insight", title="Too late", evidence=[EvidenceValues(text="Weeks!")])
    atoms.edit(session, researcher, atom.key, 1, atoms.ready(typed))
    kept = [(row.kind, row.text) for row in evidence.of_atom(session, atom.id)]
    assert sorted(kept) == [("origin", "Call 3"), ("quote", "Weeks!")]


def test_a_form_that_names_it_cannot_make_it_a_quote(session: Session, researcher: Person) -> None:
    pieces = evidence.of_columns("", "Call 3")
    atom = make.atom(session, researcher, "Late", kind="insight", evidence=pieces)
    (origin,) = evidence.of_atom(session, atom.id)
    evidence.write(session, atom.id, [EvidenceValues(text="Weeks!", id=origin.id)])
    kept = [(row.kind, row.text) for row in evidence.of_atom(session, atom.id)]
    assert sorted(kept) == [("origin", "Call 3"), ("quote", "Weeks!")]
