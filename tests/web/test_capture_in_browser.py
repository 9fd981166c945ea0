"""Fast capture in a real browser: facts by keyboard alone, and words that no closed window loses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from research_repo.core import cards, evidence, participants, scratch
from research_repo.core.db import Session
from research_repo.core.models import Person
from research_repo.core.participants import ParticipantValues
from tests import make
from tests.browser import Place, faults, place_with

pytestmark = [pytest.mark.slow, pytest.mark.browser]

INTERACTIONS_MAX = 3


def fill(session: Session) -> Person:
    vera = make.person(session, "Vera", "researcher")
    make.study(session, vera, "sellers", "Sellers in their first week", questions=["Why?", "How?"])
    values = participants.ready(ParticipantValues(code="R-06", segment="Kazan"))
    participants.add(session, vera, "sellers", values)
    make.tag(session, vera, "Documents")
    study = make.study(session, vera, "old", "Another study")
    make.atom(session, vera, "Two sellers looked for a certificate and never came back", study)
    return vera


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place_with(tmp_path_factory.mktemp("capture") / "instance", fill) as place:
        yield place


class Hands:
    """Somebody at the keyboard, without a mouse: types, and counts every other key that is pressed."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def presses(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1


def written(place: Place) -> list[tuple[str, str, list[str], list[tuple[str, str]]]]:
    """Title, status, tags and quotes of what was written down, the oldest first."""
    with place.app.extensions["house"].database.reading() as session:
        logged = cards.logged_by(session, place.person, None, 100)[::-1][1:]
        return [
            (
                one.title,
                one.status,
                [tag.label for tag in one.tags],
                [(piece.text, piece.who) for piece in evidence.of_atom(session, one.id)],
            )
            for one in cards.of_atoms(session, place.person, logged, "en")
        ]


def unsent(place: Place) -> list[str]:
    with place.app.extensions["house"].database.reading() as session:
        kept = scratch.of_person(session, place.person, "atom:")
        return [one.content["title"] for one in kept]


def test_ten_facts_are_logged_by_keyboard_alone_in_three_interactions_each(
    place: Place, page: Page
) -> None:
    hands = Hands(page)
    page.goto("/atoms/new")
    expect(page.locator("#f-study")).to_be_focused()
    hands.types("Sellers")  # chosen once: study, respondent, question
    expect(page.get_by_role("checkbox", name="2. How?")).to_be_visible()
    hands.presses("Tab")
    hands.types("R-06")
    for key in ("Tab", "Tab", "Space", "Tab"):
        hands.presses(key)
    expect(page.locator("#f-title")).to_be_focused()
    for number in range(10):
        hands.pressed = 0
        hands.types(f"Seller stopped at step {number}")
        hands.presses("Tab")
        hands.types("Documents")
        if number == 9:
            hands.presses("Tab")
            hands.types("I gave up")
        hands.presses("Control+Enter")
        assert hands.pressed <= INTERACTIONS_MAX
        expect(page.locator("#f-title")).to_be_focused()
        expect(page.locator("#f-title")).to_have_value("")
    expect(page.locator("#written .done-t").first).to_contain_text("step 9")
    made = written(place)
    assert [one[0] for one in made] == [f"Seller stopped at step {n}" for n in range(10)]
    assert {(one[1], *one[2]) for one in made} == {("published", "Documents")}
    assert made[9][3] == [("I gave up", "R-06")]
    expect(page.locator("#kept summary")).to_contain_text("R-06, Kazan")
    expect(page.locator("#kept summary")).to_contain_text("2. How?")
    assert unsent(place) == []
    page.reload()
    expect(page.locator("#kept summary")).to_contain_text("R-06, Kazan")
    assert faults(page) == []


def test_what_is_alike_is_told_at_the_side_and_the_focus_stays(place: Place, page: Page) -> None:
    page.goto("/atoms/new?study=sellers")
    page.keyboard.type("Sellers looked for their certificate")
    side = page.locator("#similar")
    expect(side).to_contain_text("Two sellers looked for a certificate and never came back")
    expect(page.locator("#similar-said")).to_have_text("1 similar claim")
    expect(page.locator("#f-title")).to_be_focused()
    assert faults(page) == []
    side.get_by_role("checkbox", name="Related").check()
    page.locator("#f-title").focus()
    page.keyboard.press("End")
    page.keyboard.type(", and asked their neighbours about it")
    page.wait_for_timeout(800)
    expect(side.get_by_role("checkbox", name="Related")).to_be_checked()
    page.locator("#f-title").fill("Nothing of the kind at all")
    page.wait_for_timeout(800)
    expect(side.get_by_role("checkbox", name="Related")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#written")).to_contain_text("Nothing of the kind")
    expect(side).to_have_text("")
    page.get_by_role("link", name="Nothing of the kind at all").first.click()
    expect(page.get_by_role("main")).to_contain_text("Two sellers looked for a certificate")


def test_words_come_back_after_a_reload_and_elsewhere_until_they_are_sent(
    place: Place, page: Page, browser: Browser
) -> None:
    page.goto("/atoms/new?study=sellers")
    page.keyboard.type("Half a tho")
    page.get_by_label("Quote").fill("I gave")
    expect(page.get_by_text("Draft saved at")).to_be_visible(timeout=8000)
    page.reload()
    expect(page.locator("#f-title")).to_have_value("Half a tho")
    expect(page.get_by_label("Quote")).to_have_value("I gave")
    second = at_home(place, browser)
    elsewhere = second.new_page()
    elsewhere.goto("/atoms/new")
    elsewhere.get_by_role("link", name="Half a tho").click()
    expect(elsewhere.locator("#f-title")).to_have_value("Half a tho")
    assert faults(elsewhere) == []
    elsewhere.keyboard.press("Control+Enter")
    expect(elsewhere.locator("#written")).to_contain_text("Half a tho")
    assert unsent(place) == []
    second.close()


def at_home(place: Place, browser: Browser) -> BrowserContext:
    return place.enter(browser.new_context(locale="en", base_url=place.address))


def test_two_windows_with_one_draft_both_keep_their_words(
    place: Place, page: Page, browser: Browser
) -> None:
    page.goto("/atoms/new?study=sellers")
    page.keyboard.type("First")
    expect(page.get_by_text("Draft saved at")).to_be_visible(timeout=8000)
    second = at_home(place, browser)
    other = second.new_page()
    other.goto(page.url)
    other.locator("#f-title").fill("First and second")
    expect(other.get_by_text("Draft saved at")).to_be_visible(timeout=8000)
    other.wait_for_timeout(2500)
    page.locator("#f-title").fill("First alone")
    page.wait_for_timeout(5000)
    assert set(unsent(place)) == {"First alone", "First and second"}
    second.close()


def test_a_fact_that_could_not_be_sent_is_in_the_form_again(place: Place, page: Page) -> None:
    page.goto("/atoms/new?study=sellers")

    def cut(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.continue_()

    page.route("**/atoms/new*", cut)
    page.keyboard.type("Nobody reads the hint")
    page.keyboard.press("Tab")
    page.keyboard.type("Documents")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Not written down")).to_be_visible()
    expect(page.locator("#f-title")).to_have_value("Nobody reads the hint")
    page.unroute("**/atoms/new*")
    page.locator("#f-title").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#written")).to_contain_text("Nobody reads the hint")
    assert [one[:3] for one in written(place)] == [
        ("Nobody reads the hint", "published", ["Documents"])
    ]


def test_a_refusal_is_shown_beside_its_field_with_all_that_was_typed(
    place: Place, page: Page
) -> None:
    page.goto("/atoms/new?study=sellers")
    page.keyboard.type("They call the shop")
    page.locator("#f-body").evaluate(
        "one => { one.maxLength = 200000; one.value = 'word '.repeat(20001) + 'end' }"
    )
    page.keyboard.press("Control+Enter")
    expect(page.locator(".problems")).to_be_focused(timeout=20_000)
    expect(page.locator("#f-title")).to_have_value("They call the shop")
    assert written(place) == []
    page.locator("#f-body").fill("")
    page.locator("#f-title").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#written")).to_contain_text("They call the shop")
    expect(page.locator(".problems, .error")).to_have_count(0)
    assert faults(page) == []


def test_fifty_pasted_lines_are_drafts_and_published_by_keyboard(place: Place, page: Page) -> None:
    page.goto("/drafts/paste?study=sellers")
    expect(page.locator("#f-text")).to_be_focused()
    lines = "\n".join(f"Seller {n} stopped, and came back\tI came back\tR-06" for n in range(50))
    page.locator("#f-text").fill(lines)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Keep 50 drafts")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Keep 50 drafts").press("Enter")
    expect(page.locator("input[name=draft]:checked")).to_have_count(50)
    assert faults(page) == []
    page.get_by_role("button", name="Publish the ticked ones").press("Enter")
    expect(page.get_by_text("50 are published.")).to_be_visible(timeout=20_000)
    assert {(one[1], *one[3]) for one in written(place)} == {("published", ("I came back", "R-06"))}
