"""What no form of ours sends is answered with a page that says so, never with a fault."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import briefs, evidence, saved_searches
from research_repo.core.attachments import Kept
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import frozen, make
from tests.web.conftest import csrf_token, send, sign_in

# Larger than a database's whole numbers, larger than Python reads, digits that are no ASCII.
IDS = ("2147483648", "9223372036854775808", "9" * 30, "9" * 5000, "²", "٣", "-1", "0x1")
VALUES = (*IDS, "\u202e", "a" * 100_000, "=1+1", "<script>", "%00", "../..", "None", "{{7*7}}")


@pytest.fixture
def browser(client: FlaskClient, admin: Person) -> FlaskClient:
    return sign_in(client, admin)


def test_an_id_that_no_row_can_have_leads_nowhere(app: Flask, browser: FlaskClient) -> None:
    asked = 0
    for rule in app.url_map.iter_rules():
        if "<int:" not in rule.rule:
            continue
        for one in IDS[:3]:
            address = rule.rule
            for name in rule.arguments:
                address = address.replace(f"<int:{name}>", one).replace(f"<{name}>", "x")
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                answer = browser.get(address) if method == "GET" else send(browser, address)
                assert answer.status_code == 404, (method, address)
                asked += 1
    assert asked > 20


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_no_field_that_was_tampered_with_breaks_a_form(
    browser: FlaskClient, database: Database, admin: Person, value: str
) -> None:
    with database.saving() as session:
        study = make.study(session, admin, "k", questions=["Why?"])
        atom = make.atom(session, admin, "One", study, tags=["late"], quote="Weeks!")
        other = make.atom(session, admin, "Two", study)
        advice = make.atom(session, admin, "Three", study, kind="recommendation")
        kept = saved_searches.save(session, admin, "Kept", [("q", "x")])
        shot = make.shot(session, admin, study, Kept("0" * 64, "image/png", 1))
        heard = make.participant(session, admin, study="k")
        known = briefs.save(session, admin, "Why?", briefs.Content()).key
        source = make.source(session, admin, study=study)
        row = frozen.row(session, admin)
        report = row.key
        frozen.version(session, admin, row, [atom])
    words = f"/sources/{source.key}/facts/new"
    look = send(browser, "/studies/k/sources/new", text="A: x\nB: y").headers["Location"]
    piece = {
        f"evidence-{name}": value
        for name in ("kind", "id", "text", "who", "source", "url", "number", "unit", "n")
    }
    fact = {"kind": "fact", "title": "x", "study": "k"}
    whole = {"title": "t", "method": "other", "status": "running", "access": "open", "version": "1"}
    for path, form in (
        ("/studies/k/edit", {**whole, "question-id": value, "question": "q"}),
        ("/studies/k/edit", {**whole, "version": value, "participant_count": value}),
        ("/studies/k/edit", {**whole, "starts_on": value, "access": value}),
        ("/studies/new", {"title": value, "key": value, "method": value, "tags": value}),
        ("/studies/k/team", {"email": value}),
        ("/atoms/new", {**fact, "question": value, "observed_on": value, "language": value}),
        ("/atoms/new", {**fact, **piece}),
        ("/atoms/new", {**fact, **piece, "evidence-kind": "number"}),
        ("/atoms/new", {**fact, "who": value, "slot": value, "stamp": value}),
        (
            "/capture/similar",
            {"title": value, "study": value, "bears": [value, f"{value} relates"]},
        ),
        ("/capture/unsent", {**fact, "slot": value}),
        ("/capture/unsent", {**fact, **piece, "slot": "a1", "who": value, "stamp": value}),
        ("/capture/unsent", {"slot": "a2", "kind": value, "title": value, "question": value}),
        ("/capture/unsent/a1/discard", {"next": value}),
        ("/drafts", {"draft": value, "do": "publish", "study": value}),
        ("/drafts", {"draft": [atom.key, value], "do": value}),
        ("/drafts/paste", {"text": value, "study": "k", "slot": value}),
        ("/drafts/paste", {"text": f"{value}\t{value}", "study": "k", "do": "keep", "who": value}),
        (
            "/drafts/paste",
            {
                "text": "One\tTwo",
                "study": "k",
                "slot": "p1",
                "mark": value,
                "seen": value,
                "column": [value, value, value],
                "tags": value,
            },
        ),
        (
            "/drafts/paste",
            {
                "text": "One\tTwo",
                "study": value,
                "slot": "p1",
                "mark": "tab",
                "seen": "tab",
                "column": ["title", value],
                "question": value,
            },
        ),
        (f"/atoms/{atom.key}/edit", {**fact, "version": value}),
        (f"/atoms/{atom.key}/edit", {**fact, "version": "1", **piece, "evidence-kind": "quote"}),
        (f"/atoms/{atom.key}/status", {"status": value, "version": value}),
        (f"/atoms/{atom.key}/tags", {"tags": value, "not_applicable": value}),
        (f"/atoms/{atom.key}/links", {"other": value, "how": "supports out"}),
        (f"/atoms/{atom.key}/links", {"other": other.key, "how": f"{value} out"}),
        (f"/atoms/{atom.key}/files", {"source": value, "caption": value}),
        (f"/sources/{shot.key}/fact", {"title": "x", "caption": value, "question": value}),
        (words, {"start": value, "end": value, "words": value, "seen": value}),
        (words, {"start": "0", "end": "5", "seen": "0", "words": value, "title": value}),
        (words, {"start": "0", "end": "5", "seen": value, "question": value, "do": value}),
        ("/studies/k/sources/new", {"text": value}),
        ("/studies/k/sources/several", {"token": value, "mask": value}),
        (look, {"title": value, "kind": value, "language": value, "code_column": value}),
        (look, {"title": "x", "held_on": value, "participant": value, "do": value}),
        (look, {"title": "x", "kind": "notes", "speaker": value, "code": value, "mask": value}),
        (f"/sources/{source.key}/edit", {"title": value, "kind": value, "version": "1"}),
        (f"/sources/{source.key}/edit", {"title": "x", "held_on": value, "version": value}),
        (f"/sources/{source.key}/text", {"text": value, "version": value}),
        (f"/sources/{source.key}/passages/0", {"text": "x", "speaker": value, "version": "1"}),
        (f"/sources/{source.key}/speakers", {"speaker": value, "code": "x"}),
        (f"/sources/{source.key}/speakers", {"speaker": "R-1", "code": value}),
        (f"/sources/{source.key}/undo", {"version": value}),
        ("/changes/new", {"do": "retag", "atom": value, "add": "late"}),
        ("/changes/new", {"do": value, "tag": value}),
        ("/changes/new", {"do": "move", "tag": "late", "to": value}),
        ("/tags/new", {"group": value, "pref-en": value, "parent": value}),
        ("/bulk/insight", {"atom": value, "search": value, "count": value}),
        ("/atoms/carriers", {"kind": "insight", "carriers": value, "rests_on": value}),
        ("/atoms/new", {"kind": "insight", "title": "x", "rests_on": value, "is_confirmed": value}),
        (f"/atoms/{atom.key}/links", {"other": [other.key, value], "how": "supports in"}),
        (f"/atoms/{atom.key}/links", {"do": "find", "q": value, "other": value}),
        ("/claims/settle", {"do": value, "atom": value, "owner": value, "kind": value}),
        ("/claims/settle", {"do": "confirm", "atom": atom.key, "note": value, "reason": value}),
        ("/claims/settle", {"do": "archive", "all": "1", "study": value, "page": value}),
        ("/claims/ask", {"atom": value}),
        ("/ask", {"atom": value, "question": value, "why": value}),
        (f"/atoms/{atom.key}/confirm", {"note": value, "until": value}),
        (f"/atoms/{advice.key}/stage", {"stage": value, "tracker": value, "was": value}),
        (f"/atoms/{advice.key}/stage", {"stage": "done", "tracker": value, "note": value}),
        (f"/atoms/{advice.key}/stage", {"stage": "done", "tracker": f"https://{value}"}),
        ("/policies/periods", {"tag": value, "months": value}),
        (f"/atoms/{atom.key}/confirmations/{2**70}/withdraw", {}),
        ("/policies/periods", {"others": value}),
        ("/policies/periods", {"without": value}),
        ("/policies/publishing", {"fact": value, "insight": "warn", "recommendation": value}),
        ("/account/tokens", {"name": value, "days": value}),
        ("/reports/of-results", {"atom": value, "search": value, "count": value}),
        (f"/reports/of-tag/{value[:200]}", {}),
        ("/reports/new", {"title": value, "words": value, "template": "study"}),
        ("/reports/new", {"title": "x", "words": "x", "template": value}),
        ("/reports/new", {"title": "x", "template": "study", "tags": value}),
        ("/reports/new", {"title": "x", "template": "study", "claims": f"{value} {atom.key}"}),
        (f"/reports/{report}/edit", {"title": value, "version": value, "was-title": "x"}),
        (f"/reports/{report}/edit", {"part": ["summary", value], "version-summary": value}),
        (f"/reports/{report}/edit", {"part": "summary", "text-summary": value, "was-summary": "x"}),
        (f"/reports/{report}/edit", {"part": "tags", "title-tags": value, "version-tags": "1"}),
        (f"/reports/{report}/edit", {"part": "tags", "move": value, "remove": value}),
        (f"/reports/{report}/edit", {"part": "tags", "move": f"tags {value}"}),
        (f"/reports/{report}/edit", {"do": "add", "new": value}),
        (f"/reports/{report}/preview", {"of": value}),
        (f"/reports/{report}/template", {"template": value}),
        (f"/reports/{report}/claims", {"put": value}),
        (f"/reports/{report}/claims", {"put": f"{atom.key} {value} {value}"}),
        (f"/reports/{report}/claims", {"claim": value, "place": "also"}),
        (f"/reports/{report}/claims", {"claim": atom.key, "place": value}),
        (f"/reports/{report}/pick", {"claims": value}),
        (f"/reports/{report}/pick", {"claim": value, "do": "drop"}),
        (f"/reports/{report}/questions", {"number": value, "question": value}),
        (f"/reports/{report}/keep", {"name": value}),
        ("/reports/templates/survey", {"part": "summary", "name": value, "version": value}),
        ("/reports/templates/survey", {"part": value, "name": "x", "do": "copy"}),
        ("/reports/templates/survey", {"part": "tags", "name": "x", "text-tags": value}),
        (f"/reports/{report}/publish", {"note": value, "language": value}),
        ("/studies/k/report/publish", {"note": value, "is_confirmed": value}),
        (f"/reports/{report}/versions/1/shares", {"name": value, "days": value}),
        (f"/reports/{report}/versions/1/shares", {"name": "x", "days": value}),
        (f"/reports/{report}/take-out", {"atom": value}),
        ("/people/new", {"email": value, "name": value, "role": value}),
        ("/language", {"language": value, "next": value}),
        ("/theme", {"theme": value, "next": value}),
        ("/import", {"study": value}),
        ("/studies/k/participants/new", {"code": value, "segment": value, "consent_on": value}),
        ("/studies/k/participants/table", {"rows": f"{value}\t{value}"}),
        (f"/studies/k/participants/{heard.id}/edit", {"code": value, "version": "1"}),
        (f"/studies/k/participants/{heard.id}/edit", {"code": "x", "version": value}),
        (f"/studies/k/participants/{heard.id}/move", {"study": value, "version": "1"}),
        (f"/studies/k/participants/{heard.id}/move", {"study": "k", "version": value}),
        (f"/studies/k/participants/{heard.id}/remove", {"version": value}),
        ("/searches", {"search": value, "name": value, "shared": value, "then": value}),
        ("/searches", {"search": f"q={value}&tag={value}&not={value}&by={value}", "name": "x"}),
        ("/searches", {"search": "q=x", "name": value, "then": "follow"}),
        (f"/searches/{kept.key}/edit", {"version": value, "name": "x", "wanted": value}),
        (f"/searches/{kept.key}/edit", {"version": "1", "name": value, "wanted": value}),
        (f"/searches/{kept.key}/follow", {"from": value}),
        (f"/searches/{kept.key}/feed", {"from": value}),
        (f"/searches/{kept.key}/feed/withdraw", {"from": value}),
        (f"/searches/{kept.key}/unfollow", {"from": value}),
        (f"/searches/{kept.key}/delete", {"from": value}),
        (f"/searches/{kept.key}/restore", {"from": value}),
        ("/ask", {"q": value, "question": value, "why": value, "needed_by": value}),
        ("/known", {"q": value, "months": value, "do": "save"}),
        ("/known", {"q": "x", "months": value, "do": value, "note": value}),
        ("/known", {"q": "x", "do": "enough", "note": value, "days_saved": value}),
        ("/known", {"q": value, "do": "narrow", "narrower": value}),
        ("/known", {"q": "x", "do": "request", "why": value, "needed_by": value}),
        (f"/known/{known}", {"do": "enough", "version": value, "days_saved": "1"}),
        (f"/known/{known}", {"do": value, "version": "1"}),
        (f"/known/{value[:40]}/restore", {}),
        (
            "/studies/new",
            {**whole, "status": "planned", "brief": value, "key": "n", "question": "q"},
        ),
        ("/studies/new", {**whole, "status": "planned", "known_q": value, "attach": value}),
        ("/studies/new", {**whole, "status": "planned", "known_why": value, "title": value}),
    ):
        answer = send(browser, path, **form)
        assert answer.status_code < 500, (path, form)
        assert "Location" not in answer.headers or answer.headers["Location"].startswith("/")


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_no_address_that_was_tampered_with_breaks_a_page(
    browser: FlaskClient, database: Database, admin: Person, value: str
) -> None:
    with database.saving() as session:
        row = frozen.row(session, admin)
        frozen.version(session, admin, row, [make.atom(session, admin, "One")])
    for path, name in (
        ("/search", "page"), ("/search", "kind"), ("/search", "tag"), ("/search", "study"),
        ("/search", "sort"), ("/search", "from"), ("/search", "q"), ("/studies", "page"),
        ("/tags", "q"), ("/tags", "group"), ("/tags", "from"), ("/tags/export", "language"),
        ("/tags/suggest", "q"), ("/atoms/new", "kind"), ("/atoms/new", "question"),
        ("/atoms/new", "slot"), ("/capture/context", "study"), ("/drafts", "new"),
        ("/drafts", "page"), ("/drafts", "study"), ("/drafts/paste", "slot"),
        ("/atoms/new", "study"), ("/atoms/evidence", "kind"), ("/atoms/questions", "study"),
        ("/changes/new", "do"), ("/import", "study"), ("/sign-in", "next"), ("/ask", "q"),
        ("/known", "q"), ("/known", "months"), ("/known/decisions", "decision"),
        ("/known/decisions", "removed"), ("/studies/new", "brief"),
        (f"/reports/{row.key}/compare", "before"), (f"/reports/{row.key}/compare", "after"),
        (f"/reports/{row.key}/publish", "language"), (f"/s/{value[:80]}", "x"),
        ("/reports/new", "template"), ("/reports/new", "title"), ("/reports/templates", "gone"),
        (f"/reports/{row.key}/claims", "all"),
        ("/search", "view"), ("/participants/due", "study"), ("/participants/due", "page"),
    ):  # fmt: skip
        answer = browser.get(path, query_string={name: value})
        assert answer.status_code < 500, (path, name)


@pytest.mark.parametrize(
    "name", ["a.cs\0v", "a\0.csv", "../../x.csv", "a" * 300 + ".csv", 'a."\r\nX-Y: z.csv', "a.csv/"]
)
def test_the_name_of_a_file_leads_to_no_other_place(
    browser: FlaskClient, app: Flask, name: str
) -> None:
    form = {"csrf_token": csrf_token(browser), "file": (io.BytesIO(b"title\nx\n"), name)}
    answer = browser.post("/import", data=form, content_type="multipart/form-data")
    assert answer.status_code in (303, 422)
    folder = app.extensions["house"].settings.instance
    kept = {path for path in folder.rglob("*") if path.suffix.startswith(".cs")}
    assert {path.parent for path in kept} <= {folder / "imports"}
    if answer.status_code == 303:
        assert browser.get(answer.headers["Location"]).status_code == 200


def test_where_an_import_found_a_claim_is_not_for_a_form_to_say(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        atom = make.atom(session, admin, "One", kind="insight")
    names = ("id", "who", "source", "url", "number", "unit", "n")
    form = {f"evidence-{name}": "" for name in names}
    sent = {
        **form,
        "evidence-kind": "origin",
        "evidence-text": "forged",
        "evidence-source": "a.csv",
    }
    send(browser, f"/atoms/{atom.key}/edit", kind="insight", title="One", version="1", **sent)
    with database.reading() as session:
        assert {one.kind for one in evidence.of_atom(session, atom.id)} <= {"quote"}
