"""A page that reads one snapshot still knows whatever its searches tell of."""

from __future__ import annotations

import threading
from collections.abc import Callable

from research_repo.core import hierarchy
from research_repo.core.indexing import vocabulary_edition
from research_repo.search import Wanted
from tests.search.conftest import House


def elsewhere(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def edition(house: House) -> int:
    with house.database.reading(is_shared=True) as session:
        return vocabulary_edition(session)


def test_tags_made_since_a_page_began_are_known_once_a_search_counts_them(house: House) -> None:
    marina, study = house.people["marina"], house.study("parcels")
    house.find(by="marina")

    def write() -> None:
        house.atom("Parcel late", study=study, tags=[house.tag("Delivery")])
        house.find("parcel", by="olga")

    with house.database.one_snapshot():
        edition(house)  # the page has begun
        elsewhere(write)
        counts = house.search.counts(marina)
        assert set(counts.values()) == {1}
        with house.database.reading(is_shared=True) as session:
            cards = hierarchy.cards(session, counts, "en")
    assert [card.label for card in cards.values()] == ["Delivery"]


def test_doubles_are_tags_that_the_page_can_name(house: House) -> None:
    with house.database.one_snapshot():
        edition(house)
        elsewhere(lambda: (house.tag("Lunch box"), house.tag("Lunch boxes")))
        pairs = house.search.doubles()
        with house.database.reading(is_shared=True) as session:
            named = hierarchy.cards(session, [one.tag_id for one in pairs[0]], "en")
    assert {card.label for card in named.values()} == {"Lunch box", "Lunch boxes"}


def test_a_page_waits_for_a_change_that_was_saved_before_it_began(house: House) -> None:
    house.find()
    marina = house.people["marina"]
    house.search.start()
    with house.database.one_snapshot():
        house.atom("Parcel late")
        assert house.search.find(Wanted("parcel"), marina).total == 1
