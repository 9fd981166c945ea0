"""The pages for looking: what they count is what a search finds, for whoever looks."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import clock, review_periods, schemes
from research_repo.core.db import Database
from research_repo.core.models import Person, Tag
from research_repo.search import from_address
from research_repo.search.files import Damaged
from research_repo.web import coverage
from tests import make
from tests.web.conftest import sign_in

CELL = re.compile(
    r'<td class="(?:heat-\d|map-all)">(?:<span>)?(?:<a href="([^"]+)"[^>]*>)?([\d  ]+)<'
)


@pytest.fixture
def owner(database: Database, admin: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Marina", "researcher")


@pytest.fixture
def reader(database: Database, admin: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Olga", "reader")


@pytest.fixture
def journey(app: Flask, database: Database, admin: Person, owner: Person) -> dict[str, Tag]:
    """Layers, stages, experiences and segments, on findings of an open and of a closed study."""
    with database.saving() as session:
        for key, name in (("journey-layer", "Layer"), ("experience", "Experience")):
            schemes.add(session, admin, {"en": name}, key=key)
        made = {
            name: make.tag(session, admin, name, scheme=group)
            for group, names in (
                ("journey-layer", ("Thoughts", "Actions")),
                ("journey-stage", ("Attract", "Retain")),
                ("experience", ("Customer", "Employee")),
                ("segment", ("New", "Loyal")),
            )
            for name in names
        }
        made["Doubts"] = make.tag(session, admin, "Doubts", "journey-layer", made["Thoughts"])
        hidden = make.study(session, owner, "closed", access="members")
        shown = make.study(session, owner, "open")
        carried = [
            (shown, ("Doubts", "Attract", "New", "Customer", "Employee")),
            (shown, ("Thoughts", "Attract", "Loyal", "Customer")),
            (shown, ("Actions", "Retain", "New")),
            (hidden, ("Doubts", "Attract", "New", "Employee")),
            (hidden, ("Actions", "Attract")),
        ]
        for number, (study, names) in enumerate(carried):
            tags = [made[name] for name in names]
            make.atom(session, owner, f"Claim {number}", study=study, tags=tags)
    app.extensions["house"].search.catch_up()
    return made


def text_of(client: FlaskClient, address: str, code: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == code
    return unescape(answer.get_data(as_text=True))


def cells_of(page: str) -> list[tuple[str, int]]:
    """The address of each cell and total of a map, and its number."""
    return [(href, int(re.sub(r"\D", "", count))) for href, count in CELL.findall(page)]


def found_at(app: Flask, by: Person, address: str) -> int:
    wanted = from_address(parse_qs(urlsplit(address).query))
    return app.extensions["house"].search.find(wanted, by).total


@pytest.mark.parametrize("who", ["owner", "reader", "admin"])
def test_each_cell_opens_as_many_findings_as_it_says(
    app: Flask,
    client: FlaskClient,
    journey: dict[str, Tag],
    request: pytest.FixtureRequest,
    who: str,
) -> None:
    by: Person = request.getfixturevalue(who)
    browser = sign_in(client, by)
    new, loyal, customer = (journey[name].key for name in ("New", "Loyal", "Customer"))
    followed = 0
    for address in (
        "/map?rows=journey-layer&columns=journey-stage",
        f"/map?rows=journey-layer&columns=journey-stage&tag={new}",
        f"/map?rows=segment&columns=journey-stage&tag={new}&tag={loyal}",
        f"/map?rows=experience&columns=experience&tag={customer}",
        "/map?rows=experience&columns=experience",
        f"/map?rows_under={journey['Thoughts'].key}&columns=experience&kind=fact",
        f"/map?rows=journey-layer&columns_under={journey['Thoughts'].key}",
        "/map?rows=segment&columns=segment&study=open",
    ):
        for href, count in cells_of(text_of(browser, address)):
            if href:
                followed += 1
                assert found_at(app, by, href) == count, (address, href)
            if href and followed % 9 == 0:
                assert f"{count}" in text_of(browser, href)
    assert followed > 40


def test_a_map_of_a_group_with_itself_tells_where_its_tags_meet(
    client: FlaskClient, journey: dict[str, Tag], reader: Person, owner: Person
) -> None:
    page = text_of(sign_in(client, owner), "/map?rows=experience&columns=experience")
    assert "Total Experience" in page
    counts = [count for _, count in cells_of(page)]
    # Customer, Employee and all of each row; then the totals of the columns, and all there is.
    assert counts == [2, 1, 2, 1, 2, 2, 2, 2, 5]
    page = text_of(sign_in(client, reader), "/map?rows=experience&columns=experience")
    assert [count for _, count in cells_of(page)] == [2, 1, 2, 1, 1, 1, 2, 1, 3]


def test_a_side_goes_deeper_by_its_head_and_back_by_its_path(
    client: FlaskClient, journey: dict[str, Tag], owner: Person
) -> None:
    browser = sign_in(client, owner)
    page = text_of(browser, "/map?rows=journey-layer&columns=journey-stage")
    below = re.search(r'class="map-deeper" href="([^"]+)"', page)
    assert below is not None
    deeper = text_of(browser, below[1])
    assert "Doubts" in deeper
    assert "Actions" not in deeper.split('class="map"')[1]
    assert 'href="/map?rows=journey-layer&columns=journey-stage"' in deeper


def test_maps_that_research_knows_by_name_are_offered_once_their_groups_are_there(
    client: FlaskClient, journey: dict[str, Tag], reader: Person, admin: Person
) -> None:
    page = text_of(sign_in(client, reader), "/map?rows=journey-layer&columns=journey-stage")
    assert 'href="/map?rows=experience&columns=experience"' in page
    assert "Empathy map by segment" not in page
    page = text_of(sign_in(client, admin), "/map")
    assert "Empathy map by segment" in page


def test_a_map_is_drawn_for_each_segment_by_a_click(
    client: FlaskClient, journey: dict[str, Tag], reader: Person
) -> None:
    page = text_of(sign_in(client, reader), "/map?rows=journey-layer&columns=journey-stage")
    assert f"columns=journey-stage&tag={journey['Loyal'].key}" in page


def test_tags_typed_into_the_form_become_the_address_of_a_map(
    client: FlaskClient, journey: dict[str, Tag], reader: Person
) -> None:
    browser = sign_in(client, reader)
    before = "/map?rows=journey-layer&columns=journey-stage"
    answer = browser.get(f"{before}&only=Segment > New; Customer")
    assert answer.status_code == 303
    keys = [journey[name].key for name in ("New", "Customer")]
    assert answer.headers["Location"] == f"{before}&tag={keys[0]}&tag={keys[1]}"
    page = text_of(browser, answer.headers["Location"])
    assert 'value="Segment > New; Experience > Customer"' in page


@pytest.mark.parametrize(
    "typed", ["Nobody knows", "a > b > c", "\x00", "=HYPERLINK(1)", "x" * 4000]
)
def test_an_unknown_tag_is_refused_beside_its_field_and_the_map_stays(
    client: FlaskClient, journey: dict[str, Tag], reader: Person, typed: str
) -> None:
    answer = sign_in(client, reader).get("/map", query_string={"only": typed})
    if typed == "\x00":
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    page = unescape(answer.get_data(as_text=True))
    assert 'id="f-only-error"' in page
    assert 'class="map"' in page


@pytest.mark.parametrize(
    "address",
    [
        "/map?rows=nothing", "/map?columns_under=nothing", "/map?rows_under=%00",
        "/coverage?group=nothing", "/coverage?under=nothing",
    ],
)  # fmt: skip
def test_a_group_or_a_tag_that_is_not_there_is_not_found(
    client: FlaskClient, journey: dict[str, Tag], reader: Person, address: str
) -> None:
    text_of(sign_in(client, reader), address, 404)


@pytest.mark.parametrize("address", ["/map", "/coverage", "/strength", "/map.csv", "/map.svg"])
def test_an_empty_repository_says_what_would_be_here(
    app: Flask, client: FlaskClient, admin: Person, reader: Person, address: str
) -> None:
    app.extensions["house"].search.catch_up()
    for person in (admin, reader):
        text_of(sign_in(client, person), address)


def test_a_map_is_kept_as_a_table_and_as_a_drawing(
    client: FlaskClient, database: Database, journey: dict[str, Tag], owner: Person, admin: Person
) -> None:
    with database.saving() as session:
        make.tag(session, admin, "=HYPERLINK(1)", scheme="journey-stage")
    browser = sign_in(client, owner)
    asked = "rows=journey-layer&columns=journey-stage"
    lines = text_of(browser, f"/map.csv?{asked}").lstrip("\ufeff").split("\r\n")
    assert lines[0] == "Layer,Attract,Retain,'=HYPERLINK(1)"
    assert lines[1] == "Thoughts,3,0,0"
    drawn = browser.get(f"/map.svg?{asked}")
    assert drawn.mimetype == "image/svg+xml"
    assert "attachment" in drawn.headers["Content-Disposition"]
    assert "Thoughts" in drawn.get_data(as_text=True)


def test_coverage_tells_what_is_known_under_each_tag_and_opens_it(
    app: Flask, client: FlaskClient, journey: dict[str, Tag], owner: Person, reader: Person
) -> None:
    for person, thoughts in ((owner, 3), (reader, 2)):
        page = text_of(sign_in(client, person), "/coverage?group=journey-layer")
        row = page.split("<tbody>")[1].split("</tr>")[0]
        assert "Thoughts" in row
        assert f">{thoughts}</a>" in row
        assert "little" in row
        href = re.search(r'href="(/search[^"]+)"', row)
        assert href is not None
        assert found_at(app, person, href[1]) == thoughts
    assert "nothing" in text_of(sign_in(client, reader), "/coverage?group=product-area")


def test_coverage_goes_one_level_deeper_and_marks_what_is_old(
    app: Flask, client: FlaskClient, database: Database, journey: dict[str, Tag], owner: Person
) -> None:
    long_ago = clock.months_after(clock.today(), -review_periods.OTHERS - 1)
    with database.saving() as session:
        old = make.tag(session, owner, "Once", "journey-layer", journey["Actions"])
        make.atom(session, owner, "Once upon a time", tags=[old], observed_on=long_ago)
    app.extensions["house"].search.catch_up()
    browser = sign_in(client, owner)
    assert 'class="cover-old"' not in text_of(browser, "/coverage?group=journey-layer")
    page = text_of(browser, f"/coverage?under={journey['Actions'].key}")
    assert 'class="cover-old"' in page
    assert "Thoughts" not in page.split("<tbody>")[1]


def test_coverage_sums_up_the_whole_level_though_not_all_of_it_is_shown(
    app: Flask,
    client: FlaskClient,
    journey: dict[str, Tag],
    owner: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage, "ROWS_MAX", 1)
    page = text_of(sign_in(client, owner), "/coverage?group=journey-layer")
    assert "1 of 2 are shown." in page
    assert re.search(r"2\stags: little\s— 2\.", page)


def test_strength_is_summed_over_what_the_reader_sees(
    client: FlaskClient, journey: dict[str, Tag], owner: Person, reader: Person
) -> None:
    for person, count in ((owner, 5), (reader, 3)):
        page = text_of(sign_in(client, person), "/strength")
        assert f"Of {count} published findings" in page
        assert "/search?kind=fact&sort=strength" in page


def test_a_closed_study_is_not_named_on_the_page_of_strength(
    client: FlaskClient, database: Database, journey: dict[str, Tag], owner: Person, reader: Person
) -> None:
    assert "/search?study=closed" in text_of(sign_in(client, owner), "/strength")
    assert "/search?study=closed" not in text_of(sign_in(client, reader), "/strength")


def test_months_of_strength_open_the_findings_of_the_month(
    app: Flask, client: FlaskClient, database: Database, journey: dict[str, Tag], owner: Person
) -> None:
    today = clock.today()
    page = text_of(sign_in(client, owner), "/strength")
    first = date(today.year, today.month, 1)
    href = re.search(rf'href="(/search\?after={first}[^"]+)"', page)
    assert href is not None
    assert found_at(app, owner, href[1]) == 5


@pytest.mark.parametrize("address", ["/map", "/coverage", "/strength"])
def test_while_the_index_is_rebuilt_the_page_says_to_come_back(
    app: Flask, client: FlaskClient, journey: dict[str, Tag], reader: Person, address: str
) -> None:
    app.extensions["house"].search.live.report(Damaged("by hand"))
    text_of(sign_in(client, reader), address, 503)
