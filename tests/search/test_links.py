"""The index knows which atoms speak for, against or instead of which."""

from __future__ import annotations

from research_repo.core import links
from research_repo.search.view import View
from tests.search.conftest import House


def view(house: House) -> View:
    house.search.catch_up()
    found = house.search.live.view()
    assert found is not None
    return found


def pairs(house: House, kind: str) -> set[tuple[int, int]]:
    """(claim, the atom that the link comes from), by atom ids."""
    shown = view(house)
    atoms = shown.facts["atom"]
    to, sources = shown.incoming(kind)
    return {(int(atoms[a]), int(atoms[b])) for a, b in zip(to, sources, strict=True)}


def test_links_are_known_from_the_moment_they_are_made_until_they_are_taken_away(
    house: House,
) -> None:
    claim = house.atom("People call because they see nothing", kind="insight")
    fact, doubt = house.atom("Seven of twelve called"), house.atom("Two did not mind")
    assert pairs(house, "supports") == set()
    link = house.do(links.add, "marina", fact.key, claim.key, "supports")
    house.do(links.add, "marina", doubt.key, claim.key, "contradicts")
    assert pairs(house, "supports") == {(claim.id, fact.id)}
    assert pairs(house, "contradicts") == {(claim.id, doubt.id)}
    house.do(links.remove, "marina", link.id)
    assert pairs(house, "supports") == set()
    assert pairs(house, "contradicts") == {(claim.id, doubt.id)}


def test_links_hold_across_segments_and_changes_of_either_end(house: House) -> None:
    older = house.atom("The old screen confused people", kind="insight")
    house.atom("Nothing to do with it", kind="insight")
    view(house)
    newer = house.atom("The new screen is understood", kind="insight")
    house.do(links.add, "marina", newer.key, older.key, "supersedes")
    assert pairs(house, "supersedes") == {(older.id, newer.id)}
    assert len(view(house).segments) > 1
    assert house.search.check() == []
