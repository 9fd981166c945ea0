"""Filters can be typed, in both languages; what nobody knows is searched as words, and told."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from research_repo.core.models import Atom
from research_repo.search import Wanted, as_typed, meant
from research_repo.search.asking import parse
from research_repo.search.typed_filters import NAMES, first_day, typed
from research_repo.search.typed_wanted import as_text
from tests import make
from tests.search import world
from tests.search.conftest import House
from tests.search.world import Truth


def understood(house: House, text: str, by: str = "marina", language: str = "en") -> Wanted:
    with house.database.reading() as session:
        return meant(session, house.people[by], Wanted(text), language).wanted


def told(house: House, text: str, by: str = "marina", language: str = "en") -> list[str]:
    with house.database.reading() as session:
        return [
            one.put(language)
            for one in meant(session, house.people[by], Wanted(text), language).told
        ]


SAID = {
    "kind:fact": Wanted(kinds=("fact",)),
    "KIND:Facts late": Wanted("late", kinds=("fact",)),
    "вид:факты вид:инсайт": Wanted(kinds=("fact", "insight")),
    "-kind:recommendation": Wanted(without=(("kind", "recommendation"),)),
    "method:survey": Wanted(methods=("survey",)),
    "метод:«юзабилити-тест»": Wanted(methods=("usability test",)),
    'method:"support tickets"': Wanted(methods=("support tickets",)),
    "метод:опросы": Wanted(methods=("survey",)),
    "status:draft": Wanted(statuses=("draft",)),
    "статус:черновик status:published": Wanted(statuses=("draft", "published")),
    "-status:draft": Wanted(statuses=("published", "archived")),
    "has:quote": Wanted(has=("quote",)),
    "-есть:цитата": Wanted(without=(("has", "quote"),)),
    "lang:ru": Wanted(languages=("ru",)),
    "язык:английский": Wanted(languages=("en",)),
    "after:2025": Wanted(after=date(2025, 1, 1)),
    "после:2025-03 до:31.03.2025": Wanted(after=date(2025, 3, 1), before=date(2025, 3, 31)),
    "-after:2025-03-31": Wanted(before=date(2025, 3, 31)),
    "after:2024 after:2025": Wanted(after=date(2025, 1, 1)),
    "study:Returns": Wanted(studies=("returns",)),
    "study:«return, people»": Wanted(studies=("returns",)),
    'исследование:"how people return a parcel"': Wanted(studies=("returns",)),
}


@pytest.mark.parametrize("text", list(SAID))
def test_a_filter_is_understood_in_both_languages(house: House, text: str) -> None:
    house.study("returns")
    assert understood(house, text) == SAID[text]


def test_a_tag_is_named_by_label_path_or_key_and_means_its_subtree_or_itself(house: House) -> None:
    over = house.tag("Возвраты", en="Returns")
    tag = house.tag("Возврат денег", en="Refund", under=over, also=["рефанд"])
    for text in (
        "tag:refund",
        "тег:рефанд",
        'tag:"возврат денег"',
        "тег:«Product area › Returns › Refund»",
        f"tag:{tag.key}",
    ):
        assert understood(house, text) == Wanted(tags=(tag.key,)), text
    assert understood(house, "tag:=returns") == Wanted(exact=(over.key,))
    assert understood(house, "late -тег:=returns") == Wanted("late", without=(("exact", over.key),))


def test_tags_of_one_group_are_both_there_where_one_is_asked_for_besides(house: House) -> None:
    customer, employee = (
        house.tag("Customer", scheme="segment"),
        house.tag("Staff", scheme="segment"),
    )
    both = house.atom("Both", tags=[customer, employee])
    house.atom("One", tags=[customer])
    house.atom("Other", tags=[employee])
    for text in ("tag:customer also:staff", "also:customer также:staff"):
        wanted = understood(house, text)
        assert [hit.atom_id for hit in house.search.find(wanted, house.people["marina"]).hits] == [
            both.id
        ]
    assert house.find(tags=(customer.key, employee.key)).total == 3
    assert understood(house, "-also:staff").without == (("tag", employee.key),)


def test_a_person_is_named_by_name_and_oneself_by_me(house: House) -> None:
    house.atom("One")
    marina = house.people["marina"].id
    for text in ("by:Marina", "автор:marina", f"by:{marina}"):
        assert understood(house, text) == Wanted(authors=(marina,)), text
    for text in ("by:me", "автор:я"):
        assert understood(house, text, by="olga") == Wanted(authors=(house.people["olga"].id,))


def test_what_nobody_knows_stays_as_words_and_is_told(house: House) -> None:
    house.atom("Onboarding is long")
    wanted = understood(house, "kind:fact tag:onboarding")
    assert wanted == Wanted("tag:onboarding", kinds=("fact",))
    assert house.find(wanted.text).total == 1
    assert parse("tag:onboarding -kind:air").words == ("onboarding",)
    assert parse("tag:onboarding -kind:air").without == ("air",)
    assert told(house, "tag:onboarding") == [
        "There is no tag “onboarding”. It was searched as words."
    ]
    assert len(told(house, "after:99999 kind:opinion study:none by:nobody tag:a lang:de")) == 6


def test_a_name_of_several_tags_is_told_with_their_paths(house: House) -> None:
    house.tag("Price")
    house.tag("Price", scheme="segment")
    assert "Product area › Price" in told(house, "tag:price")[0]


def test_quotes_keep_a_filter_from_being_one(house: House) -> None:
    assert understood(house, '"kind:fact" «tag:x» e:mail http://a') == Wanted(
        '"kind:fact" «tag:x» e:mail http://a'
    )


def test_nobody_learns_of_what_they_may_not_see(house: House) -> None:
    study = house.study("salaries", title="What people earn", access="members", by="pavel")
    house.atom("They earn", by="pavel", study=study, tags=["Severance"])
    for text in (
        "study:salaries",
        'study:"what people earn"',
        "tag:severance",
        'tag:"Free > Severance"',
        "by:pavel",
        f"by:{house.people['pavel'].id}",
    ):
        assert understood(house, text, by="olga").is_filtered is False, text
        assert understood(house, text, by="pavel").is_filtered is True, text
        unknown = text.split(":")[0] + ":nothing"
        assert (
            told(house, text, by="olga")[0].split("“")[0]
            == (told(house, unknown, by="olga")[0].split("“")[0])
        )


WILD = [
    "tag:",
    "tag:=",
    '-tag:"',
    "kind:" * 2000,
    'tag:"«“„',
    "tag:«a “b” c»",
    "study:\x00 by:\x00",
    "tag:\ud800 study:\ud800 by:\ud800 after:\ud800",
    "by:" + "9" * 290,
    "after:99999 before:0000 after:2025-13-45 after:٢٠٢٥",
    "tag:> tag:>>> tag:a>b>c",
    "-" * 10_000,
    "tag:%s tag:%(text)s",
]


@pytest.mark.parametrize("text", WILD)
def test_any_text_is_understood_somehow(house: House, text: str) -> None:
    house.atom("One")
    wanted = understood(house, text)
    told(house, text)
    house.find(wanted.text, tags=wanted.tags, studies=wanted.studies, authors=wanted.authors)


@settings(deadline=None)
@given(st.text(max_size=300) | st.lists(st.sampled_from(WILD)).map(" ".join))
@example("tag:a")
def test_filters_are_where_they_say(text: str) -> None:
    for one in typed(text):
        assert one.value in text
        assert (
            text[one.start : one.end]
            .lstrip("-−")
            .casefold()
            .startswith(
                tuple(name for both in NAMES.values() for name in (*both, "author", "lang", "теги"))
            )
        )
    parse(text)


def test_a_day_is_written_in_any_of_these_ways() -> None:
    assert first_day("2025") == date(2025, 1, 1)
    assert first_day("2025-3") == first_day("03.2025") == date(2025, 3, 1)
    assert first_day("2025-03-31") == first_day("31.03.2025") == date(2025, 3, 31)
    for text in ("", "99999", "0000", "2025-02-30", "31/03/2025", "٢٠٢٥"):
        assert first_day(text) is None, text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_search_that_is_typed_out_reads_back_the_same(house: House, language: str) -> None:
    chance = random.Random(7)
    world.build(house, chance)
    house.study("odd", title='A "quoted" title', by="anna")
    with house.database.reading() as session:
        truth = Truth(session)
        for _ in range(60):
            wanted = world.wanted_by_chance(chance, truth)
            by = house.people["anna"]
            known = replace(
                wanted,
                **{
                    name: tuple(v for v in getattr(wanted, name) if v != "nobody-knows")
                    for name in ("tags", "exact", "kinds", "studies", "methods", "languages")
                },
                without=tuple(pair for pair in wanted.without if pair[1] != "nobody-knows"),
                authors=(by.id,) if wanted.authors else (),
                match="any",
            )
            known = replace(known, without=tuple(p for p in known.without if p[0] != "by"))
            text = as_typed(session, by, known, language)
            again = meant(session, by, Wanted(text), language)
            assert again.told == (), text
            _same(again.wanted, known)


def _same(one: Wanted, other: Wanted) -> None:
    for name in ("text", "kinds", "studies", "methods", "languages", "has", "after", "before"):
        assert getattr(one, name) == getattr(other, name), name
    assert len(one.tags) == len(set(other.tags))
    assert set(one.statuses) == set(other.statuses)
    assert len(one.without) == len(other.without)


def test_a_search_without_names_is_typed_with_keys() -> None:
    wanted = Wanted("late «by far", tags=("abc",), authors=(3,), without=(("exact", "d e"),))
    assert as_text(wanted, {}) == 'tag:abc by:3 -tag:="d e" late «by far'
    named = as_text(Wanted(tags=("abc",), kinds=("fact",)), {("tag", "abc"): 'Say "ah"'}, "ru")
    assert named == 'тег:«Say "ah"» вид:факт'


def test_a_merged_tag_is_found_by_its_old_name(house: House) -> None:
    keep, drop = house.tag("Refund"), house.tag("Chargeback")
    house.atom("One", tags=[keep])
    with house.database.saving() as session:
        session.merge(drop).replaced_by = keep.id
        assert session.get_one(Atom, 1)
        make.tag(session, house.people["ilya"], "Another")
    wanted = understood(house, "tag:chargeback")
    assert house.find(tags=wanted.tags).total == 1
