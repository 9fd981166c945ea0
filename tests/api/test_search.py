"""Search by programs: the answer of the contract, within what their person sees."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlmodel import select

from research_repo.cli import run
from research_repo.core import study_tags, tagging, tags
from research_repo.core.db import Database
from research_repo.core.models import Person, SearchMiss
from tests import make
from tests.api.conftest import Program

HIT = {"id", "external_id", "kind", "title", "study", "score", "strength", "tags", "why"}


@pytest.fixture
def filled(app: Flask, database: Database, anna: Person) -> dict[str, str]:
    with database.saving() as session:
        basket = make.tag(session, anna, "Корзина", en="Basket")
        refund = make.tag(session, anna, "Возврат", en="Refund", under=basket, also=["рефанд"])
        shown = make.atom(
            session, anna, "Деньги приходят через месяц", tags=[refund], external_id="T-1"
        )
        make.atom(session, anna, "Price is seen first", kind="insight")
        closed = make.study(session, anna, "closed", access="members")
        hidden = make.atom(session, anna, "Secret refund plan", closed, tags=[refund])
    app.extensions["house"].search.catch_up()
    return {
        "basket": basket.key,
        "refund": refund.key,
        "shown": shown.key,
        "hidden": hidden.key,
    }


def test_an_answer_has_the_shape_of_the_contract(marina: Program, filled: dict[str, str]) -> None:
    answer = marina.get("/search", q="рефанд")
    assert set(answer) == {
        "total", "totals", "hits", "facets", "counts", "corrections", "studies", "told",
    }  # fmt: skip
    assert answer["totals"] == {"any": 1, "all": 1}
    assert answer["total"] == 1
    (hit,) = answer["hits"]
    assert set(hit) == HIT
    assert (hit["id"], hit["external_id"], hit["study"]) == (filled["shown"], "T-1", "returns")
    assert [(tag["key"], tag["via"]) for tag in hit["tags"]] == [
        (filled["refund"], "asserted"),
        (filled["basket"], "inherited"),
    ]
    assert all(set(tag) == {"key", "path", "label", "via", "through"} for tag in hit["tags"])
    assert hit["why"]
    assert all(set(why) in ({"field", "text"}, {"tag", "text"}) for why in hit["why"])
    assert {facet["key"]: facet["count"] for facet in answer["facets"]} == {
        filled["refund"]: 1,
        filled["basket"]: 1,
    }


def test_the_command_line_answers_the_same(
    admin: Program,
    filled: dict[str, str],
    capfd: pytest.CaptureFixture[str],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import json

    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(database.folder))
    monkeypatch.setenv("RESEARCH_REPO_DATABASE_URL", database.url)
    assert run(["search", "refund", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == admin.get("/search", q="refund")


@pytest.mark.parametrize("name", ["basket", "Product area > Basket", "корзина"])
def test_a_tag_is_named_by_key_path_or_label(
    marina: Program, filled: dict[str, str], name: str
) -> None:
    answer = marina.get("/search", tag=filled.get(name, name))
    assert [hit["id"] for hit in answer["hits"]] == [filled["shown"]]


def test_filters_left_empty_filter_nothing(marina: Program, filled: dict[str, str]) -> None:
    assert marina.get("/search", q="", tag="", kind="", study="")["total"] == 2
    assert marina.get("/search", kind="insight")["total"] == 1
    assert marina.get("/search", kind=["insight", "fact"], study="RETURNS")["total"] == 1
    assert marina.get("/search", limit=1, offset=1)["hits"] != []


FILTERS = {
    "exact=Refund": ["T-1"],
    "exact=Basket": [],
    "method=other": ["T-1"],
    "by=Anna": ["T-1", None],
    "by=me": [],
    "lang=ru": ["T-1"],
    "has=quote": [],
    "after=2100": [],
    "before=2100-01&after=01.01.2020": ["T-1", None],
    "status=draft": [],
    "not=kind:fact": [None],
    "not=tag:Basket": [None],
    "not=tag:%3DBasket&not=lang:en": ["T-1"],
    "q=деньги price&match=all": [],
    "q=деньги price&sort=date&match=any": ["T-1", None],
    "q=kind:insight": [None],
    'q=-тег:"Корзина"': [None],
}


@pytest.mark.parametrize("values", list(FILTERS))
def test_a_search_is_narrowed_by_filters(
    marina: Program, filled: dict[str, str], values: str
) -> None:
    answer = marina.ask("GET", f"/search?{values}")
    assert answer.status_code == 200, answer.json
    assert {hit["external_id"] for hit in answer.json["hits"]} == set(FILTERS[values])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ("exact=Nowhere", "exact"),
        ("by=Nobody", "by"),
        ("after=99999", "after"),
        ("before=soon", "before"),
        ("not=kind:rumour", "not"),
        ("not=fact", "not"),
        ("not=after:2025", "not"),
        ("method=guess", "method"),
        ("match=some", "match"),
    ],
)
def test_a_filter_that_names_nothing_is_refused_with_advice(
    marina: Program, filled: dict[str, str], values: str, field: str
) -> None:
    answer = marina.ask("GET", f"/search?{values}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"].startswith(field)
    assert answer.json["errors"][0]["advice"]


def test_what_a_query_says_wrong_is_told_and_searched_as_words(
    marina: Program, filled: dict[str, str]
) -> None:
    answer = marina.get("/search", q="tag:price")
    assert [hit["title"] for hit in answer["hits"]] == ["Price is seen first"]
    assert answer["told"] == ["There is no tag “price”. It was searched as words."]


def test_counts_tell_what_each_filter_would_leave(
    admin: Program, marina: Program, filled: dict[str, str]
) -> None:
    counts = marina.get("/search", kind="insight")["counts"]
    told = {(one["filter"], one["value"]): one["count"] for one in counts}
    assert told["kind", "fact"] == told["kind", "insight"] == 1
    assert ("study", "closed") not in told
    assert {count for (name, _), count in told.items() if name == "lang"} == {1}
    theirs = admin.get("/search")["counts"]
    assert {"filter": "study", "value": "closed", "label": "How people return a parcel",
            "count": 1} in theirs  # fmt: skip


def test_what_a_person_does_not_see_is_in_no_answer(
    admin: Program, marina: Program, filled: dict[str, str]
) -> None:
    assert admin.get("/search", q="secret refund plan")["total"] == 2
    seen = marina.get("/search", q="secret refund plan")
    assert filled["hidden"] not in [hit["id"] for hit in seen["hits"]]
    assert {facet["count"] for facet in seen["facets"]} <= {1}
    assert marina.ask("GET", "/search?study=closed").status_code == 404
    assert marina.ask("GET", "/search?study=unknown").status_code == 404


def test_a_tag_that_is_not_there_is_refused_with_advice(marina: Program) -> None:
    answer = marina.ask("GET", "/search?tag=Nowhere")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "tag"


def test_a_tag_merged_since_is_told_as_redirected(
    admin: Program, database: Database, anna: Person, filled: dict[str, str]
) -> None:
    with database.saving() as session:
        old = make.tag(session, anna, "Chargeback")
        make.atom(session, anna, "Banks take it back", tags=[old])
        stored = tags.get(session, old.key)
        stored.replaced_by = tags.get(session, filled["refund"]).id
    answer = admin.get("/search", q="banks")
    via = {tag["key"]: tag["via"] for tag in answer["hits"][0]["tags"]}
    assert via == {filled["refund"]: "redirected", filled["basket"]: "inherited"}


def test_a_tag_of_the_study_is_told_apart_from_what_a_tag_below_implies(
    admin: Program, database: Database, anna: Person, filled: dict[str, str]
) -> None:
    with database.saving() as session:
        study = make.study(session, anna, "lent")
        refund = tags.get(session, filled["refund"])
        study_tags.put(session, anna, study, [refund.id])
        atom = make.atom(session, anna, "Kiosks are closed", study=study)
    answer = admin.get("/search", q="kiosks")
    told = {tag["key"]: (tag["via"], tag["through"]) for tag in answer["hits"][0]["tags"]}
    assert told == {
        filled["refund"]: ("inherited", "study"),
        filled["basket"]: ("inherited", "tag"),
    }
    assert admin.get("/search", tag=filled["basket"], q="kiosks")["total"] == 1
    read = admin.get(f"/atoms/{atom.key}")
    assert (read["tags"], [tag["key"] for tag in read["study_tags"]]) == ([], [filled["refund"]])
    assert [tag["key"] for tag in admin.get("/studies/lent")["tags"]] == [filled["refund"]]


def test_a_long_query_is_cut_and_never_refused(marina: Program, filled: dict[str, str]) -> None:
    assert marina.get("/search", q="деньги " * 200)["total"] == 1


@pytest.mark.parametrize(
    "values",
    ["limit=0", "limit=101", "limit=ten", "offset=-1", "kind=rumour", "limit=1&limit=2", "page=2"],
)
def test_what_a_search_cannot_use_is_refused(marina: Program, values: str) -> None:
    answer = marina.ask("GET", f"/search?{values}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["advice"]


def test_many_tags_are_asked_for_at_once(
    app: Flask, admin: Program, database: Database, anna: Person
) -> None:
    """Words of a hit's tags come with a few questions, however many tags there are."""
    with database.saving() as session:
        for number in range(6):
            top = make.tag(session, anna, f"Top {number}")
            leaf = make.tag(session, anna, f"Leaf {number}", under=top)
            make.atom(session, anna, f"Slow {number}", tags=[leaf])
        assert tagging.recent(session, anna)
    app.extensions["house"].search.catch_up()
    answer = admin.get("/search", q="slow")
    assert answer["total"] == 6
    assert all(len(hit["tags"]) == 2 for hit in answer["hits"])


def missing(app: Flask, database: Database) -> list[str]:
    app.extensions["misses"].write()
    with database.reading() as session:
        return sorted(session.exec(select(SearchMiss.text)))


def test_words_that_a_program_does_not_find_come_to_the_curators(
    app: Flask, database: Database, marina: Program, filled: dict[str, str]
) -> None:
    marina.get("/search", q="giraffes", limit=5)
    marina.get("/search", q="okapi", kind="insight")
    marina.get("/search", q="zebras", offset=20)
    marina.get("/search", q="olga@example.org")
    assert missing(app, database) == ["giraffes"]


def test_words_of_a_closed_study_that_a_program_searches_are_not_noted(
    app: Flask, database: Database, anna: Person, marina: Program, filled: dict[str, str]
) -> None:
    with database.saving() as session:
        make.study(session, anna, "merger", "Zebrafish merger", access="members")
    app.extensions["house"].search.catch_up()
    for text in ("zebrafish", "Zebrafish merger", "secret plan", "zebrafihs"):
        marina.get("/search", q=text)
    assert missing(app, database) == []
