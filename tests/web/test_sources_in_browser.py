"""Sources in a real browser: a file is looked through, read and corrected by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlmodel import select

from research_repo.core import speakers
from research_repo.core.db import Session
from research_repo.core.models import Person, Source
from tests import make
from tests.browser import Place, faults, place_with

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TALK = "Marina: How was it?\nR-12: Late. Call me at +7 921 555-01-23.\nMarina: And then?\n"


def fill(session: Session) -> Person:
    marina = make.person(session, "Marina", "researcher")
    make.study(session, marina, "calls")
    return marina


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place_with(tmp_path_factory.mktemp("sources") / "instance", fill) as place:
        yield place


def test_a_file_becomes_a_source_that_is_corrected_and_undone_without_a_mouse(
    place: Place, page: Page
) -> None:
    page.goto("/studies/calls/sources/new")
    file: FilePayload = {"name": "Call 12.txt", "mimeType": "", "buffer": TALK.encode()}
    page.set_input_files("#f-file", file)
    page.locator("#f-text").press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What was read")
    expect(page.locator("mark")).to_have_text("+7 921 555-01-23")
    expect(page.locator("#f-title")).to_have_value("Call 12")
    page.locator("#f-title").press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Call 12")
    expect(page.locator(".passage-words").nth(1)).to_have_text("Late. Call me at +• ••• •••-••-••.")

    page.locator("#p-1 .passage-edit").press("Enter")
    page.locator("#f-text").fill("Very late.")
    page.locator("#f-text").press("Control+Enter")
    expect(page.locator("#p-1 .passage-words")).to_have_text("Very late.")
    page.get_by_role("button", name="Undo the last change").press("Enter")
    expect(page.locator("#p-1 .passage-words")).to_contain_text("Late. Call me")

    with place.app.extensions["house"].database.reading() as session:
        source = session.exec(select(Source)).one()
        named = {one.name: one.code for one in speakers.of_source(session, source.id)}
    assert named == {"Marina": "", "R-12": "R-12"}
    assert faults(page) == []


def test_files_that_are_too_large_together_are_told_before_they_are_sent(page: Page) -> None:
    page.goto("/studies/calls/sources/new")
    page.locator("#f-file").evaluate("field => field.dataset.most = 100")
    files: list[FilePayload] = [
        {"name": f"{n}.txt", "mimeType": "", "buffer": b"word " * 12} for n in range(2)
    ]
    page.set_input_files("#f-file", files)
    told = "field => field.validationMessage"
    assert "more than 50 MB" in page.locator("#f-file").evaluate(told)
    page.locator("#f-text").press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a source")
    page.set_input_files("#f-file", files[:1])
    assert page.locator("#f-file").evaluate(told) == ""
    page.set_input_files("#f-file", files)
    page.locator("#f-file").evaluate(
        "field => { field.dataset.most = 1e6; field.dispatchEvent(new Event('change', {bubbles: true})) }"
    )
    page.locator("#f-text").press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What was read")
    assert faults(page) == []
    page.get_by_role("button", name="Add all 2 as they were read").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What became of the files")
    assert faults(page) == []
