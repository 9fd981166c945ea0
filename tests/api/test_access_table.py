"""Who gets what from the API: every operation, for the token of each role, on open and foreign things.

An operation that is missing from the table fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from research_repo.api.contract import operations
from research_repo.app import create_app
from research_repo.core import briefs, saved_searches
from research_repo.core.db import Database
from research_repo.settings import Settings
from tests import frozen, make
from tests.api.conftest import V1, Program, program_of

# "owner" is a researcher who owns the members-only study "closed"; "researcher" is not on its team.
ROLES = ("anonymous", "reader", "researcher", "curator", "owner", "admin")

ALL = (401, 200, 200, 200, 200, 200)
TEAM = (401, 404, 404, 404, 200, 200)
NOT_THERE = (401, 404, 404, 404, 404, 404)
HEARD = "/studies/open/participants/{participant}"
NO_CODE = {"participants": [{"code": " "}]}
HIDDEN = ("Refunds are feared", "Refunds are odd", "closed", "Хранить деньги")


@dataclass(frozen=True)
class Case:
    """An operation with something in its places; what each of ROLES gets."""

    path: str
    codes: tuple[int, ...]
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


NOTHING: dict[str, Any] = {"title": " "}
PAST: dict[str, Any] = {"until": "2000-01-01"}
ANY = {"If-Match": "*"}

TABLE: dict[tuple[str, str], list[Case]] = {
    ("GET", "search"): [
        Case("/search?q=refunds", ALL),
        Case("/search?study=open", ALL),
        Case("/search?study=closed", TEAM),
        Case("/search?tag={tag}", ALL),
        Case("/search?tag={hidden_tag}", (401, 422, 422, 200, 200, 200)),
    ],
    ("GET", "list_atoms"): [
        Case("/atoms", ALL),
        Case("/atoms?study=open", ALL),
        Case("/atoms?study=closed", TEAM),
    ],
    ("GET", "list_claims"): [
        Case("/claims", ALL),
        Case("/claims?owner=me&kind=fact&reason=stale", ALL),
        Case("/claims?study=closed", TEAM),
    ],
    ("POST", "confirm_atom"): [
        Case("/atoms/{open_atom}/confirmations", (401, 403, 403, 422, 422, 422), PAST),
        Case("/atoms/{closed_atom}/confirmations", (401, 404, 404, 404, 422, 422), PAST),
    ],
    ("DELETE", "withdraw_confirmation"): [
        Case("/atoms/{open_atom}/confirmations/999", NOT_THERE),
        Case("/atoms/{closed_atom}/confirmations/999", NOT_THERE),
    ],
    ("GET", "similar_atoms"): [
        Case("/atoms/{open_atom}/similar", ALL),
        Case("/atoms/{closed_atom}/similar", TEAM),
        Case("/atoms/{draft}/similar", TEAM),
        Case("/atoms/nothing/similar", NOT_THERE),
    ],
    ("GET", "strength_of_atom"): [
        Case("/atoms/{open_atom}/strength", ALL),
        Case("/atoms/{closed_atom}/strength", TEAM),
        Case("/atoms/{draft}/strength", TEAM),
        Case("/atoms/nothing/strength", NOT_THERE),
    ],
    ("GET", "read_atom"): [
        Case("/atoms/{open_atom}", ALL),
        Case("/atoms/{closed_atom}", TEAM),
        Case("/atoms/{draft}", TEAM),
        Case("/atoms/nothing", NOT_THERE),
    ],
    ("POST", "add_atom"): [
        Case("/atoms", (401, 422, 422, 422, 422, 422), NOTHING),
        Case("/atoms", (401, 403, 201, 201, 201, 201), {"title": "Seen", "study": "open"}),
        Case("/atoms", (401, 403, 422, 422, 201, 201), {"title": "Seen", "study": "closed"}),
        Case(
            "/atoms",
            (401, 403, 422, 422, 409, 409),
            {"title": "Seen", "study": "closed", "external_id": "T-1"},
        ),
        Case(
            "/atoms",
            (401, 403, 422, 422, 422, 422),
            {"title": "Seen", "kind": "insight", "supports": ["{closed_atom}", "nobody"]},
        ),
    ],
    ("PATCH", "change_atom"): [
        Case("/atoms/{open_atom}", (401, 403, 403, 403, 422, 422), NOTHING, ANY),
        Case("/atoms/{closed_atom}", (401, 404, 404, 404, 422, 422), NOTHING, ANY),
        Case("/atoms/{draft}", (401, 404, 404, 404, 422, 422), NOTHING, ANY),
        Case("/atoms/{open_atom}", (401, 403, 403, 403, 428, 428), {"title": "x"}),
        Case("/atoms/{closed_atom}", (401, 404, 404, 404, 428, 428), {"title": "x"}),
    ],
    ("GET", "list_searches"): [Case("/searches", ALL)],
    ("GET", "read_search"): [
        Case("/searches/{own_search}", (401, 404, 404, 404, 200, 404)),
        Case("/searches/{shared_search}", ALL),
        Case("/searches/nothing", NOT_THERE),
    ],
    ("POST", "save_search"): [
        Case("/searches", (401, 422, 422, 422, 422, 422), {"name": " ", "search": "q=refund"}),
        Case("/searches", (401, 422, 422, 422, 422, 422), {"name": "All", "search": "sort=date"}),
        Case("/searches", (401, 201, 201, 201, 201, 201), {"name": "Mine", "search": "q=refund"}),
        Case("/searches", (401, 404, 404, 404, 201, 201), {"name": "It", "search": "study=closed"}),
    ],
    ("DELETE", "delete_search"): [
        Case("/searches/{old_search}", (401, 404, 404, 404, 200, 404)),
        Case("/searches/{asked_search}", (401, 403, 403, 200, 404, 404)),
    ],
    ("GET", "run_search"): [
        Case("/searches/{own_search}/atoms", (401, 404, 404, 404, 200, 404)),
        Case("/searches/{shared_search}/atoms", ALL),
    ],
    ("GET", "list_studies"): [Case("/studies", ALL)],
    ("POST", "start_study"): [
        Case("/studies", (401, 403, 422, 422, 422, 422), {"key": "?", "title": "x"}),
    ],
    ("GET", "read_known"): [Case("/known?q=refunds", ALL)],
    ("GET", "list_briefs"): [Case("/briefs", ALL)],
    ("POST", "save_brief"): [Case("/briefs", (401, 422, 422, 422, 422, 422), {"question": " "})],
    ("GET", "read_brief"): [
        Case("/briefs/{open_brief}", ALL),
        Case("/briefs/{closed_brief}", TEAM),
    ],
    ("GET", "read_brief_report"): [
        Case("/briefs/{open_brief}/report?format=md", ALL),
        Case("/briefs/{closed_brief}/report", TEAM),
    ],
    ("POST", "decide_brief"): [
        Case(
            "/briefs/{closed_brief}/decision",
            (401, 404, 404, 404, 422, 422),
            {"decision": "narrow", "version": 2},
        ),
    ],
    ("POST", "publish_report_version"): [
        # Unconfirmed words of a closed study.
        Case("/reports/{closed_report}/versions", (401, 404, 404, 404, 422, 422), {}),
    ],
    ("GET", "read_report_drift"): [
        Case("/reports/{open_report}/versions/1/drift", ALL),
        Case("/reports/{closed_report}/versions/1/drift", TEAM),
    ],
    ("GET", "compare_report_versions"): [
        Case("/reports/{open_report}/comparison?before=1", ALL),
        Case("/reports/{closed_report}/comparison?before=1&after=1", TEAM),
    ],
    ("GET", "read_study"): [Case("/studies/open", ALL), Case("/studies/closed", TEAM)],
    # Of an open study, too, the sources are its team's alone.
    ("GET", "list_sources"): [
        Case("/studies/open/sources", TEAM),
        Case("/studies/closed/sources", TEAM),
    ],
    ("GET", "read_source"): [Case("/sources/{source}", TEAM)],
    ("POST", "add_source"): [
        Case("/studies/open/sources", (401, 404, 404, 404, 422, 422), {"title": "x", "text": " "}),
    ],
    ("PATCH", "change_source"): [
        Case("/sources/{source}", (401, 404, 404, 404, 412, 412), {"version": 9, "text": "x"}),
    ],
    ("DELETE", "remove_source"): [Case("/sources/{old_source}", TEAM)],
    ("POST", "restore_source"): [Case("/sources/{source}/restore", TEAM)],
    ("GET", "list_participants"): [
        Case("/studies/open/participants", TEAM),
        Case("/studies/closed/participants", TEAM),
    ],
    ("POST", "add_participants"): [
        Case("/studies/open/participants", (401, 404, 404, 404, 422, 422), NO_CODE),
    ],
    ("PATCH", "change_participant"): [
        Case(HEARD, (401, 404, 404, 404, 412, 412), {"version": 9, "segment": "x"}),
    ],
    ("POST", "move_participant"): [
        Case(f"{HEARD}/move", (401, 404, 404, 404, 412, 412), {"version": 9, "study": "closed"}),
    ],
    ("DELETE", "remove_participant"): [
        Case(f"{HEARD}?version=9", (401, 404, 404, 404, 412, 412)),
    ],
    ("GET", "list_due_participants"): [
        Case("/participants/due", ALL),
        Case("/participants/due?study=open", TEAM),
    ],
    ("GET", "list_reports"): [Case("/reports", ALL)],
    ("GET", "read_report"): [
        Case("/reports/{open_report}", ALL),
        Case("/reports/{closed_report}", TEAM),
        Case("/reports/nothing", NOT_THERE),
    ],
    ("GET", "list_report_versions"): [
        Case("/reports/{open_report}/versions", ALL),
        Case("/reports/{closed_report}/versions", TEAM),
    ],
    ("GET", "read_report_version"): [
        Case("/reports/{open_report}/versions/1", ALL),
        Case("/reports/{closed_report}/versions/1", TEAM),
        Case("/reports/{open_report}/versions/2", NOT_THERE),
    ],
    ("GET", "read_study_report"): [
        Case("/studies/open/report", ALL),
        Case("/studies/closed/report", TEAM),
    ],
    ("GET", "list_tags"): [Case("/tags", ALL), Case("/tags?scheme=free", ALL)],
    ("GET", "read_tag"): [
        Case("/tags/{tag}", ALL),
        Case("/tags/{hidden_tag}", (401, 404, 404, 200, 200, 200)),
        Case("/tags/nothing", NOT_THERE),
    ],
}


@dataclass(frozen=True)
class World:
    """An app with one of each thing, and the programs that come to it."""

    app: Flask
    programs: dict[str, Program]
    places: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world") / "instance"
    app = create_app(Settings(instance=folder, secret_key="k" * 48))
    database: Database = app.extensions["house"].database
    with database.saving() as session:
        who = {
            role: make.person(session, role, role)
            for role in ("admin", "reader", "researcher", "curator")
        }
        who["owner"] = owner = make.person(session, "owner", "researcher")
        tag = make.tag(session, who["curator"], "Refund")
        public = make.study(session, owner, key="open")
        closed = make.study(session, owner, key="closed", access="members")
        seen = make.atom(session, owner, "Refunds take long", public, tags=[tag])
        hidden = make.atom(
            session,
            owner,
            "Refunds are feared",
            closed,
            tags=[tag, "Хранить деньги"],
            external_id="T-1",
        )
        draft = make.atom(session, owner, "Refunds are odd", closed, status="draft")
        heard = make.participant(session, owner, study="open")
        source, old_source = (make.source(session, owner, study=public) for _ in "12")
        pairs = [("q", "refunds"), ("study", "closed"), ("tag", tag.key)]
        searches = {
            name: saved_searches.save(session, who[role], name, pairs, is_shared)
            for name, role, is_shared in (
                ("own_search", "owner", False),
                ("old_search", "owner", False),
                ("shared_search", "owner", True),
                ("asked_search", "curator", True),
            )
        }
        asked = {
            name: briefs.save(session, owner, "What of money?", briefs.Content()).key
            for name in ("open_brief", "closed_brief")
        }
        briefs.attach(session, owner, closed, asked["closed_brief"])
        reports: dict[str, str] = {}
        for name, study, atom in (("open", public, seen), ("closed", closed, hidden)):
            row = frozen.row(session, owner, study)
            frozen.version(session, owner, row, [atom])
            reports[f"{name}_report"] = row.key
    with database.reading() as session:
        from research_repo.core import tagging

        hidden_tag = tagging.asked(session, who["admin"], "Хранить деньги", "en").key
    app.extensions["house"].search.catch_up()
    programs = {role: program_of(app, person) for role, person in who.items()}
    programs["anonymous"] = Program(app.test_client(), "")
    places = {
        **{name: one.key for name, one in searches.items()},
        **asked,
        **reports,
        "tag": tag.key,
        "hidden_tag": hidden_tag,
        "open_atom": seen.key,
        "closed_atom": hidden.key,
        "draft": draft.key,
        "source": source.key,
        "old_source": old_source.key,
        "participant": heard.code,
    }
    yield World(app, programs, places)
    database.close()


def test_every_operation_says_who_may_use_it(world: World) -> None:
    rules = {
        (method, rule.endpoint.removeprefix("api."))
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert rules - {("GET", "openapi")} == set(TABLE)
    assert {(one.method, one.name) for one in operations} == set(TABLE)
    assert world.app.test_client().get(f"{V1}/openapi.json").status_code == 200


CASES = [
    pytest.param(method, case, role, code, id=f"{method} {case.path} {case.body or ''} {role}")
    for (method, _name), cases in TABLE.items()
    for case in cases
    for role, code in zip(ROLES, case.codes, strict=True)
]


@pytest.mark.parametrize(("method", "case", "role", "code"), CASES)
def test_each_role_gets_what_the_table_says(
    world: World, method: str, case: Case, role: str, code: int
) -> None:
    path = case.path.format(**world.places)
    options: dict[str, Any] = {"headers": case.headers}
    if case.body is not None:
        options["json"] = _filled(case.body, world.places)
    answer = world.programs[role].ask(method, path, **options)
    assert answer.status_code == code, answer.get_data(as_text=True)
    told = answer.get_data(as_text=True)
    if role in ("anonymous", "reader", "researcher"):
        assert [one for one in HIDDEN if one in told] == []


def _filled(body: dict[str, Any], places: dict[str, str]) -> dict[str, Any]:
    return {
        name: [one.format(**places) for one in value if isinstance(one, str)] or value
        if isinstance(value, list)
        else value
        for name, value in body.items()
    }
