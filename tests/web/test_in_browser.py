"""Pages in a real browser: accessible, within their policy, by keyboard alone, and without script."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Literal

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from research_repo.app import create_app
from research_repo.core import (
    anchors,
    attachments,
    briefs,
    bulk,
    changes,
    feeds,
    follows,
    recommendations,
    report_arranging,
    report_templates,
    report_writing,
    saved_searches,
    schemes,
    scratch,
    shares,
    sources,
    study_tags,
)
from research_repo.core.atoms import AtomValues, ready
from research_repo.core.atoms import edit as edit_atom
from research_repo.core.change_lines import Merge, Rename
from research_repo.core.clock import today
from research_repo.core.db import Database, Session
from research_repo.core.models import Atom, Person, SavedSearch, Study
from research_repo.settings import Settings
from tests import frozen, make
from tests.browser import Place, faults, serving, sideways
from tests.web.conftest import send, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@dataclass(frozen=True)
class Full(Place):
    """A server with something of everything, and the addresses of its pages."""

    pages: tuple[str, ...]
    shared: str
    """A link to a version, for people outside."""


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (60, 40), "white").save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    folder = tmp_path_factory.mktemp("place") / "instance"
    app = create_app(Settings(instance=folder, secret_key="k" * 48), background=True)
    here = app.extensions["house"]
    with here.database.saving() as session:
        anna = make.person(session, "Анна Лебедева", "admin")
        returns = make.tag(session, anna, "Возвраты", en="Returns")
        refund = make.tag(session, anna, "Возврат денег", under=returns, also=["рефанд", "refund"])
        study = make.study(session, anna, questions=["Почему звонят?"], summary="Коротко о главном")
        fact = make.atom(
            session, anna, "Семь из двенадцати открывали заявку чаще раза в день", study,
            tags=[refund], quote="Я заходила утром и вечером", who="R-07",
        )  # fmt: skip
        advice = make.atom(session, anna, "Показывать срок", study, kind="recommendation")
        recommendations.set_stage(
            session, anna, advice.key, "in_progress", "https://t.example/" + "7" * 80, "К маю"
        )
        insight = make.atom(
            session, anna, "Люди звонят, потому что не видят, что происходит", study,
            kind="insight", tags=[refund, "новое слово"], body="Тревогу вызывает **молчание**.",
        )  # fmt: skip
        make.link(session, anna, fact, insight)
        make.file(session, anna, fact, folder)
        blank = attachments.keep(folder, picture(), "image/png")
        shot = make.shot(session, anna, study, blank)
        source = make.source(session, anna, study=study)
        removed = make.source(session, anna, study=study, title="Убрано")
        sources.remove(session, anna, removed.key)
        said = anchors.cut(session, anna, source.key, 3, 19)
        make.atom(session, anna, "Ждут две недели", study, evidence=[said])
        make.participant(session, anna, "R-08", segment="Новые", withdrawn_on=today())
        heard = make.participant(session, anna, "R-07", consent_until=date(2099, 1, 1))
        typed_by(session, anna, study)
        study_tags.put(session, anna, study, [returns.id])
        needed = schemes.Rules(is_single=True, is_required=True, steward_id=anna.id)
        schemes.set_rules(session, anna, "severity", needed)
    with here.database.saving() as session:
        bonus, points = make.tag(session, anna, "Бонусы"), make.tag(session, anna, "Баллы")
        merge = changes.compose(session, anna, [Merge(points.key, bonus.key)])
        renamed = [Rename(returns.key, "en", "Sent back")]
        done = changes.apply_at_once(session, anna, renamed)
        kept = searches_of(session, anna, refund.key)
        frozen_one = frozen_of(session, anna, study, [insight, fact])
        known = known_of(session, anna, [insight.id, fact.id], study.id, refund.id)
        made = bulk.begin(session, anna, [fact.id, insight.id], [bonus.id], [])
    here.search.catch_up()
    pages = (
        f"/bulk/tags/{made.id}",
        "/", "/search", "/search?q=рефанд", "/search?q=жираф", "/search?q=рефанд&view=study-list",
        "/search?q=звонят&view=study-list", "/search?q=жираф&view=study-list", "/ask?q=жираф",
        f"{frozen_one}/versions", f"{frozen_one}/versions/1", f"{frozen_one}/publish",
        f"{frozen_one}/compare?before=1", "/s/nowhere",
        "/known", "/known?q=рефанд", "/known?q=жираф", f"/known/{known}", "/known/decisions", f"/studies/new?brief={known}",
        "/tags/missed", f"/search?tag={refund.key}",
        "/search/values?of=study", f"/search/values?of=tag&group=product-area&tag={refund.key}",
        "/studies", "/studies/new", f"/studies/{study.key}", f"/studies/{study.key}/edit",
        f"/studies/{study.key}/team", f"/studies/{study.key}/report",
        "/reports", "/reports/new", "/reports/templates", "/reports/templates/survey",
        f"{frozen_one}/edit", f"{frozen_one}/claims", *reports_of(here.database, anna, fact),
        f"/atoms/new?study={study.key}", f"/atoms/new?kind=insight&rests_on={fact.key}", "/atoms/new?slot=a1", "/drafts", "/drafts?study=returns&new=1",
        "/drafts/paste", "/drafts/paste?slot=p1", f"/atoms/{fact.key}", f"/atoms/{fact.key}/edit",
        f"/atoms/{advice.key}", f"/atoms/{insight.key}", f"/atoms/{insight.key}/history", f"/atoms/{insight.key}/strength", f"/atoms/{fact.key}/files", f"/sources/{shot.key}", f"/sources/{shot.key}/fact", f"/atoms/{insight.key}/links",
        f"/studies/{study.key}/sources", f"/studies/{study.key}/sources/new",
        f"/sources/{source.key}/edit", f"/sources/{source.key}/text",
        f"/sources/{source.key}/passages/0", f"/sources/{source.key}/speakers",
        f"/sources/{removed.key}", source_sent(app, anna, study.key),
        f"/sources/{source.key}", f"/sources/{source.key}/facts/new?start=0&end=9",
        "/map", "/map?rows=finding-type&columns=finding-type", "/coverage", "/strength",
        f"/atoms/{insight.key}/tags", "/tags?all=1", "/tags?q=рефанд",
        f"/tags?under={returns.key}", f"/tags/{refund.key}",
        f"/tags/{refund.key}/edit", "/tags/new", "/tags/export", "/tags/review", "/tags/health", "/tags/health?check=double", "/changes",
        f"/changes/{merge.key}", f"/changes/{done.key}", f"/changes/{done.key}/undo",
        f"/changes/new?do=rename&tag={refund.key}", f"/changes/new?do=merge&tag={refund.key}",
        f"/changes/new?do=move&tag={refund.key}", "/changes/new?do=retag&q=рефанд",
        f"/changes/split?tag={refund.key}", "/tags/groups/new", "/tags/templates",
        "/tags/groups/severity", "/tags/groups/severity/edit", "/tags/groups/severity/offending",
        f"/studies/{study.key}/tags", f"/studies/{study.key}/participants", "/participants/due",
        f"/studies/{study.key}/participants/new", f"/studies/{study.key}/participants/table",
        f"/studies/{study.key}/participants/{heard.id}",
        f"/studies/{study.key}/participants/{heard.id}/edit",
        "/account", "/account/password", "/policies", "/claims?kind=any", "/people", "/people/new", f"/people/{anna.id}",
        "/searches", f"/searches/{kept.key}/edit", f"/searches/{kept.key}",
        "/notices", "/jobs", "/api", "/nowhere", *files_sent(app, anna),
    )  # fmt: skip
    with serving(app) as address:
        yield Full(app, address, anna, pages, shared_of(here.database, anna, frozen_one))
    app.extensions["worker"].stop()
    here.search.stop()
    here.database.close()


def typed_by(session: Session, anna: Person, study: Study) -> None:
    """A draft, a fact that is typed and not sent, and lines that were pasted."""
    make.atom(session, anna, "Ищут кнопку", study, status="draft")
    empty = {"body": "", "tags": "", "observed_on": "", "questions": [], "evidence": []}
    typed = {**empty, "study": study.key, "who": "R-07"}
    fact = {"kind": "fact", "title": "Полмысли", "not_applicable": []}
    scratch.keep(session, anna, "atom:a1", {**typed, **fact})
    told = {"text": "title\ttags\nЗвонят\tновое\n\tпустое", "mark": "", "is_named": None}
    scratch.keep(session, anna, "paste:p1", {**typed, **told, "mapping": [], "done": None})


def known_of(session: Session, anna: Person, claims: list[int], study_id: int, tag_id: int) -> str:
    """A saved brief with all its parts, decided."""
    content = briefs.Content(tuple(claims), (study_id,), (tag_id,), (tag_id,))
    brief = briefs.save(session, anna, "Почему ждут деньги так долго?", content)
    enough = briefs.Decision("enough", "Меняем письма", 10)
    return briefs.decide(session, anna, brief.key, 1, enough).key


def frozen_of(session: Session, anna: Person, study: Study, atoms: list[Atom]) -> str:
    """A report of which two versions are frozen; one claim has another wording since."""
    row = frozen.row(session, anna, study)
    for note in ("Для совета", ""):
        frozen.version(session, anna, row, atoms, note=note)
    values = AtomValues(title="Девять из двенадцати открывали заявку", study_key=study.key)
    edit_atom(session, anna, atoms[1].key, atoms[1].version, ready(values))
    return f"/reports/{row.key}"


def reports_of(database: Database, anna: Person, fact: Atom) -> list[str]:
    """A report of picked claims with a question and words of its own, and its forms."""
    with database.saving() as session:
        parts = report_templates.get(session, "one-pager", "ru").parts
        picked = report_writing.NewReport("list", "Что тревожит", parts, atom_keys=[fact.key])
        row = report_writing.create(session, anna, picked)
        report_arranging.ask(session, anna, row.key, [(None, "Что пугает?")])
        written = report_arranging.ready(report_arranging.PartWords("Итог", "Всего {facts}."))
        report_arranging.add_section(session, anna, row.key, written)
    return [f"/reports/{row.key}{page}" for page in ("", "/edit", "/claims")]


def shared_of(database: Database, anna: Person, report: str) -> str:
    """The address of a link to a version, for people outside."""
    with database.saving() as session:
        return f"/s/{shares.make(session, anna, report.split('/')[-1], 1, 'Agency')[1]}"


def searches_of(session: Session, anna: Person, tag_key: str) -> SavedSearch:
    """One that is followed and has a feed, one that is shared by somebody else, one that is gone."""
    pavel = make.person(session, "Павел Орлов", "researcher")
    saved_searches.save(session, pavel, "Звонки в поддержку", [("q", "звонят")], is_shared=True)
    gone = saved_searches.save(session, anna, "Старое", [("q", "старое"), ("study", "нет")])
    saved_searches.remove(session, anna, gone.key)
    kept = saved_searches.save(session, anna, "Возвраты", [("tag", tag_key)], is_shared=True)
    follows.follow(session, anna, kept.key, [])
    feeds.make(session, anna, kept.key)
    return kept


def source_sent(app: Flask, person: Person, study_key: str) -> str:
    """The page of what was read, with somebody's phone in it."""
    client = sign_in(app.test_client(), person)
    text = "Марина: Как дела?\nR-1: Звоните +7 921 555-01-23."
    return send(client, f"/studies/{study_key}/sources/new", text=text).headers["Location"]


def files_sent(app: Flask, person: Person) -> tuple[str, ...]:
    """The pages of two imports: before a file, of one that waits, and of one that came in."""
    client = sign_in(app.test_client(), person)
    files = {
        "/import": (b"title,tags\nSeen,\n,\n", "found.csv", {"column": ["title", "tags"]}),
        "/tags/import": (b"scheme,pref_label_en,x\nseverity,Seen,\nseverity,,\n", "tags.csv", {}),
    }
    pages = []
    for path, (content, name, form) in files.items():
        waits, comes = (
            send(client, path, file=(BytesIO(content), name)).headers["Location"] for _ in range(2)
        )
        job = send(client, comes, start="1", **form).headers["Location"]
        result = f"{path}/done/{job.rpartition('/')[2]}"
        # The worker of the running app does the job.
        ends = time.monotonic() + 30
        while client.get(result).status_code == 404 and time.monotonic() < ends:
            time.sleep(0.2)
        pages += [path, waits, job, result]
    return tuple(pages)


# Both languages, both themes, wide and narrow: every page twice, as each look takes minutes.
LOOKS = [("en", "light", 1280), ("ru", "dark", 320)]


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
@pytest.mark.timeout(300)
def test_every_page_is_accessible_and_stays_within_its_window_and_its_policy(
    place: Full, browser: Browser, language: str, theme: str, width: int
) -> None:
    context = browser.new_context(
        locale=language,
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": 800},
        base_url=place.address,
    )
    place.enter(context)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    wrong: dict[str, object] = {}
    titles: dict[str, str] = {}
    for path in place.pages:
        page.goto(path)
        found = faults(page) + ([f"{sideways(page)} px too wide"] if sideways(page) else [])
        if page.locator("h1").count() != 1:
            found.append("not one h1")
        if page.locator("html").get_attribute("lang") != language:
            found.append("another language")
        # What was typed before, taken up again, is the same page.
        is_own = path.startswith("/search") or "slot=" in path
        if page.title() in titles.values() and not is_own:
            found.append(f"the title of another page: {page.title()}")
        titles[path] = page.title()
        if found:
            wrong[path] = found
    context.close()
    assert not wrong
    assert [text for text in said if "404" not in text] == []
    assert all(url.startswith(place.address) for url in asked)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
def test_a_version_is_accessible_to_people_outside(
    place: Full, browser: Browser, theme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(
        color_scheme=theme,
        viewport={"width": width, "height": 800},
        base_url=place.address,
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(place.shared)
    assert faults(page) == []
    assert sideways(page) == 0
    assert page.locator("h1").count() == 1
    assert context.cookies() == []
    assert said == []
    page.get_by_text("Download", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Word")).to_be_focused()
    context.close()


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/healthz"])
def test_pages_before_the_sign_in_are_accessible(place: Place, browser: Browser, path: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(place.address + path)
    if path != "/healthz":
        assert faults(page) == []
    assert sideways(page) == 0
    context.close()


def tags_of(page: Page) -> str:
    return str(page.eval_on_selector("input[data-tag-picker]", "input => input.value"))


def test_tags_are_picked_made_and_taken_off_by_keyboard_alone(page: Page) -> None:
    page.goto("/atoms/new")
    field = page.get_by_role("combobox", name="Tags")
    field.focus()
    page.keyboard.type("рефа")
    expect(page.locator(".ts-dropdown [role=option]").first).to_contain_text("Возврат денег")
    assert faults(page) == []
    page.keyboard.press("Enter")
    assert tags_of(page).endswith("Возврат денег")
    page.keyboard.type("совсем новое")
    expect(page.locator(".ts-dropdown [role=option]").last).to_contain_text("Create “совсем новое”")
    page.keyboard.press("Enter")
    assert tags_of(page).endswith(";совсем новое")
    page.keyboard.press("Backspace")
    assert tags_of(page).endswith("Возврат денег")
    page.get_by_label("Take off the tag").click()
    assert tags_of(page) == ""


def test_a_tag_that_exists_is_offered_before_a_new_one(page: Page) -> None:
    page.goto("/atoms/new")
    page.get_by_role("combobox", name="Tags").focus()
    rows = page.locator(".ts-dropdown [role=option]")
    page.keyboard.type("Возвраты денег")
    expect(rows.first).to_contain_text("did you mean this?")
    expect(rows.last).to_contain_text("Create")
    assert faults(page) == []
    rows.last.click()
    assert page.locator("input[name=sure]").input_value() == "Возвраты денег"
    page.keyboard.type("рефанд")
    expect(rows.first).to_contain_text("рефанд")
    expect(page.locator(".ts-dropdown .create")).to_have_count(0)


def test_words_left_in_the_tag_field_are_not_lost(page: Page) -> None:
    page.goto("/atoms/new")
    page.get_by_role("combobox", name="Tags").focus()
    page.keyboard.type("one; two")
    page.keyboard.press("Tab")
    assert tags_of(page) == "one;two"


def test_single_keys_go_places_but_never_while_typing(page: Page) -> None:
    page.goto("/tags")
    page.keyboard.press("c")
    page.wait_for_url("**/atoms/new")
    page.locator("#f-title").focus()
    page.keyboard.type("c/?")
    assert page.locator("#f-title").input_value() == "c/?"
    page.goto("/search")
    page.locator("h1").first.click(force=True)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


def test_single_keys_work_in_the_russian_layout_and_can_be_switched_off(page: Page) -> None:
    page.goto("/people")
    russian = "new KeyboardEvent('keydown', {key: 'с', code: 'KeyC', bubbles: true})"
    page.evaluate(f"document.body.dispatchEvent({russian})")
    page.wait_for_url("**/atoms/new")
    page.goto("/people")
    page.keyboard.press("Shift+Slash")
    page.get_by_label("Single keys act").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.wait_for_timeout(200)
    assert page.url.endswith("/people")


def test_the_menu_closes_by_escape_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/people")
    page.locator(".menu-person > summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Account")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Account")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_theme_changes_at_once_and_the_next_page_comes_in_it(page: Page) -> None:
    page.goto("/people")
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    answer = page.goto("/account")
    assert answer
    assert 'data-theme="dark"' in answer.text()


def test_after_a_refusal_the_summary_has_the_focus_and_leads_to_the_field(page: Page) -> None:
    page.goto("/people/new")
    page.locator("form.form").evaluate("form => form.noValidate = true")
    page.get_by_label("Name").fill("Twin")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".problems")).to_be_focused()
    page.locator(".problems a").first.click()
    assert page.evaluate("document.activeElement.id") == "f-email"
    assert page.get_by_label("Name").input_value() == "Twin"


def test_unsaved_words_are_not_left_without_a_question(page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.goto("/people/new")
    page.get_by_label("Name").fill("Half a na")
    page.on("dialog", stay)
    page.evaluate("location.href = '/people'")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/people/new")


def test_a_jobs_page_follows_the_work_without_a_reload(page: Page) -> None:
    page.goto("/jobs")
    page.evaluate("window.isSamePage = true")
    page.get_by_role("button", name="Rebuild the search index").click()
    page.wait_for_url("**/jobs/*")
    page.evaluate("window.isSamePage = true")
    expect(page.get_by_text("Done.")).to_be_visible(timeout=15_000)
    assert page.evaluate("window.isSamePage")


def test_without_script_people_log_a_fact_find_it_and_change_the_looks(
    place: Place, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en", base_url=place.address)
    page = place.enter(context).new_page()
    page.goto("/atoms/new?study=returns")
    page.locator("#f-title").fill("Three people looked for a map of the shops")
    page.locator("#f-tags").fill("Возвраты; карта")
    expect(page.get_by_text("Tags optional")).to_have_count(0)  # a group needs one
    page.get_by_role("checkbox", name="Does not apply here").check()
    page.locator("main form .btn-main").first.click()
    expect(page.get_by_text("The fact is written down")).to_be_visible()
    page.goto("/search?q=map")
    expect(page.get_by_role("link", name="Three people looked")).to_be_visible()
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert "q=map" in page.url
    page.locator(".menu-person > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
