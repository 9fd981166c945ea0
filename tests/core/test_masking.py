"""Personal data in what an atom says."""

from __future__ import annotations

from research_repo.core import masking
from research_repo.core.atoms import AtomValues
from research_repo.core.evidence import EvidenceValues

VALUES = AtomValues(
    title="Звонят на +7 916 123-45-67",
    body="Номер заказа 89161234567",
    evidence=[EvidenceValues(text="Мне пишут", who="anna@example.org")],
)


def test_personal_data_is_found_in_every_field_that_readers_see() -> None:
    found = masking.found_in(VALUES)
    assert {name: [one.kind for one in some] for name, some in found.items()} == {
        "title": ["phone"],
        "evidence": ["email"],
    }


def test_what_stood_there_before_is_not_asked_about_again() -> None:
    known = AtomValues(body="Раньше было тут: +7 916 123-45-67")
    assert list(masking.found_in(VALUES, known)) == ["evidence"]


def test_masking_leaves_the_rest_as_it_is() -> None:
    masked = masking.masked(VALUES)
    assert masked.title == "Звонят на +• ••• •••-••-••"
    assert masked.body == VALUES.body
    assert [(one.text, one.who) for one in masked.evidence] == [("Мне пишут", "••••@•••••••.•••")]
    assert masking.found_in(masked) == {}
