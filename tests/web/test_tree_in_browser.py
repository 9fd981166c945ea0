"""The tree in a real browser: walked by keys, opened a branch at a time, filtered, tags dragged about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from research_repo.app import create_app
from research_repo.core import tree
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import make
from tests.browser import chromium, come_in, faults, serving

pytestmark = [pytest.mark.slow, pytest.mark.browser]

GROUP = "/tags?group=product-area"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    app = create_app(
        Settings(instance=tmp_path_factory.mktemp("tree") / "instance", secret_key="k" * 48)
    )
    person = fill(app)
    with serving(app) as address, chromium() as browser:
        yield of(browser, app, address, person)
    app.extensions["house"].database.close()


def fill(app: Flask) -> Person:
    with app.extensions["house"].database.saving() as session:
        ilya = make.person(session, "Ilya", "curator")
        returns = make.tag(session, ilya, "Returns", ru="Возвраты")
        refund = make.tag(session, ilya, "Refund", under=returns, also=["рефанд"])
        make.tag(session, ilya, "Refund status", under=refund)
        make.tag(session, ilya, "Delivery")
        wide = make.tag(session, ilya, "Wide")
        for number in range(tree.LEVEL_ROWS + 5):
            make.tag(session, ilya, f"Child {number}", under=wide)
        make.atom(session, ilya, "They call", tags=[refund])
    app.extensions["house"].search.catch_up()
    return ilya


def of(browser: Browser, app: Flask, address: str, person: Person) -> Page:
    context = browser.new_context(locale="en", base_url=address)
    return come_in(context, app, address, person).new_page()


def here(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def item(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=name)


def row(page: Page, name: str) -> Locator:
    return item(page, name).locator("> .row")


def test_the_tree_is_one_stop_and_arrows_walk_it(page: Page) -> None:
    page.goto(GROUP)
    page.locator("#tf").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    assert here(page) == "Wide, 0"
    page.keyboard.press("ArrowUp")
    assert here(page) == "Returns, 1 atom"
    page.keyboard.press("ArrowRight")
    expect(item(page, "Refund, 1 atom")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("ArrowRight")
    assert here(page) == "Refund, 1 atom"
    page.keyboard.press("ArrowLeft")
    assert here(page) == "Returns, 1 atom"
    page.keyboard.press("ArrowLeft")
    expect(item(page, "Refund, 1 atom")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Returns")).to_be_visible()


def test_the_way_back_leads_to_the_branches_that_were_open(page: Page) -> None:
    page.goto(GROUP)
    item(page, "Returns").locator("> .row > .twist").click()
    item(page, "Refund, 1 atom").get_by_role("link", name="Refund", exact=True).click()
    expect(page.get_by_role("heading", name="Refund", exact=True)).to_be_visible()
    page.go_back()
    expect(item(page, "Refund, 1 atom")).to_be_visible()


def test_more_of_a_wide_branch_comes_in_its_place_and_takes_the_focus(page: Page) -> None:
    page.goto(GROUP)
    item(page, "Wide").locator("> .row > .twist").click()
    expect(item(page, "Child 0,")).to_be_visible()
    page.get_by_role("link", name="Show more").click()
    expect(item(page, f"Child {tree.LEVEL_ROWS},")).to_be_visible()
    expect(page.get_by_role("link", name="Show more")).to_have_count(0)
    assert here(page).startswith(f"Child {tree.LEVEL_ROWS},")


def test_the_filter_keeps_the_focus_and_tells_how_many_it_found(page: Page) -> None:
    page.goto(GROUP)
    page.locator("#tf").press_sequentially("рефанд")
    expect(page.get_by_role("status").filter(has_text="1 tag found")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "tf"
    expect(item(page, "Refund")).to_contain_text("Product area › Returns")
    assert faults(page) == []
    page.locator("#tf").press_sequentially("жжж")
    expect(page.get_by_role("status").filter(has_text="No tag is called that")).to_be_visible()
    page.locator("#tf").fill("")
    expect(item(page, "Delivery")).to_be_visible()


def test_a_key_leads_to_the_form_that_moves_a_tag(page: Page) -> None:
    page.goto(GROUP)
    item(page, "Returns").focus()
    page.keyboard.press("m")
    page.wait_for_url("**/changes/new?do=move**")
    expect(page.get_by_role("heading", name="Returns")).to_be_visible()


def test_a_tag_that_is_dragged_onto_another_comes_to_a_preview(page: Page) -> None:
    page.goto(GROUP)
    item(page, "Returns").locator("> .row > .twist").click()
    row(page, "Refund, 1 atom").drag_to(row(page, "Delivery"))
    page.wait_for_url("**/changes/*")
    assert "/changes/new" not in page.url
    expect(page.locator("main")).to_contain_text("Delivery")


def test_a_tag_is_not_dropped_under_itself(page: Page) -> None:
    page.goto(GROUP)
    item(page, "Returns").locator("> .row > .twist").click()
    expect(item(page, "Refund, 1 atom")).to_be_visible()
    row(page, "Returns").drag_to(row(page, "Refund, 1 atom"))
    page.wait_for_timeout(300)
    assert "/changes" not in page.url
