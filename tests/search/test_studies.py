"""Studies are found by their own words and tags, by each person only those that exist for them."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from research_repo.core import access, studies, study_tags
from research_repo.core.models import Study, Tag
from research_repo.search import Correction, StudiesFound, Wanted
from tests import make
from tests.search.conftest import House


def found(house: House, text: str = "", by: str = "olga", **wanted: Any) -> StudiesFound:
    house.search.catch_up()
    return house.search.studies(Wanted(text=text, **wanted), house.people[by])


def keys(house: House, text: str = "", by: str = "olga", **wanted: Any) -> list[str]:
    """The keys of the studies that are found, the best first."""
    hits = found(house, text, by, **wanted).hits
    with house.database.reading() as session:
        return [session.get_one(Study, hit.study_id).key for hit in hits]


def put_tags(house: House, key: str, *tags: Tag) -> None:
    with house.database.saving() as session:
        study = access.study_to_read(session, house.people["marina"], key)
        study_tags.put(session, house.people["marina"], study, [tag.id for tag in tags])


def change(house: House, key: str, **values: Any) -> None:
    with house.database.saving() as session:
        study = access.study_to_read(session, house.people["marina"], key)
        wanted = studies.StudyValues(title=study.title, **values)
        studies.change(session, house.people["marina"], key, study.version, studies.ready(wanted))


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("title", "Почему возвращают обувь"),
        ("questions", ["Что мешает дойти до пункта выдачи?", "Почему возвращают обувь?"]),
        ("summary", "Обувь возвращают **из-за размера**."),
        ("background", "Возвраты обуви выросли."),
        ("approach", "Смотрели, как примеряют обувь дома."),
        ("limitations", "Детскую обувь не смотрели."),
    ],
)
def test_a_study_is_found_by_each_of_its_texts(house: House, part: str, text: Any) -> None:
    house.study("shoes", **{part: text})
    house.study("other", title="Seller interviews")
    assert keys(house, "обуви") == ["shoes"]
    assert keys(house, "обув*") == ["shoes"]


def test_a_phrase_keeps_its_order_and_an_excluded_word_takes_out(house: House) -> None:
    house.study("one", title="Parcel return in two days")
    house.study("two", title="Return of a parcel, two years on")
    assert keys(house, '"two days"') == ["one"]
    assert keys(house, "parcel -years") == ["one"]
    assert set(keys(house, "parcel")) == {"one", "two"}


def test_what_stands_in_the_title_comes_before_what_is_mentioned(house: House) -> None:
    house.study("mentions", title="Checkout", background="Some said that refunds were slow.")
    house.study("about", title="Refunds", background="Some said that checkout was slow.")
    assert keys(house, "refund")[0] == "about"
    assert keys(house, "checkout")[0] == "mentions"


def test_words_that_name_a_tag_bring_the_studies_of_its_subtree(house: House) -> None:
    returns = house.tag("Возвраты", en="Returns")
    refund = house.tag("Возврат денег", under=returns, also=["рефанд"])
    house.study("tagged", title="Interviews in March")
    house.study("plain", title="Interviews in May")
    put_tags(house, "tagged", refund)
    for text in ("рефанд", "Returns", "возвраты"):
        (hit,) = found(house, text).hits
        assert {why.tag_id for why in hit.why} & {refund.id, returns.id}
    assert keys(house, "рефанд", literal=True) == []
    assert keys(house, "рефанд", not_meant=(refund.key,)) == []
    assert keys(house, tags=(returns.key,)) == ["tagged"]
    assert keys(house, exact=(returns.key,)) == []


def test_a_typing_error_is_put_right_unless_some_atom_has_the_word(house: House) -> None:
    house.study("shoes", title="Why trainers come back")
    assert keys(house, "trianers") == ["shoes"]
    assert keys(house, "trianers", literal=True) == []
    house.atom("Trianers is the name of a brand")
    assert "shoes" not in keys(house, "trianers")


def test_a_misspelt_word_of_a_study_is_put_right_where_atoms_are_searched_too(house: House) -> None:
    house.study("shoes", title="Why trainers come back")
    assert house.find("trianers").corrections == (Correction("spelling", "trianers", "trainers"),)
    assert house.find("trainers").corrections == ()
    house.atom("Trainees are many")
    # What an atom says is meant rather than what a study says; a word of either is a word.
    assert house.find("traineers").corrections[0].used == "trainees"
    assert house.find("trainers").corrections == ()


def test_a_word_of_a_closed_study_is_offered_to_its_team_alone(house: House) -> None:
    house.study("closed", title="Zebrafish", access="members")
    assert house.find("zebrafihs", by="olga").corrections == ()
    assert house.find("zebrafihs").corrections[0].used == "zebrafish"


def test_a_correction_never_tells_a_word_of_a_closed_study(house: House) -> None:
    house.study("closed", title="Zebrafish", access="members")
    assert found(house, "zebrafihs").words == {"zebrafih"}
    assert "zebrafish" in found(house, "zebrafihs", by="marina").words


def test_a_closed_study_is_found_and_counted_for_its_team_alone(house: House) -> None:
    house.study("open", title="Refund interviews")
    house.study("closed", title="Refund survey", access="members")
    assert found(house, "refund").total == 1
    assert found(house, "refund", by="pavel").total == 1
    assert set(keys(house, "refund", by="marina")) == {"open", "closed"}
    assert set(keys(house, "refund", by="anna")) == {"open", "closed"}
    house.do(studies.add_member, "marina", "closed", house.people["olga"].email, False)
    assert found(house, "refund").total == 2
    house.do(studies.remove_member, "marina", "closed", house.people["olga"].id)
    assert found(house, "refund").total == 1


def test_every_change_of_a_study_is_found_at_once(house: House) -> None:
    assert keys(house, "parcel") == []
    house.study("one", title="Parcels", questions=["How long?"])
    assert keys(house, "parcel") == ["one"]
    change(house, "one", questions=[(None, "How far to the locker?")])
    assert keys(house, "locker") == ["one"]
    change(house, "one", access="members", questions=[(None, "How far to the locker?")])
    assert keys(house, "parcel") == []
    change(house, "one", summary="Lockers are far.")
    assert keys(house, "locker") == ["one"]
    tag = house.tag("Postbox")
    put_tags(house, "one", tag)
    assert keys(house, "postbox") == ["one"]
    put_tags(house, "one")
    assert keys(house, "postbox") == []


def test_filters_that_a_study_can_answer_hold_for_it(house: House) -> None:
    house.study("survey", title="Parcels by survey", method="survey", by="pavel")
    house.study("diary", title="Parcels by diary", method="diary")
    assert keys(house, "parcels", methods=("survey",)) == ["survey"]
    assert keys(house, "parcels", studies=("DIARY",)) == ["diary"]
    assert keys(house, "parcels", authors=(house.people["pavel"].id,)) == ["survey"]
    assert keys(house, "parcels", without=(("method", "survey"),)) == ["diary"]
    assert set(keys(house, "parcels", kinds=("insight",))) == {"survey", "diary"}
    assert keys(house, "parcels", has=("quote",)) == []


def test_a_study_that_answers_little_of_the_question_is_not_near(house: House) -> None:
    house.study("near", title="Late refunds of paid parcels")
    house.study("far", title="Support lines", background="Somebody spoke of parcels.")
    hits = found(house, "late refunds paid parcels").hits
    assert [hit.is_near for hit in hits] == [True, False]


def test_all_words_can_be_asked_for(house: House) -> None:
    house.study("both", title="Late parcels")
    house.study("one", title="Parcels")
    assert keys(house, "late parcels", match="all") == ["both"]


@pytest.mark.parametrize("text", ["", "((", "*", '"', "и в на", "-", "\x00", "x" * 10_000, "«»"])
def test_any_text_gives_an_answer(house: House, text: str) -> None:
    house.study("one", title="Parcels")
    assert found(house, text).total <= 1


def test_two_thousand_studies_answer_in_ten_milliseconds(house: House) -> None:
    made = random.Random(7)
    vocabulary = [f"word{number}" for number in range(3000)]
    with house.database.saving() as session:
        for number in range(2000):
            summary = " ".join(made.choices(vocabulary, k=60))
            make.study(session, house.people["marina"], f"s{number}", "Refund", summary=summary)
    assert found(house, "refund").total == 2000
    spent = []
    for _ in range(20):
        text = " ".join(["refund", *made.choices(vocabulary, k=3)])
        begun = time.process_time()
        found_now = house.search.studies(Wanted(text=text), house.people["olga"])
        spent.append(time.process_time() - begun)
        assert found_now.total == 2000
    assert sorted(spent)[10] < 0.02
