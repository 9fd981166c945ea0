"""Many results in the hand, in a real browser: Shift, x, all that match; the clipboard; without script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from research_repo.core.db import Session
from research_repo.core.models import Person
from tests import make
from tests.browser import Place, faults, place_with, sideways

pytestmark = [pytest.mark.slow, pytest.mark.browser]

COUNT = 25


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server with more than a page of results."""
    folder = tmp_path_factory.mktemp("place") / "instance"
    with place_with(folder, fill, background=True) as place:
        yield place


def fill(session: Session) -> Person:
    anna = make.person(session, "Anna", "admin")
    make.tag(session, anna, "Refund")
    study = make.study(session, anna)
    for n in range(COUNT):
        make.atom(session, anna, f"Parcel {n} came late", study, quote=f"Week {n}!", who="P1")
    make.atom(session, anna, "Parcel came broken", study)
    return anna


@pytest.fixture(autouse=True)
def clipboard(page: Page, place: Place) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=place.address)


def ticked(page: Page) -> list[bool]:
    return page.eval_on_selector_all("input[name=atom]", "all => all.map((one) => one.checked)")


def test_shift_takes_a_range_and_the_bar_comes_and_goes(page: Page) -> None:
    page.goto("/search?q=parcel+late")
    bar, boxes = page.locator("[data-pick-bar]"), page.locator("input[name=atom]")
    expect(bar).to_be_hidden()
    boxes.nth(4).click()
    boxes.nth(1).click(modifiers=["Shift"])
    assert ticked(page)[:6] == [False, True, True, True, True, False]
    expect(bar.locator("[data-picked]")).to_have_text("4 selected")
    boxes.nth(3).click(modifiers=["Shift"])
    assert ticked(page)[:6] == [False, False, False, False, True, False]
    bar.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()
    assert not any(ticked(page))


def test_x_takes_the_result_in_focus_and_the_bar_never_covers_it(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto("/search?q=parcel+late")
    page.keyboard.press("j")
    for _ in range(6):
        page.keyboard.press("x")
        page.keyboard.press("j")
        page.wait_for_timeout(50)
        box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
        middle = [box["x"] + 5, box["y"] + 5]
        hit = page.evaluate(
            "([x, y]) => document.activeElement.contains(document.elementFromPoint(x, y))", middle
        )
        assert hit, "the bar or the head covers the focus"
    assert ticked(page)[:7] == [True] * 6 + [False]
    page.keyboard.press("k")
    page.keyboard.press("x")
    assert ticked(page)[5] is False
    assert sideways(page) == 0


def test_a_whole_page_leads_to_all_that_hold_all_the_words(page: Page, place: Place) -> None:
    page.goto("/search?q=parcel+late")
    page.locator("input[name=atom]").first.click()
    expect(page.locator("[data-pick-all]")).to_be_hidden()
    page.get_by_role("button", name="All on this page").click()
    assert all(ticked(page))
    page.get_by_label("all 25 that hold all the words").check()
    expect(page.locator("[data-picked]")).to_have_text("25 selected")
    page.locator("input[name=atom]").first.click()
    expect(page.locator("[data-picked]")).to_have_text("19 selected")
    page.locator("input[name=atom]").first.click()
    page.get_by_label("all 25 that hold all the words").check()
    assert faults(page) == []
    page.get_by_role("button", name="Tag…").click()
    expect(page.locator("h1")).to_have_text("Tag the selected findings")
    assert faults(page) == []
    page.locator("#f-add-ts-control").click()
    page.keyboard.type("Refund")
    page.locator(".opt-label").first.click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bulk-sum")).to_contain_text("25 findings change.")
    assert faults(page) == []
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#progress")).to_contain_text("25 findings were tagged.")
    assert faults(page) == []
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#progress")).to_contain_text("Undone on 25 findings.")


def test_findings_go_into_the_clipboard(page: Page, place: Place) -> None:
    page.goto("/search?q=parcel+late")
    title = page.locator("[data-result] .claim").first.inner_text()
    page.locator("input[name=atom]").first.click()
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.locator("[data-pick-said]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"### [{title}]({place.address}/atoms/")
    assert "> Week" in copied


def test_a_file_can_be_taken_twice_from_one_page(page: Page) -> None:
    page.goto("/search?q=parcel+late")
    page.locator("input[name=atom]").first.click()
    page.get_by_role("button", name="Export…").click()
    assert faults(page) == []
    for _ in range(2):
        with page.expect_download() as taken:
            page.get_by_role("button", name="Download").click()
        assert taken.value.suggested_filename == "findings.csv"


def test_all_of_it_works_without_script(place: Place, browser: Browser) -> None:
    context = browser.new_context(locale="en", base_url=place.address, java_script_enabled=False)
    place.enter(context)
    page = context.new_page()
    page.goto("/search?q=parcel+late")
    page.locator("input[name=atom]").nth(0).check()
    page.locator("input[name=atom]").nth(2).check()
    page.get_by_role("button", name="Copy as Markdown").click()
    assert page.locator("textarea").input_value().count("###") == 2
    page.goto("/search?q=parcel+late")
    page.get_by_label("all 25 that hold all the words").check()
    page.get_by_role("button", name="Tag…").click()
    page.fill("#f-add", "Refund")
    page.get_by_role("button", name="Look what it does").click()
    expect(page.locator(".bulk-sum")).to_contain_text("25 findings change.")
    context.close()
