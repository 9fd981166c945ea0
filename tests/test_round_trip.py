"""A study's own table comes back: into its repository it changes nothing, into another one it is whole."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from research_repo.core import imports, instance, people, reports, transfer
from research_repo.core.db import Database
from research_repo.core.evidence import EvidenceValues
from research_repo.core.import_terms import Terms
from research_repo.core.rows import COLUMNS
from research_repo.exchange import report_tables, tables
from research_repo.settings import Settings
from tests import make

BEGINNINGS = st.sampled_from(["=", "+", "-", "@", "\t", "'", "''=", " =", "＝", "«", "", "a;b\n"])
TEXT = st.builds("{}{}".format, BEGINNINGS, st.text("=+-@'\t\n;aя\"", min_size=1, max_size=9)).map(
    lambda text: text + "1"
)
FACTS = st.lists(
    st.fixed_dictionaries(
        {
            "title": TEXT,
            "body": st.just("") | TEXT,
            "said": st.lists(st.tuples(TEXT, st.sampled_from(["", "P1"]), TEXT), max_size=2),
            "external_id": st.booleans(),
            "observed_on": st.sampled_from([None, date(2026, 3, 31)]),
        }
    ),
    min_size=1,
    max_size=3,
)


def opened(folder: Path) -> Database:
    return instance.open_instance(Settings(instance=folder))


def table_of(database: Database, file: Path) -> str:
    with database.reading() as session:
        report = reports.study_report(session, people.system(session), "returns", "en")
    text = report_tables.table(report)
    file.write_text(text, encoding="utf-8", newline="")
    return text


def rows_of(table: str) -> list[list[str]]:
    """What the import reads of each row, in any order."""
    rows = csv.DictReader(io.StringIO(table, newline=""))
    return sorted([row[name] for name in COLUMNS] for row in rows)


def bring(database: Database, file: Path) -> tuple[int, int, int, int]:
    with database.reading() as session:
        system = people.system(session)
    table = tables.opened(file)
    columns = tables.mapping_of(table, None)
    done = imports.run(
        database, system, lambda: table.rows(columns), Terms(file_name=file.name), total=table.total
    )
    assert [str(one.reason) for one in done.warnings] == []
    return done.created, done.updated, done.unchanged, done.refused


def written(database: Database, file: Path) -> list[dict[str, Any]]:
    """The rows that a team wrote."""
    transfer.export_all(database, file)
    with zipfile.ZipFile(file) as packed:
        lines = map(json.loads, packed.read(transfer.ROWS).decode().splitlines())
        return [one for one in lines if one["table"] in ("atom", "evidence", "link", "atom_tag")]


@settings(max_examples=10, deadline=None)
@given(facts=FACTS)
def test_a_table_of_a_study_changes_nothing_where_it_is_from_and_is_whole_elsewhere(
    facts: list[dict[str, Any]],
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        here, there = opened(folder / "a"), opened(folder / "b")
        with here.saving() as session:
            marina = make.person(session, "Marina", "researcher")
            study = make.study(session, marina)
            before = None
            for number, one in enumerate(facts):
                atom = make.atom(
                    session,
                    marina,
                    one["title"],
                    study,
                    body=one["body"],
                    tags=["late", f"tag {number}"],
                    evidence=[
                        EvidenceValues(text=text, who=who, source=source)
                        for text, who, source in one["said"]
                    ],
                    external_id=f"={number}" if one["external_id"] else None,
                    observed_on=one["observed_on"],
                )
                if before:
                    make.link(session, marina, before, atom, "contradicts")
                before = atom
        count = len(facts)
        stands = written(here, folder / "1.zip")
        told = table_of(here, folder / "study.csv")
        assert bring(here, folder / "study.csv") == (0, 0, count, 0)
        assert written(here, folder / "2.zip") == stands
        assert bring(there, folder / "study.csv") == (count, 0, 0, 0)
        assert bring(there, folder / "study.csv") == (0, 0, count, 0)
        assert rows_of(table_of(there, folder / "again.csv")) == rows_of(told)
        here.close()
        there.close()


def test_a_cell_that_was_corrected_changes_its_claim_and_no_other_quote(tmp_path: Path) -> None:
    database = opened(tmp_path / "a")
    with database.saving() as session:
        marina = make.person(session, "Marina", "researcher")
        said = [EvidenceValues(text="Weeks!", who="P1"), EvidenceValues(text="A month", who="P2")]
        make.atom(session, marina, "Late", evidence=said)
    text = table_of(database, tmp_path / "study.csv")
    (tmp_path / "study.csv").write_text(text.replace("Late", "Too late"), newline="")
    assert bring(database, tmp_path / "study.csv") == (0, 1, 0, 0)
    quotes = [
        (one["row"]["text"], one["row"]["who"], one["row"]["source"])
        for one in written(database, tmp_path / "1.zip")
        if one["table"] == "evidence"
    ]
    assert quotes == [("Weeks!", "P1", ""), ("A month", "P2", "")]
    database.close()
