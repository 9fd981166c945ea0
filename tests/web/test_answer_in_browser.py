"""The answer in the hands of people: copied by one press, and selected by hand where that fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from research_repo.core.db import Session
from research_repo.core.models import Person
from tests import make
from tests.browser import Place, place_with

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    def fill(session: Session) -> Person:
        anna = make.person(session, "Anna", "admin")
        make.atom(session, anna, "Silence costs trust", kind="insight", quote="Well?", who="R-1")
        return anna

    with place_with(tmp_path_factory.mktemp("answers") / "instance", fill) as place:
        yield place


def test_one_press_copies_the_answer_and_says_so_in_place(place: Place, browser: Browser) -> None:
    context = place.enter(browser.new_context(permissions=["clipboard-read", "clipboard-write"]))
    page = context.new_page()
    page.goto(f"{place.address}/search?q=trust")
    expect(page.locator(".copy-by-hand")).to_be_hidden()
    page.get_by_role("button", name="Copy answer").press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.locator("#answer-said")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "1. Silence costs trust" in copied
    assert "> “Well?” — R-1" in copied
    assert f"{place.address}/atoms/" in copied
    context.close()


def test_where_the_browser_forbids_it_the_text_opens(place: Place, browser: Browser) -> None:
    context = place.enter(browser.new_context())
    context.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject()}})"
    )
    page = context.new_page()
    page.goto(f"{place.address}/search?q=trust")
    page.get_by_role("button", name="Copy answer").click()
    expect(page.locator("#answer-text")).to_be_visible()
    expect(page.locator("#answer-text")).to_be_focused()
    context.close()


def test_without_script_the_text_is_there_to_be_selected(place: Place, browser: Browser) -> None:
    context = place.enter(browser.new_context(java_script_enabled=False))
    page = context.new_page()
    page.goto(f"{place.address}/search?q=trust")
    expect(page.locator("[data-copy-answer]")).to_be_hidden()
    page.locator(".copy-by-hand summary").click()
    expect(page.locator("#answer-text")).to_contain_text("1. Silence costs trust")
    context.close()
