"""What is asked goes into an address and comes back; a text comes apart as people mean it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from research_repo.core.models import ATOM_STATUSES, KINDS
from research_repo.search import Wanted, from_address, to_address
from research_repo.search.asking import LIMIT, MATCHES, OFFSET_MAX, SORTS, Query, cut, parse


def some_of(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


keys = st.lists(st.from_regex(r"[a-zа-я0-9-]{1,9}", fullmatch=True), unique=True, max_size=4)
wanteds = st.builds(
    Wanted,
    text=st.text(max_size=80).map(cut),
    tags=keys.map(tuple),
    kinds=some_of(KINDS),
    studies=keys.map(tuple),
    statuses=some_of(ATOM_STATUSES).map(lambda chosen: chosen or Wanted.statuses),
    match=st.sampled_from(MATCHES),
    sort=st.sampled_from(SORTS),
    literal=st.booleans(),
    offset=st.integers(0, OFFSET_MAX // LIMIT - 1).map(lambda page: page * LIMIT),
)


def collected(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    args: dict[str, list[str]] = {}
    for name, value in pairs:
        args.setdefault(name, []).append(value)
    return args


@settings(deadline=None)
@given(wanted=wanteds)
def test_what_is_wanted_survives_its_address(wanted: Wanted) -> None:
    assert from_address(collected(to_address(wanted))) == wanted


def test_an_address_says_only_what_is_not_usual() -> None:
    assert to_address(Wanted()) == []
    assert to_address(Wanted("tea", sort="date")) == [("q", "tea"), ("sort", "date")]


def test_a_changed_search_starts_at_its_first_page() -> None:
    wanted = Wanted("tea", offset=2 * LIMIT)
    assert to_address(wanted) == [("q", "tea"), ("page", "3")]
    assert to_address(wanted, sort="date") == [("q", "tea"), ("sort", "date")]
    assert to_address(wanted, offset=LIMIT) == [("q", "tea"), ("page", "2")]


def test_what_an_address_gets_wrong_is_left_out() -> None:
    args = {"kind": ["fact", "opinion"], "page": ["-3"], "sort": ["up"], "status": ["gone"]}
    assert from_address(args) == Wanted(kinds=("fact",))


def test_a_text_comes_apart() -> None:
    assert parse("Код «не приходит» регистр* -смс e-mail") == Query(
        words=("код", "e", "mail", "приходит"),
        phrases=(("не", "приходит"),),
        prefixes=("регистр",),
        without=("смс",),
    )


def test_a_hyphen_inside_a_word_takes_nothing_out() -> None:
    assert parse("sign-up e‑mail").without == ()
