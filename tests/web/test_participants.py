"""Participants on pages: written down, pasted, moved, deleted, and hidden from everybody else."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select

from research_repo.core import participants, studies
from research_repo.core.clock import today
from research_repo.core.db import Database
from research_repo.core.models import Atom, Evidence, Person
from research_repo.core.participants import ParticipantValues
from research_repo.web.atom_form import EVIDENCE_FIELDS
from tests import make
from tests.web.conftest import send, sign_in

TABLE = "/studies/returns/participants"


@pytest.fixture
def team(client: FlaskClient, database: Database, colleague: Person) -> FlaskClient:
    """The browser of the owner of a study."""
    with database.saving() as session:
        make.study(session, colleague)
    return sign_in(client, colleague)


def added(database: Database, by: Person, code: str, **values: object) -> int:
    with database.saving() as session:
        wanted = participants.ready(ParticipantValues(code=code, **values))  # type: ignore[arg-type]
        return participants.add(session, by, "returns", wanted).id


def codes(database: Database, by: Person, study: str = "returns") -> list[str]:
    with database.reading() as session:
        return [row.code for row in participants.of_study(session, by, study)]


def test_a_participant_is_written_down_and_changed(
    team: FlaskClient, database: Database, colleague: Person
) -> None:
    sent = {"code": "R-07", "segment": "new", "consent_until": "2027-03-31"}
    assert send(team, f"{TABLE}/new", **sent).status_code == 303
    page = team.get(TABLE).get_data(as_text=True)
    assert "R-07" in page
    assert "2027" in page
    with database.reading() as session:
        (row,) = participants.of_study(session, colleague, "returns")
    one = f"{TABLE}/{row.id}"
    assert 'value="2027-03-31"' in team.get(f"{one}/edit").get_data(as_text=True)
    assert send(team, f"{one}/edit", version="1", code="R-08").status_code == 303
    assert codes(database, colleague) == ["R-08"]
    late = send(team, f"{one}/edit", version="1", code="R-09")
    assert late.status_code == 409
    assert 'value="R-09"' in late.get_data(as_text=True)


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    team: FlaskClient, database: Database, colleague: Person
) -> None:
    sent = {"code": "anna@example.org", "segment": "new", "consent_on": "soon"}
    answer = send(team, f"{TABLE}/new", **sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="f-consent_on-error"' in page
    assert 'value="anna@example.org"' in page
    answer = send(team, f"{TABLE}/new", **{**sent, "consent_on": ""})
    assert 'id="f-code-error"' in answer.get_data(as_text=True)
    assert codes(database, colleague) == []


def test_rows_are_pasted_all_or_none(
    team: FlaskClient, database: Database, colleague: Person
) -> None:
    bad = send(team, f"{TABLE}/table", rows="code\tsegment\nR-1\tnew\n\tanna@example.org\n")
    assert bad.status_code == 422
    assert "R-1\tnew" in bad.get_data(as_text=True)
    assert codes(database, colleague) == []
    good = send(team, f"{TABLE}/table", rows="R-1\tnew\nR-10\told\nR-2\told\n")
    assert good.status_code == 303
    assert codes(database, colleague) == ["R-1", "R-2", "R-10"]
    assert send(team, f"{TABLE}/table", rows=" ").status_code == 422


def test_the_table_comes_back_from_its_own_file(
    team: FlaskClient, database: Database, colleague: Person
) -> None:
    added(database, colleague, "R-1", segment="new", consent_until=today())
    file = team.get("/studies/returns/participants.csv")
    assert file.headers["Content-Disposition"].startswith("attachment")
    sent = {"file": (BytesIO(file.data), "participants.csv")}
    assert send(team, f"{TABLE}/table", **sent).status_code == 303
    assert "1 as before" in team.get(TABLE).get_data(as_text=True)
    junk = {"file": (BytesIO(b"\x89PNG\r\n\x1a\n"), "participants.png")}
    assert send(team, f"{TABLE}/table", **junk).status_code == 422


def test_who_was_heard_stays_and_who_was_not_moves(
    team: FlaskClient, database: Database, colleague: Person
) -> None:
    heard, unheard = (added(database, colleague, code) for code in ("R-1", "R-2"))
    with database.saving() as session:
        make.study(session, colleague, "other")
        make.atom(session, colleague, "Refunds take long", quote="Weeks of waiting!", who="R-1")
    refused = send(team, f"{TABLE}/{heard}/move", version="1", study="other")
    assert refused.status_code == 422
    assert ": 1 quote would stay here" in refused.get_data(as_text=True)
    moved = send(team, f"{TABLE}/{unheard}/move", version="1", study="other")
    assert moved.headers["Location"] == f"/studies/other/participants/{unheard}"
    assert codes(database, colleague, "other") == ["R-2"]
    page = team.get(f"{TABLE}/{heard}").get_data(as_text=True)
    assert "Weeks of waiting!" in page


def test_whose_consent_is_over_is_listed_and_deleted(
    team: FlaskClient, database: Database, colleague: Person
) -> None:
    gone = added(database, colleague, "R-1", consent_until=today() - timedelta(days=1))
    added(database, colleague, "R-2", consent_until=today())
    assert "1 participant is due for deletion" in team.get("/studies").get_data(as_text=True)
    for path in ("/participants/due", "/participants/due?study=returns"):
        page = team.get(path).get_data(as_text=True)
        assert "R-1" in page
        assert "R-2" not in page
    assert "due for deletion" in team.get(TABLE).get_data(as_text=True)
    assert "due for deletion" in team.get("/studies/returns").get_data(as_text=True)
    assert send(team, f"{TABLE}/{gone}/remove", version="1").status_code == 303
    assert codes(database, colleague) == ["R-2"]
    assert "R-1" not in team.get("/participants/due").get_data(as_text=True)


def test_nobody_outside_the_team_learns_of_participants(
    client: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    with database.saving() as session:
        make.study(session, colleague)
        outsider = make.person(session, "Olga", "curator")
    one = added(database, colleague, "R-0042", withdrawn_on=today())
    sign_in(client, outsider)
    for path in (TABLE, f"{TABLE}.csv", f"{TABLE}/new", f"{TABLE}/table", f"{TABLE}/{one}"):
        assert client.get(path).status_code == 404
    for path in ("/participants/due", "/studies/returns"):
        page = client.get(path).get_data(as_text=True)
        assert "R-0042" not in page
        assert "due for deletion</span>" not in page
    with database.saving() as session:
        studies.add_member(session, colleague, "returns", outsider.email, may_edit=False)
    assert "R-0042" in client.get(TABLE).get_data(as_text=True)
    assert client.get(f"{TABLE}/new").status_code == 403
    assert send(client, f"{TABLE}/{one}/remove", version="1").status_code == 403
    assert "R-0042" in sign_in(client, admin).get(TABLE).get_data(as_text=True)


def test_personal_data_in_a_finding_is_masked_or_kept_with_one_choice(
    team: FlaskClient, database: Database
) -> None:
    fact = {f"evidence-{name}": "" for name in EVIDENCE_FIELDS} | {
        "kind": "fact",
        "study": "returns",
        "title": "Клиенты звонят на +7 916 123-45-67",
        "evidence-kind": "quote",
        "evidence-text": "Пишите на anna@example.org",
    }

    def titles() -> list[str]:
        with database.reading() as session:
            return list(session.exec(select(Atom.title).order_by(col(Atom.id))))

    asked = send(team, "/atoms/new", **fact)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "1 phone number, 1 e-mail address" in page
    assert 'value="mask" checked' in page
    assert titles() == []
    assert send(team, "/atoms/new", **fact, personal="mask").status_code == 303
    assert send(team, "/atoms/new", **fact, personal="keep").status_code == 303
    assert titles() == ["Клиенты звонят на +• ••• •••-••-••", fact["title"]]
    with database.reading() as session:
        said = list(session.exec(select(Evidence.text).order_by(col(Evidence.id))))
        kept = session.exec(select(Atom.key).order_by(col(Atom.id).desc())).first()
    assert said == ["Пишите на ••••@•••••••.•••", fact["evidence-text"]]
    # What was kept on purpose is not asked about again; what is new is.
    again = send(team, f"/atoms/{kept}/edit", **fact, version="1", body="Звонят часто")
    assert again.status_code == 303
    more = send(team, f"/atoms/{kept}/edit", **fact, version="2", body="Или на +7 916 765-43-21")
    assert more.status_code == 422
