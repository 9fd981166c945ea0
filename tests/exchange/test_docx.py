"""A report as a Word document, read back by the library and by its parts."""

from __future__ import annotations

import io
import re
import time
import zipfile
from typing import Any

import docx as word_files
import pytest
from docx.oxml.ns import qn
from PIL import Image

from research_repo.core.report_shape import Piece, Section, StudyReport
from research_repo.exchange import document, docx, office
from tests import made_reports

BASE = "https://repo.example.org"


def opened(report: StudyReport, **values: Any) -> Any:
    return word_files.Document(io.BytesIO(docx.write(document.of(report, BASE, **values))))


@pytest.fixture(scope="module")
def file() -> Any:
    return opened(made_reports.full())


def texts(file: Any, style: str) -> list[str]:
    return [one.text for one in file.paragraphs if one.style.name == style]


def body(file: Any) -> str:
    found: str = file.element.body.xml
    return found


def test_headings_quotes_and_captions_have_the_styles_that_word_knows(file: Any) -> None:
    assert texts(file, "Title") == ["How people return a parcel"]
    assert "1. Why do people call while they wait for money?" in texts(file, "Heading 1")
    assert "Покупатели ищут дату в письме" in texts(file, "Heading 2")
    assert "«Десять дней — это нормально 🙂, но где деньги?»" in texts(file, "Quote")
    assert any(one.startswith("Claims by month") for one in texts(file, "Caption"))


def test_the_table_of_contents_is_a_field_that_holds_its_entries_and_asks_nothing(
    file: Any,
) -> None:
    xml = body(file)
    assert 'TOC \\o "1-1"' in xml
    marks = set(re.findall(r'bookmarkStart w:id="\d+" w:name="(\w+)"', xml))
    entries = re.findall(r'hyperlink w:anchor="(\w+)"', xml)
    assert len(entries) == len(texts(file, "Heading 1"))
    assert set(entries) <= marks
    assert xml.count('fldCharType="begin"') == xml.count('fldCharType="end"') == 1
    assert "PAGEREF" not in xml
    assert "updateFields" not in file.settings.element.xml


def test_lists_are_numbered_by_word_nest_and_begin_anew(file: Any) -> None:
    places: dict[str, tuple[int, int]] = {}
    numbers = []
    for one in file.paragraphs:
        found = one._p.pPr.numPr if one._p.pPr is not None else None
        if found is not None:
            places[one.text] = (found.ilvl.val, found.numId.val)
            if one.text == "First the parcel":
                numbers.append(found.numId.val)
    assert places["left at the door"][0] == 1
    assert places["seen by a neighbour"][0] == 2
    assert len(set(numbers)) == 2
    starts = file.part.numbering_part.element.xpath("//w:startOverride/@w:val")
    assert set(starts) == {"1"}


def test_tables_repeat_their_head_and_code_keeps_its_spaces(file: Any) -> None:
    tables = {table.cell(0, 0).text: table for table in file.tables}
    assert tables["Step"].cell(1, 1).text == "10"
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in file.tables)
    assert "refund = days * 2" in texts(file, "Code")


def test_each_claim_carries_its_key_and_its_address(file: Any) -> None:
    leads = {one.address for paragraph in file.paragraphs for one in paragraph.hyperlinks}
    assert {f"{BASE}/atoms/A001", f"{BASE}/atoms/A002", "https://example.org/rules"} <= leads


def test_without_a_base_address_nothing_leads_into_the_repository() -> None:
    written = docx.write(document.of(made_reports.full(), None))
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        told = b"".join(map(parts.read, parts.namelist()))
    assert b"/atoms/" not in told


def test_charts_and_pictures_are_images_with_their_words() -> None:
    target = io.BytesIO()
    Image.new("RGB", (1200, 300), "#14614a").save(target, "WEBP")
    report = made_reports.report(
        Section("also", "also", "Also found", findings=(_with_picture("image/webp"),)),
        Section("charts", "charts", "Charts", charts=(made_reports.CHART,)),
    )
    file = opened(report, pictures=lambda _: target.getvalue())
    told = file.element.body.xpath("//wp:docPr/@descr")
    assert told[0] == "The order page"
    assert told[1].startswith("Claims by month")
    kinds = {part.content_type for part in file.part.package.iter_parts()}
    assert "image/png" in kinds
    assert all(one.width <= 16.1 * 360_000 for one in file.inline_shapes)


def _with_picture(media_type: str) -> Any:
    kept = Piece(4, "file", text="The order page", file_hash="h", media_type=media_type)
    return made_reports.finding(5, "Seen in the order", "fact", evidence=(kept,))


def test_a_picture_whose_bytes_are_damaged_is_told_by_its_caption() -> None:
    section = Section("also", "also", "Also found", findings=(_with_picture("image/png"),))
    file = opened(made_reports.report(section), pictures=lambda _: b"no image")
    assert "The order page" in texts(file, "Meta")
    assert not file.inline_shapes


def test_the_language_of_the_report_and_of_quotes_in_another_one_is_told() -> None:
    file = opened(made_reports.full(language="ru"))
    (spoken,) = file.styles.element.xpath("w:docDefaults//w:lang/@w:val")
    assert spoken == "ru-RU"
    assert file.core_properties.language == "ru-RU"
    english = file.element.body.xpath('//w:r[w:rPr/w:lang/@w:val="en-US"]/w:t')
    assert "It took two weeks." in {one.text for one in english}


def test_the_pages_are_numbered_under_the_title(file: Any) -> None:
    foot = file.sections[0].footer._element.xml
    assert " PAGE " in foot
    assert "How people return a parcel" in foot


def test_the_same_report_makes_the_same_bytes() -> None:
    made = document.of(made_reports.full(), BASE)
    written = docx.write(made)
    # A zip counts time in steps of two seconds.
    time.sleep(0.01)
    assert docx.write(document.of(made_reports.full(), BASE)) == written
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        assert {one.date_time for one in parts.infolist()} == {office.MADE}
    known = word_files.Document(io.BytesIO(written)).core_properties
    assert known.created.date() == made_reports.DAY
    assert known.author == "Marina Kotova, Илья Серов"


def test_a_report_without_claims_is_a_document_that_opens() -> None:
    file = opened(made_reports.report())
    assert texts(file, "Title") == ["How people return a parcel"]
    assert not texts(file, "TOC Heading")


def test_titles_of_500_letters_and_control_characters_are_written() -> None:
    title = "Wait\x00\x0b" + "w" * 490
    claim = made_reports.finding(1, title, evidence=(made_reports.quote("a\x07b\x1b\ufffe\tc"),))
    section = Section("also", "also", title, findings=(claim,))
    file = opened(made_reports.report(section, title=title))
    assert texts(file, "Heading 2") == ["Wait" + "w" * 490]
    assert texts(file, "Quote") == ["ab\tc"]


def test_two_thousand_claims_are_written_in_time() -> None:
    made = document.of(made_reports.long(400), BASE)
    begun = time.process_time()
    docx.write(made)
    assert time.process_time() - begun < 4
