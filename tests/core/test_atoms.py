"""Atoms: what can be logged, what is refused with advice, and two people on one atom."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from research_repo.core import atoms, cards, evidence, history, indexing, studies, tagging
from research_repo.core.atoms import AtomValues
from research_repo.core.clock import today
from research_repo.core.db import Database
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Atom, Evidence, History, IndexQueue, Person, Tag
from tests import make


def values(**given: Any) -> AtomValues:
    return AtomValues(**{"kind": "insight", "title": "People fear hidden fees", **given})


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        atoms.ready(values(**given))
    return {name: str(advice) for name, advice in refusal.value.problems.items()}


@pytest.mark.parametrize(
    ("given", "field", "advice"),
    [
        ({"title": ""}, "title", "Say in one sentence what the facts mean."),
        ({"title": " \n\t "}, "title", "Say in one sentence"),
        ({"title": "\x00\x07"}, "title", "Say in one sentence"),
        ({"title": "", "kind": "fact", "study_key": "x"}, "title", "what you saw or heard"),
        ({"title": "", "kind": "recommendation"}, "title", "what should be done"),
        ({"title": "x" * 501}, "title", "at most 500 characters, this one 501"),
        ({"title": "x" * 5000}, "title", "put the rest into the text"),
        ({"body": "x" * 100_001}, "body", "at most 100000 characters"),
        ({"kind": "opinion"}, "kind", "Choose fact, insight or recommendation"),
        ({"kind": "fact"}, "study", "A fact comes from a study"),
        ({"kind": "fact", "study_key": "  "}, "study", "A fact comes from a study"),
        ({"status": "deleted"}, "status", "Choose one of the list"),
        ({"language": "de"}, "language", "Choose one of the languages"),
        ({"observed_on": today() + timedelta(days=2)}, "observed_on", "still to come"),
    ],
)
def test_what_cannot_be_an_atom_is_refused_beside_the_field(
    given: dict[str, Any], field: str, advice: str
) -> None:
    problems = refused(**given)
    assert list(problems) == [field]
    assert advice in problems[field]


def number(**given: Any) -> EvidenceValues:
    return EvidenceValues(**{"kind": "number", "text": "left the form", "number": 38.0, **given})


@pytest.mark.parametrize(
    ("evidence", "advice"),
    [
        (EvidenceValues(kind="rumour", text="x"), "a quote, a number or a link"),
        (EvidenceValues(kind="file", text="x"), "a quote, a number or a link"),
        (EvidenceValues(text="x" * 20_001), "at most 20000 characters"),
        (EvidenceValues(text="x", who="y" * 501), "at most 500 characters"),
        (EvidenceValues(kind="link", url="javascript:alert(1)"), "beginning with https://"),
        (EvidenceValues(kind="link", url="JaVaScRiPt:alert(1)"), "beginning with https://"),
        (EvidenceValues(kind="link", url="java\nscript:alert(1)"), "beginning with https://"),
        (EvidenceValues(kind="link", url="data:text/html,x"), "beginning with https://"),
        (EvidenceValues(kind="link", url="//example.org"), "beginning with https://"),
        (EvidenceValues(kind="link", url="https://"), "beginning with https://"),
        (EvidenceValues(kind="link", url="http://[broken"), "beginning with https://"),
        (EvidenceValues(kind="link", url="https://e.org/" + "x" * 2000), "beginning with"),
        (EvidenceValues(kind="link", text="no address"), "beginning with https://"),
        (EvidenceValues(kind="link", url="https://e.org", text="x" * 501), "at most 500"),
        (number(number=math.nan), "the number that was measured"),
        (number(number=math.inf), "the number that was measured"),
        (number(number=None), "the number that was measured"),
        (number(text=""), "Say what the number measures"),
        (number(text="x" * 501), "at most 500"),
        (number(n=0), "1 or more"),
        (number(n=-5), "1 or more"),
        (number(n=2**63), "1 or more"),
        (number(unit="x" * 501), "at most 500 characters"),
    ],
)
def test_evidence_that_proves_nothing_is_refused(evidence: EvidenceValues, advice: str) -> None:
    problems = refused(evidence=[EvidenceValues(text="fine"), evidence])
    assert list(problems) == ["evidence"]
    assert advice in problems["evidence"]


def test_an_atom_has_at_most_a_hundred_pieces_of_evidence() -> None:
    quotes = [EvidenceValues(text=f"quote {number}") for number in range(101)]
    assert "at most 100 pieces" in refused(evidence=quotes)["evidence"]
    assert len(atoms.ready(values(evidence=quotes[:100])).evidence) == 100


def test_the_largest_atom_is_kept_whole(session: Session, researcher: Person) -> None:
    body = "слово " * 16_666 + "конец"
    assert len(body) > 100_000
    body = body[:100_000]
    atom = make.atom(session, researcher, "x" * 500, kind="insight", body=body)
    session.expire(atom)
    assert (len(atom.title), atom.body) == (500, body)
    assert "слово слово" in atom.body_html


def test_line_breaks_of_a_browser_count_once() -> None:
    assert atoms.ready(values(body="a\r\nb\rc")).body == "a\nb\nc"
    line = "x" * 98
    assert len(atoms.ready(values(body=f"{line}\r\n" * 1010)).body) == 99_990


def test_what_nobody_sees_is_not_kept(session: Session, researcher: Person) -> None:
    atom = make.atom(
        session,
        researcher,
        " People\x00 fear\tfees\n \ud83d",
        kind="insight",
        body="one\x00\x1b[0m\n\ttwo",
        quote="I\x00 left",
        who="P\x001",
        tags=["fe\x00es"],
    )
    (quote,) = evidence.of_atom(session, atom.id)
    assert (atom.title, atom.body) == ("People fear fees", "one[0m\n\ttwo")
    assert (quote.text, quote.who) == ("I left", "P1")
    (card,) = cards.of_atoms(session, researcher, [atom.id], "en")
    assert [tag.label for tag in card.tags] == ["fees"]


def test_a_date_that_has_begun_in_the_east_is_accepted() -> None:
    assert atoms.ready(values(observed_on=today() + timedelta(days=1)))


@pytest.mark.parametrize(
    ("title", "body", "language"),
    [
        ("Люди боятся комиссий", "", "ru"),
        ("People fear fees", "", "en"),
        ("FAQ", "Никто его не читает, и все звонят", "ru"),
    ],
)
def test_the_language_is_that_of_the_words(title: str, body: str, language: str) -> None:
    assert atoms.ready(values(title=title, body=body)).language == language


def test_a_logged_atom_keeps_all_that_was_given(session: Session, researcher: Person) -> None:
    study = make.study(session, researcher, questions=["Why?", "How?"])
    asked = studies.questions_of(session, study.id)
    atom = make.atom(
        session,
        researcher,
        "People fear fees",
        study=study,
        body="**Much**",
        observed_on=date(2026, 1, 31),
        external_id="A-1",
        question_ids=[asked[1].id],
        evidence=[
            EvidenceValues(text=" I left ", who="P1", source="interview 3"),
            number(n=200, unit="%"),
            EvidenceValues(kind="link", url=" https://example.org/x ", text="the log"),
            EvidenceValues(),
        ],
    )
    page = cards.of_atom(session, researcher, atom.key, "en")
    assert page.body_html == "<p><strong>Much</strong></p>"
    assert (atom.external_id, page.observed_on) == ("A-1", date(2026, 1, 31))
    assert [row.text for row in page.questions] == ["How?"]
    assert [(row.kind, row.text, row.url, row.number, row.n) for row in page.evidence] == [
        ("quote", "I left", "", None, None),
        ("number", "left the form", "", 38.0, 200),
        ("link", "the log", "https://example.org/x", None, None),
    ]
    assert (page.card.study_key, page.card.quote_who, page.card.quote_count) == (study.key, "P1", 1)


def test_a_reader_logs_nothing(session: Session, reader: Person) -> None:
    with pytest.raises(NotAllowed, match="make you a researcher"):
        make.atom(session, reader, "People fear fees", kind="insight")


def test_a_study_that_is_closed_or_absent_is_refused_beside_the_field(
    session: Session, researcher: Person
) -> None:
    owner = make.person(session, "Petr", "researcher")
    secret = make.study(session, owner, "secret", access="members")
    told = set()
    for key in ("secret", "nothing"):
        with pytest.raises(Invalid) as refusal:
            atoms.log(session, researcher, atoms.ready(values(kind="fact", study_key=key)))
        told.add(str(refusal.value))
    assert len(told) == 1, "a closed study must look like one that is not there"
    studies.add_member(session, owner, secret.key, researcher.email, may_edit=False)
    with pytest.raises(Invalid, match="Only its team logs"):
        atoms.log(session, researcher, atoms.ready(values(kind="fact", study_key="secret")))


def test_a_question_of_another_study_is_not_answered(session: Session, researcher: Person) -> None:
    other = make.study(session, researcher, "other", questions=["Why?"])
    (question,) = studies.questions_of(session, other.id)
    atom = make.atom(session, researcher, "People fear fees", question_ids=[question.id])
    assert atoms.question_ids_of(session, atom.id) == []


def test_an_external_id_is_given_once_in_a_study(session: Session, researcher: Person) -> None:
    make.atom(session, researcher, "One", external_id="A-1")
    with pytest.raises(Invalid, match=r"external id A-1 already"):
        make.atom(session, researcher, "Two", external_id=" A-1 ")
    other = make.study(session, researcher, "other")
    moved = make.atom(session, researcher, "Three", study=other, external_id="A-1")
    into = atoms.ready(values(kind="fact", study_key="returns"))
    with pytest.raises(Invalid, match=r"external id A-1 already"):
        atoms.edit(session, researcher, moved.key, 1, into)
    make.atom(session, researcher, "Four", kind="insight", external_id="A-1")
    make.atom(session, researcher, "Five", kind="insight", external_id="A-1")


def test_an_edit_changes_everything_and_keeps_the_evidence_that_stays(
    session: Session, researcher: Person
) -> None:
    atom = make.atom(session, researcher, "People fear fees", quote="I left", tags=["fees"])
    (quote,) = evidence.of_atom(session, atom.id)
    session.add(Evidence(atom_id=atom.id, kind="origin", source="sheet.csv", row=7))
    session.flush()
    edited = atoms.ready(
        values(
            title="People fear hidden fees",
            body="Now with text",
            status="draft",
            tags=["trust"],
            evidence=[EvidenceValues(text="new"), EvidenceValues(id=quote.id, text="I left again")],
        )
    )
    atoms.edit(session, researcher, atom.key, 1, edited)
    page = cards.of_atom(session, researcher, atom.key, "en")
    assert (page.version, page.card.status, page.card.study_key) == (2, "draft", "")
    assert [tag.label for tag in page.card.tags] == ["trust"]
    kept = {row.text or row.source: row.id for row in page.evidence}
    assert kept["I left again"] == quote.id
    assert set(kept) == {"sheet.csv", "new", "I left again"}


def test_where_an_atom_came_from_cannot_be_overwritten(
    session: Session, researcher: Person
) -> None:
    atom = make.atom(session, researcher, "People fear fees", kind="insight")
    origin = Evidence(atom_id=atom.id, kind="origin", source="sheet.csv", row=7)
    session.add(origin)
    session.flush()
    forged = values(evidence=[EvidenceValues(id=origin.id, text="forged")])
    atoms.edit(session, researcher, atom.key, 1, atoms.ready(forged))
    kept = {row.id: (row.kind, row.source, row.text) for row in evidence.of_atom(session, atom.id)}
    assert kept[origin.id] == ("origin", "sheet.csv", "")
    assert len(kept) == 2


def test_evidence_of_another_atom_cannot_be_taken(session: Session, researcher: Person) -> None:
    mine = make.atom(session, researcher, "People fear fees", kind="insight")
    other = make.atom(session, researcher, "People leave", quote="I left")
    (quote,) = evidence.of_atom(session, other.id)
    stolen = values(evidence=[EvidenceValues(id=quote.id, text="stolen")])
    atoms.edit(session, researcher, mine.key, 1, atoms.ready(stolen))
    assert [row.text for row in evidence.of_atom(session, other.id)] == ["I left"]


def test_of_two_people_on_one_atom_the_second_gets_what_the_first_saved(
    database: Database,
) -> None:
    with database.saving() as session:
        petr = make.person(session, "Petr", "researcher")
        atom = make.atom(session, petr, "People fear fees", kind="insight")
    with database.saving() as session:
        atoms.edit(session, petr, atom.key, 1, atoms.ready(values(title="First")))
    with pytest.raises(Conflict) as refusal, database.saving() as session:
        atoms.edit(session, petr, atom.key, 1, atoms.ready(values(title="Second")))
    assert refusal.value.current.title == "First"
    with pytest.raises(Conflict), database.saving() as session:
        atoms.set_status(session, petr, atom.key, 1, "archived")
    with database.reading() as session:
        assert cards.of_atom(session, petr, atom.key, "en").card.title == "First"


def test_of_eight_people_who_save_at_the_same_moment_one_wins_and_seven_are_told(
    database: Database,
) -> None:
    with database.saving() as session:
        petr = make.person(session, "Petr", "researcher")
        atom = make.atom(session, petr, "People fear fees", kind="insight")

    def save(number: int) -> bool:
        given = atoms.ready(values(title=f"Version of {number}"))
        try:
            with database.saving() as session:
                atoms.edit(session, petr, atom.key, 1, given)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(save, range(8)))
    assert saved.count(True) == 1
    with database.reading() as session:
        kept = cards.of_atom(session, petr, atom.key, "en")
    assert (kept.card.title, kept.version) == (f"Version of {saved.index(True)}", 2)


def test_somebody_elses_atom_is_not_edited(
    session: Session, researcher: Person, reader: Person
) -> None:
    atom = make.atom(session, researcher, "People fear fees", kind="insight")
    draft = make.atom(session, researcher, "People leave", kind="insight", status="draft")
    petr = make.person(session, "Petr", "researcher")
    for by in (petr, reader):
        with pytest.raises(NotAllowed):
            atoms.edit(session, by, atom.key, 1, atoms.ready(values()))
        with pytest.raises(NotAllowed):
            atoms.set_status(session, by, atom.key, 1, "archived")
        with pytest.raises(NotFound):
            atoms.edit(session, by, draft.key, 1, atoms.ready(values()))


def test_an_atom_is_not_moved_into_a_study_that_is_closed(
    session: Session, researcher: Person
) -> None:
    make.study(session, make.person(session, "Petr", "researcher"), "secret", access="members")
    atom = make.atom(session, researcher, "People fear fees", kind="insight")
    with pytest.raises(Invalid, match="no such study"):
        atoms.edit(session, researcher, atom.key, 1, atoms.ready(values(study_key="secret")))
    assert atom.study_id is None


def test_an_editor_of_the_study_edits_what_others_logged_there(
    session: Session, researcher: Person
) -> None:
    owner = make.person(session, "Petr", "researcher")
    study = make.study(session, owner)
    atom = make.atom(session, researcher, "People fear fees", study=study)
    moved = atoms.ready(values(kind="fact", study_key=study.key, title="People fear all fees"))
    assert atoms.edit(session, owner, atom.key, 1, moved).author_id == researcher.id


@pytest.mark.parametrize("status", ["draft", "archived", "published"])
def test_a_status_changes_and_says_so(session: Session, researcher: Person, status: str) -> None:
    atom = make.atom(session, researcher, "People fear fees", kind="insight")
    atoms.set_status(session, researcher, atom.key, 1, status)
    assert (atom.status, atom.version) == (status, 2)
    assert history.of(session, "atom", [atom.id])[0].verb == status
    with pytest.raises(Invalid):
        atoms.set_status(session, researcher, atom.key, 2, "deleted")


CHANGES = {
    "words": {"title": "People love fees"},
    "body": {"body": "More"},
    "kind": {"kind": "recommendation"},
    "status": {"status": "archived"},
    "study": {"study_key": "returns"},
    "date": {"observed_on": date(2026, 1, 1)},
    "language": {"language": "ru"},
    "quotes": {"evidence": [EvidenceValues(text="I left")]},
    "tags": {"tags": ["fees"]},
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_index_hears_of_every_change_in_the_same_transaction(
    session: Session, researcher: Person, what: str
) -> None:
    make.study(session, researcher)
    atom = make.atom(session, researcher, "People fear fees", kind="insight")
    assert indexing.is_waiting_for(session, researcher.id)
    indexing.done(session, [row.id for row in indexing.waiting(session)])
    atoms.edit(session, researcher, atom.key, 1, atoms.ready(values(**CHANGES[what])))
    assert [row.atom_id for row in indexing.waiting(session)][:1] == [atom.id]


def test_the_index_hears_of_a_status_and_of_tags(
    session: Session, researcher: Person, curator: Person
) -> None:
    atom = make.atom(session, researcher, "People fear fees", kind="insight")
    tag = make.tag(session, curator, "Fees")
    for by, change in (
        (researcher, lambda: atoms.set_status(session, researcher, atom.key, 1, "archived")),
        (curator, lambda: tagging.put(session, curator, atom, [tag.id])),
    ):
        indexing.done(session, [row.id for row in indexing.waiting(session)])
        change()
        assert {row.atom_id for row in indexing.waiting(session)} == {atom.id}
        assert indexing.is_waiting_for(session, by.id)


REFUSED = {
    "a tag that cannot be": {"tags": ["fine", "a|b"]},
    "too many tags": {"tags": [f"tag {number}" for number in range(51)]},
    "a group that is not there": {"tags": ["new one", "Nothing > Card"]},
    "a study that is not there": {"study_key": "nothing"},
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_leaves_nothing_behind(database: Database, what: str) -> None:
    with database.saving() as session:
        petr = make.person(session, "Petr", "researcher")
        atom = make.atom(session, petr, "People fear fees", kind="insight")

    def everything() -> list[int]:
        with database.reading() as session:
            return [
                len(session.exec(select(noun)).all()) for noun in (Atom, Tag, History, IndexQueue)
            ]

    before = everything()
    given = atoms.ready(values(**REFUSED[what]))
    with pytest.raises(Invalid), database.saving() as session:
        atoms.log(session, petr, given)
    with pytest.raises(Invalid), database.saving() as session:
        atoms.edit(session, petr, atom.key, 1, given)
    assert everything() == before


def test_drafts_are_listed_for_their_author_alone(
    session: Session, researcher: Person, curator: Person
) -> None:
    mine = make.atom(session, researcher, "People fear fees", kind="insight", status="draft")
    make.atom(session, researcher, "People leave", kind="insight")
    assert cards.drafts(session, researcher) == [mine.id]
    assert cards.drafts(session, curator) == []
