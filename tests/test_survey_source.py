"""A real survey from end to end: 956 people's answers become a source, facts, and a claim weighed by hand."""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from research_repo.core import anchors, participants, sources, strength
from research_repo.core.db import Database
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Atom, Evidence, Participant, Passage, Person, Source, Study
from research_repo.core.sources import SourceValues
from research_repo.exchange import source_files
from tests import make

DATA = Path(
    os.environ.get("RESEARCH_REPO_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)
ANSWERS = DATA / "texts_jupyter_ux_2015" / "atoms.jsonl"
KEY = "notebook-survey"


@pytest.fixture(scope="module")
def answers() -> list[dict[str, str]]:
    if not ANSWERS.exists():
        pytest.skip(f"{ANSWERS.parent.name} is not in {DATA}; set RESEARCH_REPO_DATA")
    return [json.loads(line) for line in ANSWERS.read_text("utf-8").split("\n") if line]


@pytest.fixture
def survey(answers: list[dict[str, str]], tmp_path: Path) -> Path:
    """The answers as a survey tool exports them: a row a respondent, a column an answer."""
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    for one in answers:
        rows[one["respondent"]][one["id"].split("-", 2)[2]] = one["text"]
    questions = sorted({question for row in rows.values() for question in row})
    file = tmp_path / "survey.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, ["respondent", *questions])
        table.writeheader()
        table.writerows({"respondent": f"P-{who}", **row} for who, row in rows.items())
    return file


@pytest.fixture
def olga(database: Database) -> Person:
    with database.saving() as session:
        olga = make.person(session, "Olga", "researcher")
        make.study(session, olga, KEY, "What people say of notebooks", method="survey")
        return olga


def brought_in(database: Database, by: Person, file: Path) -> str:
    text = source_files.read(file, file.name)
    codes = {name: name for name in text.speakers()}
    values = sources.ready(SourceValues(title="All answers", codes=codes), text)
    return sources.bring_in(database, by, KEY, values, text)


def quoted(session: Session, by: Person, key: str, words: str) -> EvidenceValues:
    text = session.exec(select(Source.text).where(Source.key == key)).one()
    start = text.index(words)
    return anchors.cut(session, by, key, start, start + len(words))


def test_every_answer_becomes_a_passage_of_the_person_who_gave_it(
    database: Database, olga: Person, survey: Path, answers: list[dict[str, str]]
) -> None:
    key = brought_in(database, olga, survey)
    with database.reading() as session:
        source = session.exec(select(Source).where(Source.key == key)).one()
        assert len(participants.of_study(session, olga, KEY)) == 956
        said = session.exec(
            select(Participant.code, Passage.start, Passage.end)
            .join(Participant)
            .where(Passage.source_id == source.id)
        ).all()
        assert len(said) == 8_290
        texts = sorted((code, source.text[start:end]) for code, start, end in said)
    told = sorted((f"P-{one['respondent']}", _as_read(one["text"])) for one in answers)
    assert texts == told


def test_a_claim_that_rests_on_its_answers_is_as_strong_as_counted_by_hand(
    database: Database, olga: Person, survey: Path
) -> None:
    key = brought_in(database, olga, survey)
    with database.saving() as session:
        study = session.exec(select(Study).where(Study.key == KEY)).one()
        said = [
            # Two answers of one person, and one each of four others.
            ["difficult to diff changes, especially with large plot data blocks",
             "command line diff of source (for git)", "No ability to diff notebooks"],
            ["Lack of decent diff and merge", "Git diff of notebooks", "Difficult to diff notebooks"],
        ]  # fmt: skip
        facts = [
            make.atom(
                session, olga, f"People cannot compare notebooks ({place})", study,
                evidence=[quoted(session, olga, key, words) for words in some],
            )
            for place, some in enumerate(said)
        ]  # fmt: skip
        asked = EvidenceValues(kind="number", text="name version control", number=109, n=956)
        facts.append(make.atom(session, olga, "Every ninth names it", study, evidence=[asked]))
        insight = make.atom(session, olga, "Notebooks stay outside of review", kind="insight")
        for fact in facts:
            make.link(session, olga, fact, insight)
    weighed = _weighed(database, olga, insight)
    assert (weighed.respondents, weighed.studies, weighed.methods) == (5, 1, 1)
    assert (weighed.supporting, weighed.measured, weighed.level) == (3, 1, "fair")

    with database.saving() as session:
        other = make.study(session, olga, "talks", "Talks with teams", method="interviews")
        fact = make.atom(
            session,
            olga,
            "A team reviews notebooks on paper",
            other,
            quote="We print them",
            who="A1",
        )
        make.link(session, olga, fact, insight)
    weighed = _weighed(database, olga, insight)
    assert (weighed.respondents, weighed.studies, weighed.methods) == (6, 2, 2)
    assert weighed.level == "strong"

    with database.saving() as session:
        for place in range(2):
            against = make.atom(session, olga, f"Team {place} does review them", other)
            make.link(session, olga, against, insight, "contradicts")
    assert _weighed(database, olga, insight).level == "disputed"
    with database.reading() as session:
        pairs = session.exec(
            select(Evidence, Source.text).where(Evidence.source_id == Source.id)
        ).all()
        assert len(pairs) == 6
        assert all(text[one.span_start : one.span_end] == one.text for one, text in pairs)
        assert session.exec(select(func.count(Atom.id))).one() == 7


def _weighed(database: Database, by: Person, atom: Atom) -> strength.Strength:
    with database.reading() as session:
        return strength.of_atoms(session, by, [atom.id])[atom.id]


def _as_read(answer: str) -> str:
    return answer.strip()
