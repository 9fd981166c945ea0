"""What browsers take home."""

from __future__ import annotations

import csv
import io

from flask.testing import FlaskClient

from research_repo.core import tags
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.core.tag_words import TagWords
from tests import make
from tests.web.conftest import sign_in


def test_a_report_is_there_as_four_files(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "Money comes late")
    browser = sign_in(client, colleague)
    page = browser.get("/studies/returns/report").text
    for form, kind in (
        ("md", "text/markdown"),
        ("html", "text/html"),
        ("json", "application/json"),
        ("csv", "text/csv"),
    ):
        assert f"/studies/returns/report.{form}" in page
        file = browser.get(f"/studies/returns/report.{form}")
        assert "Money comes late" in file.text
        assert file.mimetype == kind
        assert file.headers["Content-Disposition"] == f"attachment; filename=returns.{form}"


def test_a_table_for_a_browser_tells_excel_its_encoding(
    client: FlaskClient, colleague: Person
) -> None:
    content = sign_in(client, colleague).get("/tags/tags.csv").data
    assert content.startswith(b"\xef\xbb\xbfid,scheme,")


def test_the_tags_are_there_as_files_without_what_one_may_not_know(
    client: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        other = make.person(session, "Olga", "researcher")
        words = TagWords({"en": "Unseen"})
        tags.create(session, other, "product-area", words, is_to_review=True)
        make.tag(session, admin, "Корзина")
    browser = sign_in(client, colleague)
    assert "/tags/export" in browser.get("/tags").text
    page = browser.get("/tags/export").text
    for form in ("csv", "ttl", "qdc"):
        assert f"/tags/tags.{form}" in page
        file = browser.get(f"/tags/tags.{form}").text
        assert "Корзина" in file
        assert "Unseen" not in file
    rows = csv.DictReader(io.StringIO(browser.get("/tags/tags.csv").data.decode("utf-8-sig")))
    assert "Корзина" in [row["pref_label_ru"] for row in rows]


def test_what_a_file_loses_is_told_beside_it(
    client: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        make.tag(session, admin, "Корзина", also=["Тележка"])
    browser = sign_in(client, colleague)
    page = browser.get("/tags/export").text
    assert "synonym" in page
    assert "It holds all that the tags have." in page
    for language, told in (("ru", "research-repo (ru)"), ("en", "research-repo (en)"), ("x", "(")):
        assert told in browser.get(f"/tags/tags.qdc?language={language}").text


def test_a_file_keeps_a_name_in_letters_that_headers_do_not_hold(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.study(session, colleague, "возвраты")
    answer = sign_in(client, colleague).get("/studies/возвраты/report.csv")
    named = answer.headers["Content-Disposition"]
    named.encode("latin-1")
    assert named.endswith("filename*=UTF-8''%D0%B2%D0%BE%D0%B7%D0%B2%D1%80%D0%B0%D1%82%D1%8B.csv")
