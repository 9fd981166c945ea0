"""Facts made of a source's words in a real browser: by mouse, by keys in any layout, without script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from research_repo.core import anchors, evidence
from research_repo.core.db import Session
from research_repo.core.models import Atom, Evidence, Person, Source
from tests import make
from tests.browser import Place, faults, place_with, sideways

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TURNS = [
    ("Anna", "How was it? 🙂🙂"),
    ("R-07", "«Ждала» 📦 two weeks, and nobody told me why it took so long."),
    ("Anna", "And then?"),
    ("R-07", "Then I stopped waiting and bought it elsewhere."),
    *[("R-08", f"Line {line} of a long interview about parcels and shops.") for line in range(60)],
]
PICKER = ".cutting .ts-control input"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place") / "instance"
    with place_with(folder, fill, background=True) as place:
        yield place


def fill(session: Session) -> Person:
    anna = make.person(session, "Anna", "researcher")
    make.tag(session, anna, "Delivery")
    make.tag(session, anna, "Waiting")
    return anna


@pytest.fixture
def source(place: Place) -> Source:
    with place.app.extensions["house"].database.saving() as session:
        return make.source(session, place.person, TURNS, title="Interview 3")


def quotes(place: Place, source: Source) -> list[tuple[str, str, str]]:
    """Title, status and quote of what was made of the source; each quote equals its place."""
    with place.app.extensions["house"].database.reading() as session:
        rows = session.exec(
            select(Atom, Evidence)
            .join(Evidence, col(Evidence.atom_id) == col(Atom.id))
            .where(Evidence.source_id == source.id)
            .order_by(col(Evidence.id))
        ).all()
        for _, row in rows:
            assert row.span_start is not None
            assert source.text[row.span_start : row.span_end] == row.text
        return [(atom.title, atom.status, row.text) for atom, row in rows]


def open_source(page: Page, source: Source) -> None:
    page.goto(f"/sources/{source.key}")
    page.wait_for_selector(".passage-words[tabindex='0']")


def drag(page: Page, words: str) -> None:
    """Select words as a mouse does: press before the first, let go after the last."""
    box = page.evaluate(
        """(words) => {
          const walker = document.createTreeWalker(document.querySelector(".passages"), NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf(words);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + words.length);
            node.parentElement.scrollIntoView({ block: "center" });
            return [...range.getClientRects()].map((one) => one.toJSON());
          }
        }""",
        words,
    )
    first, last = box[0], box[-1]
    page.mouse.move(first["left"] + 0.5, (first["top"] + first["bottom"]) / 2)
    page.mouse.down()
    page.mouse.move(last["right"] - 0.5, (last["top"] + last["bottom"]) / 2, steps=6)
    page.mouse.up()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_words_selected_with_the_mouse_become_a_tagged_fact(
    page: Page, place: Place, source: Source
) -> None:
    open_source(page, source)
    drag(page, "two weeks, and nobody told me why")
    expect(page.locator(PICKER)).to_be_focused()
    expect(page.locator("[data-cut-words]")).to_have_text("two weeks, and nobody told me why")
    expect(page.locator("[data-cut-near]")).not_to_be_visible()
    page.keyboard.type("deliv")
    expect(page.locator(".ts-dropdown .opt-row.active")).to_contain_text("Delivery")
    press(page, "Enter")
    page.keyboard.type("wait")
    expect(page.locator(".ts-dropdown .opt-row.active")).to_contain_text("Waiting")
    press(page, "Enter", "Tab")
    page.keyboard.type("They are not told why it takes long")
    press(page, "Control+Enter")
    expect(page.locator("#said")).to_contain_text("The fact is written down")
    expect(page.locator("mark.said-mark")).to_have_text("two weeks, and nobody told me why")
    expect(page.locator(".cuts a")).to_have_text("They are not told why it takes long")
    expected = (
        "They are not told why it takes long",
        "published",
        "two weeks, and nobody told me why",
    )
    assert quotes(place, source) == [expected]
    page.locator(".cuts a").click()
    expect(page.locator(".tag-dl")).to_contain_text("Delivery")
    expect(page.locator(".tag-dl")).to_contain_text("Waiting")


def test_the_form_is_there_within_a_tenth_of_a_second(page: Page, source: Source) -> None:
    open_source(page, source)
    page.evaluate(
        """() => document.addEventListener("pointerup", () => {
          const began = performance.now();
          const look = () => document.getElementById("cut").hidden ? requestAnimationFrame(look) : (window.took = performance.now() - began);
          look();
        }, { capture: true })"""
    )
    drag(page, "stopped waiting")
    expect(page.locator("#cut")).to_be_visible()
    page.wait_for_timeout(50)
    assert page.evaluate("window.took") < 100


def test_words_selected_by_keys_alone_become_a_fact_in_any_layout(
    page: Page, place: Place, source: Source
) -> None:
    open_source(page, source)
    # As a Russian keyboard sends it: the key is another letter, its place is the same.
    page.evaluate(
        """() => document.body.dispatchEvent(new KeyboardEvent("keydown", { code: "KeyJ", key: "о", bubbles: true, cancelable: true }))"""
    )
    expect(page.locator(".passage-words").nth(0)).to_be_focused()
    press(page, "j", "ArrowDown", "k", "j", "ArrowDown")
    words = page.locator(".passage-words").nth(3)
    expect(words).to_be_focused()
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    assert page.evaluate("getSelection().toString().trim()") == "stopped"
    press(page, "ArrowLeft")
    assert page.evaluate("getSelection().toString().trim()") == "I"
    press(page, *["Shift+ArrowRight"] * 4, "Shift+ArrowLeft")
    assert page.evaluate("getSelection().toString().trim()").startswith("I stopped waiting")
    press(page, "Enter")
    expect(page.locator(PICKER)).to_be_focused()
    said = page.locator("[data-cut-words]").inner_text().strip()
    press(page, "Tab")
    page.keyboard.type("They buy elsewhere")
    press(page, "Control+Enter")
    expect(page.locator(".cuts a")).to_have_text("They buy elsewhere")
    assert quotes(place, source) == [("They buy elsewhere", "published", said)]
    # Whoever goes on stands where they were.
    expect(page.locator(".passage-words").nth(3)).to_be_focused()
    press(page, "j", "Enter")
    expect(page.locator("[data-cut-words]")).to_have_text(TURNS[4][1])


def test_escape_gives_back_the_selection_and_single_keys_can_be_switched_off(
    page: Page, source: Source
) -> None:
    open_source(page, source)
    drag(page, "stopped waiting")
    expect(page.locator(PICKER)).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#cut")).to_be_hidden()
    assert page.evaluate("getSelection().toString()") == "stopped waiting"
    expect(page.locator(".passage-words").nth(3)).to_be_focused()
    press(page, "Enter")
    expect(page.locator("[data-cut-words]")).to_have_text("stopped waiting")
    press(page, "Escape")
    page.evaluate("localStorage.setItem('research-repo-keys-off', '1')")
    page.evaluate("document.activeElement.blur()")
    press(page, "j")
    expect(page.locator(".passage-words:focus")).to_have_count(0)


def test_fingers_select_first_and_press_the_plus_then(page: Page, source: Source) -> None:
    open_source(page, source)
    plus = page.get_by_role("link", name="New fact from this passage")
    plus.nth(3).dispatch_event("click")
    expect(page.locator("[data-cut-words]")).to_have_text(TURNS[3][1])
    press(page, "Escape")
    page.evaluate(
        """() => {
          const text = document.querySelectorAll(".passage-words")[3].firstChild;
          getSelection().setBaseAndExtent(text, 7, text, 22);
        }"""
    )
    plus.nth(3).dispatch_event("click")
    expect(page.locator("[data-cut-words]")).to_have_text("stopped waiting")
    press(page, "Escape")
    plus.nth(2).dispatch_event("click")
    expect(page.locator("[data-cut-words]")).to_have_text(TURNS[2][1])


def test_enter_in_the_empty_picker_sends_nothing(page: Page, place: Place, source: Source) -> None:
    open_source(page, source)
    expect(page.locator("[data-cut-hint]")).to_be_visible()
    press(page, "j", "Enter")
    expect(page.locator(PICKER)).to_be_focused()
    press(page, "Enter", "Enter")
    page.wait_for_timeout(200)
    assert quotes(place, source) == []
    expect(page.locator(PICKER)).to_be_focused()


def test_the_keys_stand_in_the_list_of_shortcuts(page: Page, source: Source) -> None:
    open_source(page, source)
    press(page, "?")
    sheet = page.locator("#shortcuts")
    expect(sheet).to_contain_text("Next and previous passage of a source")
    expect(sheet).to_contain_text("New fact from the words selected")


def test_words_that_were_selected_can_be_copied_while_the_form_is_open(
    page: Page, place: Place, source: Source
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=place.address)
    open_source(page, source)
    drag(page, "stopped waiting")
    expect(page.locator(PICKER)).to_be_focused()
    press(page, "Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "stopped waiting"


def test_a_selection_over_two_turns_is_one_quote_with_both(
    page: Page, place: Place, source: Source
) -> None:
    open_source(page, source)
    page.evaluate(
        """() => {
          const all = document.querySelectorAll(".passage-words");
          getSelection().setBaseAndExtent(all[2].firstChild, 4, all[3].firstChild, 22);
          all[3].dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
        }"""
    )
    expect(page.locator(PICKER)).to_be_focused()
    press(page, "Control+Enter")
    expect(page.locator("#said")).to_contain_text("Kept as a draft")
    said = "then?\n\nThen I stopped waiting"
    assert quotes(place, source) == [("then? Then I stopped waiting", "draft", said)]
    assert page.locator("mark.said-mark").all_inner_texts() == ["then?", "Then I stopped waiting"]
    expect(page.locator(".cuts")).to_have_count(1)


def test_quotes_that_overlap_are_told_apart(page: Page, place: Place, source: Source) -> None:
    first = source.text.index("two weeks")
    with place.app.extensions["house"].database.saving() as session:
        for start, end, title in ((first, first + 24, "One"), (first + 10, first + 40, "Two")):
            said = anchors.cut(session, place.person, source.key, start, end)
            make.atom(session, place.person, title, evidence=[said])
    open_source(page, source)
    both = page.locator("mark.said-marks")
    expect(both).to_have_count(1)
    assert both.inner_text() in source.text
    looks = "one => [getComputedStyle(one).backgroundSize, getComputedStyle(one).backgroundColor]"
    assert both.evaluate(looks) != page.locator("mark.said-mark").first.evaluate(looks)
    both.hover()
    expect(page.locator(".cuts li.is-pointed")).to_have_count(2)
    page.locator(".cuts a").first.focus()
    expect(page.locator(".cuts li.is-pointed")).to_have_count(1)
    expect(page.locator("mark.is-pointed")).to_have_count(2)
    drag(page, "ld me why")
    expect(page.locator("[data-cut-near] a")).to_have_count(1)


def test_two_people_who_turn_the_same_words_into_facts_see_each_others(
    page: Page, place: Place, browser: Browser, source: Source
) -> None:
    open_source(page, source)
    drag(page, "stopped waiting")
    expect(page.locator(PICKER)).to_be_focused()
    with place.app.extensions["house"].database.saving() as session:
        start = source.text.index("I stopped")
        said = anchors.cut(session, place.person, source.key, start, start + 20)
        make.atom(session, place.person, "Patience ends", evidence=[said])
    press(page, "Tab")
    page.keyboard.type("They give up")
    press(page, "Control+Enter")
    expect(page.locator(".note")).to_contain_text("Anna has just made a claim of these words.")
    expect(page.locator(".note a")).to_have_text("Patience ends")
    expect(page.locator("#f-title")).to_have_value("They give up")
    expect(page.locator("#f-words")).to_have_value("stopped waiting")
    assert len(quotes(place, source)) == 1
    page.get_by_role("button", name="Write it down all the same").click()
    expect(page.locator("#said")).to_contain_text("The fact is written down")
    assert [title for title, *_ in quotes(place, source)] == ["Patience ends", "They give up"]


def test_from_a_quote_on_the_atoms_page_to_its_place_in_the_source(
    page: Page, place: Place, source: Source
) -> None:
    start = source.text.index("Line 50")
    with place.app.extensions["house"].database.saving() as session:
        said = anchors.cut(session, place.person, source.key, start, start + 7)
        atom = make.atom(session, place.person, "A long one", evidence=[said])
    page.goto(f"/atoms/{atom.key}")
    page.locator(".quotes").get_by_role("link", name="Interview 3").click()
    mark = page.locator("mark.is-led")
    expect(mark).to_have_text("Line 50")
    expect(mark).to_be_in_viewport()
    with place.app.extensions["house"].database.reading() as session:
        (row,) = evidence.of_atom(session, atom.id)
    assert page.url.endswith(f"#q-{row.id}")


def test_without_script_a_passage_leads_to_a_form_in_which_words_are_left_out(
    place: Place, browser: Browser, source: Source
) -> None:
    context = place.enter(
        browser.new_context(locale="en", base_url=place.address, java_script_enabled=False)
    )
    page = context.new_page()
    page.goto(f"/sources/{source.key}")
    page.locator(".passage").nth(3).get_by_role("link", name="New fact from this passage").click()
    page.get_by_label("Quote").fill("I never said so")
    page.get_by_label("The fact in one sentence").fill("They buy elsewhere")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("alert")).to_contain_text("Quote them as they were said")
    expect(page.get_by_label("The fact in one sentence")).to_have_value("They buy elsewhere")
    page.get_by_label("Quote").fill("bought it elsewhere")
    page.get_by_label("Tags").fill("Delivery")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("mark.said-mark")).to_have_text("bought it elsewhere")
    assert quotes(place, source)[0][0] == "They buy elsewhere"
    assert re.search(r"#q-\d+$", page.url)
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_form_and_the_marks_are_fit_for_everybody(
    page: Page, place: Place, source: Source, width: int, scheme: str
) -> None:
    start = source.text.index("two weeks")
    with place.app.extensions["house"].database.saving() as session:
        for size in (9, 30):
            said = anchors.cut(session, place.person, source.key, start, start + size)
            make.atom(session, place.person, f"Of {size} characters", evidence=[said])
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_source(page, source)
    drag(page, "stopped waiting")
    expect(page.locator(PICKER)).to_be_focused()
    assert faults(page) == []
    assert sideways(page) == 0
    page.goto(f"/sources/{source.key}/facts/new?start=0&end=11")
    assert faults(page) == []
