"""All that a search finds, for what is done or told in bulk."""

from __future__ import annotations

import pytest

from research_repo.core import studies
from research_repo.core.errors import Unavailable
from research_repo.search import Search, Wanted
from tests.search.conftest import House


def test_all_ids_come_whatever_page_is_wanted(house: House) -> None:
    made = [house.atom(f"Refund number {number}").id for number in range(30)]
    house.atom("Delivery is late")
    wanted = Wanted(text="refund", limit=1, offset=5, sort="date")
    house.search.catch_up()
    assert house.search.ids(wanted, house.people["marina"], 100) == made
    assert house.search.ids(wanted, house.people["marina"], 7) == made[:7]


def test_ids_are_those_that_the_person_may_see(house: House) -> None:
    closed = house.study("closed", access="members")
    seen = house.atom("Refunds are slow")
    hidden = house.atom("Refunds are feared", study=closed)
    house.search.catch_up()
    wanted = Wanted(text="refunds", match="all")
    assert house.search.ids(wanted, house.people["marina"], 9) == [seen.id, hidden.id]
    assert house.search.ids(wanted, house.people["olga"], 9) == [seen.id]
    house.do(studies.add_member, "marina", "closed", house.people["olga"].email, False)
    assert house.search.ids(wanted, house.people["olga"], 9) == [seen.id, hidden.id]


def test_where_all_words_are_to_match_one_of_them_is_too_little(house: House) -> None:
    both = house.atom("Refunds take weeks")
    house.atom("Refunds are easy")
    house.search.catch_up()
    wanted = Wanted(text="refunds weeks", match="all")
    assert house.search.ids(wanted, house.people["marina"], 9) == [both.id]


def test_without_an_index_nobody_gets_a_part_for_the_whole(house: House, search: Search) -> None:
    house.atom("Refunds take weeks")
    with pytest.raises(Unavailable):
        search.ids(Wanted(text="refunds"), house.people["marina"], 9)
