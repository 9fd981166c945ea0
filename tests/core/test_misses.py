"""Searches that found too little are counted by their words alone, and no more of them than can be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import history, misses
from research_repo.core.clock import today
from research_repo.core.errors import NotAllowed, NotFound
from research_repo.core.models import Person, SearchMiss


def noted(session: Session, *texts: str, found: int = 0) -> None:
    for text in texts:
        misses.note(session, {text: found})


def test_one_word_in_any_case_is_one_row_that_counts(session: Session, curator: Person) -> None:
    noted(session, "Рефанды")
    noted(session, " рефанды?", "РЕФАНДЫ", found=2)
    (miss,) = misses.waiting(session, curator)
    assert (miss.text, miss.times, miss.fewest, miss.last_on) == ("Рефанды", 3, 0, today())


def test_the_most_searched_comes_first(session: Session, curator: Person) -> None:
    noted(session, "rare", "common", "common")
    assert [miss.text for miss in misses.waiting(session, curator)] == ["common", "rare"]


@pytest.mark.parametrize(
    "text",
    [
        "olga@example.org", "ask olga @ example", "+7 916 123-45-67", "8(916)1234567", "order 1234567",
        "https://example.org/x?token=1", "www.example.org", "ab", "12", "", "?!", "x" * 101,
        "4111 1111 1111 1111",
    ],
)  # fmt: skip
def test_what_may_name_a_person_or_can_be_no_label_is_never_kept(
    session: Session, curator: Person, text: str
) -> None:
    assert misses.kept_text(text) == ""
    noted(session, text)
    assert session.exec(select(SearchMiss)).all() == []


def test_nothing_of_a_person_is_in_the_table() -> None:
    assert set(SearchMiss.model_fields) == {
        "id", "folded", "text", "times", "fewest", "last_on", "settled_by", "settled_at",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["abc\x00def", "abc\ud800", "\u202eabcdef", "a" * 100, "🙂 smiles", "' OR name=1 --", "ёжик"],
)
def test_any_text_can_be_noted(session: Session, text: str) -> None:
    noted(session, text)
    assert len(session.exec(select(SearchMiss)).all()) == 1


def test_a_word_that_is_not_needed_does_not_come_up_again_until_it_is_brought_back(
    session: Session, curator: Person
) -> None:
    noted(session, "asdfgh", "refund")
    miss = next(one for one in misses.waiting(session, curator) if one.text == "asdfgh")
    misses.settle(session, curator, miss.id)
    noted(session, "asdfgh")
    assert [one.text for one in misses.waiting(session, curator)] == ["refund"]
    (settled,) = misses.settled(session, curator, 10)
    assert (settled.text, settled.times) == ("asdfgh", 2)
    misses.reopen(session, curator, miss.id)
    assert {one.text for one in misses.waiting(session, curator)} == {"asdfgh", "refund"}
    verbs = [line.verb for line in history.of(session, "search miss", [miss.id])]
    assert verbs == ["reopened", "settled"]


def test_only_those_who_govern_tags_read_and_settle(session: Session, researcher: Person) -> None:
    noted(session, "refund")
    row = session.exec(select(SearchMiss)).one()
    for ask in (
        lambda: misses.waiting(session, researcher),
        lambda: misses.settled(session, researcher, 10),
        lambda: misses.settle(session, researcher, row.id),
        lambda: misses.reopen(session, researcher, row.id),
    ):
        with pytest.raises(NotAllowed):
            ask()


def test_a_row_that_is_gone_is_not_found(session: Session, curator: Person) -> None:
    with pytest.raises(NotFound):
        misses.settle(session, curator, 999)


def test_where_there_is_no_room_what_was_searched_once_and_long_ago_goes_first(
    session: Session, curator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misses, "ROWS_MAX", 3)
    noted(session, "twice", "twice", "settled", "long ago")
    rows = {row.text: row for row in session.exec(select(SearchMiss))}
    misses.settle(session, curator, rows["settled"].id)
    for text in ("twice", "settled", "long ago"):
        rows[text].last_on = today() - timedelta(days=90)
    noted(session, "new")
    left = {row.text for row in session.exec(select(SearchMiss))}
    assert left == {"twice", "settled", "new"}
