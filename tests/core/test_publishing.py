"""What a claim must rest on before it is published: told or refused as the team has agreed, and what
would open a closed study is published only knowingly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from research_repo.core import atoms, evidence, history, imports, policies, publishing, timeline
from research_repo.core.atoms import AtomValues
from research_repo.core.db import Database
from research_repo.core.errors import Invalid
from research_repo.core.evidence import EvidenceValues
from research_repo.core.import_terms import Row, Terms
from research_repo.core.models import Atom, Person
from tests import make

Settle = Callable[..., None]


@pytest.fixture
def settle(session: Session) -> Settle:
    admin = make.person(session, "Vera", "admin")
    return lambda **wanted: policies.set_publishing(session, admin, wanted)


def logged(session: Session, by: Person, **values: object) -> Atom:
    wanted = {"title": "Labels are looked for", "study_key": "returns", **values}
    return atoms.log(session, by, atoms.ready(AtomValues(**wanted)))  # type: ignore[arg-type]


def lack(session: Session, by: Person, atom: Atom) -> str:
    found = publishing.lack_of(session, by, atom)
    return str(found.advice) if found else ""


QUOTED = (
    EvidenceValues(text="I looked for the label"),
    EvidenceValues(kind="number", text="looked for it", number=7.0),
    EvidenceValues(kind="link", url="https://example.org/recording"),
)


@pytest.mark.parametrize("piece", QUOTED, ids=lambda piece: piece.kind)
def test_a_fact_rests_on_a_quote_a_number_or_a_link(
    session: Session, researcher: Person, settle: Settle, piece: EvidenceValues
) -> None:
    make.study(session, researcher)
    bare = logged(session, researcher)
    assert "No quote yet" in lack(session, researcher, bare)
    settle(fact="block")
    with pytest.raises(Invalid) as refused:
        logged(session, researcher, title="Another one")
    assert "stays a draft" in str(refused.value.problems["evidence"])
    carried = logged(session, researcher, title="A third one", evidence=[piece])
    assert lack(session, researcher, carried) == ""


def test_an_origin_that_somebody_sent_carries_no_fact(
    session: Session, researcher: Person, settle: Settle
) -> None:
    make.study(session, researcher)
    settle(fact="block")
    with pytest.raises(Invalid):
        logged(session, researcher, evidence=evidence.of_columns("", "An old table"))


def test_where_nothing_is_asked_nothing_is_said(
    session: Session, researcher: Person, settle: Settle
) -> None:
    make.study(session, researcher)
    settle(fact="off")
    assert lack(session, researcher, logged(session, researcher)) == ""


def test_an_insight_rests_on_a_published_fact_and_a_recommendation_on_either(
    session: Session, researcher: Person, settle: Settle
) -> None:
    settle(insight="block", recommendation="block")
    fact = make.atom(session, researcher, "Seen", quote="I saw it")
    draft = make.atom(session, researcher, "Half seen", quote="I saw", status="draft")
    for kind in ("insight", "recommendation"):
        for carriers in ([], [draft.key]):
            with pytest.raises(Invalid) as refused:
                logged(session, researcher, kind=kind, study_key="", rests_on=carriers)
            assert list(refused.value.problems) == ["rests_on"]
    insight = logged(session, researcher, kind="insight", study_key="", rests_on=[fact.key])
    advice = {"kind": "recommendation", "study_key": "", "title": "Do it"}
    done = logged(session, researcher, **advice, rests_on=[insight.key])
    for atom in (insight, done):
        assert lack(session, researcher, atom) == ""
    # Insights upon insights alone float in the air.
    with pytest.raises(Invalid, match="at least one fact"):
        logged(session, researcher, kind="insight", study_key="", rests_on=[insight.key])


def test_a_draft_may_rest_on_nothing_and_is_asked_when_it_is_published(
    session: Session, researcher: Person, settle: Settle
) -> None:
    settle(insight="block")
    fact = make.atom(session, researcher, "Seen", quote="I saw it")
    draft = make.atom(session, researcher, "People look", kind="insight", status="draft")
    with pytest.raises(Invalid) as refused:
        atoms.set_status(session, researcher, draft.key, 1, "published")
    assert list(refused.value.problems) == ["rests_on"]
    session.refresh(draft)
    make.link(session, researcher, fact, draft)
    assert atoms.set_status(session, researcher, draft.key, 1, "published").status == "published"


def test_what_was_published_before_may_be_changed_but_not_lose_its_last_quote(
    session: Session, researcher: Person, settle: Settle
) -> None:
    make.study(session, researcher)
    bare = logged(session, researcher)
    quoted = logged(session, researcher, title="Quoted", evidence=[QUOTED[0]])
    settle(fact="block")
    values = atoms.ready(AtomValues(title="Said better", study_key="returns"))
    assert atoms.edit(session, researcher, bare.key, 1, values).title == "Said better"
    with pytest.raises(Invalid) as refused:
        atoms.edit(session, researcher, quoted.key, 1, values)
    assert list(refused.value.problems) == ["evidence"]


@pytest.fixture
def secret(session: Session, researcher: Person) -> Atom:
    """A finding of a members-only study that the researcher owns."""
    study = make.study(session, researcher, "secret", "The secret study", access="members")
    return make.atom(session, researcher, "Canary", study, quote="We sell the firm")


def test_a_claim_for_all_that_rests_on_a_closed_study_is_published_only_knowingly(
    session: Session, researcher: Person, secret: Atom
) -> None:
    between = make.atom(session, researcher, "Between", kind="insight", status="draft")
    make.link(session, researcher, secret, between)
    claim = {"kind": "recommendation", "study_key": "", "rests_on": [between.key]}
    with pytest.raises(Invalid) as refused:
        logged(session, researcher, **claim)
    assert list(refused.value.problems) == ["is_confirmed"]
    assert "The secret study" in str(refused.value)
    open_now = logged(session, researcher, **claim, is_confirmed=True)
    assert [one.verb for one in history.of(session, "atom", [open_now.id])][0] == "opened"
    # Once it is open, a change of its words asks no more; taken back and published anew, it does.
    values = atoms.ready(AtomValues(kind="recommendation", title="Said better"))
    atoms.edit(session, researcher, open_now.key, 1, values)
    atoms.set_status(session, researcher, open_now.key, 2, "draft")
    with pytest.raises(Invalid):
        atoms.set_status(session, researcher, open_now.key, 3, "published")
    session.refresh(open_now)
    atoms.set_status(session, researcher, open_now.key, 3, "published", is_confirmed=True)


def test_a_claim_that_leaves_its_closed_study_is_opened_knowingly(
    session: Session, researcher: Person, secret: Atom
) -> None:
    insight = logged(session, researcher, kind="insight", study_key="secret", rests_on=[secret.key])
    values = AtomValues(kind="insight", title=insight.title)
    with pytest.raises(Invalid) as refused:
        atoms.edit(session, researcher, insight.key, 1, atoms.ready(values))
    assert list(refused.value.problems) == ["is_confirmed"]


def test_only_who_sees_the_closed_study_reads_that_a_claim_opened_it(
    session: Session, researcher: Person, reader: Person, secret: Atom
) -> None:
    claim = logged(
        session, researcher, kind="insight", study_key="", rests_on=[secret.key], is_confirmed=True
    )
    told = [str(event.what) for event in timeline.of_atom(session, researcher, claim.id, "en")]
    assert any("rests on a members-only study" in one for one in told)
    others = timeline.of_atom(session, reader, claim.id, "en")
    assert [str(event.what) for event in others] == ["wrote it down"]
    assert "No quote" not in lack(session, reader, claim)
    assert "rests on nothing" in lack(session, reader, claim)


def brought(database: Database, by: Person, *cells: dict[str, str]) -> dict[str, str]:
    """Title → status of what a file brought; and what it was told, row by row, under ""."""
    rows = [Row(number, one) for number, one in enumerate(cells, 2)]
    done = imports.run(database, by, lambda: rows, Terms(file_name="found.csv"))
    assert done.refused == 0
    with database.reading() as session:
        found = {atom.title: atom.status for atom in session.exec(select(Atom))}
    told = "; ".join(f"{one.row} {one.column}: {one.reason}" for one in done.warnings)
    return {**found, "": told}


def test_a_fact_that_a_file_brought_is_published_and_marked_however_strict_the_team_is(
    database: Database,
) -> None:
    with database.saving() as session:
        admin = make.person(session, "Vera", "admin")
        policies.set_publishing(session, admin, {"fact": "block"})
    found = brought(database, admin, {"title": "Bare", "study": "old"})
    assert found == {"Bare": "published", "": ""}
    with database.saving() as session:
        (bare,) = session.exec(select(Atom))
        lack = publishing.lack_of(session, admin, bare)
        assert lack is not None
        assert lack.is_from_file
        # Its words may be put right without a quote, too.
        values = atoms.ready(AtomValues(title="Bare, mended", study_key="old"))
        assert atoms.edit(session, admin, bare.key, 1, values).status == "published"


def test_of_a_file_only_what_stands_on_something_is_published_where_the_team_blocks(
    database: Database,
) -> None:
    with database.saving() as session:
        admin = make.person(session, "Vera", "admin")
        policies.set_publishing(session, admin, {"insight": "block", "recommendation": "block"})
    given = (
        # The claims stand above what carries them.
        {"external_id": "R1", "title": "Do this", "kind": "recommendation", "study": "old"},
        {"external_id": "R2", "title": "Do that", "kind": "recommendation", "study": "old"},
        {"external_id": "I1", "title": "Carried", "kind": "insight", "study": "old", "supports": "R1"},
        {"external_id": "I2", "title": "Floating", "kind": "insight", "study": "old", "supports": "R2"},
        {"external_id": "F1", "title": "Seen", "study": "old", "supports": "I1"},
        {"external_id": "F2", "title": "Kept", "study": "old", "supports": "I2", "status": "draft"},
    )  # fmt: skip
    rows = [Row(number, one) for number, one in enumerate(given, 2)]
    asked = Terms(file_name="found.csv", is_dry_run=True)
    foretold = imports.run(database, admin, lambda: rows, asked)
    found = brought(database, admin, *given)
    told = found.pop("")
    warned = (f"{one.row} {one.column}: {one.reason}" for one in foretold.warnings)
    assert "; ".join(warned) == told
    assert found == {
        "Do this": "published",
        "Do that": "draft",
        "Carried": "published",
        "Floating": "draft",
        "Seen": "published",
        "Kept": "draft",
    }
    assert "3 supports: Kept as a draft." in told
    assert "5 supports: Kept as a draft." in told
    with database.reading() as session:
        (floating,) = session.exec(select(Atom).where(Atom.title == "Floating"))
        events = timeline.of_atom(session, admin, floating.id, "en")
        assert "put it back among the drafts" in [str(event.what) for event in events]


def test_a_file_does_not_open_a_closed_study(database: Database) -> None:
    with database.saving() as session:
        admin = make.person(session, "Vera", "admin")
        study = make.study(session, admin, "secret", "The secret study", access="members")
        make.atom(session, admin, "Canary", study, external_id="S1")
    found = brought(
        database,
        admin,
        {"external_id": "I1", "title": "For all", "kind": "insight"},
        {"external_id": "S2", "title": "Told", "study": "secret", "supports": "I1"},
    )
    assert found["For all"] == "draft"
    assert "The secret study" in found[""]


def test_a_row_that_loses_its_ground_becomes_a_draft_when_it_is_changed_by_a_file(
    database: Database,
) -> None:
    with database.saving() as session:
        admin = make.person(session, "Vera", "admin")
    row = {"external_id": "I1", "title": "Floating", "kind": "insight", "study": "old"}
    assert brought(database, admin, {**row, "status": "draft"})["Floating"] == "draft"
    with database.saving() as session:
        policies.set_publishing(session, admin, {"insight": "block"})
    found = brought(database, admin, {**row, "status": "published"})
    assert found["Floating"] == "draft"
    assert "Link at least one fact" in found[""]
