"""Lists of tags as CSV."""

import csv
import io

import pytest
from hypothesis import given, settings

from research_repo.core.errors import Invalid
from research_repo.core.tag_lists import TagList
from research_repo.exchange import tag_table
from tests.exchange.vocabularies import canonical, vocabularies

HEADER = ",".join(tag_table.COLUMNS)


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        tag_table.read(content)
    return str(refused.value.problems["file"])


@settings(deadline=None)
@given(vocabularies())
def test_a_vocabulary_comes_back_from_a_table(listed):
    back = tag_table.read(tag_table.write(listed).encode())
    assert canonical(back) == canonical(listed)


def test_an_ordinary_table_has_the_columns_of_the_contract():
    assert tag_table.write(TagList(())).splitlines() == [HEADER]


@settings(deadline=None)
@given(vocabularies())
def test_no_cell_of_a_table_is_a_formula(listed):
    for row in csv.reader(io.StringIO(tag_table.write(listed), newline="")):
        assert not any(cell.lstrip().startswith(tuple("=+-@＝＋－＠")) for cell in row)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_spreadsheets_of_all_countries_are_read(mark, encoding):
    text = f"id{mark}scheme{mark}pref_label_ru\r\n1{mark}area{mark}Возврат\r\n"
    (tag,) = tag_table.read(text.encode(encoding)).tags
    assert (tag.guid, tag.group, tag.words.pref["ru"], tag.row) == ("1", "area", "Возврат", 2)


def test_lists_in_a_cell_are_parted_by_bars():
    text = f"{HEADER}\n1,a, 2 | 3 ,Да,,Ага| |Угу,,,\n"
    (tag,) = tag_table.read(text.encode()).tags
    assert tag.parents == ("2", "3")
    assert tag.words.alt["ru"] == ["Ага", "Угу"]


def test_a_column_that_nobody_knows_is_told():
    listed = tag_table.read(b"id,pref_label_en,colour\n1,Basket,red\n")
    assert [(flaw.row, flaw.column) for flaw in listed.warnings] == [(1, "colour")]


def test_a_ragged_row_is_refused_by_its_number_and_the_others_are_read():
    text = "id,pref_label_en\n1,Basket\n2,Delivery,late\n\n3\n4,Price\n"
    listed = tag_table.read(text.encode())
    assert [tag.guid for tag in listed.tags] == ["1", "3", "4"]
    assert [flaw.row for flaw in listed.refused] == [3]
    assert "3 cells" in str(listed.refused[0].reason)


def test_a_status_that_does_not_exist_is_refused_by_its_row():
    listed = tag_table.read(b"id,pref_label_en,status\n1,Basket,gone\n")
    assert [(flaw.row, flaw.column) for flaw in listed.refused] == [(2, "status")]


def test_a_file_that_is_no_list_of_tags_is_refused_with_what_to_do():
    assert "empty" in refusal(b"")
    assert "empty" in refusal(b"\xef\xbb\xbf \n")
    assert "UTF-8" in refusal(f"{HEADER}\n1,a,,Возврат,,,,,\n".encode("cp1251"))
    assert "pref_label_ru" in refusal(b"id,colour\n1,red\n")
    assert "twice" in refusal(b"id,pref_label_en,id\n1,Basket,1\n")
    assert "no tags" in refusal(HEADER.encode())
    assert "Row 2" in refusal(b"id,pref_label_en\n1," + b"x" * 200_000 + b"\n")
