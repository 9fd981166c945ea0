"""The product in one story, told in a real browser and then without script."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from research_repo.app import create_app
from research_repo.settings import Settings
from tests.browser import chromium, serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="needs Chromium, which is not here"
    ),
]

PASSWORD = "a long sentence will do"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Settings(instance=tmp_path / "instance"), background=True)
    yield app
    here = app.extensions["house"]
    app.extensions["worker"].stop()
    here.search.stop()
    here.database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def set_up(page: Page) -> None:
    """The first start: the repository gets its name and its first admin, who then signs in anew."""
    page.goto("/")
    page.get_by_label("Name of the repository").fill("Лавочка")
    page.get_by_label("Your name").fill("Марина Котова")
    page.get_by_label("E-mail").fill("marina@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main button.btn-main").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What do you want to know?")


def sign_in_again(page: Page) -> None:
    page.locator("summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail").fill("marina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("search")).to_be_visible()


def start_study(page: Page) -> None:
    page.goto("/studies/new")
    page.get_by_label("Title").fill("Возвраты: почему звонят")
    page.get_by_label(re.compile("^Key")).fill("returns")
    page.get_by_label("Question 1").fill("Что люди думают, пока ждут деньги?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Возвраты: почему звонят")


def make_tags(page: Page) -> None:
    for name, parent in (("Возвраты", ""), ("Возврат денег", "Возвраты")):
        page.goto("/tags/new?group=product-area")
        page.get_by_label("Tag name in Russian").fill(name)
        if parent:
            page.get_by_role("combobox", name="Part of").focus()
            page.keyboard.type(parent)
            expect(page.locator(".ts-dropdown [role=option]").first).to_contain_text(parent)
            page.keyboard.press("Enter")
        page.get_by_role("button", name="Make the tag").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)


def log(page: Page, kind: str, claim: str, tags: tuple[str, ...], quote: str = "") -> None:
    page.goto(f"/atoms/new?kind={kind}&study=returns")
    expect(page.locator("#f-title")).to_be_focused()
    page.keyboard.type(claim)
    if quote:
        page.get_by_label(re.compile("^Quote")).fill(quote)
    page.get_by_role("combobox", name="Tags").focus()
    for typed in tags:
        page.keyboard.type(typed)
        expect(page.locator(".ts-dropdown [role=option]").first).to_contain_text(typed)
        page.keyboard.press("Enter")
    if kind == "fact":  # study, respondent and question stand in the bar above, for all facts
        page.locator("#kept summary").click()
        page.get_by_label("Respondent").fill("R-07")
    page.get_by_label(re.compile("Что люди думают")).check()
    page.keyboard.press("Control+Enter")
    said = page.locator("#written-said") if kind == "fact" else page.get_by_role("status").first
    expect(said).to_contain_text(re.compile("ritten down"))


def test_a_team_logs_tags_finds_and_reads_its_findings(app: Flask, browser: Browser) -> None:
    with serving(app) as address:
        context = browser.new_context(locale="en", base_url=address)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        set_up(page)
        sign_in_again(page)
        start_study(page)
        make_tags(page)
        first = "Семь из двенадцати открывали заявку чаще раза в день"
        second = "Трое решили, что деньги пропали"
        insight = "Люди звонят, потому что не видят, что происходит"
        log(page, "fact", first, ("Возврат денег", "Problem"), "Я заходила утром и вечером")
        log(page, "fact", second, ("Возврат денег",))
        log(page, "insight", insight, ("Возвраты",))

        # Found by the parent tag, which none of the facts carries themselves.
        page.goto("/tags?group=product-area")
        page.get_by_role("link", name="Возвраты: 3 atoms").click()
        results = page.locator("#found")
        for claim in (first, second, insight):
            expect(results.get_by_role("link", name=claim)).to_be_visible()
        expect(page.get_by_role("region").get_by_role("link", name=insight)).to_be_visible()

        # Found by an inflected word, from the search field.
        page.keyboard.press("/")
        expect(page.get_by_role("combobox", name="A question or words")).to_be_focused()
        page.keyboard.type("заявок")
        page.keyboard.press("Enter")
        expect(page.locator("mark", has_text="заявку")).to_be_visible()
        expect(page.get_by_role("link", name=second)).to_have_count(0)

        page.goto("/studies/returns")
        page.get_by_role("link", name="Report", exact=True).click()
        report = page.get_by_role("article")
        for said in (first, second, insight, "Я заходила утром и вечером", "1. Что люди думают"):
            expect(report).to_contain_text(said)
        page.locator("summary", has_text="Download").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Markdown").click()
        text = Path(download.value.path()).read_text()
        assert insight in text
        assert faults == []
        context.close()


def test_the_same_works_without_script(app: Flask, browser: Browser) -> None:
    with serving(app) as address:
        context = browser.new_context(locale="en", base_url=address, java_script_enabled=False)
        page = context.new_page()
        set_up(page)
        page.goto("/studies/new")
        page.get_by_label("Title").fill("Returns")
        page.get_by_label(re.compile("^Key")).fill("returns")
        page.get_by_label("Question 1").fill("What do they think?")
        page.get_by_role("button", name="Start the study").click()
        page.goto("/atoms/new?study=returns")
        page.get_by_label("The fact in one sentence").fill("They open the page twice a day")
        page.get_by_label(re.compile("^Tags")).fill("Problem; waiting for money")
        page.locator("#kept summary").click()
        page.get_by_label(re.compile("What do they think")).check()
        page.get_by_role("button", name="Quote", exact=True).click()
        expect(page.get_by_label("Who said it")).to_have_count(2)
        page.get_by_label(re.compile("^Quote")).first.fill("Like going to work")
        page.get_by_role("button", name="Write it down").click()
        page.goto("/search?q=pages")
        expect(page.get_by_role("link", name="They open the page twice a day")).to_be_visible()
        page.goto("/studies/returns/report")
        expect(page.get_by_role("article")).to_contain_text("Like going to work")
        context.close()
