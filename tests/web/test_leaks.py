"""What stands in a members-only study is nowhere to be read for others: every page and file is looked at."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import openpyxl
import pytest
from flask import Flask

from research_repo.core import (
    anchors,
    briefs,
    bulk,
    change_lines,
    changes,
    evidence,
    feeds,
    follows,
    imports,
    jobs,
    people,
    report_templates,
    report_writing,
    saved_searches,
    studies,
    tokens,
)
from research_repo.core.clock import today
from research_repo.core.db import Database, Session
from research_repo.core.import_terms import Row, Terms
from research_repo.core.models import Atom, Person, Study
from tests import frozen, make
from tests.web.conftest import send, sign_in

SECRET = "Zebrafish"
"""Stands in every text of the closed study; the pages of others must not hold it in any form."""


@dataclass(frozen=True)
class World:
    """People, and the keys of what is open and what is not."""

    outsiders: dict[str, Person]
    owner: Person
    places: dict[str, list[str]]


@pytest.fixture
def world(app: Flask, database: Database, admin: Person) -> World:
    with database.saving() as session:
        owner = make.person(session, "Owner", "researcher")
        outsiders = {
            role: make.person(session, f"Some {role}", role)
            for role in ("reader", "researcher", "curator")
        }
        shared = make.tag(session, admin, "Refund")
        study = make.study(session, admin, "open", questions=["Why do parcels come back?"])
        fact = make.atom(session, admin, "Refunds take long", study, tags=[shared])
        insight = make.atom(session, admin, "People lose trust", kind="insight", tags=[shared])
        make.link(session, admin, fact, insight)
        closed = make.study(
            session, owner, "zebrafish-2026", f"{SECRET} study", access="members",
            questions=[f"{SECRET} question?"], summary=SECRET, background=SECRET,
        )  # fmt: skip
        hidden = make.atom(
            session, owner, f"{SECRET} claim", closed, tags=[shared, f"{SECRET} tag"],
            body=f"{SECRET} body", quote=f"{SECRET} quote", who=f"{SECRET} person",
            external_id=f"{SECRET}-1",
        )  # fmt: skip
        shot = make.file(
            session, owner, hidden, database.folder, f"%PDF-1.7 {SECRET} %%EOF".encode(), SECRET
        )  # fmt: skip
        interview = make.source(
            session, admin, [(f"{SECRET} R", f"{SECRET} said: it took weeks.")], study, title="Call 3"
        )  # fmt: skip
        start = interview.text.index("it took")
        said = anchors.cut(session, admin, interview.key, start, start + 13)
        chosen = make.atom(session, admin, "It takes weeks", study, evidence=[said])
        hidden_call = make.source(session, owner, [("R", SECRET)], closed, title=SECRET)
        make.participant(session, owner, f"{SECRET} person", closed.key, withdrawn_on=today())
        heard = make.participant(session, admin, f"{SECRET} R", "open", withdrawn_on=today())
        draft = make.atom(session, owner, f"{SECRET} draft", kind="insight", status="draft")
        make.link(session, owner, hidden, insight)
        make.link(session, owner, hidden, fact, "contradicts")
        studies.add_member(session, owner, closed.key, admin.email, may_edit=True)
        job = jobs.start(session, owner, "import.atoms", {"terms": {"study_key": closed.key}})
        tag = next(one for one in [shared] if one)
        places = {
            "key": ["open", closed.key, fact.key, insight.key, hidden.key, draft.key, tag.key],
            "job_id": [str(job.id)],
            "person_id": [str(owner.id)],
            "parent_key": [tag.key],
            "participant_id": [str(heard.id)],
            "quote_id": [str(evidence.of_atom(session, chosen.id)[0].id)],
            "token": ["x" * 24],
            "link_id": ["1", "2", "3"],
            "evidence_id": [str(shot.id)],
            "filename": ["css/base.css"],
            "position": ["0"],
        }
        places["source"] = [interview.key, hidden_call.key]
        places["key"] += [chosen.key, *places["source"]]
        others = [make.tag(session, admin, label) for label in ("Money back", "Chargeback")]
        lines = [
            change_lines.Retag([hidden.id, fact.id], [others[0].key], [shared.key]),
            change_lines.Merge(others[1].key, others[0].key),
        ]
        applied = changes.apply_at_once(session, admin, lines[:1])
        proposed = changes.compose(session, admin, lines[1:])
        changes.propose(session, admin, proposed.key, "They are one")
        made = bulk.begin(session, owner, [hidden.id, fact.id], [shared.id, others[0].id], [])
        places["bulk_id"] = [str(made.id)]
        places["key"] += [applied.key, proposed.key, others[0].key]
        places |= {"secret": feeds_of(session, owner, outsiders.values(), closed.key, hidden.id)}
        asked = briefs.Content((hidden.id, fact.id), (closed.id, study.id), (shared.id,))
        of_closed, of_all = (
            briefs.save(session, owner, question, asked).key
            for question in (f"{SECRET} question?", "What of refunds?")
        )
        briefs.attach(session, owner, closed, of_closed)
        places["key"] += [of_closed, of_all]
        places["key"] += frozen_reports(session, owner, closed, [fact, insight, hidden])
        places["key"] += shared_reports(session, owner, closed, shared.key, [hidden, fact])
        places["number"] = ["1"]
        kept = saved_searches.save(session, owner, SECRET, [("q", SECRET)])
        places["key"] += [kept.key, *(one.key for one in saved_searches.listed(session, owner))]
    app.extensions["house"].search.catch_up()
    return World(outsiders, owner, places)


def shared_reports(
    session: Session, owner: Person, closed: Study, tag_key: str, atoms: list[Atom]
) -> list[str]:
    """Living reports that all may open: of a tag, of a search in the closed study, of picked claims."""
    parts = report_templates.get(session, "study", "en").parts
    wanted = [("q", "refund"), ("tag", tag_key), ("study", closed.key)]
    keys = [one.key for one in atoms]
    rows = [
        report_writing.create(
            session, owner, report_writing.NewReport(scope, "Refunds", parts, is_shared=True, **of)
        )
        for scope, of in (
            ("tag", {"tag_key": tag_key}),
            ("search", {"wanted": wanted}),
            ("list", {"atom_keys": keys}),
        )
    ]
    return [row.key for row in rows]


def frozen_reports(session: Session, owner: Person, closed: Study, atoms: list[Atom]) -> list[str]:
    """Versions of the closed study's report, and of one across studies that all may read."""
    rows = [frozen.row(session, owner, closed), frozen.row(session, owner, is_shared=True)]
    for row in rows:
        # The second shows an insight alone: what supports it is hidden.
        frozen.version(session, owner, row, atoms if row.study_id else atoms[1:2])
    return [row.key for row in rows]


def feeds_of(
    session: Session, owner: Person, others: Iterable[Person], study_key: str, hidden_id: int
) -> list[str]:
    """Feeds of people who follow a search that found the hidden atom before."""
    pairs = [("q", "claim"), ("study", study_key), ("study", "open")]
    shared = saved_searches.save(session, owner, "Claims", pairs, is_shared=True)
    for one in others:
        follows.follow(session, one, shared.key, [hidden_id])
    return [feeds.make(session, one, shared.key) for one in others]


def addresses(app: Flask, world: World) -> Iterator[str]:
    """Every address that can be looked at, with everything in its places."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        names = sorted(rule.arguments - set(rule.defaults or {}))
        for values in product(*(world.places.get(name, ["1"]) for name in names)):
            address = rule.rule
            for name, value in zip(names, values, strict=True):
                for form in (f"<{name}>", f"<int:{name}>"):
                    address = address.replace(form, value)
            yield re.sub(r"<[^<>]*:form>", "md", address)


ASKED = (
    "/search?q=claim", "/search?q=study&view=study-list", "/search?q=question", "/ask?q=claim",
    "/claims?kind=any", "/claims?kind=any&owner=nobody", "/claims?kind=any&reason=disputed",
    "/known?q=study", "/known?q=Why+are+refunds+slow?", "/known?q=question", "/studies/new?brief=x",
    "/search?q=study", "/search?q=trust", "/search?q=zebr*", "/search?q=", "/tags/suggest?q=zebra",
    "/tags/suggest?q=Zebrafish", "/tags?q=zebra", "/tags?all=1", "/atoms/questions?study=zebrafish-2026",
    "/import?study=zebrafish-2026", "/atoms/new?study=zebrafish-2026",
    "/capture/context?study=zebrafish-2026", "/drafts?study=zebrafish-2026",
    "/drafts/paste?study=zebrafish-2026", "/studies/open/sources/new?replace=zebrafish",
    "/studies/open/sources", "/studies/open/sources/new",
    "/search/values?of=study", "/search/values?of=by", "/search/values?of=tag&group=product-area",
    "/search?study=zebrafish-2026", "/studies?all=1", "/tags/tags.csv", "/tags/tags.qdc",
)  # fmt: skip


@pytest.mark.parametrize("role", ["reader", "researcher", "curator"])
def test_no_page_and_no_file_tells_others_of_a_closed_study(
    app: Flask, database: Database, world: World, role: str
) -> None:
    person = world.outsiders[role]
    client = sign_in(app.test_client(), person)
    with database.saving() as session:
        _, token = tokens.add(session, person, person.id, "robot")
    looked = 0
    for address in (*addresses(app, world), *ASKED):
        headers = {"Authorization": f"Bearer {token}"} if address.startswith("/api/v1") else {}
        answer = client.get(address, headers=headers)
        assert answer.status_code < 500, address
        told = answer.get_data(as_text=True) + str(answer.headers)
        # The address itself comes back in forms; and curators know the names of all tags.
        told = told.replace(address.partition("?")[2].partition("=")[2] or SECRET * 9, "")
        told = told.replace("zebrafish-2026", "") if "zebrafish-2026" in address else told
        if role == "curator":
            told = told.replace(f"{SECRET} tag", "")
        assert SECRET.lower() not in told.lower(), f"{role} reads it at {address}"
        looked += answer.status_code == 200
    assert looked > 30


def test_the_owner_reads_it_at_these_places(app: Flask, world: World) -> None:
    client = sign_in(app.test_client(), world.owner)
    found = [
        address
        for address in (*addresses(app, world), *ASKED)
        if SECRET in client.get(address).get_data(as_text=True)
    ]
    assert len(found) > 15


@pytest.mark.parametrize("role", ["researcher", "curator"])
def test_no_refusal_tells_others_of_a_closed_study(
    app: Flask, database: Database, world: World, role: str
) -> None:
    client = sign_in(app.test_client(), world.outsiders[role])
    hidden = world.places["key"][4]
    seen = world.places["key"][2]
    for path, form in (
        ("/atoms/new", {"kind": "fact", "title": "x", "study": "zebrafish-2026"}),
        (f"/atoms/{seen}/links", {"other": hidden, "how": "supports out"}),
        (f"/atoms/{hidden}/links", {"other": seen, "how": "supports out"}),
        (f"/atoms/{hidden}/edit", {"title": "x"}),
        (f"/atoms/{hidden}/status", {"status": "archived"}),
        (f"/atoms/{hidden}/files", {"caption": "x"}),
        (f"/atoms/{hidden}/files/{world.places['evidence_id'][0]}/remove", {}),
        ("/drafts/paste", {"text": "One", "study": "zebrafish-2026", "do": "keep"}),
        ("/studies/zebrafish-2026/edit", {"title": "x"}),
        ("/studies/zebrafish-2026/team", {"email": "anna@example.org"}),
        ("/studies/zebrafish-2026/tags", {"tags": "x"}),
        ("/studies/new", {"title": "x", "key": "zebrafish-2026"}),
        ("/bulk/tag", {"atom": hidden, "add": "Refund", "do": "preview"}),
        ("/bulk/export", {"atom": hidden, "form": "csv"}),
        ("/bulk/copy", {"atom": hidden, "plain": "1"}),
        ("/bulk/tags/1/undo", {}),
        *(
            (f"/sources/{key}/{deed}", {"start": "0", "end": "9", "version": "1", "text": "x"})
            for key in world.places["source"]
            for deed in (
                *("facts/new", "edit", "text", "passages/0", "speakers", "remove", "restore"),
                *("undo", "erase"),
            )
        ),
        ("/studies/open/sources/new", {"text": "x"}),
        ("/studies/zebrafish-2026/sources/new", {"text": "x"}),
    ):
        answer = send(client, path, **form)
        assert answer.status_code in (403, 404, 422), path
        assert SECRET not in answer.get_data(as_text=True), path
    found = [Row(2, {"title": "x", "study": "open", "supports": f"{SECRET}-1; {hidden}"})]
    terms = Terms(file_name="a.csv")
    done = imports.run(database, world.outsiders[role], lambda: found, terms)
    missing = [str(one.reason) for one in done.warnings]
    assert missing == [
        f"{SECRET}-1: no atom has this external id.",
        f"{hidden}: no atom has this external id.",
    ]


@pytest.mark.parametrize("role", ["reader", "researcher", "curator"])
def test_work_on_all_that_is_found_holds_nothing_of_a_closed_study(
    app: Flask, world: World, role: str
) -> None:
    client = sign_in(app.test_client(), world.outsiders[role])
    hidden = world.places["key"][4]
    for form in ("csv", "json", "md"):
        for chosen in ({"all": "1"}, {"atom": [world.places["key"][2], hidden]}):
            answer = send(client, "/bulk/export", form=form, **chosen)
            assert answer.status_code == 200
            told = answer.get_data(as_text=True)
            assert "Refunds take long" in told
            assert SECRET.lower() not in told.lower()
    answer = send(client, "/bulk/export", form="xlsx", all="1")
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    told = " ".join(str(cell.value) for row in book.active.rows for cell in row)
    assert "Refunds take long" in told
    assert SECRET.lower() not in told.lower()
    if role != "reader":
        page = send(client, "/bulk/tag", all="1", add="Refund", do="preview")
        assert page.status_code == 200
        assert SECRET.lower() not in page.get_data(as_text=True).lower()


def test_a_word_of_a_closed_study_is_for_others_like_one_that_nobody_made(
    app: Flask, world: World
) -> None:
    client = sign_in(app.test_client(), world.outsiders["researcher"])

    def told(path: str, form: dict[str, str]) -> list[tuple[int, str]]:
        answers = []
        for word in (f"{SECRET} tag", "Nobodysword"):
            sent = {name: value.format(word) for name, value in form.items()}
            answer = send(client, path, **sent)
            page = answer.get_data(as_text=True).partition("<main")[2]
            advice = re.sub(r"<[^>]+>", " ", page)
            assert "There is no tag" in advice
            answers.append((answer.status_code, advice.replace(word, "")))
        return answers

    for path, form in (
        ("/tags/new", {"group": "product-area", "pref-en": "Own", "parent": "{}"}),
        ("/tags/new", {"group": "product-area", "pref-en": "Own", "parent": "Free tags > {}"}),
        ("/changes/new", {"do": "retire", "tag": "{}"}),
        ("/changes/new", {"do": "merge", "tag": "Refund", "into": "{}"}),
    ):
        secret, unknown = told(path, form)
        assert secret == unknown, path
        assert secret[0] == 422


def test_a_file_for_a_closed_study_is_refused_as_if_it_were_not_there(
    database: Database, world: World
) -> None:
    found = [Row(2, {"title": "x", "study": "zebrafish-2026", "external_id": f"{SECRET}-1"})]
    with database.reading() as session:
        before = people.get(session, world.owner.id)
    done = imports.run(
        database, world.outsiders["researcher"], lambda: found, Terms(file_name="a.csv")
    )
    assert before.id == world.owner.id
    assert (done.created, done.updated, done.refused) == (0, 0, 1)
    assert [one.column for one in done.warnings] == ["study"]
    assert f"{SECRET} study" not in str(done.warnings)
