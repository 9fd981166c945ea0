"""What is asked goes into an address and comes back; a text comes apart as people mean it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from research_repo.core.models import ATOM_STATUSES, KINDS, METHODS
from research_repo.search import Wanted, from_address, to_address
from research_repo.search.asking import (
    HAS,
    LIMIT,
    MATCHES,
    OFFSET_MAX,
    SORTS,
    WITHOUT,
    Query,
    cut,
    parse,
)
from research_repo.settings import LANGUAGES


def some_of(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


keys = st.lists(st.from_regex(r"[a-zа-я0-9-]{1,9}", fullmatch=True), unique=True, max_size=4)
wanteds = st.builds(
    Wanted,
    text=st.text(max_size=80).map(cut),
    tags=keys.map(tuple),
    kinds=some_of(KINDS),
    studies=keys.map(tuple),
    exact=keys.map(tuple),
    methods=some_of(METHODS),
    authors=st.lists(st.integers(0, 999_999_999), unique=True, max_size=3).map(tuple),
    languages=some_of(LANGUAGES),
    has=some_of(HAS),
    after=st.none() | st.dates(),
    before=st.none() | st.dates(),
    without=st.lists(
        st.tuples(st.sampled_from(WITHOUT), st.from_regex(r"[a-zа-я0-9:-]{1,9}", fullmatch=True)),
        unique=True,
        max_size=3,
    ).map(tuple),
    not_meant=keys.map(tuple),
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


def test_half_a_letter_and_a_zero_are_no_part_of_a_text() -> None:
    assert cut("a\ud800b\x00c") == "a?b c"
    assert parse("tea\ud800 \x00").words == ("tea",)


def test_a_text_comes_apart() -> None:
    assert parse("Код «не приходит» регистр* -смс e-mail") == Query(
        words=("код", "e", "mail", "приходит"),
        phrases=(("не", "приходит"),),
        prefixes=("регистр",),
        without=("смс",),
    )


def test_a_phrase_is_taken_out_as_one() -> None:
    query = parse('refund -"in transit" −«в пути»')
    assert query.words == ("refund",)
    assert query.phrases == query.without == ()
    assert query.without_phrases == (("in", "transit"), ("в", "пути"))
    assert parse('sign-"up"').phrases == (("up",),)


def test_a_hyphen_inside_a_word_takes_nothing_out() -> None:
    assert parse("sign-up e‑mail").without == ()
