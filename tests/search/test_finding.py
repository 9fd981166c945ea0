"""What a researcher types finds what a researcher wrote."""

from __future__ import annotations

from datetime import date

from research_repo.core import atoms
from research_repo.search import Correction, Search, Wanted
from research_repo.search.schema import distinct_parts
from tests import make
from tests.search.conftest import House


def test_a_logged_atom_is_found_at_once(house: House) -> None:
    logged = house.atom("People cannot find the return label")
    found = house.find("return label")
    assert [hit.atom_id for hit in found.hits] == [logged.id]
    assert found.total == 1
    assert found.rebuilding is None


def test_an_inflected_russian_word_finds_all_its_forms(house: House) -> None:
    house.atom("Покупатели не видят сроков доставки")
    house.atom("Курьер опоздал на час")
    assert house.titles("доставкой покупателю") == ["Покупатели не видят сроков доставки"]


def test_words_with_fleeting_vowels_and_other_roots_are_one_word(house: House) -> None:
    house.atom("Ошибка при оплате картой")
    house.atom("Люди ждут письма")
    assert house.titles("ошибок") == ["Ошибка при оплате картой"]
    assert house.titles("человек") == ["Люди ждут письма"]


def test_mail_is_not_almost(house: House) -> None:
    house.atom("Почта приходит поздно")
    assert house.titles("почти", literal=True) == []


def test_yo_and_ye_are_one_letter(house: House) -> None:
    house.atom("Ёлку покупают в декабре")
    assert house.titles("елка") == house.titles("ёлка") == ["Ёлку покупают в декабре"]


def test_lookalike_letters_of_a_product_name_are_one(house: House) -> None:
    house.atom("Sellers export stock from 1C")
    assert house.titles("1С", literal=True) == ["Sellers export stock from 1C"]


def test_hyphens_and_dashes_divide_words(house: House) -> None:
    house.atom("The sign–up is long, e-mail comes late")
    assert len(house.titles("sign up")) == 1
    assert len(house.titles("mail")) == 1


def test_any_word_is_enough_and_more_words_rank_higher(house: House) -> None:
    house.atom("Coupons are hard to enter")
    house.atom("Coupons expire without warning")
    assert house.titles("coupons expire") == [
        "Coupons expire without warning",
        "Coupons are hard to enter",
    ]


def test_match_all_wants_every_word(house: House) -> None:
    house.atom("Coupons are hard to enter")
    house.atom("Coupons expire without warning")
    assert house.titles("coupons expire", match="all") == ["Coupons expire without warning"]


def test_every_kind_of_quotation_mark_holds_a_phrase_together(house: House) -> None:
    house.atom("Код подтверждения не приходит")
    house.atom("Подтверждения ждут, а код не виден")
    for query in ("«код подтверждения»", "“код подтверждения”", '"код подтверждения"'):
        assert house.titles(query) == ["Код подтверждения не приходит"], query


def test_a_phrase_may_hold_stop_words(house: House) -> None:
    house.atom("Pay on the day of delivery")
    house.atom("Day delivery is cheap")
    assert house.titles('"the day of delivery"') == ["Pay on the day of delivery"]


def test_stop_words_alone_make_a_phrase(house: House) -> None:
    house.atom("To be or not to be")
    house.atom("Be not to or be")
    assert house.titles('"to be or not"') == ["To be or not to be"]
    found = house.find('"or be not to"')
    assert (found.total, found.loosened) == (2, ("or be not to",))


def test_of_two_phrases_the_one_that_stands_nowhere_is_loosened(house: House) -> None:
    house.atom("The code arrives late", body="Buyers wait at the door")
    house.atom("Code and door, late")
    found = house.find("«at the door» «late code»")
    assert (found.total, found.loosened) == (1, ("late code",))


def test_a_phrase_that_stands_nowhere_is_loosened_to_its_words(house: House) -> None:
    house.atom("The code arrives late")
    found = house.find('"late code"')
    assert found.total == 1
    assert found.loosened == ("late code",)


def test_a_phrase_does_not_run_from_the_title_into_the_text(house: House) -> None:
    house.atom("They gave up at payment", body="Cards were refused.")
    assert house.find('"payment cards"').loosened == ("payment cards",)


def test_a_minus_takes_out_what_holds_the_word(house: House) -> None:
    house.atom("Coupons expire")
    house.atom("Coupons work in the app")
    assert house.titles("coupons -app") == ["Coupons expire"]
    assert house.titles("-app") == ["Coupons expire"]


def test_a_star_finds_all_that_begins_so(house: House) -> None:
    house.atom("Регистрация занимает десять минут")
    house.atom("Регион определяется неверно")
    assert house.titles("регистр*") == ["Регистрация занимает десять минут"]
    assert len(house.titles("реги*")) == 2
    assert house.titles("нетто*") == []


def test_body_and_quotes_are_searched(house: House) -> None:
    house.atom("A finding", body="It mentions **zebras**.", quote="I saw a giraffe")
    assert house.find("zebra").total == house.find("giraffe").total == 1


def test_what_only_stop_words_ask_for_is_still_found(house: House) -> None:
    house.atom("To be or not to be")
    assert house.titles("to be") == ["To be or not to be"]


def test_nothing_typed_lists_everything_newest_first(house: House) -> None:
    house.atom("Older", observed_on=date(2024, 1, 1))
    house.atom("Newer", observed_on=date(2025, 1, 1))
    assert house.titles() == ["Newer", "Older"]


def test_sorting_by_date_overrides_relevance(house: House) -> None:
    house.atom("Coupons, coupons and coupons", observed_on=date(2024, 1, 1))
    house.atom("Many words and then coupons", observed_on=date(2025, 1, 1))
    assert house.titles("coupons", sort="date")[0] == "Many words and then coupons"
    assert house.titles("coupons")[0] == "Coupons, coupons and coupons"


def test_pages_follow_each_other_without_gap_or_repeat(house: House) -> None:
    for number in range(7):
        house.atom(f"Coupon {number}")
    pages = [house.titles("coupon", limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({title for page in pages for title in page}) == 7
    assert house.find("coupon", limit=3, offset=3).total == 7


def test_filters_narrow_and_facets_count_what_is_left(house: House) -> None:
    study = house.study("prices")
    house.atom("Prices jump", study=study, observed_on=date(2024, 3, 1))
    house.atom("Prices confuse", kind="insight", observed_on=date(2025, 3, 1))
    found = house.find("prices")
    assert found.kind_counts == {"fact": 1, "insight": 1}
    assert found.study_counts == {study.id: 1}
    assert found.year_counts == {2024: 1, 2025: 1}
    assert found.month_counts == {(2024, 3): 1, (2025, 3): 1}
    narrowed = house.find("prices", kinds=("insight",))
    assert (narrowed.total, narrowed.kind_counts, narrowed.year_counts) == (
        1,
        {"insight": 1},
        {2025: 1},
    )
    assert house.titles("prices", studies=("PRICES",)) == ["Prices jump"]
    assert house.titles("prices", studies=("unknown",)) == []


def test_drafts_and_archived_atoms_are_found_when_asked_for(house: House) -> None:
    house.atom("Half a thought", kind="insight", status="draft")
    assert house.titles("thought") == []
    assert house.titles("thought", statuses=("draft",)) == ["Half a thought"]


def test_an_edited_atom_is_found_by_its_new_words_only(house: House) -> None:
    atom = house.atom("Coupons expire", kind="insight")
    house.find()
    values = atoms.ready(atoms.AtomValues(kind="insight", title="Vouchers vanish"))
    house.do(atoms.edit, "marina", atom.key, atom.version, values)
    assert house.titles("vouchers") == ["Vouchers vanish"]
    assert house.titles("coupons", literal=True) == []
    assert house.find().total == 1


def test_a_wrong_keyboard_layout_is_understood_and_said(house: House) -> None:
    house.atom("Привет от оператора")
    found = house.find("ghbdtn")
    assert found.total == 1
    assert found.corrections == (Correction("layout", "ghbdtn", "привет"),)
    house.atom("Refund takes a week")
    assert house.titles("куагтв") == ["Refund takes a week"]


def test_a_mistyped_word_finds_the_nearest_known_one(house: House) -> None:
    house.atom("Регистрация занимает десять минут")
    found = house.find("регстрация")
    assert found.total == 1
    assert found.corrections == (Correction("spelling", "регстрация", "регистрация"),)


def test_a_known_word_is_never_corrected(house: House) -> None:
    house.atom("Регистрация занимает десять минут")
    assert house.find("регистрацией").corrections == ()


def test_a_literal_search_changes_nothing(house: House) -> None:
    house.atom("Привет от оператора")
    tag = house.tag("Greeting", also=["welcome"])
    house.atom("They liked it", tags=[tag])
    assert house.find("ghbdtn", literal=True).total == 0
    assert house.find("welcome").total == 1
    assert house.find("welcome", literal=True).total == 0


def test_a_repeated_part_counts_once(house: House, search: Search) -> None:
    house.atom("Coupons expire", body="Coupons expire.\n\nCoupons expire without a warning.")
    house.atom("Coupons work")
    with search.database.reading() as session:
        from research_repo.core import indexing

        document = indexing.documents(session, [1])[0]
    assert distinct_parts(document) == [document.body]


def test_words_of_the_answer_are_given_for_marking(house: House) -> None:
    house.atom("Coupons expire")
    assert house.find("expiring coup*").words >= {"expir", "coup*"}


def test_another_search_of_the_same_instance_sees_new_commits(house: House) -> None:
    house.atom("Coupons expire")
    house.find()
    other = Search(house.database, house.search.live.folder)
    assert other.find(Wanted("coupons"), house.people["olga"]).total == 1
    house.atom("Coupons vanish")
    house.find()
    assert other.find(Wanted("coupons"), house.people["olga"]).total == 2


def test_own_changes_are_waited_for_while_the_indexer_runs(house: House) -> None:
    house.search.catch_up()
    house.search.start()
    for number in range(5):
        with house.database.saving() as session:
            make.atom(session, house.people["marina"], f"Observation number {number}")
        found = house.search.find(Wanted("observation"), house.people["marina"])
        assert found.total == number + 1


def test_a_phrase_after_a_minus_leaves_out_what_holds_it_word_for_word(house: House) -> None:
    house.atom("The refund is in transit for ten days")
    house.atom("In ten days of transit no refund came")
    assert house.titles('refund -"in transit"') == ["In ten days of transit no refund came"]
    assert house.find('-"in transit"').total == 1


def test_the_best_of_a_kind_are_those_that_a_search_for_that_kind_alone_finds(house: House) -> None:
    for number in range(15):
        house.atom(f"Coupons expire, case {number}", kind="insight")
    house.atom("Coupons, coupons, coupons", kind="fact")
    house.atom("Coupons of nobody else", kind="insight", status="draft", by="anna")
    house.search.catch_up()
    for text in ("coupons", "case 3", "", "купоны"):
        wanted = Wanted(text, sort="date", limit=2, offset=2)
        told = house.search.find(wanted, house.people["marina"], best_of="insight").best
        sort = "relevance" if text else "strength"
        alone = house.find(text, kinds=("insight",), sort=sort, limit=12)
        assert (told.total, [(one.atom_id, one.score, one.backing) for one in told.hits]) == (
            alone.total,
            [(one.atom_id, one.score, one.backing) for one in alone.hits],
        )
    assert house.find("coupons").best.hits == ()
