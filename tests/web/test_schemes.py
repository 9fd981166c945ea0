"""Tag groups on pages: their rules in words, laid down with a look at what breaks them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import cards, schemes, study_tags, tagging
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.core.schemes import Rules
from tests import make
from tests.web.conftest import send, sign_in

EDIT = "/tags/groups/severity/edit"
NEEDED = {"label-en": "Severity", "label-ru": "Серьёзность", "is_required": "1"}


@pytest.fixture
def browser(client: FlaskClient, admin: Person) -> FlaskClient:
    return sign_in(client, admin)


def rules_now(database: Database) -> Rules:
    with database.reading() as session:
        return schemes.rules_of(schemes.get(session, "severity"))


def read(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_everybody_reads_a_groups_rules_and_whom_to_ask(
    app: Flask, browser: FlaskClient, database: Database, admin: Person
) -> None:
    sent = {
        **NEEDED,
        "takes": "one",
        "kinds": ["fact", "insight"],
        "who_may_add": "curators",
        "steward": str(admin.id),
    }
    assert send(browser, EDIT, **sent).status_code == 303
    with database.saving() as session:
        olga = make.person(session, "Olga", "reader")
    page = read(sign_in(app.test_client(), olga), "/tags/groups/severity")
    for part in (
        "facts, insights",
        "one tag an atom",
        "a tag is needed",
        "tag curators only",
        "Anna",
    ):
        assert part in page
    assert EDIT not in page


def test_what_would_break_the_rules_is_counted_before_they_are_laid_down(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        for number in range(2):
            make.atom(session, admin, f"Without a tag {number}", kind="insight")
    answer = send(browser, EDIT, **NEEDED)
    assert "2 published atoms break these rules." in answer.get_data(as_text=True)
    assert rules_now(database) == Rules()
    assert 'name="told" value="2"' in answer.get_data(as_text=True)
    assert send(browser, EDIT, **NEEDED, told="1").status_code == 200
    assert send(browser, EDIT, **NEEDED, told="2").status_code == 303
    assert rules_now(database) == Rules(is_required=True)
    assert "2 published atoms break the rules." in read(browser, "/tags/groups/severity")
    listed = read(browser, "/tags/groups/severity/offending")
    assert "Without a tag 1" in listed
    assert "“Severity” needs a tag." in listed


def test_a_group_comes_with_its_rules(browser: FlaskClient, database: Database) -> None:
    send(browser, "/tags/groups/new", **{"label-en": "Touchpoint", "takes": "one"})
    with database.reading() as session:
        assert schemes.rules_of(schemes.get(session, "touchpoint")) == Rules(is_single=True)


def test_a_steward_who_left_is_no_longer_named(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    send(browser, EDIT, **{**NEEDED, "is_required": "", "steward": str(colleague.id)})
    assert "Marina" in read(browser, "/tags/groups/severity")
    with database.saving() as session:
        session.get_one(Person, colleague.id).is_active = False
    assert "nobody yet" in read(browser, "/tags/groups/severity")


def test_a_draft_tells_what_it_needs_and_the_word_that_none_applies_publishes_it(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    send(browser, EDIT, **NEEDED)
    with database.saving() as session:
        atom = make.atom(session, admin, "Half a thought", kind="insight", status="draft")
    assert "“Severity” needs a tag." in read(browser, f"/atoms/{atom.key}")
    refused = send(browser, f"/atoms/{atom.key}/status", status="published", version="1")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'name="not_applicable" value="severity"' in page
    assert 'id="f-tags-error"' in page
    form = {"kind": "insight", "title": "Half a thought", "version": "1", "do": "publish"}
    answer = send(browser, f"/atoms/{atom.key}/edit", **form, not_applicable="severity")
    assert answer.status_code == 303
    shown = read(browser, f"/atoms/{atom.key}")
    assert "Does not apply: Severity." in shown
    assert "needs a tag" not in shown


def test_tags_of_an_atom_are_mended_on_their_own_page(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        atom = make.atom(session, admin, "Whole", kind="insight", tags=["Severity > Major"])
    send(browser, EDIT, **{**NEEDED, "is_required": "", "takes": "one"})
    both = "Severity > Major; Severity > Minor"
    refused = send(browser, f"/atoms/{atom.key}/tags", tags=both)
    assert refused.status_code == 422
    assert "takes one tag" in refused.get_data(as_text=True)
    assert send(browser, f"/atoms/{atom.key}/tags", tags="Severity > Minor").status_code == 303


def test_tags_of_a_study_are_put_on_by_its_editors_and_by_curators(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        study = make.study(session, colleague, "cards")
        ilya = make.person(session, "Ilya", "curator")
        pavel = make.person(session, "Pavel", "researcher")
        atom = make.atom(session, colleague, "Note", study=study)
    theirs = sign_in(app.test_client(), colleague)
    form = {"title": "Cards", "method": "survey", "status": "running", "access": "open"}
    sent = send(theirs, "/studies/cards/edit", **form, version="1", tags="Card; Cash")
    assert sent.status_code == 303
    curator = sign_in(app.test_client(), ilya)
    assert "Free tags &gt; Cash" in read(curator, "/studies/cards/tags")
    assert send(curator, "/studies/cards/tags", tags="Card").status_code == 303
    assert send(sign_in(app.test_client(), pavel), "/studies/cards/tags").status_code == 403
    with database.reading() as session:
        assert [tag.label for tag in cards.tags_of_study(session, study.id, "en")] == ["Card"]
    page = read(theirs, f"/atoms/{atom.key}")
    assert "tag-lent" in page
    assert "Card" in read(theirs, "/studies/cards")
    assert '<span class="vh">, from the study' in read(theirs, "/atoms/" + atom.key)


def test_a_refused_tag_of_a_study_keeps_what_was_typed(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        make.study(session, admin, "cards")
        schemes.set_rules(session, admin, "severity", Rules(is_single=True))
    typed = "Severity > Major; Severity > Minor"
    answer = send(browser, "/studies/cards/tags", tags=typed)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "“Severity” takes one tag" in page
    assert "Severity &gt; Major; Severity &gt; Minor" in page


def test_a_hit_shows_the_tags_of_its_study_as_such(
    app: Flask, browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        study = make.study(session, admin, "cards")
        make.atom(session, admin, "Note", study=study)
        tag_ids = tagging.named(session, admin, ["Card"], "en")
        study_tags.put(session, admin, study, tag_ids)
    app.extensions["house"].search.catch_up()
    page = read(browser, "/search?q=card")
    assert "tag-lent" in page
