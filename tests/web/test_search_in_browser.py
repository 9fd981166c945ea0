"""The search by keyboard alone, in a real browser: typing ahead, the palette, going through results."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from research_repo.core.db import Session
from research_repo.core.models import Person
from tests import make
from tests.browser import Place, faults, place_with, sideways

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = (
    "/search?q=parcel", "/search?q=parcel&view=studies", "/search?q=рефанд", "/search?q=parcel&match=all",
    "/search?q=жираф&kind=insight", "/search?q=parcle", "/search?q=parcel&page=2",
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server with thirty findings in two studies."""
    folder = tmp_path_factory.mktemp("search") / "instance"
    with place_with(folder, fill, background=True) as place:
        yield place


def fill(session: Session) -> Person:
    anna = make.person(session, "Anna", "admin")
    returns = make.tag(session, anna, "Возвраты", en="Returns")
    refund = make.tag(session, anna, "Возврат денег", under=returns, also=["рефанд"], en="Refund")
    studies = [make.study(session, anna, key, f"Study {key}") for key in ("one", "two")]
    for number in range(30):
        make.atom(
            session, anna, f"Parcel {number} waited", studies[number % 2], tags=[refund],
            quote="Where is my parcel?" if number % 3 == 0 else "",
        )  # fmt: skip
    return anna


def field(page: Page) -> str:
    return str(page.evaluate("document.activeElement.value"))


def test_a_tag_is_chosen_while_typing_by_keyboard_alone(page: Page) -> None:
    page.goto("/studies")
    page.keyboard.press("/")
    page.keyboard.type("реф")
    rows = page.locator("#find-list [role=option]")
    expect(rows.first).to_contain_text("Refund")
    box = page.get_by_role("combobox", name="A question or words")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(rows.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(rows.first.get_attribute("id")))
    assert faults(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?tag=*")
    expect(page.locator(".tag-x")).to_contain_text("Refund")


def test_a_filter_is_typed_from_its_first_letters_and_narrows(page: Page) -> None:
    page.goto("/search")
    page.keyboard.type("parcel stu")
    expect(page.locator("#q-list")).to_contain_text("study:")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    assert field(page) == "parcel study:"
    expect(page.locator("#q-list [role=option]")).to_have_count(2)
    page.keyboard.type("two")
    expect(page.locator("#q-list [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert field(page) == "parcel study:two "
    page.keyboard.press("Enter")
    expect(page.locator("#found li")).to_have_count(15)
    assert page.locator("#q").input_value() == "parcel"


def test_escape_closes_the_list_then_leaves_the_field_and_keeps_the_words(page: Page) -> None:
    page.goto("/studies")
    page.keyboard.press("/")
    page.keyboard.type("ref")
    expect(page.locator("#find-list")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#find-list")).to_be_hidden()
    assert field(page) == "ref"
    page.keyboard.press("Escape")
    expect(page.locator("#find")).not_to_be_focused()


def test_an_answer_to_earlier_letters_is_dropped(page: Page) -> None:
    page.goto("/studies")
    # The first answer comes last, even though it was broken off.
    page.evaluate(
        "(() => { const real = window.fetch; window.fetch = (address, asked) =>"
        " address.includes('q=refund&') ? new Promise((done) => setTimeout("
        "() => { window.isLate = true; done(real(address)) }, 900)) : real(address, asked) })()"
    )
    page.keyboard.press("/")
    page.keyboard.type("refund")
    page.wait_for_timeout(150)
    page.keyboard.type(" kind:")
    expect(page.locator("#find-list [role=option]")).to_have_count(1)
    page.wait_for_timeout(1500)
    assert page.evaluate("window.isLate")
    expect(page.locator("#find-list")).to_contain_text("fact")
    expect(page.locator("#find-list")).not_to_contain_text("Refund")


def test_the_field_is_reached_in_the_russian_layout(page: Page) -> None:
    page.goto("/studies")
    russian = (
        "new KeyboardEvent('keydown', {key: '.', code: 'Slash', bubbles: true, cancelable: true})"
    )
    page.evaluate(f"document.body.dispatchEvent({russian})")
    expect(page.locator("#find")).to_be_focused()


def test_the_palette_opens_over_any_page_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/account")
    link = page.get_by_role("link", name="Studies").first
    link.focus()
    page.keyboard.press("Control+KeyK")
    expect(page.locator("#palette-q")).to_be_focused()
    expect(page.locator("#palette-q-list")).to_contain_text("New fact")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    page.keyboard.press("Control+KeyK")
    page.keyboard.type("tags")
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(300)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tags")


def test_results_are_gone_through_and_opened_by_keyboard_and_come_back(page: Page) -> None:
    page.goto("/search?q=parcel")
    page.locator("h1").first.click(force=True)
    links = page.locator("[data-result] .claim a")
    for key, place in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(links.nth(place)).to_be_focused()
    for _ in range(12):
        page.keyboard.press("j")
    for _ in range(9):
        page.keyboard.press("k")
    covered = page.evaluate(
        "(() => { const box = document.activeElement.getBoundingClientRect();"
        "return box.top < document.querySelector('.top').getBoundingClientRect().bottom })()"
    )
    assert not covered
    title = links.nth(4).inner_text()
    expect(links.nth(4)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.go_back()
    expect(page).to_have_url(page.url.split("?")[0] + "?q=parcel")
    expect(links.nth(4)).to_be_focused()
    page.keyboard.press("]")
    page.wait_for_url("**page=2*")
    page.keyboard.press("[")
    page.wait_for_url(lambda address: "page=2" not in address)


def test_on_a_phone_the_filters_are_a_sheet_and_the_search_opens_over_the_page(
    place: Place, browser: Browser
) -> None:
    context = browser.new_context(
        locale="en", base_url=place.address, viewport={"width": 390, "height": 800}, has_touch=True
    )
    page = place.enter(context).new_page()
    page.goto("/search?q=parcel")
    expect(page.locator("#facets")).to_be_hidden()
    page.get_by_role("link", name="Filters").click()
    expect(page.locator("#facets")).to_be_visible()
    for label in ("Study one", "Study two", "Returns"):
        page.locator("#facets button.facet", has_text=label).last.click()
        expect(page.locator("#facets [aria-current]", has_text=label)).to_be_visible()
    shows = page.get_by_role("link", name="Show 30")
    expect(shows).to_be_in_viewport()
    assert faults(page) == []
    page.locator("#facets [aria-current]", has_text="Study two").click()
    shows = page.get_by_role("link", name="Show 15")
    expect(page.locator("#facets [aria-current]", has_text="Study one")).to_be_visible()
    shows.click()
    expect(page.locator("#facets")).to_be_hidden()
    expect(page.locator("#found li")).to_have_count(15)
    for width in (320, 360, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for summary in page.locator(".list-bar summary").all():
            summary.click()
            menu = page.locator(".list-bar details[open] > :not(summary)").bounding_box()
            assert menu is not None
            assert menu["x"] >= 0
            assert menu["x"] + menu["width"] <= width
    page.goto("/studies")
    page.get_by_role("link", name="Find").click()
    expect(page.locator("#palette-q")).to_be_focused()
    context.close()


def test_the_sheet_of_filters_opens_again_where_it_was(place: Place, browser: Browser) -> None:
    context = browser.new_context(
        locale="en", base_url=place.address, viewport={"width": 390, "height": 300}, has_touch=True
    )
    page = place.enter(context).new_page()
    page.goto("/search?q=parcel#facets")
    sheet = page.locator("#facets")
    sheet.evaluate("sheet => { sheet.scrollTop = 70 }")
    page.locator("#facets button.facet", has_text="Study two").click()
    expect(page.locator("#facets [aria-current]", has_text="Study two")).to_be_in_viewport()
    page.wait_for_load_state()
    assert sheet.evaluate("sheet => sheet.scrollTop") > 50
    expect(page.get_by_role("link", name="Show 15")).to_be_in_viewport()
    context.close()


def test_without_script_every_page_finds(place: Place, browser: Browser) -> None:
    context = browser.new_context(locale="en", base_url=place.address, java_script_enabled=False)
    page = place.enter(context).new_page()
    page.goto("/studies")
    page.locator("#find").fill("parcel study:two")
    page.keyboard.press("Enter")
    expect(page.locator("#found li")).to_have_count(15)
    page.locator("details.menu summary", has_text="Closest first").click()
    page.get_by_role("link", name="Newest first").click()
    assert "sort=date" in page.url
    page.get_by_role("link", name="By study").click()
    expect(page.get_by_role("heading", name="Study two")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("en", "light", 1280), ("ru", "dark", 320), ("ru", "light", 1280), ("en", "dark", 390)],
)
@pytest.mark.timeout(120)
def test_every_state_of_the_page_is_accessible_light_and_within_its_window(
    place: Place, browser: Browser, language: str, theme: str, width: int
) -> None:
    context = browser.new_context(
        locale=language,
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": 800},
        base_url=place.address,
    )
    place.enter(context)
    page = context.new_page()
    found = []
    for path in PAGES:
        answer = page.goto(path)
        assert answer
        assert len(answer.body()) < 100_000
        found += [f"{path}: {one}" for one in faults(page)]
        found += [f"{path}: wider"] if sideways(page) else []
    assert found == []
    context.close()
