"""Access that is withdrawn while somebody looks around is gone at their next request, everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from research_repo.app import create_app
from research_repo.core import studies
from research_repo.core.models import Person, Study
from research_repo.settings import Settings
from tests import make
from tests.api.conftest import program_of
from tests.web.conftest import sign_in


@pytest.fixture
def app(begun: Settings) -> Iterator[Flask]:
    app = create_app(begun)
    yield app
    app.extensions["house"].database.close()


@pytest.mark.parametrize("is_indexed", [True, False], ids=["indexed", "only queued"])
def test_the_next_request_shows_and_counts_nothing_of_it(app: Flask, is_indexed: bool) -> None:
    house = app.extensions["house"]
    with house.database.saving() as session:
        make.person(session, "Anna", "admin")
        pavel: Person = make.person(session, "Pavel", "researcher")
        olga: Person = make.person(session, "Olga", "reader")
        study: Study = make.study(session, pavel, "wages", "What people earn")
        tag = make.tag(session, pavel, "Zarplata")
        for number in range(3):
            make.atom(session, pavel, f"Payday {number} differs", study, tags=[tag])
        make.atom(session, pavel, "Payday matters", kind="insight")
    house.search.catch_up()
    visitor, program = sign_in(app.test_client(), olga), program_of(app, olga)
    page = visitor.get("/search?q=payday").get_data(as_text=True)
    assert "Payday 1 differs" in page
    assert "What people earn" in page
    assert program.get("/search", q="payday")["total"] == 4

    with house.database.saving() as session:
        values = studies.ready(studies.StudyValues(title="What people earn", access="members"))
        studies.change(session, pavel, "wages", study.version, values)
    if is_indexed:
        house.search.catch_up()
    for address in ("/search?q=payday", "/search?q=differs", "/search?tag=" + tag.key, "/search"):
        page = visitor.get(address).get_data(as_text=True)
        assert "Payday 1 differs" not in page, address
        assert "What people earn" not in page, address
    told = program.get("/search", q="payday")
    assert [hit["title"] for hit in told["hits"]] == ["Payday matters"]
    assert (told["total"], told["facets"]) == (1, [])
    assert program.get("/search", q="differs")["total"] == 0
    assert program.get("/search", q="difers")["corrections"] == []
