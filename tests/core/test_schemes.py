"""Tag groups: a key and labels that nobody else has."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from research_repo.core import schemes, tagging
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.models import Person
from tests import make


def test_a_group_gets_a_key_from_its_label(session: Session, curator: Person) -> None:
    assert make.scheme(session, curator, "Devices & screens").key == "devices-screens"
    assert make.scheme(session, curator, "Ёмкости").key == "емкости"


@pytest.mark.parametrize("text", ["Severity", "SEVERITY", "серьезность", "Серьёзность", "severity"])
def test_a_group_is_named_by_key_or_any_label_in_any_case(session: Session, text: str) -> None:
    found = schemes.named(session, text)
    assert found is not None
    assert found.key == "severity"


@pytest.mark.parametrize("label", ["  серьезность ", "severity", "Product-Area"])
def test_a_label_that_another_group_has_is_refused(
    session: Session, curator: Person, label: str
) -> None:
    with pytest.raises(Invalid, match="already"):
        make.scheme(session, curator, label)


@pytest.mark.parametrize("label", ["", "   ", "a > b", "a; b", "a|b", "x" * 101, "!!!"])
def test_a_label_that_cannot_be_one_is_refused(
    session: Session, curator: Person, label: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make.scheme(session, curator, label)
    assert list(refused.value.problems) == ["labels"]


def test_a_language_outside_the_list_is_refused(session: Session, curator: Person) -> None:
    with pytest.raises(Invalid):
        schemes.add(session, curator, {"de": "Geräte"})


def test_a_renamed_group_keeps_its_key_and_may_keep_its_label(
    session: Session, curator: Person
) -> None:
    scheme = make.scheme(session, curator, "Devices")
    schemes.rename(session, curator, "devices", {"en": "Devices", "ru": "Устройства"})
    assert schemes.named(session, "устройства") == scheme
    schemes.rename(session, curator, "devices", {"ru": "Экраны"})
    assert schemes.named(session, "Устройства") is None
    assert schemes.get(session, "devices") == scheme


@pytest.mark.parametrize("role", ["reader", "researcher"])
def test_only_curators_keep_the_groups(session: Session, role: str) -> None:
    by = make.person(session, "Anna", role)
    with pytest.raises(NotAllowed):
        make.scheme(session, by, "Devices")
    with pytest.raises(NotAllowed):
        schemes.rename(session, by, "severity", {"en": "Weight"})


def test_an_unknown_group_is_not_found(session: Session, curator: Person) -> None:
    with pytest.raises(NotFound):
        schemes.get(session, "nothing")
    with pytest.raises(NotFound):
        make.tag(session, curator, "Checkout", scheme="nothing")


def test_groups_are_listed_in_their_order_in_the_readers_language(session: Session) -> None:
    labels = [card.label for card in schemes.listed(session, "ru")]
    assert labels[:3] == ["Область продукта", "Тип находки", "Серьёзность"]
    assert [card.tag_count for card in schemes.listed(session, "en")] == [1, 6, 4, 0, 0]


def test_a_group_does_not_count_what_the_reader_may_not_know(
    session: Session, researcher: Person, reader: Person
) -> None:
    secret = make.study(session, researcher, "secret", access="members")
    make.atom(session, researcher, "They plan to leave", study=secret, tags=["merger"])

    def free_count(by: Person) -> int:
        hidden = tagging.unseen(session, by)
        cards = schemes.listed(session, "en", hidden)
        return next(card.tag_count for card in cards if card.key == schemes.FREE)

    assert free_count(researcher) == 1
    assert free_count(reader) == 0
