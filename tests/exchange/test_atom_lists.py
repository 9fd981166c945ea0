"""Lists of atoms as files: safe to open, read back by the import, and never held as a whole."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import Session, col, select

from research_repo.core import atom_lists as reading
from research_repo.core import imports, instance, people, rules
from research_repo.core.db import Database
from research_repo.core.evidence import EvidenceValues
from research_repo.core.import_terms import Terms
from research_repo.core.models import Atom, Person, Study
from research_repo.core.records import AtomRecord
from research_repo.exchange import atom_lists, cells, tables
from research_repo.settings import Settings
from tests import make

BASE = "https://repo.example.org"


@pytest.fixture
def filled(database: Database) -> Database:
    """Findings of two studies and of none, linked across them."""
    with database.saving() as session:
        marina = make.person(session, "Marina", "researcher")
        one, two = (make.study(session, marina, key, f"Study {key}") for key in ("one", "two"))
        tag = make.tag(session, marina, "Refund", under=make.tag(session, marina, "Returns"))
        fact = make.atom(
            session, marina, "=HYPERLINK(1)", one, tags=[tag], body="+1", quote="@SUM(1)\n-2",
            who="P1", external_id="F-1", observed_on=date(2026, 3, 31),
        )  # fmt: skip
        insight = make.atom(session, marina, "Доверие | *падает*", two, kind="insight")
        advice = make.atom(session, marina, "Say when", kind="recommendation", external_id="R-1")
        numbers = [
            EvidenceValues(kind="number", number=12.5, unit="%", n=640, text="wait"),
            EvidenceValues(kind="link", url="https://example.org/?a=1", text="page"),
        ]
        make.atom(session, marina, "Many wait", two, evidence=numbers)
        make.link(session, marina, fact, insight)
        make.link(session, marina, insight, advice)
        rules.mark(session, marina, insight, [tag.scheme_id])
    return database


def all_ids(session: Session) -> list[int]:
    return list(session.exec(select(Atom.id).order_by(col(Atom.id))))


def found(database: Database, name: str = "Marina") -> list[AtomRecord]:
    with database.reading() as session:
        by = session.exec(select(Person).where(Person.name == name)).one()
        return list(reading.read(database, by.id, all_ids(session), "en"))


def written(database: Database, form: str, language: str = "en", base_url: str = BASE) -> str:
    return b"".join(atom_lists.pieces(form, found(database), language, base_url)).decode()


def test_no_cell_of_the_table_is_computed_by_a_spreadsheet(filled: Database) -> None:
    rows = list(csv.DictReader(io.StringIO(written(filled, "csv"))))
    assert [row["study"] for row in rows] == ["one", "two", "", "two"]
    assert (rows[0]["title"], rows[0]["body"]) == ("'=HYPERLINK(1)", "'+1")
    assert rows[0]["quote"] == "'@SUM(1)\n-2"
    for row in rows:
        for cell in row.values():
            assert cells.neutral(cell) == cell or cell.startswith("'")
    assert rows[0]["link"].startswith(f"{BASE}/atoms/")
    assert [row["supports"] for row in rows[:3]] == [rows[1]["external_id"], "R-1", ""]
    assert rows[1]["not_applicable"] == "product-area"


def brought(database: Database, file: Path) -> tuple[int, int, int, int]:
    with database.reading() as session:
        by = people.system(session)
    table = tables.opened(file)
    columns = tables.mapping_of(table, None)
    done = imports.run(database, by, lambda: table.rows(columns), Terms(file_name=file.name))
    assert [str(one.reason) for one in done.warnings if one.column != "link"] == []
    return done.created, done.updated, done.unchanged, done.refused


def read_back(table: str) -> list[dict[str, str]]:
    """The rows without what is counted: a table brings no numbers along that it would count from."""
    rows = csv.DictReader(io.StringIO(table, newline=""))
    kept = [{name: row[name] for name in row if name not in atom_lists.WEIGHED} for row in rows]
    return sorted(kept, key=lambda row: row["external_id"])


def test_the_table_changes_nothing_where_it_is_from_and_is_whole_elsewhere(
    filled: Database, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(written(filled, "csv", base_url=""), newline="")
    assert brought(filled, file) == (0, 0, 4, 0)
    there = instance.open_instance(Settings(instance=tmp_path / "there"))
    try:
        assert brought(there, file) == (4, 0, 0, 0)
        again = "".join(atom_lists.table(found(there, "system"), "en"))
        assert read_back(again) == read_back(file.read_text())
    finally:
        there.close()


def test_the_xlsx_holds_the_same_rows_and_comes_back_by_the_import(
    filled: Database, tmp_path: Path
) -> None:
    file = tmp_path / "list.xlsx"
    file.write_bytes(b"".join(atom_lists.pieces("xlsx", found(filled), "en", BASE)))
    page = openpyxl.load_workbook(file).active
    header, first, *_rest = page.iter_rows()
    assert [cell.value for cell in header] == list(atom_lists.COLUMNS)
    told = dict(zip(atom_lists.COLUMNS, first, strict=True))
    assert told["observed_on"].value == datetime.combine(date(2026, 3, 31), time())
    assert (told["title"].value, told["title"].data_type) == ("=HYPERLINK(1)", "s")
    assert told["link"].hyperlink.target.startswith(f"{BASE}/atoms/")
    there = instance.open_instance(Settings(instance=tmp_path / "there"))
    try:
        assert brought(there, file) == (4, 0, 0, 0)
        again = "".join(atom_lists.table(found(there, "system"), "en"))
        assert read_back(again) == read_back(written(filled, "csv", base_url=""))
    finally:
        there.close()


def test_markdown_says_claim_quotes_and_what_is_about_them_and_nothing_in_it_acts(
    filled: Database,
) -> None:
    told = written(filled, "md", "ru")
    first, second, _third, fourth = told.split("\n\n### ")
    assert first.startswith(f"### [=HYPERLINK(1)]({BASE}/atoms/")
    assert "> @SUM(1)\n> -2\n>\n> — P1" in first
    assert re.search(r"\*факт · .+ · Study one · 31 марта 2026", first)
    assert "Returns › Refund*" in first
    assert second.startswith("[Доверие \\| \\*падает\\*]")
    assert "**12,5 %** wait (n = 640)" in fourth
    assert "### Say when\n" in written(filled, "md", base_url="")


def test_json_holds_all_values(filled: Database) -> None:
    first, second, *_rest = json.loads(written(filled, "json"))["atoms"]
    assert (first["external_id"], first["observed_on"]) == ("F-1", "2026-03-31")
    assert [(one["kind"], one["text"]) for one in first["evidence"]] == [("quote", "@SUM(1)\n-2")]
    assert first["links"] == {"supports": [second["id"]]}
    assert [(one["path"].split(" > ")[1:], one["via"]) for one in first["tags"]] == [
        (["Returns", "Refund"], "asserted")
    ]
    assert json.loads("".join(atom_lists.as_json([], "en"))) == {"atoms": []}


def test_what_is_closed_in_between_is_left_out(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "ATOMS_AT_ONCE", 2)
    with filled.saving() as session:
        olga = make.person(session, "Olga", "reader")
        ids = all_ids(session)
    told = reading.read(filled, olga.id, ids, "en")
    assert next(told).card.title == "=HYPERLINK(1)"
    with filled.saving() as session:
        study_id = session.get_one(Atom, ids[3]).study_id
        session.get_one(Study, study_id).access = "members"
    assert [one.card.title for one in told] == ["Доверие | *падает*", "Say when"]


def test_a_long_list_never_stands_in_memory_as_a_whole(filled: Database) -> None:
    one = found(filled)[0]

    def many(count: int) -> Iterator[AtomRecord]:
        for _ in range(count):
            yield one

    for form in atom_lists.TEXTS:
        list(atom_lists.pieces(form, many(1), "en", BASE))  # names of months are read once
        tracemalloc.start()
        length = sum(map(len, atom_lists.pieces(form, many(5000), "en", BASE)))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert length > 500_000
        assert peak < length / 2


def test_a_long_xlsx_takes_no_more_memory_than_a_short_one(filled: Database) -> None:
    one = found(filled)[0]
    peaks = []
    for count in (500, 5000):
        tracemalloc.start()
        for _block in atom_lists.pieces("xlsx", (one for _ in range(count)), "en", ""):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
