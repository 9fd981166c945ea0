"""What we know in the hands of people: by keyboard alone, and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from research_repo.core.db import Session
from research_repo.core.models import Person
from tests import make
from tests.browser import Place, place_with

pytestmark = [pytest.mark.slow, pytest.mark.browser]

QUESTION = "Why does silence cost trust?"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    def fill(session: Session) -> Person:
        anna = make.person(session, "Anna", "admin")
        fact = make.atom(session, anna, "Nobody answered for a week", quote="Well?", who="R-1")
        insight = make.atom(session, anna, "Silence costs trust", kind="insight")
        make.link(session, anna, fact, insight)
        return anna

    with place_with(tmp_path_factory.mktemp("known") / "instance", fill) as place:
        yield place


def walk(page: Page, selector: str) -> None:
    """Go on by Tab until the focus is where the selector says."""
    for _ in range(80):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by keyboard to {selector}")


def test_asked_unfolded_and_decided_by_keyboard_alone(page: Page) -> None:
    page.goto("/known")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    walk(page, ".unfold > summary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Nobody answered for a week")).to_be_visible()
    walk(page, "#f-note")
    page.keyboard.type("We write each day")
    walk(page, "button[value=enough]")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/known/\w{6}$"))
    expect(page.get_by_text("We write each day")).to_be_visible()


def test_without_script_a_planned_study_begins_with_what_is_known(
    place: Place, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=place.address, locale="en")
    page = place.enter(context).new_page()
    page.goto("/studies/new")
    page.get_by_label("Title").fill("Silence")
    page.get_by_label("Key", exact=True).fill("silence")
    page.get_by_label("Question 1").fill(QUESTION)
    page.get_by_label("Status").select_option("planned")
    page.get_by_role("button", name="Start the study").click()
    expect(page.get_by_role("link", name="Silence costs trust")).to_be_visible()
    page.get_by_label("I have read it").check()
    page.get_by_role("button", name="Start the study").click()
    expect(page.get_by_role("link", name=QUESTION, exact=True)).to_be_visible()
    context.close()
