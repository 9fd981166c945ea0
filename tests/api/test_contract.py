"""The contract that programs are made from: whole, true, readable, and told of without a token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from research_repo.api.contract import operations
from research_repo.app import create_app
from research_repo.core import atoms, report_writing, saved_searches
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import make
from tests.api.conftest import V1, Program, program_of
from tests.web.conftest import sign_in

EXAMPLES = 40

# What fits the schema may still not fit what stands: no such study, a date to come, a tag unknown.
MEANINGFUL = ["2xx", "404", "409", "412", "422"]
CONFIG = {
    "generation": {"allow-x00": False},
    "checks": {
        "positive_data_acceptance": {"expected-statuses": MEANINGFUL},
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "404", "412", "413", "415", "422", "428"]
        },
        "missing_required_header": {"expected-statuses": ["401", "404", "415", "422", "428"]},
    },
}


def test_the_document_is_open_and_names_every_operation(app: Flask) -> None:
    answer = app.test_client().get(f"{V1}/openapi.json")
    assert answer.status_code == 200
    told = answer.json
    assert {
        (method.upper(), path, one["operationId"])
        for path, methods in told["paths"].items()
        for method, one in methods.items()
    } == {(one.method, one.address, one.name) for one in operations}
    assert told["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert told["security"] == [{"token": []}]


def test_every_operation_and_field_to_send_says_what_it_means(app: Flask) -> None:
    told = app.test_client().get(f"{V1}/openapi.json").json
    for path, methods in told["paths"].items():
        for one in methods.values():
            assert one["summary"].endswith(".")
            silent = [part["name"] for part in one["parameters"] if not part["description"]]
            assert [name for name in silent if f"{{{name}}}" not in path] == []
    for model in ("AtomToAdd", "AtomToChange"):
        fields = told["components"]["schemas"][model]["properties"]
        assert [name for name, one in fields.items() if not one.get("description")] == []


def test_problems_are_told_of_as_problems(app: Flask) -> None:
    files = {one.name for one in operations if one.media}
    told = app.test_client().get(f"{V1}/openapi.json").json
    for methods in told["paths"].values():
        for one in methods.values():
            for code, answer in one["responses"].items():
                kind = "application/json" if int(code) < 300 else "application/problem+json"
                others = set(answer["content"]) - {kind}
                assert kind in answer["content"]
                assert not others or one["operationId"] in files


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_readable_page_tells_all_operations_to_who_signed_in(
    app: Flask, anna: Person, language: str
) -> None:
    client = app.test_client()
    assert client.get("/api").headers["Location"].startswith("/sign-in")
    client = sign_in(client, anna)
    page = client.get("/api", headers={"Accept-Language": language}).get_data(as_text=True)
    assert f'lang="{language}"' in page
    for one in operations:
        assert one.address in page
    assert "external_id" in page
    assert "http" not in page.replace("http://localhost/", "").replace("over HTTP", "").replace(
        "http://www.w3.org", ""
    )


def test_limits_in_the_contract_are_those_of_the_product(app: Flask) -> None:
    models = app.test_client().get(f"{V1}/openapi.json").json["components"]["schemas"]
    fields = models["AtomToAdd"]["properties"]
    assert fields["title"]["maxLength"] == atoms.TITLE_MAX
    assert fields["body"]["maxLength"] == atoms.BODY_MAX
    assert models["AtomToAdd"]["required"] == ["title"]
    assert "required" not in models["AtomToChange"]
    assert all("default" not in one for one in models["AtomToChange"]["properties"].values())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, dict[str, str]]]:
    """An admin's program, and a thing that each address may lead to."""
    folder = tmp_path_factory.mktemp("contract") / "instance"
    app = create_app(Settings(instance=folder, secret_key="k" * 48))
    database: Database = app.extensions["house"].database
    with database.saving() as session:
        anna = make.person(session, "Anna", "admin")
        tag = make.tag(session, anna, "Refund")
        atom = make.atom(session, anna, "Refunds take long", tags=[tag], quote="A month!")
        source = make.source(session, anna)
        make.participant(session, anna)
        kept = saved_searches.save(session, anna, "Refunds", [("q", "refunds")])
        report = report_writing.of_study(session, anna, "returns", "en")
    app.extensions["house"].search.catch_up()
    app.extensions["house"].search.start()
    yield (
        program_of(app, anna),
        {
            "atoms": atom.key,
            "studies": "returns",
            "tags": tag.key,
            "searches": kept.key,
            "sources": source.key,
            "reports": report.key,
        },
    )
    app.extensions["house"].search.stop()
    database.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
# schemathesis draws from `random` in a strategy of its own, of which hypothesis warns.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", [one.name for one in operations])
def test_whatever_is_sent_is_answered_as_the_contract_says(
    world: tuple[Program, dict[str, str]], name: str, mode: GenerationMode
) -> None:
    program, places = world
    schema = schemathesis.openapi.from_wsgi(
        f"{V1}/openapi.json",
        program.client.application,
        config=SchemathesisConfig.from_dict(CONFIG),
    )
    chosen = schema.find_operation_by_id(name)

    @given(case=chosen.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    def holds(case: schemathesis.Case) -> None:
        # An address cannot carry an empty list: what was wrong about the request is not sent.
        assume(all(value not in ([], {}) for value in (case.query or {}).values()))
        headers = {"Authorization": f"Bearer {program.token}"}
        if mode is GenerationMode.POSITIVE:
            for noun, key in places.items():
                if case.path.startswith(f"{V1}/{noun}/") or case.path == f"{V1}/{noun}/{{key}}":
                    code = {"code": "R-07"} if "{code}" in case.path else {}
                    case.path_parameters = {**(case.path_parameters or {}), "key": key, **code}
            if case.method == "PATCH":
                headers["If-Match"] = "*"
        case.call_and_validate(headers=headers)

    holds()
