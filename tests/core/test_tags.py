"""Tags: labels that belong to one tag of a group, and places without circles."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from research_repo.core import hierarchy, history, notices, schemes, tags
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import Person, Tag, TagLabel, TagParent
from research_repo.core.tags import TagWords
from tests import make


def path(session: Session, tag: Tag) -> tuple[str, ...]:
    return hierarchy.cards(session, [tag.id], "en")[tag.id].path


def merge(session: Session, tag: Tag, survivor: Tag) -> None:
    """What a merge writes: the merged tag's row alone."""
    tag.replaced_by = survivor.id
    session.flush()


def test_a_new_tag_holds_at_once_unless_its_group_reviews(
    session: Session, curator: Person, researcher: Person
) -> None:
    assert make.tag(session, researcher, "Cart").status == "approved"
    schemes.set_rules(session, curator, "product-area", schemes.Rules(who_may_add="review"))
    assert make.tag(session, researcher, "Basket").status == "candidate"
    assert make.tag(session, curator, "Checkout").status == "approved"


def test_a_reader_makes_no_tags(session: Session, reader: Person) -> None:
    with pytest.raises(NotAllowed, match="make you a researcher"):
        make.tag(session, reader, "Checkout")


UNFIT = {
    "a picture alone": "🧺",
    "signs alone": "— !",
    "right to left": "re\u202efund",
    "isolated direction": "re\u2067fund",
    "a mark of direction": "refund\u200f",
    "a space of no width": "re\u200bfund",
    "a joiner of no width": "re\u200dfund",
    "a byte order mark": "\ufeffrefund",
    "a letter that is blank": "re\u3164fund",
    "5,000 characters": "x" * 5000,
}


@pytest.mark.parametrize("label", UNFIT.values(), ids=UNFIT)
def test_a_label_that_nobody_could_read_or_find_is_refused_as_any_word_of_a_tag(
    session: Session, curator: Person, label: str
) -> None:
    for words in (
        TagWords(pref={"en": label}),
        TagWords(pref={"en": "Fine"}, alt={"ru": [label]}),
        TagWords(pref={"en": "Fine"}, hidden={"en": [label]}),
    ):
        with pytest.raises(Invalid, match="letter or a digit|nobody sees|at most 100"):
            tags.create(session, curator, "product-area", words)


@pytest.mark.parametrize("label", ["C++", "5 ★", "re\u00adfund", "Ёлки 🎄", "50 %", "№ 7"])
def test_a_label_with_signs_and_letters_is_taken(
    session: Session, curator: Person, label: str
) -> None:
    assert path(session, make.tag(session, curator, label)) == (label,)


@pytest.mark.parametrize("label", ["", "  ", "a > b", "a › b", "a;b", "a|b", "x" * 101])
def test_a_label_that_cannot_be_one_is_refused_beside_the_field(
    session: Session, curator: Person, label: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make.tag(session, curator, label)
    assert list(refused.value.problems) == ["pref"]


def test_a_tag_may_have_a_name_in_one_language_only(session: Session, curator: Person) -> None:
    tag = tags.create(session, curator, "product-area", TagWords(pref={"en": " ", "ru": "Оплата"}))
    assert tags.words_of(session, tag).pref == {"ru": "Оплата"}


def test_words_in_a_language_outside_the_list_are_refused(
    session: Session, curator: Person
) -> None:
    for words in (
        TagWords(pref={"de": "Kasse"}),
        TagWords(pref={"en": "Checkout"}, note={"de": "Kasse"}),
    ):
        with pytest.raises(Invalid, match="languages in the list"):
            tags.create(session, curator, "product-area", words)


def test_a_note_that_is_too_long_is_refused(session: Session, curator: Person) -> None:
    words = TagWords(pref={"en": "Checkout"}, note={"en": "x" * 2001})
    with pytest.raises(Invalid) as refused:
        tags.create(session, curator, "product-area", words)
    assert list(refused.value.problems) == ["note"]


@pytest.mark.parametrize(
    "text", ["Счёт", "счет", "СЧЁТ", "  счёт  ", "СЧЕТ", "сче\u0308т"], ids=ascii
)
def test_a_label_that_another_tag_has_is_refused_with_the_path_of_its_owner(
    session: Session, curator: Person, text: str
) -> None:
    area = make.tag(session, curator, "Payment", ru="Оплата")
    make.tag(session, curator, "Invoice", ru="Счёт", under=area)
    with pytest.raises(Invalid, match="belongs to the tag") as refused:
        make.tag(session, curator, text)
    assert "Область продукта › Оплата › Счёт" in str(refused.value)


def test_an_alternative_label_is_taken_too(session: Session, curator: Person) -> None:
    make.tag(session, curator, "Checkout", also=["paying", "till"])
    with pytest.raises(Invalid, match="Checkout"):
        make.tag(session, curator, "Cash desk", also=["Till"])
    with pytest.raises(Invalid, match="Checkout"):
        make.tag(session, curator, "TILL")


def test_another_group_or_language_may_use_the_same_word(session: Session, curator: Person) -> None:
    make.tag(session, curator, "Checkout")
    make.tag(session, curator, "Checkout", scheme="journey-stage")
    make.tag(session, curator, "Касса", ru="Касса", en="Till")
    tags.create(session, curator, "segment", TagWords(pref={"en": "Pro", "ru": "Pro"}))


def test_the_word_of_a_merged_tag_stays_taken_and_names_the_survivor(
    session: Session, curator: Person
) -> None:
    old, new = make.tag(session, curator, "Basket"), make.tag(session, curator, "Cart")
    merge(session, old, new)
    with pytest.raises(Invalid, match="› Cart already"):
        make.tag(session, curator, "basket")
    tags.change(session, curator, new.key, new.version, TagWords(pref={"en": "Basket"}))
    assert path(session, old) == ("Basket",)


def test_a_word_given_twice_is_kept_once(session: Session, curator: Person) -> None:
    tag = make.tag(session, curator, "Checkout", also=["till", "TILL", "checkout", ""])
    assert tags.words_of(session, tag).labels() == [
        ("en", "pref", "Checkout"),
        ("en", "alt", "till"),
    ]


def test_a_tag_given_other_words_keeps_its_own(session: Session, curator: Person) -> None:
    tag = make.tag(session, curator, "Checkout", also=["till"])
    words = TagWords(pref={"en": "Till"}, alt={"en": ["Checkout"]}, note={"en": " Only paying "})
    tags.change(session, curator, tag.key, 1, words)
    kept = tags.words_of(session, tag)
    assert (kept.pref, kept.alt, kept.note) == (
        {"en": "Till"},
        {"en": ["Checkout"]},
        {"en": "Only paying"},
    )
    with pytest.raises(Conflict) as refused:
        tags.change(session, curator, tag.key, 1, TagWords(pref={"en": "Pay"}))
    assert refused.value.current.pref == {"en": "Till"}


def test_a_tag_is_found_by_its_key_in_any_case(session: Session, curator: Person) -> None:
    tag = make.tag(session, curator, "Checkout")
    assert tags.get(session, tag.key.upper()) == tag
    with pytest.raises(NotFound):
        tags.get(session, "nothing")


def test_a_tag_under_itself_or_its_descendant_is_refused(session: Session, curator: Person) -> None:
    area = make.tag(session, curator, "Payment")
    card = make.tag(session, curator, "Card", under=area)
    visa = make.tag(session, curator, "Visa", under=card)
    for child, parent in ((area, area), (area, card), (area, visa), (card, visa)):
        with pytest.raises(Invalid, match="lies under .* itself. Choose another place"):
            tags.add_parent(session, curator, child.key, parent.key)
    assert path(session, visa) == ("Payment", "Card", "Visa")


def test_a_place_that_a_tag_has_already_is_refused(session: Session, curator: Person) -> None:
    area = make.tag(session, curator, "Payment")
    card = make.tag(session, curator, "Card", under=area)
    visa = make.tag(session, curator, "Visa", under=card)
    for parent in (card, area):
        with pytest.raises(Invalid, match="already"):
            tags.add_parent(session, curator, visa.key, parent.key)


def test_a_circle_through_a_merged_tag_is_refused(session: Session, curator: Person) -> None:
    old, new = make.tag(session, curator, "Basket"), make.tag(session, curator, "Cart")
    coupon = make.tag(session, curator, "Coupon", under=old)
    merge(session, old, new)
    with pytest.raises(Invalid, match="itself"):
        tags.add_parent(session, curator, new.key, coupon.key)
    with pytest.raises(Invalid, match="itself"):
        tags.add_parent(session, curator, old.key, coupon.key)
    with pytest.raises(Invalid, match="already"):
        tags.add_parent(session, curator, coupon.key, new.key)


def test_a_merged_tag_is_placed_as_the_one_that_stands_for_it(
    session: Session, curator: Person
) -> None:
    old, new = make.tag(session, curator, "Basket"), make.tag(session, curator, "Cart")
    area = make.tag(session, curator, "Shop")
    merge(session, old, new)
    assert tags.add_parent(session, curator, old.key, area.key) == new
    assert path(session, new) == ("Shop", "Cart")
    assert session.get_one(TagParent, (new.id, area.id)).is_primary


def test_a_tag_leaves_a_merged_parent_by_the_name_of_its_survivor(
    session: Session, curator: Person
) -> None:
    old, new = make.tag(session, curator, "Basket"), make.tag(session, curator, "Cart")
    coupon = make.tag(session, curator, "Coupon", under=old)
    merge(session, old, new)
    assert path(session, coupon) == ("Cart", "Coupon")
    tags.remove_parent(session, curator, coupon.key, new.key)
    assert path(session, coupon) == ("Coupon",)
    with pytest.raises(NotFound):
        tags.remove_parent(session, curator, coupon.key, new.key)


def test_a_parent_of_another_group_gives_a_place_but_no_path(
    session: Session, curator: Person
) -> None:
    stage = make.tag(session, curator, "Paying", scheme="journey-stage")
    card = make.tag(session, curator, "Card", under=stage)
    assert path(session, card) == ("Card",)
    assert hierarchy.ancestors(session, card.id) == {stage.id}
    assert card.id in hierarchy.roots(session, card.scheme_id)


def test_the_first_parent_of_its_own_group_gives_the_path_and_the_next_one_follows(
    session: Session, curator: Person
) -> None:
    stage = make.tag(session, curator, "Paying", scheme="journey-stage")
    one, two = make.tag(session, curator, "Payment"), make.tag(session, curator, "Bank")
    card = make.tag(session, curator, "Card", under=[stage, one, two])
    assert path(session, card) == ("Payment", "Card")
    tags.remove_parent(session, curator, card.key, one.key)
    assert path(session, card) == ("Bank", "Card")
    tags.add_parent(session, curator, card.key, one.key)
    assert path(session, card) == ("Bank", "Card")
    assert hierarchy.parents(session, [card.id])[card.id] == [two.id, stage.id, one.id]


def test_an_approved_candidate_is_told_to_whoever_proposed_it(
    session: Session, curator: Person, researcher: Person
) -> None:
    tag = make.candidate(session, researcher, "Cart")
    assert tags.approve(session, curator, tag.key).status == "approved"
    (told,) = notices.listed(session, researcher)
    assert "Cart" in str(told.message)
    assert notices.unread_count(session, curator) == 0


def test_a_tag_retires_and_returns_and_says_so_once(session: Session, curator: Person) -> None:
    tag = make.tag(session, curator, "Fax")
    tags.retire(session, curator, tag.key)
    tags.retire(session, curator, tag.key)
    assert tag.status == "deprecated"
    tags.restore(session, curator, tag.key)
    verbs = [change.verb for change in history.of(session, "tag", [tag.id])]
    assert verbs == ["approved", "deprecated", "created"]


@pytest.mark.parametrize("role", ["reader", "researcher"])
def test_only_curators_govern(session: Session, curator: Person, role: str) -> None:
    by = make.person(session, "Anna", role)
    area, card = make.tag(session, curator, "Payment"), make.tag(session, curator, "Card")
    for verb in (
        lambda: tags.change(session, by, card.key, 1, TagWords(pref={"en": "Cards"})),
        lambda: tags.add_parent(session, by, card.key, area.key),
        lambda: tags.remove_parent(session, by, card.key, area.key),
        lambda: tags.approve(session, by, card.key),
        lambda: tags.retire(session, by, card.key),
        lambda: tags.restore(session, by, card.key),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert card.version == 1


def test_history_keeps_a_tag_before_and_after(session: Session, curator: Person) -> None:
    area, card = make.tag(session, curator, "Payment"), make.tag(session, curator, "Card")
    tags.add_parent(session, curator, card.key, area.key)
    placed = history.of(session, "tag", [card.id])[0]
    assert placed.before["parents"] == []
    assert placed.after["parents"] == [[area.id, True]]
    assert placed.after["labels"] == [["en", "pref", "Card"]]


def test_a_taken_word_leads_to_its_owner(session: Session, curator: Person) -> None:
    owner = make.tag(session, curator, "Checkout", also=["till"])
    with pytest.raises(Invalid) as refused:
        make.tag(session, curator, "Till")
    assert refused.value.problems["pref"].address == f"/tags/{owner.key}"


def test_a_word_that_stays_keeps_its_row_when_others_change(
    session: Session, curator: Person
) -> None:
    tag = make.tag(session, curator, "Checkout", also=["till", "cash desk"])
    rows = {row.text: row.id for row in session.exec(select(TagLabel))}
    words = TagWords(pref={"en": "Till"}, alt={"en": ["cash desk", "Checkout"]})
    tags.change(session, curator, tag.key, 1, words)
    after = {row.text: row.id for row in session.exec(select(TagLabel))}
    assert (after["cash desk"], after["Checkout"]) == (rows["cash desk"], rows["Checkout"])


def test_a_tag_says_what_it_is_and_gives_an_example(session: Session, curator: Person) -> None:
    words = TagWords(
        pref={"en": "Cart"}, definition={"en": "Where things wait"}, example={"ru": "Две книги"}
    )
    tag = tags.create(session, curator, "product-area", words)
    kept = tags.words_of(session, tag)
    assert (kept.definition, kept.example, kept.note) == (
        {"en": "Where things wait"},
        {"ru": "Две книги"},
        {},
    )
    tags.change(session, curator, tag.key, 1, TagWords(pref={"en": "Cart"}))
    assert tags.words_of(session, tag).definition == {}


def test_a_candidate_is_rejected_with_a_reason_that_its_maker_reads(
    session: Session, curator: Person, researcher: Person
) -> None:
    rules = schemes.Rules(who_may_add="review")
    schemes.set_rules(session, curator, "product-area", rules)
    tag = make.tag(session, researcher, "Cart")
    for reason in ("", "x" * 501):
        with pytest.raises(Invalid):
            tags.reject(session, curator, tag.key, reason)
    with pytest.raises(NotAllowed):
        tags.reject(session, researcher, tag.key, "Mine")
    assert tags.reject(session, curator, tag.key, "We say Basket").status == "deprecated"
    (told,) = notices.listed(session, researcher)
    assert "We say Basket" in str(told.message)
    with pytest.raises(Invalid, match="decided"):
        tags.reject(session, curator, tag.key, "Again")
