"""Tables of participants: pasted, read, written, and read again as the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from research_repo.core.errors import Invalid
from research_repo.core.heard import Traces
from research_repo.core.models import Participant
from research_repo.core.participants import COLUMNS, ParticipantValues
from research_repo.exchange import participant_tables


def test_a_range_of_a_spreadsheet_is_read_by_its_headers() -> None:
    text = "Респондент\tСегмент\tДата согласия\tСогласие до\tЦвет\nР-1\tновые\t31.03.2026\t2027-03-31\tсиний\n\nР-2"
    read = participant_tables.from_text(text)
    assert read.problems == []
    assert read.values == [
        ParticipantValues(
            code="Р-1",
            segment="новые",
            consent_on=date(2026, 3, 31),
            consent_until=date(2027, 3, 31),
        ),
        ParticipantValues(code="Р-2"),
    ]


@pytest.mark.parametrize(
    "text", ["R1\nR2\n", "R1;new\nR2;old", "R1,new\nR2,old", "R1\tnew\nR2\told"]
)
def test_without_headers_the_columns_stand_in_their_order(text: str) -> None:
    read = participant_tables.from_text(text)
    assert [one.code for one in read.values] == ["R1", "R2"]
    assert read.problems == []


def test_each_bad_row_is_told_by_its_number_and_column() -> None:
    text = "code;segment;consent_on\nR1;new;yesterday\n;new;\nR2;a@example.org;\nR3;;\nr3;;"
    read = participant_tables.from_text(text)
    assert [(row, column) for row, column, _ in read.problems] == [
        (2, "consent_on"),
        (3, "code"),
        (4, "segment"),
        (6, "code"),
    ]


def test_a_table_that_is_too_long_is_refused_whole() -> None:
    read = participant_tables.from_text("R\n" * (participant_tables.ROWS_MAX + 2))
    assert read.values == []
    assert [row for row, _, _ in read.problems] == [0]


def test_what_is_written_is_read_as_the_same_and_nothing_is_computed(tmp_path: Path) -> None:
    row = Participant(
        id=7,
        study_id=1,
        code="=1+1",
        folded_code="=1+1",
        segment="«new», old\nand lost",
        consent_until=date(2027, 3, 31),
    )
    text = participant_tables.written([row], {7: Traces(quotes=3, sources=1)})
    assert text.splitlines()[0] == ",".join([*COLUMNS, "quotes", "sources"])
    assert "'=1+1" in text
    path = tmp_path / "participants.csv"
    path.write_bytes(text.encode("utf-8-sig"))
    (values,) = participant_tables.from_file(path).values
    assert (values.code, values.consent_until) == ("=1+1", date(2027, 3, 31))
    assert values.segment == "«new», old and lost"


def test_a_file_of_old_excel_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes("Код;Сегмент\nР-1;новые покупатели\n".encode("cp1251"))
    (values,) = participant_tables.from_file(path).values
    assert (values.code, values.segment) == ("Р-1", "новые покупатели")


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(b"")
    with pytest.raises(Invalid):
        participant_tables.from_file(path)
