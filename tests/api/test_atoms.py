"""Atoms by programs: written, read, changed, and walked through."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlmodel import select

from research_repo.core import history, participants
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import Atom, Evidence, Person
from tests import make
from tests.api.conftest import V1, Program

WHOLE = {
    "external_id": "T-17",
    "kind": "fact",
    "title": "Деньги приходят через месяц",
    "body": "Так **вышло** у троих.",
    "study": "returns",
    "observed_on": "2026-03-31",
    "tags": ["Возврат", "Finding type > Problem"],
    "quote": "Я ждала месяц.",
    "source": "Звонок 3",
    "respondent": "Р-07",
    "language": "ru",
    "status": "published",
}


def test_an_atom_comes_back_as_it_was_sent(admin: Program) -> None:
    answer = admin.post(**WHOLE)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{V1}/atoms/{answer.json['id']}"
    assert answer.headers["ETag"] == '"1"'
    kept = admin.get(f"/atoms/{answer.json['id']}")
    assert {**kept, "personal": []} == answer.json
    assert {name: kept[name] for name in WHOLE if name != "tags"} == {
        name: value for name, value in WHOLE.items() if name != "tags"
    }
    assert {tag["label"] for tag in kept["tags"]} == {"Возврат", "Problem"}
    assert [piece["kind"] for piece in kept["evidence"]] == ["quote"]


def test_a_written_atom_is_found_at_once(marina: Program) -> None:
    for number in range(5):
        key = marina.post(title=f"Parcel {number} was lost", study="returns").json["id"]
        assert marina.get("/search", q=f"parcel {number} lost")["hits"][0]["id"] == key


def test_left_out_columns_mean_the_same_as_in_an_import(admin: Program) -> None:
    made = admin.post(title="Люди уходят", study="RETURNS").json
    assert (made["kind"], made["status"], made["language"]) == ("fact", "published", "ru")
    assert (made["study"], made["external_id"], made["observed_on"]) == ("returns", None, None)


def test_who_wrote_it_is_the_tokens_person(
    marina: Program, database: Database, anna: Person
) -> None:
    made = marina.post(title="People leave", kind="insight").json
    assert made["author"] == "Marina"
    with database.reading() as session:
        atom = session.exec(_by_key(made["id"])).one()
        (logged,) = history.of(session, "atom", [atom.id])
    assert (logged.who, logged.verb) == ("Marina", "logged")


def _by_key(key: str):  # type: ignore[no-untyped-def]
    from sqlmodel import select

    return select(Atom).where(Atom.key == key)


def test_the_same_external_id_twice_is_a_conflict_that_says_where_the_first_is(
    admin: Program,
) -> None:
    first = admin.post(**WHOLE)
    again = admin.post(**WHOLE)
    assert again.status_code == 409
    assert again.json["address"] == first.headers["Location"]
    assert admin.get("/search", q="месяц")["total"] == 1
    free = {"title": "People leave", "kind": "insight", "external_id": "I-1"}
    assert [admin.post(**free).status_code for _ in range(2)] == [201, 409]


def test_an_external_id_on_somebodys_draft_is_taken_and_tells_nothing(
    admin: Program, marina: Program
) -> None:
    draft = admin.post(**{**WHOLE, "status": "draft"}).json
    answer = marina.post(**WHOLE)
    assert answer.status_code == 409
    assert "address" not in answer.json
    assert draft["id"] not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"title": "Seen once"}, "study"),
        ({"title": "Seen once", "study": "nowhere"}, "study"),
        ({"title": " ", "kind": "insight"}, "title"),
        ({"title": "x" * 501, "kind": "insight"}, "title"),
        ({"title": "Seen", "kind": "rumour"}, "kind"),
        ({"title": "Seen", "study": "returns", "observed_on": "31.03.2026"}, "observed_on"),
        ({"title": "Seen", "study": "returns", "observed_on": "2999-01-01"}, "observed_on"),
        ({"title": "Seen", "study": "returns", "tags": "Refund"}, "tags"),
        ({"title": "Seen", "study": "returns", "tags": ["No group > Refund"]}, "tags"),
        ({"title": "Seen", "study": "returns", "tags": ["🧺"]}, "tags"),
        ({"title": "Seen", "study": "returns", "tags": ["re\u202efund"]}, "tags"),
        ({"title": "Seen", "study": "returns", "tags": ["re\u200bfund"]}, "tags"),
        ({"title": "Seen", "study": "returns", "supports": ["nobody"]}, "supports"),
        ({"kind": "insight"}, "title"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field_and_nothing_is_kept(
    admin: Program, columns: dict[str, object], field: str
) -> None:
    answer = admin.post(**columns)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [field]
    assert admin.get("/atoms")["atoms"] == []


def test_a_study_that_is_not_there_is_not_made(admin: Program) -> None:
    assert admin.post(title="Seen", study="nowhere").status_code == 422
    assert [study["key"] for study in admin.get("/studies")["studies"]] == ["returns"]


def test_an_ambiguous_tag_is_refused_with_its_paths(
    admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        make.tag(session, anna, "Button")
        make.tag(session, anna, "Button", scheme="segment")
    advice = admin.post(title="Seen", study="returns", tags=["Button"]).json["errors"][0]["advice"]
    assert "Product area › Button" in advice
    assert "Segment › Button" in advice


def test_links_are_named_by_external_id_or_key(admin: Program) -> None:
    fact = admin.post(**WHOLE).json
    other = admin.post(title="It takes a week", study="returns").json
    insight = admin.post(
        title="Money comes late",
        kind="insight",
        study="returns",
        supports=[],
        contradicts=[other["id"]],
    ).json
    assert insight["contradicts"] == [other["id"]]
    changed = admin.patch(fact["id"], '"1"', supports=[insight["id"]]).json
    assert changed["supports"] == [insight["id"]]
    circle = admin.patch(insight["id"], '"1"', supports=["T-17"])
    assert (circle.status_code, circle.json["errors"][0]["field"]) == (422, "supports")
    assert admin.patch(fact["id"], '"1"', supports=[]).json["supports"] == []
    assert admin.patch(insight["id"], '"1"', supports=["T-17"]).json["supports"] == [fact["id"]]


def test_an_external_id_that_several_studies_have_is_ambiguous_elsewhere(
    admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        make.study(session, anna, "second")
    here = admin.post(**WHOLE).json
    admin.post(**{**WHOLE, "study": "second"})
    near = admin.post(title="Late", kind="insight", study="returns", contradicts=["T-17"])
    assert near.json["contradicts"] == [here["id"]]
    far = admin.post(title="Late too", kind="insight", contradicts=["T-17"])
    assert far.status_code == 422


def test_a_change_keeps_what_is_left_out(admin: Program) -> None:
    made = admin.post(**WHOLE).json
    changed = admin.patch(made["id"], '"1"', title="Деньги идут две недели")
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"2"'
    left = {"title", "version", "updated_at"}
    assert {name: value for name, value in changed.json.items() if name not in left} == {
        name: value for name, value in made.items() if name not in left
    }
    assert admin.get("/search", q="две недели")["total"] == 1


def test_each_column_can_be_changed_and_emptied(
    admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        make.study(session, anna, "second")
    key = admin.post(**WHOLE).json["id"]
    change = {
        "kind": "insight",
        "body": "",
        "study": "second",
        "observed_on": None,
        "tags": [],
        "quote": "Two weeks.",
        "source": None,
        "language": "en",
        "status": "archived",
    }
    changed = admin.patch(key, '"1"', **change).json
    assert {name: changed[name] for name in change} == change
    emptied = admin.patch(key, '"2"', quote=None, study=None).json
    assert (emptied["quote"], emptied["study"], emptied["evidence"]) == (None, None, [])


def test_a_source_without_a_quote_is_kept_as_where_the_claim_is_from(admin: Program) -> None:
    made = admin.post(title="Seen", study="returns", source="Call 3").json
    assert (made["quote"], made["source"]) == (None, "Call 3")
    assert [(one["kind"], one["text"]) for one in made["evidence"]] == [("origin", "Call 3")]
    key = made["id"]

    def changed(etag: str, **columns: object) -> tuple[str | None, str | None, list[str]]:
        answer = admin.patch(key, etag, **columns).json
        kinds = [one["kind"] for one in answer["evidence"]]
        return answer["quote"], answer["source"], kinds

    assert changed('"1"', quote="Weeks!") == ("Weeks!", "Call 3", ["quote"])
    assert changed('"2"', quote=None) == (None, "Call 3", ["origin"])
    assert changed('"3"', source="Call 4") == (None, "Call 4", ["origin"])
    assert changed('"4"', title="Seen twice") == (None, "Call 4", ["origin"])
    assert changed('"5"', source=None) == (None, None, [])


def test_a_respondent_is_the_participant_of_the_study_who_is_called_so(
    admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        codes = [participants.ParticipantValues(code=code) for code in ("R-07", "R-08")]
        known = [participants.add(session, anna, "returns", one).id for one in codes]

    def heard() -> list[tuple[str, int | None]]:
        with database.reading() as session:
            return list(session.exec(select(Evidence.who, Evidence.participant_id)).all())

    sent = {"title": "Seen", "study": "returns", "quote": "Weeks!"}
    key = admin.post(**sent, respondent="r-07").json["id"]
    assert heard() == [("r-07", known[0])]
    assert admin.patch(key, '"1"', quote="Days!").json["respondent"] == "r-07"
    assert heard() == [("r-07", known[0])]
    assert admin.patch(key, '"2"', respondent="R-08").json["respondent"] == "R-08"
    assert heard() == [("R-08", known[1])]
    assert admin.patch(key, '"3"', respondent=None).json["respondent"] is None
    assert heard() == [("", None)]


def test_a_change_touches_no_other_evidence(
    admin: Program, database: Database, anna: Person
) -> None:
    from research_repo.core.evidence import EvidenceValues

    pieces = [
        EvidenceValues(kind="number", text="share", number=38.0, unit="%", n=40),
        EvidenceValues(text="One", who="P1"),
        EvidenceValues(text="Two", who="P2"),
        EvidenceValues(kind="origin", source="old.csv", text="old.csv", row=7),
    ]
    with database.saving() as session:
        key = make.atom(session, anna, "Seen", evidence=pieces).key
    changed = admin.patch(key, '"1"', quote="First", source="Call").json
    assert [(one["kind"], one["text"], one["who"], one["source"]) for one in changed["evidence"]][
        :3
    ] == [
        ("number", "share", "", ""),
        ("quote", "First", "P1", "Call"),
        ("quote", "Two", "P2", ""),
    ]
    assert [one["row"] for one in changed["evidence"] if one["kind"] == "origin"] == [7]


def test_a_program_changes_a_claim_and_leaves_its_file(
    admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        atom = make.atom(session, anna, "Seen")
        make.file(session, anna, atom, database.folder, name="page.pdf").text = "Before"
    changed = admin.patch(atom.key, '"2"', title="Seen twice", quote="Weeks!").json
    assert {(one["kind"], one["text"], one["file_name"]) for one in changed["evidence"]} == {
        ("quote", "Weeks!", ""),
        ("file", "Before", "page.pdf"),
    }


def test_two_writers_do_not_overwrite_each_other(admin: Program, marina: Program) -> None:
    key = marina.post(title="People leave", kind="insight").json["id"]
    assert admin.patch(key, '"1"', title="People stay").status_code == 200
    late = marina.patch(key, '"1"', title="People return")
    assert late.status_code == 412
    assert admin.get(f"/atoms/{key}")["title"] == "People stay"


def test_a_change_says_which_version_it_means(admin: Program) -> None:
    key = admin.post(title="People leave", kind="insight").json["id"]
    without = admin.ask("PATCH", f"/atoms/{key}", json={"title": "x"})
    assert without.status_code == 428
    assert admin.patch(key, 'W/"1"', title="x").status_code == 412
    assert admin.patch(key, "*", title="x").status_code == 200


def test_what_is_not_a_column_cannot_be_set(admin: Program) -> None:
    for name, value in {
        "author_id": 1,
        "version": 9,
        "id": "aaaaaa",
        "key": "aaaaaa",
        "body_html": "<script>",
        "created_at": "2020-01-01T00:00:00Z",
    }.items():
        answer = admin.post(title="Seen", kind="insight", **{name: value})
        assert answer.status_code == 422, name
    key = admin.post(title="Seen", kind="insight").json["id"]
    assert admin.patch(key, '"1"', external_id="T-2").status_code == 422


def test_markdown_is_kept_as_text_and_rendered_safely(admin: Program, database: Database) -> None:
    body = "<script>alert(1)</script>\n\n**bold**"
    made = admin.post(title="Seen", kind="insight", body=body).json
    assert made["body"] == body
    with database.reading() as session:
        html = session.exec(_by_key(made["id"])).one().body_html
    assert "<strong>bold</strong>" in html
    assert "<script" not in html


def test_all_atoms_are_walked_through_page_by_page(admin: Program) -> None:
    keys = [admin.post(title=f"Seen {n}", kind="insight").json["id"] for n in range(5)]
    walked, cursor = [], ""
    while cursor is not None:
        page = admin.get("/atoms", limit=2, cursor=cursor)
        walked += [one["id"] for one in page["atoms"]]
        cursor = page["next_cursor"]
    assert walked == keys


def test_only_what_changed_since_is_asked_for(admin: Program) -> None:
    old = admin.post(title="Old", study="returns").json
    between = now().isoformat()
    new = admin.post(title="New", kind="insight").json
    found = admin.get("/atoms", updated_after=between)
    assert [one["id"] for one in found["atoms"]] == [new["id"]]
    admin.patch(old["id"], '"1"', title="Old, seen again")
    found = admin.get("/atoms", updated_after=between, study="returns")
    assert [one["id"] for one in found["atoms"]] == [old["id"]]
    later = (now() + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert admin.get("/atoms", updated_after=later) == {"atoms": [], "next_cursor": None}


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-03-31", "0", "0001-01-01T00:00:00+14:00", "2026-03-31T09:00:00"]
)
def test_a_moment_is_written_in_full(admin: Program, moment: str) -> None:
    answer = admin.ask("GET", "/atoms", query_string={"updated_after": moment})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "updated_after"


def test_drafts_are_read_by_their_author_and_not_by_others(admin: Program, marina: Program) -> None:
    key = marina.post(title="Half a thought", kind="insight", status="draft").json["id"]
    assert marina.get(f"/atoms/{key}")["status"] == "draft"
    assert [one["id"] for one in marina.get("/atoms")["atoms"]] == [key]


def test_the_answered_questions_are_told_by_number(
    app: Flask, admin: Program, database: Database, anna: Person
) -> None:
    from research_repo.core import studies

    with database.saving() as session:
        study = make.study(session, anna, "second", questions=["What?", "Why?"])
        why = studies.questions_of(session, study.id)[1]
        key = make.atom(session, anna, "Seen", study, question_ids=[why.id]).key
    assert admin.get(f"/atoms/{key}")["questions"] == [2]
    assert admin.patch(key, '"1"', title="Seen again").json["questions"] == [2]


def test_tags_of_one_name_stay_on_an_atom_whose_title_changes(
    admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        tag = make.tag(session, anna, "Refund")
        twin = make.tag(session, anna, "Refunds")
        key = make.atom(session, anna, "Seen", tags=[tag]).key
        _call_alike(session, twin.id)
    changed = admin.patch(key, '"1"', title="Seen twice")
    assert changed.status_code == 200
    assert [one["key"] for one in changed.json["tags"]] == [tag.key]


def _call_alike(session, tag_id: int) -> None:  # type: ignore[no-untyped-def]
    """A file may bring a second tag of the same name (UNESCO has eleven)."""
    from sqlmodel import select

    from research_repo.core.models import TagLabel

    label = session.exec(select(TagLabel).where(TagLabel.tag_id == tag_id)).one()
    label.text, label.folded = "Refund", "refund"


def test_the_day_is_kept_as_a_day(admin: Program) -> None:
    made = admin.post(title="Seen", study="returns", observed_on="2026-03-31").json
    assert date.fromisoformat(made["observed_on"]) == date(2026, 3, 31)


def test_a_program_is_told_what_it_sent_of_personal_data_and_what_to_do(admin: Program) -> None:
    sent = {**WHOLE, "title": "Ask +7 921 555-01-23", "quote": "I am olga@example.org."}
    made = admin.post(**sent)
    assert made.status_code == 201
    told = {one["field"]: one["advice"] for one in made.json["personal"]}
    assert set(told) == {"title", "evidence"}
    assert "phone" in told["title"]
    assert "mask it" in told["title"]
    assert "personal" not in admin.get(f"/atoms/{made.json['id']}")
    changed = admin.patch(made.json["id"], '"1"', body="Or 4276 1600 1234 5678 9018? No: a@b.org")
    assert [one["field"] for one in changed.json["personal"]] == ["body"]
    changed = admin.patch(made.json["id"], '"2"', title="Ask us")
    assert changed.json["personal"] == []


def test_a_recommendation_tells_how_far_it_is_and_takes_more(admin: Program) -> None:
    key = admin.post(kind="recommendation", title="Say when").json["id"]
    assert [admin.get(f"/atoms/{key}")[name] for name in ("stage", "tracker")] == [
        "proposed", "",
    ]  # fmt: skip
    tracker = "https://tracker.example/SHOP-7"
    told = admin.patch(key, '"1"', stage="in_progress", tracker=tracker).json
    assert (told["stage"], told["tracker"], told["version"]) == ("in_progress", tracker, 1)
    kept = admin.patch(key, '"1"', stage="done").json
    assert (kept["stage"], kept["tracker"]) == ("done", tracker)
    assert admin.patch(key, '"1"', tracker="").json["tracker"] == ""
    for refused in ({"stage": "published"}, {"stage": None}, {"tracker": "javascript:x"}):
        assert admin.patch(key, '"1"', **refused).status_code == 422
    assert admin.get(f"/atoms/{key}")["stage"] == "done"


def test_other_kinds_have_no_stage(admin: Program) -> None:
    key = admin.post(kind="insight", title="They wait").json["id"]
    assert admin.get(f"/atoms/{key}")["stage"] is None
    answer = admin.patch(key, '"1"', stage="done")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "stage"
