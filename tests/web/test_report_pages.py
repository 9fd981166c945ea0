"""Reports on pages: read, begun from results and tags, arranged with and without script."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import report_lists, report_templates, report_writing
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import send, sign_in


@pytest.fixture
def browser(client: FlaskClient, admin: Person) -> FlaskClient:
    return sign_in(client, admin)


@pytest.fixture
def keys(database: Database, admin: Person) -> dict[str, str]:
    """A study with one question answered and something beside it."""
    with database.saving() as session:
        study = make.study(session, admin, questions=["Why do they call?"], summary="They wait.")
        late = make.atom(
            session, admin, "Seven wait two weeks", study, quote="Weeks!", tags=["late"]
        )
        box = make.atom(session, admin, "The box is torn", study)
        told = make.atom(session, admin, "Silence makes them call", study, kind="insight")
        say = make.atom(session, admin, "Say where the money is", study, kind="recommendation")
        make.link(session, admin, late, told)
        make.link(session, admin, told, say)
        return {"late": late.key, "box": box.key, "told": told.key, "say": say.key}


def the_report(database: Database, by: Person) -> str:
    with database.reading() as session:
        return report_lists.listed(session, by)[0].key


def begun(browser: FlaskClient) -> str:
    """The key of the study's report, once its form was opened."""
    answer = send(browser, "/studies/returns/report/arrange")
    return re.fullmatch(r"/reports/(\w+)/edit", answer.location)[1]  # type: ignore[index]


def form_of(page: str) -> dict[str, list[str]]:
    """What the form of the sections would send as it stands."""
    sent: dict[str, list[str]] = {}
    form = page[page.index('class="form arrange-form"') : page.index("<aside")]
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" not in found or (found.get("type") == "checkbox" and " checked" not in tag):
            continue
        if found["name"] != "csrf_token":
            sent.setdefault(found["name"], []).append(unescape(found.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', form):
        sent.setdefault(name, []).append(unescape(text))
    return sent


def test_a_study_leads_to_its_report_in_one_click(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    assert 'href="/studies/returns/report"' in browser.get("/studies/returns").text
    page = browser.get("/studies/returns/report").text
    assert "<h2>1. Why do they call?</h2>" in page
    table = page[page.index('id="recommendations"') :]
    assert keys["told"] in table[: table.index("</table>")]
    for form in ("md", "html", "pdf", "docx", "pptx", "json", "csv", "xlsx"):
        assert f'href="/studies/returns/report.{form}"' in page


def test_a_claim_under_two_headings_is_led_to_at_one_place(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    page = browser.get("/studies/returns/report").text
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))


def test_arranging_a_study_begins_one_report_however_often(
    browser: FlaskClient, database: Database, keys: dict[str, str]
) -> None:
    assert begun(browser) == begun(browser)
    page = browser.get("/studies/returns/report").text
    assert f'href="/reports/{begun(browser)}/edit"' in page


def test_a_form_that_nobody_changed_changes_nothing(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    before = browser.get("/studies/returns/report").text
    answer = send(
        browser, f"/reports/{key}/edit", **form_of(browser.get(f"/reports/{key}/edit").text)
    )
    assert answer.location == "/studies/returns/report"
    browser.get("/")  # says what was saved
    after = browser.get("/studies/returns/report").text
    assert re.findall("<h2>.*?</h2>", after) == re.findall("<h2>.*?</h2>", before)


def test_sections_take_the_order_the_headings_and_the_words_of_the_form(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    sent = form_of(browser.get(f"/reports/{key}/edit").text)
    sent["part"].remove("recommendations")
    sent["part"].insert(0, "recommendations")
    sent["title-recommendations"] = ["Do this first"]
    sent["text-limitations"] = ["Only **{facts}** facts."]
    del sent["shown-tags"]
    send(browser, f"/reports/{key}/edit", **sent)
    page = browser.get("/studies/returns/report").text
    assert page.index("<h2>Do this first</h2>") < page.index("<h2>In short</h2>")
    assert "Only <strong>2</strong> facts." in page
    assert '<section id="tags">' not in page


def test_a_button_moves_a_section_and_keeps_what_was_typed(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    sent = form_of(browser.get(f"/reports/{key}/edit").text)
    before = list(sent["part"])
    sent["text-summary"] = ["Half a sen"]
    answer = send(browser, f"/reports/{key}/edit", **sent, move=f"{before[1]} up")
    assert answer.location.endswith(f"#part-{before[1]}")
    again = form_of(browser.get(f"/reports/{key}/edit").text)
    assert again["part"][:2] == [before[1], before[0]]
    assert again["text-summary"] == ["Half a sen"]


def test_a_section_of_ones_own_is_added_and_taken_away(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    address = f"/reports/{key}/edit"
    typed = form_of(browser.get(address).text) | {"new": ["Next steps"]}
    send(browser, address, **typed, do="add")
    sent = form_of(browser.get(address).text)
    assert sent["title-text-1"] == ["Next steps"]
    send(browser, address, **(sent | {"text-text-1": ["Ask again in June."]}))
    assert "Ask again in June." in browser.get("/studies/returns/report").text
    send(browser, address, **form_of(browser.get(address).text), remove="text-1")
    assert "Ask again in June." not in browser.get("/studies/returns/report").text
    refused = send(browser, address, **form_of(browser.get(address).text), do="add")
    assert refused.status_code == 422
    assert "Write the heading of the new section first." in refused.text


def test_two_who_write_in_the_same_section_both_keep_their_words(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    address = f"/reports/{key}/edit"
    first, second = (form_of(browser.get(address).text) for _ in range(2))
    send(browser, address, **(first | {"text-summary": ["Theirs"]}))
    refused = send(browser, address, **(second | {"text-summary": ["Mine"], "title": ["Ours"]}))
    assert refused.status_code == 409
    assert '<pre class="theirs">Theirs</pre>' in refused.text
    again = form_of(refused.text)
    assert again["text-summary"] == ["Mine"]
    send(browser, address, **again)
    page = browser.get("/studies/returns/report").text
    assert "<p>Mine</p>" in page
    assert "<h1>Ours</h1>" in page


def test_two_who_write_in_different_sections_do_not_meet(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    address = f"/reports/{key}/edit"
    first, second = (form_of(browser.get(address).text) for _ in range(2))
    send(browser, address, **(first | {"text-summary": ["Theirs"]}))
    saved = send(browser, address, **(second | {"text-limitations": ["Mine"]}))
    assert saved.status_code == 303
    page = browser.get("/studies/returns/report").text
    assert "<p>Theirs</p>" in page
    assert "<p>Mine</p>" in page


def test_a_word_that_counts_nothing_is_named_beside_its_section(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    address = f"/reports/{key}/edit"
    sent = form_of(browser.get(address).text) | {"text-summary": ["By {whom}?"]}
    refused = send(browser, address, **sent)
    assert refused.status_code == 422
    assert "Nothing is called {whom}" in unescape(refused.text)
    assert 'id="f-text-summary-error"' in refused.text
    assert form_of(refused.text)["text-summary"] == ["By {whom}?"]


def test_paragraphs_are_shown_before_they_are_saved(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    typed = {"of": "summary", "text-summary": "**Bold** <script>alert(1)</script>"}
    shown = send(browser, f"/reports/{key}/preview", **typed).text
    assert "<strong>Bold</strong>" in shown
    assert "<script" not in shown
    sent = form_of(browser.get(f"/reports/{key}/edit").text) | {"text-summary": ["**Bold**"]}
    page = send(browser, f"/reports/{key}/edit", **sent, do="preview").text
    assert '<div class="preview prose"><p><strong>Bold</strong></p>' in page
    assert "Bold" not in browser.get("/studies/returns/report").text


def test_a_claim_is_put_from_beside_the_questions_under_one(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    key = begun(browser)
    page = browser.get(f"/reports/{key}/claims").text
    place = re.search(r'data-place="(q\d+)"', page)[1]  # type: ignore[index]
    moved = send(browser, f"/reports/{key}/claims", claim=keys["box"], place=place, do="move")
    assert moved.status_code == 303
    report = browser.get("/studies/returns/report").text
    section = report[report.index('<section id="q1">') :]
    assert "The box is torn" in section[: section.index("</section>")]


def test_buttons_move_a_claim_within_its_place(browser: FlaskClient, keys: dict[str, str]) -> None:
    key = begun(browser)
    page = browser.get(f"/reports/{key}/claims").text
    up = f"{keys['box']} also {keys['late']}"
    assert f'value="{up}" data-step="up"' in page
    answer = send(browser, f"/reports/{key}/claims", put=up)
    assert answer.location.endswith(f"#in-also-{keys['box']}")
    page = browser.get(f"/reports/{key}/claims").text
    assert page.index("The box is torn") < page.index("Seven wait two weeks")
    assert f'value="{keys["box"]} also " data-step="down"' in page


def test_a_script_is_answered_without_a_page(browser: FlaskClient, keys: dict[str, str]) -> None:
    key = begun(browser)
    browser.environ_base["HTTP_ACCEPT"] = "text/plain"
    answer = send(browser, f"/reports/{key}/claims", put=f"{keys['box']} hidden ")
    assert (answer.status_code, answer.text) == (204, "")
    del browser.environ_base["HTTP_ACCEPT"]
    assert "The box is torn" not in browser.get("/studies/returns/report").text


def test_all_that_a_search_finds_becomes_a_report_in_one_step(
    app: Flask, browser: FlaskClient, database: Database, keys: dict[str, str], admin: Person
) -> None:
    app.extensions["house"].search.catch_up()
    assert 'formaction="/reports/of-results"' in browser.get("/search?q=torn").text
    answer = send(browser, "/reports/of-results", all="1", search="q=torn", count="1")
    page = browser.get(answer.location).text
    assert "<h1>torn</h1>" in page
    assert keys["box"] in page
    assert keys["late"] not in page
    with database.saving() as session:
        study = make.study(session, admin, "other")
        make.atom(session, admin, "One more torn box", study)
    app.extensions["house"].search.catch_up()
    assert "One more torn box" in browser.get(answer.location).text
    assert 'href="/search?q=torn&amp;match=all"' in page


def test_what_was_ticked_becomes_a_report_in_one_step(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    ticked = [keys["told"], keys["box"]]
    answer = send(browser, "/reports/of-results", atom=ticked, search="q=x")
    page = browser.get(answer.location).text
    assert "The box is torn" in page
    assert "Silence makes them call" in page
    assert '<td class="num nw">' in page
    key = answer.location.rpartition("/")[2]
    send(browser, f"/reports/{key}/pick", claims=f"http://x.example/atoms/{keys['late']}")
    assert "Seven wait two weeks" in browser.get(f"/reports/{key}/claims").text
    send(browser, f"/reports/{key}/pick", do="drop", claim=keys["box"])
    assert "The box is torn" not in browser.get(f"/reports/{key}/claims").text


def test_a_tag_becomes_a_report_in_one_step(
    browser: FlaskClient, database: Database, keys: dict[str, str], app: Flask
) -> None:
    app.extensions["house"].search.catch_up()
    facets = browser.get("/search?q=weeks").text
    tag = re.search(r"/tags/(\w+)", facets[facets.index('id="results"') :])[1]  # type: ignore[index]
    assert f'action="/reports/of-tag/{tag}"' in browser.get(f"/tags/{tag}").text
    page = browser.get(send(browser, f"/reports/of-tag/{tag}").location).text
    assert "<h1>late</h1>" in page
    assert "Seven wait two weeks" in page


def test_a_new_report_begins_with_a_template_and_says_what_is_missing(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    page = browser.get("/reports/new").text
    assert "Executive one-pager" in page
    empty = send(browser, "/reports/new", title="All", template="one-pager")
    assert empty.status_code == 422
    assert "Say what the report is of: words, a tag, or the keys of claims." in empty.text
    typed = {"title": "All", "template": "one-pager", "claims": f"{keys['late']} {keys['told']}"}
    page = browser.get(send(browser, "/reports/new", **typed).location).text
    assert "<h1>All</h1>" in page
    assert "All facts" not in page
    unnamed = send(browser, "/reports/new", **(typed | {"title": " "}))
    assert unnamed.status_code == 422
    assert keys["late"] in unnamed.text


def test_a_report_across_studies_takes_questions_of_its_own(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    answer = send(browser, "/reports/of-results", atom=[keys["late"], keys["box"]])
    key = answer.location.rpartition("/")[2]
    send(browser, f"/reports/{key}/questions", number=["", ""], question=["What breaks?", ""])
    page = browser.get(f"/reports/{key}/claims").text
    assert "1. What breaks?" in page
    send(browser, f"/reports/{key}/claims", claim=keys["box"], place="q1", do="move")
    report = browser.get(f"/reports/{key}").text
    section = report[report.index('<section id="q1">') :]
    assert "The box is torn" in section[: section.index("</section>")]


def test_a_report_is_seen_by_others_once_it_is_shared(
    app: Flask, browser: FlaskClient, colleague: Person, keys: dict[str, str]
) -> None:
    address = send(browser, "/reports/of-results", atom=keys["late"]).location
    theirs = sign_in(app.test_client(), colleague)
    assert theirs.get(address).status_code == 404
    send(browser, f"{address}/share", shared="1")
    page = theirs.get(address).text
    assert "Seven wait two weeks" in page
    assert f'href="{address}/edit"' not in page
    assert address in theirs.get("/reports").text
    send(browser, f"{address}/share", shared="")
    assert theirs.get(address).status_code == 404


def test_a_deleted_report_is_put_back_from_the_list(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    address = send(browser, "/reports/of-results", atom=keys["late"]).location
    assert send(browser, f"{address}/delete").location == "/reports#deleted"
    assert browser.get(address).status_code == 404
    assert f'action="{address}/restore"' in browser.get("/reports").text
    assert send(browser, f"{address}/restore").location == address
    assert browser.get(address).status_code == 200


def test_a_template_is_kept_changed_used_and_deleted(
    browser: FlaskClient, database: Database, keys: dict[str, str]
) -> None:
    key = begun(browser)
    sent = form_of(browser.get(f"/reports/{key}/edit").text) | {"title-answers": ["Tasks"]}
    send(browser, f"/reports/{key}/edit", **sent)
    send(browser, f"/reports/{key}/keep", name="Our way")
    with database.reading() as session:
        made = report_templates.listed(session, "en")[-1]
    assert made.name == "Our way"
    address = f"/reports/templates/{made.key}"
    sent = form_of(browser.get(address).text)
    assert sent["title-answers"] == ["Tasks"]
    refused = send(browser, address, **(sent | {"text-summary": ["{nobody}"]}))
    assert refused.status_code == 422
    assert 'id="f-text-summary-error"' in refused.text
    send(browser, address, **(sent | {"text-summary": ["From {dates}."], "new": ["Thanks"]}))
    assert "Thanks" in browser.get(address).text
    used = send(browser, f"/reports/{key}/template", template=made.key)
    assert used.status_code == 303
    assert send(browser, f"{address}/delete").location == f"/reports/templates?gone={made.key}"
    assert browser.get(address).status_code == 404
    send(browser, f"{address}/restore")
    assert browser.get(address).status_code == 200


def test_a_shipped_template_that_a_team_changed_can_be_as_it_came(
    browser: FlaskClient, keys: dict[str, str]
) -> None:
    address = "/reports/templates/interviews"
    sent = form_of(browser.get(address).text)
    send(browser, address, **(sent | {"name": ["Talks"]}))
    assert "Talks" in browser.get("/reports/templates").text
    send(browser, f"{address}/delete")
    assert "Talks" not in browser.get("/reports/templates").text
    assert browser.get(address).status_code == 200


def test_a_report_of_nothing_says_how_it_fills(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        make.study(session, admin, "empty")
    page = browser.get("/studies/empty/report")
    assert page.status_code == 200
    assert "There is no claim in this report yet" in page.text


def test_a_title_of_500_characters_is_shown_whole(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    title = ("Long " * 100).strip()
    with database.saving() as session:
        make.atom(session, admin, title, make.study(session, admin, "long"))
    assert title in browser.get("/studies/long/report").text


def test_a_report_across_studies_shows_nothing_of_a_closed_one_to_others(
    app: Flask, browser: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        closed = make.study(session, admin, "closed", "A secret study", access="members")
        tag = make.candidate(session, admin, "Hush")
        secret = make.atom(session, admin, "A secret claim", closed, tags=[tag])
        wanted = [("tag", tag.key)]
        parts = report_templates.get(session, "study", "en").parts
        for values in (
            report_writing.NewReport("search", "By tag", parts, wanted=wanted, is_shared=True),
            report_writing.NewReport(
                "list", "Picked", parts, atom_keys=[secret.key], is_shared=True
            ),
        ):
            report_writing.create(session, admin, values)
    app.extensions["house"].search.catch_up()
    theirs = sign_in(app.test_client(), colleague)
    with database.reading() as session:
        addresses = [one.address for one in report_lists.listed(session, admin)]
    for address in addresses:
        assert "A secret claim" in browser.get(address).text
        for path in (address, f"{address}.md", f"{address}.json"):
            page = theirs.get(path)
            assert page.status_code == 200
            assert "secret" not in page.text, path
            assert tag.key not in page.text, path
