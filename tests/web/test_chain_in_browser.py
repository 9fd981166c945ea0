"""The chain in the hands of people: found while typing, linked and unfolded by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from research_repo.core.db import Session
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Person
from tests import make
from tests.browser import Place, faults, place_with, sideways

pytestmark = [pytest.mark.slow, pytest.mark.browser]

QUOTE = "Я смотрела на коробку минуту"


def fill(session: Session) -> Person:
    anna = make.person(session, "Анна", "admin")
    study = make.study(session, anna)
    for n in range(8):
        make.atom(session, anna, f"Наклейку ищут {n} раз", study, quote=f"{QUOTE} {n}", who="R-1")
    insight = make.atom(session, anna, "Этикетку не видно", kind="insight")
    insight.key = "insigh"
    advice = make.atom(session, anna, "Печатать крупно", kind="recommendation")
    advice.key = "advice"
    make.link(session, anna, insight, advice)
    pieces = [
        EvidenceValues(text="Не дождалась", who="R-0077, новый покупатель"),
        EvidenceValues(
            kind="number", text="написали снова после шаблона", number=21, unit="%", n=203
        ),
    ]
    summed = make.atom(session, anna, "Пишут дважды", study, evidence=pieces)
    summed.key = "summed"
    return anna


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place_with(tmp_path_factory.mktemp("chain") / "instance", fill, background=True) as place:
        yield place


def test_claims_are_found_while_typing_ticked_and_linked_by_keyboard_alone(page: Page) -> None:
    page.goto("/atoms/insigh/links")
    field = page.get_by_role("searchbox", name="Words of the other claim")
    expect(field).to_be_focused()
    page.keyboard.type("наклей")
    rows = page.locator("#offered li")
    expect(rows).to_have_count(8)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    # What is ticked stays when other words are searched.
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("печатать")
    expect(page.locator("#offered")).to_contain_text("Печатать крупно")
    assert page.locator("#offered input:checked").count() == 1
    assert faults(page) == []
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/atoms/insigh")
    expect(page.locator("#for .claim")).to_have_count(1)


def test_two_steps_lead_from_a_recommendation_to_peoples_own_words(page: Page) -> None:
    page.goto("/atoms/insigh/links?q=наклей&kind=supports")
    for box in page.locator("#offered input").all()[:5]:
        box.check()
    page.get_by_role("button", name="Link", exact=True).click()
    page.wait_for_url("**/atoms/insigh")
    page.goto("/atoms/advice")
    summary = page.locator("#for summary").first
    words = page.locator("#for blockquote").first
    expect(words).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(words).to_be_visible()
    expect(words).to_contain_text(QUOTE)
    assert faults(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert sideways(page) == 0


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_sum_behind_a_claim_reads_without_scrolling_sideways_on_a_phone(
    place: Place, browser: Browser, language: str
) -> None:
    context = browser.new_context(
        locale=language, base_url=place.address, viewport={"width": 390, "height": 800}
    )
    place.enter(context)
    page = context.new_page()
    page.goto("/atoms/summed/strength")
    table = page.locator(".table-wrap")
    assert table.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    assert faults(page) == []
    context.close()


def test_an_insight_is_written_from_five_ticked_facts(page: Page) -> None:
    page.goto("/studies/returns")
    for box in page.locator("input[name=atom]").all()[:5]:
        box.check()
    page.get_by_role("button", name="Write an insight").click()
    page.wait_for_url("**/atoms/new?**")
    assert page.locator("input[name=rests_on]:checked").count() == 5
    assert faults(page) == []
    page.get_by_label("The insight in one sentence").fill("Наклейку ищут все")
    page.get_by_role("searchbox", name="Words of a claim that supports it").fill("наклейку 7")
    expect(page.locator("#carriers li")).to_have_count(8)
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("#for .sect-head .n")).to_have_text("5")


def test_the_search_for_claims_works_without_script(place: Place, browser: Browser) -> None:
    context = place.enter(
        browser.new_context(locale="en", base_url=place.address, java_script_enabled=False)
    )
    page = context.new_page()
    page.goto("/atoms/new?kind=insight")
    page.get_by_label("The insight in one sentence").fill("Наклейку ищут")
    page.get_by_role("searchbox", name="Words of a claim that supports it").fill("наклей")
    page.get_by_role("button", name="Find").click()
    page.locator("#carriers input").first.check()
    assert page.get_by_label("The insight in one sentence").input_value() == "Наклейку ищут"
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("#for .claim")).to_have_count(1)
    context.close()
