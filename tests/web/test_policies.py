"""The page of agreements: everybody reads it, administrators change it."""

from __future__ import annotations

from flask.testing import FlaskClient

from research_repo.core import policies
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests.web.conftest import send, sign_in


def test_an_administrator_settles_what_happens_to_claims_that_rest_on_nothing(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    sign_in(client, admin)
    wanted = {"fact": "off", "insight": "block", "recommendation": "warn"}
    answer = send(client, "/policies/publishing", **wanted)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/policies")
    with database.reading() as session:
        assert policies.publishing(session) == wanted


def test_others_read_in_words_what_is_settled(
    client: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        policies.set_publishing(session, admin, {"fact": "block"})
    page = sign_in(client, colleague).get("/policies").text
    assert "Without it it is not published." in page
    assert "its author is told what is missing" in page
    assert "/policies/publishing" not in page


def test_a_choice_that_is_none_is_refused_beside_its_field(
    client: FlaskClient, admin: Person
) -> None:
    answer = send(sign_in(client, admin), "/policies/publishing", fact="shout", insight="off")
    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text
    assert "Facts: Choose" in answer.text
