"""While there is no index, plain words are still found, within what a person may see."""

from __future__ import annotations

from sqlmodel import Session

from research_repo.core import lookup
from research_repo.core.models import Person
from tests import make


def test_any_form_of_a_word_finds_title_text_and_quote(
    session: Session, researcher: Person
) -> None:
    title = make.atom(session, researcher, "Доставка опаздывает", kind="insight")
    body = make.atom(session, researcher, "Второе", kind="insight", body="Про доставку")
    quote = make.atom(session, researcher, "Третье", quote="ДОСТАВКОЙ доволен")
    make.atom(session, researcher, "Четвёртое", kind="insight")
    total, ids = lookup.find(session, researcher, ["доставкой"])
    assert (total, set(ids)) == (3, {title.id, body.id, quote.id})


def test_a_word_whose_stem_ends_otherwise_is_found(session: Session, researcher: Person) -> None:
    steady = make.atom(session, researcher, "Steady growth", kind="insight")
    assert lookup.find(session, researcher, ["steady"]) == (1, [steady.id])
    people = make.atom(session, researcher, "Люди ждут", kind="insight")
    assert lookup.find(session, researcher, ["люди"]) == (1, [people.id])


def test_yo_is_found_by_ye(session: Session, researcher: Person) -> None:
    atom = make.atom(session, researcher, "Ёлку покупают в декабре", kind="insight")
    assert lookup.find(session, researcher, ["елка"]) == (1, [atom.id])


def test_more_words_come_first_then_what_is_newer(session: Session, researcher: Person) -> None:
    old = make.atom(session, researcher, "Coupons and tea", kind="insight")
    both = make.atom(session, researcher, "Coupons expire", kind="insight")
    new = make.atom(session, researcher, "Coupons vanish", kind="insight")
    words = ["coupons", "expire"]
    assert lookup.find(session, researcher, words) == (3, [both.id, new.id, old.id])
    assert lookup.find(session, researcher, words, limit=1, offset=1) == (3, [new.id])


def test_signs_of_sql_are_only_letters(session: Session, researcher: Person) -> None:
    make.atom(session, researcher, "Plain", kind="insight")
    assert lookup.find(session, researcher, ["%", "_", "'; --"]) == (0, [])


def test_filters_narrow(session: Session, researcher: Person, curator: Person) -> None:
    tag = make.tag(session, curator, "Delivery")
    study = make.study(session, researcher, "late")
    fact = make.atom(session, researcher, "Late", study=study, tags=[tag])
    make.atom(session, researcher, "Later", kind="insight")
    for narrowed in (
        {"kinds": ["fact"]},
        {"study_ids": [study.id]},
        {"tag_groups": [[tag.id, 999]]},
    ):
        assert lookup.find(session, researcher, ["late"], lookup.Narrowing(**narrowed)) == (
            1,
            [fact.id],
        ), narrowed
    assert lookup.find(session, researcher, ["late"], statuses=["draft"]) == (0, [])
    assert lookup.taggings(session, researcher) == [(fact.id, tag.id)]


def test_a_closed_study_is_not_there_for_others(
    session: Session, researcher: Person, reader: Person, curator: Person
) -> None:
    study = make.study(session, researcher, "secret", access="members")
    tag = make.tag(session, curator, "Pay")
    atom = make.atom(session, researcher, "Salaries differ", study=study, tags=[tag])
    assert lookup.find(session, researcher, ["salaries"]) == (1, [atom.id])
    assert lookup.find(session, reader, ["salaries"]) == (0, [])
    assert lookup.taggings(session, reader) == []
