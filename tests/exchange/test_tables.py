"""Tables as people send them: in any encoding, broken in any way, and each row told by its number."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from research_repo.core.errors import Invalid
from research_repo.core.import_terms import Row
from research_repo.exchange import lines, sheets, tables


def rows(path: Path, mapping: dict[str, str] | None = None) -> list[Row]:
    table = tables.opened(path)
    return list(table.rows(tables.mapping_of(table, mapping)))


def titles(path: Path) -> list[Any]:
    return [row.cells.get("title") for row in rows(path)]


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def sheet(folder: Path, *given: list[Any]) -> Path:
    path = folder / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet()
    for number, row in enumerate(given):
        page.write_row(number, 0, row)
    book.close()
    return path


TEXT = "title,tags\nКнопку не видят,Каталог\nЦену ищут внизу страницы,Цена\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8_r", "cp866"],
)
def test_russian_is_read_in_the_encodings_that_people_have(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, TEXT, encoding)
    assert titles(path) == ["Кнопку не видят", "Цену ищут внизу страницы"]
    is_old = encoding in ("cp1251", "koi8_r", "cp866")
    assert bool(tables.opened(path).notes) == is_old


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    path = written(tmp_path, TEXT.replace(",", separator))
    assert titles(path) == ["Кнопку не видят", "Цену ищут внизу страницы"]


def test_quoted_cells_keep_their_lines_and_quotes_and_rows_their_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, 'title,body\n"One, ""two""","a\nb"\n5" pipe,c\n\nLast,d\n')
    assert [(row.number, *row.cells.values()) for row in rows(path)] == [
        (2, 'One, "two"', "a\nb"),
        (4, '5" pipe', "c"),
        (6, "Last", "d"),
    ]


def test_ragged_rows_are_told(tmp_path: Path) -> None:
    long, short = rows(written(tmp_path, "title,body,tags\na,b,c,d\ne\n"))
    assert (long.number, long.refused[0][0], long.cells) == (2, "", {})
    assert (short.number, short.cells["title"], bool(short.notes)) == (3, "e", True)


def test_a_formula_comes_back_as_what_it_was(tmp_path: Path) -> None:
    assert titles(written(tmp_path, "title\n'=1+1\n'quoted'\n")) == ["=1+1", "'quoted'"]


def test_nul_bytes_are_told(tmp_path: Path) -> None:
    (row,) = rows(written(tmp_path, "title,body\nA\0B,c\n"))
    assert [column for column, _ in row.notes] == ["title"]


def test_a_quote_without_an_end_is_told_where_it_begins(tmp_path: Path) -> None:
    first, broken = rows(written(tmp_path, 'title,body\na,b\n"c,d\ne,f\n'))
    assert (first.cells["title"], broken.number, bool(broken.refused)) == ("a", 3, True)


@pytest.mark.parametrize("quote", ['"', ""])
def test_a_cell_of_50_mb_is_refused_and_the_rows_around_it_are_read(
    tmp_path: Path, quote: str
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write(f"title,body\nBefore,x\nHuge,{quote}")
        for _ in range(50):
            file.write(("x" * 999_999) + ("\n" if quote else "x"))
        file.write(f"{quote}\nAfter,y\n")
    table = tables.opened(path)
    tracemalloc.start()
    found = list(table.rows({"title": "title"}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.cells.get("title") for row in found] == ["Before", None, "After"]
    assert found[1].number == 3
    assert peak < 20_000_000


def test_a_long_line_of_json_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    long = json.dumps({"title": "x" * lines.LINE_MAX})
    path = written(tmp_path, f'{{"title": "a"}}\n{long}\n{{"title": "b"}}\n', name="a.jsonl")
    assert titles(path) == ["a", None, "b"]


def test_lines_that_are_no_objects_are_told(tmp_path: Path) -> None:
    text = '{"title": "a", "tags": ["x", "y"]}\n[1]\n{"title":\n{"title": {"b": 1}}\n\n'
    text += "[" * 100_000 + '\n{"title": 5, "body": null, "colour": "red"}\n'
    found = rows(written(tmp_path, text, name="a.jsonl"))
    assert [(row.number, bool(row.refused)) for row in found] == [
        (1, False),
        (2, True),
        (3, True),
        (4, True),
        (6, True),
        (7, False),
    ]
    assert found[0].cells == {"title": "a", "tags": ["x", "y"]}
    assert found[-1].cells == {"title": "5", "body": ""}


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_an_empty_file_says_so(tmp_path: Path, text: str, name: str) -> None:
    with pytest.raises(Invalid):
        rows(written(tmp_path, text, name=name))


def test_a_file_of_another_kind_says_what_to_choose(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="csv, xlsx or jsonl"):
        tables.opened(written(tmp_path, TEXT, name="a.docx"))


def test_a_sheet_gives_dates_numbers_and_words(tmp_path: Path) -> None:
    day = datetime(2026, 3, 31)  # noqa: DTZ001 (a sheet knows no zone)
    path = sheet(
        tmp_path, ["title", "external_id", "observed_on"], ["Кнопка", 12, day], [], ["Цена", 1.5]
    )
    first, last = rows(path)
    assert (first.number, dict(first.cells)) == (
        2,
        {"title": "Кнопка", "external_id": "12", "observed_on": "2026-03-31"},
    )
    assert (last.number, last.cells["external_id"]) == (4, "1.5")


def test_a_zip_bomb_is_refused_by_what_it_declares_and_by_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "UNPACKED_MAX", 1_000_000)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    with pytest.raises(Invalid, match="unpacks"):
        tables.opened(path)
    honest = path.read_bytes()
    # The same archive, which says that it holds ten bytes.
    path.write_bytes(honest.replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(Invalid):
        tables.opened(path)


@pytest.mark.parametrize("broken", [b"PK\x03\x04 no zip", b"words"])
def test_what_is_no_sheet_is_refused(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(broken)
    with pytest.raises(Invalid, match="xlsx"):
        tables.opened(path)
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("a.txt", "no sheet")
    with pytest.raises(Invalid, match="xlsx"):
        tables.opened(path)


def test_own_names_come_first_and_other_headers_are_guessed_only_without_them(
    tmp_path: Path,
) -> None:
    own = tables.opened(written(tmp_path, "Title,Комментарий\na,b\n"))
    assert tables.mapping_of(own) == {"Title": "title"}
    assert [name for name, _ in own.unused(tables.mapping_of(own))] == ["Комментарий"]
    russian = tables.opened(
        written(tmp_path, "Факт,Цитата,Теги,Исследование,Дата,Респондент,Цвет\n1,2,3,4,5,6,7\n")
    )
    assert tables.mapping_of(russian) == {
        "Факт": "title",
        "Цитата": "quote",
        "Теги": "tags",
        "Исследование": "study",
        "Дата": "observed_on",
        "Респондент": "respondent",
    }


def test_a_mapping_may_be_written_either_way_round(tmp_path: Path) -> None:
    table = tables.opened(written(tmp_path, "What,Why\na,b\n"))
    wanted = {"What": "title", "Why": "body"}
    assert tables.mapping_of(table, wanted) == wanted
    assert tables.mapping_of(table, {"title": "What", "body": "Why"}) == wanted
    for wrong in ({"What": "colour"}, {"When": "title"}, {"What": "body"}):
        with pytest.raises(Invalid):
            tables.mapping_of(table, wrong)
    with pytest.raises(Invalid):
        tables.mapping_of(table, {"What": "title", "Why": "title"})


def test_the_first_rows_are_shown_as_they_stand(tmp_path: Path) -> None:
    assert tables.opened(written(tmp_path, TEXT)).shown(1) == [["Кнопку не видят", "Каталог"]]
