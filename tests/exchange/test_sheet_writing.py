"""Tables as xlsx: nothing in them is computed, nothing damages them, and a program reads them back."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from research_repo.exchange import sheet_writing, tables
from research_repo.exchange.sheet_writing import CELL_MAX, Cell, Column

COLUMNS = [Column("title", 60, "wrapped"), Column("day", 12, "day"), Column("link", 40, "link")]


def put(folder: Path, rows: Sequence[Sequence[Cell]]) -> Path:
    file = folder / "a.xlsx"
    file.write_bytes(b"".join(sheet_writing.written(COLUMNS, rows, "[cut]")))
    return file


def opened(folder: Path, rows: Sequence[Sequence[Cell]]) -> Any:
    return openpyxl.load_workbook(put(folder, rows)).active


def at(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def titles(folder: Path, *texts: str) -> list[str]:
    page = opened(folder, [[text, "", ""] for text in texts])
    return [cell.value for cell in page["A"][1:]]


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-2", "@SUM(A1)", "\t=1+1", "=", "＝1", "-"])
def test_no_text_becomes_a_formula_not_even_after_somebody_was_in_its_cell(
    tmp_path: Path, text: str
) -> None:
    cell = opened(tmp_path, [[text, "", ""]])["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


@pytest.mark.parametrize(
    "text",
    ["<r><t>a</t></r>", "<r></evil></r>", "a & b <i>", " ends ", "a\nb\tc", "😀", "1e5", "007",
     "https://example.org/", "{=1}", "TRUE"],
)  # fmt: skip
def test_any_text_stays_what_it_is(tmp_path: Path, text: str) -> None:
    assert titles(tmp_path, text) == [text]


@pytest.mark.parametrize("text", ["_x0041_", "=cmd()", "'=1", "'so", "<r></r>", "a  b"])
def test_any_text_comes_back_by_the_import(tmp_path: Path, text: str) -> None:
    file = put(tmp_path, [[text, "", ""]])
    (row,) = tables.opened(file).rows({"title": "title"})
    assert row.cells == {"title": text}


def test_what_no_file_can_hold_is_marked(tmp_path: Path) -> None:
    told = titles(tmp_path, "a\x00b\x08c\ud800d\uffffe\x7ff")
    assert told == ["a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"]


def test_what_no_cell_can_hold_is_cut_with_a_mark_and_not_taken_back_by_the_import(
    tmp_path: Path,
) -> None:
    fits, long, wide = "a" * CELL_MAX, "b" * (CELL_MAX + 1), "😀" * (CELL_MAX // 2 + 1)
    kept = titles(tmp_path, fits, long, wide, "short")
    assert kept[0] == fits
    for told, text in zip(kept[1:3], (long, wide), strict=True):
        assert told.endswith("[cut]")
        assert len(told.encode("utf-16-le")) == CELL_MAX * 2
        assert text.startswith(told.removesuffix("[cut]").rstrip())
    rows = list(tables.opened(tmp_path / "a.xlsx").rows({"title": "title"}))
    assert ["is full" in str(row.refused[0][1]) if row.refused else row.cells["title"] for row in rows] == [
        True, True, True, "short",
    ]  # fmt: skip


def test_days_are_days_and_those_that_spreadsheets_miscount_are_text(tmp_path: Path) -> None:
    days = [
        date(2026, 3, 31),
        date(1900, 3, 1),
        date(1900, 2, 28),
        date(1, 1, 1),
        date(9999, 12, 31),
    ]
    page = opened(tmp_path, [["a", day, ""] for day in days])
    assert [cell.value for cell in page["B"][1:]] == [
        at(days[0]), at(days[1]), "1900-02-28", "0001-01-01", at(days[4]),
    ]  # fmt: skip
    assert page["B2"].number_format == "yyyy-mm-dd"


def test_the_header_stays_in_sight_and_columns_are_as_wide_as_what_they_hold(
    tmp_path: Path,
) -> None:
    page = opened(tmp_path, [["a", "", ""]])
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:C2"
    assert page["A1"].font.bold
    assert [round(page.column_dimensions[name].width) for name in "ABC"] == [61, 13, 41]
    assert opened(tmp_path, []).max_row == 1


def test_so_many_links_can_be_clicked_and_the_rest_are_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_writing, "LINKS_MAX", 2)
    address = "https://repo.example.org/atoms/a1"
    page = opened(tmp_path, [["a", "", address]] * 3)
    told = [(cell.value, bool(cell.hyperlink)) for cell in page["C"][1:]]
    assert told == [(address, True), (address, True), (address, False)]


def test_the_same_rows_are_the_same_bytes_whenever_they_are_written(
    tmp_path: Path,
) -> None:
    rows = [["=a", date(2026, 3, 31), "https://repo.example.org/atoms/a1"]]
    first = put(tmp_path, rows).read_bytes()
    time.sleep(2.1)  # a zip tells time in steps of two seconds
    assert put(tmp_path, rows).read_bytes() == first


def test_nothing_stays_behind_when_it_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> Iterator[list[Cell]]:
        yield ["a", "", ""]
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        list(sheet_writing.written(COLUMNS, rows(), "[cut]"))
    given_up = sheet_writing.written(COLUMNS, [["a", "", ""]], "[cut]")
    next(given_up)
    given_up.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.packager.Packager._write_styles_file", full)
    with pytest.raises(OSError, match="No space"):
        list(sheet_writing.written(COLUMNS, [["a", "", ""]], "[cut]"))
