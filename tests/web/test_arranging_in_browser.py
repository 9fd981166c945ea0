"""A report is arranged in a real browser: by buttons, by dragging, and without script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from research_repo.core import report_writing
from research_repo.core.db import Session
from research_repo.core.models import Person
from tests import make
from tests.browser import Place, place_with

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    def fill(session: Session) -> Person:
        anna = make.person(session, "Anna", "admin")
        study = make.study(session, anna, questions=["Why do they call?"])
        for title in ("Seven wait", "The box is torn", "Nobody reads it"):
            make.atom(session, anna, title, study)
        report_writing.of_study(session, anna, study.key, "en")
        return anna

    with place_with(tmp_path_factory.mktemp("place") / "instance", fill) as place:
        yield place


def opened(page: Page, tab: str) -> None:
    """The form of the study's report."""
    page.goto("/studies/returns/report")
    page.get_by_role("link", name="Arrange", exact=True).click()
    page.get_by_role("link", name=tab).click()


def parts(page: Page) -> list[str]:
    """The headings of the sections, in the order of the form."""
    return [one.input_value() for one in page.locator("[data-sort=sections] [data-name]").all()]


def claims(page: Page, place: str) -> Locator:
    """The claims of a place."""
    return page.locator(f"[data-place={place}] [data-name]")


def test_sections_are_moved_by_keyboard_and_saved_together(page: Page) -> None:
    opened(page, "Sections and words")
    before = parts(page)
    page.get_by_role("button", name=f"Up: {before[1]}").focus()
    page.keyboard.press("Enter")
    assert parts(page)[:2] == [before[1], before[0]]
    expect(page.get_by_role("button", name=f"Up: {before[1]}")).to_be_focused()
    expect(page.locator("#arranged")).to_have_text(f"{before[1]}: place 1 of {len(before)}")
    expect(page.get_by_text("The new order is not saved yet.")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Saved")
    opened(page, "Sections and words")
    assert parts(page)[:2] == [before[1], before[0]]


def test_a_section_is_dragged_by_its_handle(page: Page) -> None:
    opened(page, "Sections and words")
    before = parts(page)
    page.locator("[data-row] .grip").nth(2).drag_to(page.locator("[data-row] .grip").nth(0))
    assert parts(page)[:3] == [before[2], before[0], before[1]]


def test_a_claim_is_dragged_to_a_question_and_stays_there(page: Page) -> None:
    opened(page, "Where each claim stands")
    question = page.locator("[data-place^=q]")
    with page.expect_response("**/claims") as answer:
        claims(page, "also").filter(has_text="torn").drag_to(question)
    assert answer.value.status == 204
    page.reload()
    expect(question.locator("[data-name]")).to_have_text(["The box is torn"])
    expect(claims(page, "also")).to_have_text(["Seven wait", "Nobody reads it"])


def test_a_claim_is_moved_by_its_button_without_a_new_page(page: Page) -> None:
    opened(page, "Where each claim stands")
    page.evaluate("window.isSame = true")
    with page.expect_response("**/claims"):
        page.get_by_role("button", name="Down: Seven wait").click()
    after = ["The box is torn", "Seven wait", "Nobody reads it"]
    expect(claims(page, "also")).to_have_text(after)
    assert page.evaluate("window.isSame")
    page.reload()
    expect(claims(page, "also")).to_have_text(after)


def test_a_move_that_fails_is_told_and_taken_back(page: Page) -> None:
    opened(page, "Where each claim stands")
    page.route("**/claims", lambda route: route.abort())
    page.get_by_role("button", name="Down: Seven wait").click()
    expect(page.locator("#arranged")).to_contain_text("It was not saved.")
    expect(claims(page, "also").first).to_have_text("Seven wait")


def test_without_script_both_are_arranged_all_the_same(place: Place, browser: Browser) -> None:
    context = browser.new_context(locale="en", base_url=place.address, java_script_enabled=False)
    page = place.enter(context).new_page()
    opened(page, "Sections and words")
    before = parts(page)
    page.get_by_role("button", name=f"Down: {before[0]}").click()
    assert parts(page)[:2] == [before[1], before[0]]
    opened(page, "Where each claim stands")
    page.get_by_label("Select: Nobody reads it").check()
    page.get_by_label("Where it goes").select_option(label="1. Why do they call?")
    page.get_by_role("button", name="Put it there").click()
    expect(page.locator("[data-place^=q] [data-name]")).to_have_text(["Nobody reads it"])
    context.close()
