"""A report as slides, read back by the library."""

from __future__ import annotations

import io
import re
import time
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from pptx import Presentation
from pptx.util import Pt

from research_repo.core.report_shape import Section, StudyReport
from research_repo.exchange import document, fitting, office, pptx, slide_plan, slide_shape
from research_repo.exchange.blocks import words as words_of
from tests import made_reports
from tests.exchange import readers

BASE = "https://repo.example.org"
CLAIM = "People call support because nobody tells them when the money comes"


def opened(report: StudyReport, base_url: str | None = BASE) -> Any:
    return Presentation(io.BytesIO(pptx.write(document.of(report, base_url))))


@pytest.fixture(scope="module")
def file() -> Any:
    return opened(made_reports.full())


def titles(file: Any) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in file.slides]


def slide_of(file: Any, title: str) -> Any:
    return next(one for one in file.slides if one.shapes.title.text_frame.text == title)


def words(slide: Any) -> str:
    return "\n".join(one.text_frame.text for one in slide.shapes if one.has_text_frame)


def test_an_insight_has_a_slide_with_its_best_quote_and_its_strength(file: Any) -> None:
    shown = words(slide_of(file, CLAIM))
    assert "«Десять дней — это нормально 🙂, но где деньги?»" in shown
    assert "7 respondents" in shown
    assert "strong" in shown
    assert "A001" in shown


def test_an_insight_without_words_of_its_own_speaks_with_those_that_it_rests_on() -> None:
    insight = made_reports.finding(1, CLAIM, supporting=(made_reports.cited(2),))
    said = "I looked at the order ten times a day, and it only said “in progress”."
    fact = made_reports.finding(2, "They look", "fact", evidence=(made_reports.quote(said),))
    section = Section("also", "also", "Also", findings=(insight, fact))
    shown = words(slide_of(opened(made_reports.report(section)), CLAIM))
    assert said in shown
    assert "Money came after two weeks (A002)" in shown


def test_the_notes_hold_all_evidence_with_addresses(file: Any) -> None:
    notes = slide_of(file, CLAIM).notes_slide.notes_text_frame.text
    for piece in (
        f"{BASE}/atoms/A001",
        f"Regular buyers do not call (A004 <{BASE}/atoms/A004>)",
        "38.5",
        "R-07, Interview",
        "Step | Days",
    ):
        assert piece in notes


def test_facts_are_listed_by_their_titles_with_their_evidence_in_the_notes(file: Any) -> None:
    slide = slide_of(file, "Also found")
    assert "Покупатели ищут дату в письме (A005)" in words(slide)
    assert "https://example.org/terms?a=1&b=2" in slide.notes_slide.notes_text_frame.text


def test_questions_are_slides_between_and_one_without_an_answer_says_so(file: Any) -> None:
    asked = slide_of(file, "2. Whom do they trust?")
    assert asked.slide_layout.name == "Question"
    assert "Nothing was found on this question yet." in words(asked)


def test_recommendations_are_a_table_and_charts_can_be_edited(file: Any) -> None:
    (table,) = (one.table for one in slide_of(file, "Recommendations").shapes if one.has_table)
    assert table.cell(1, 0).text_frame.text == "Show the date of the payment in the order (A006)"
    (chart,) = (one.chart for one in slide_of(file, "Claims by month").shapes if one.has_chart)
    assert list(chart.plots[0].categories) == ["January", "February", "March"]
    assert list(chart.series[0].values) == [3, 8, 5]
    heat = [one for one in slide_of(file, "Where we know much").shapes if one.has_table]
    assert heat[0].table.cell(1, 1).text_frame.text == "3"


def test_text_stands_in_the_places_of_the_layouts_and_none_is_left_empty(file: Any) -> None:
    assert (file.slide_width, file.slide_height) == (12_192_000, 6_858_000)
    for slide in file.slides:
        for shape in slide.placeholders:
            assert shape.text_frame.text or shape.placeholder_format.idx == pptx.NUMBER


def test_slides_are_numbered_and_their_words_have_their_language(file: Any) -> None:
    xml = slide_of(file, CLAIM).element.xml
    assert 'type="slidenum"' in xml
    assert 'lang="ru-RU"' in xml
    assert 'lang="en-US"' in xml


def test_the_same_report_makes_the_same_bytes_with_the_tables_in_its_charts() -> None:
    written = pptx.write(document.of(made_reports.full(), BASE))
    time.sleep(1.1)  # the tables within charts would tell the second
    assert pptx.write(document.of(made_reports.full(), BASE)) == written
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        assert {one.date_time for one in parts.infolist()} == {office.MADE}
        assert any(one.endswith(".xlsx") for one in parts.namelist())


def everything(file: Any) -> str:
    """All words of slides, tables, charts and notes."""
    said = []
    for slide in file.slides:
        said.append(words(slide))
        for shape in slide.shapes:
            if shape.has_table:
                said += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
            if shape.has_chart:
                plot = shape.chart.plots[0]
                said += [*plot.categories, *(one.name for one in plot.series)]
                said += [f"{value:g}" for one in plot.series for value in one.values]
        if slide.has_notes_slide:
            said.append(slide.notes_slide.notes_text_frame.text)
    return "\n".join(map(str, said))


def test_no_word_of_the_report_is_missing_on_slides_and_in_notes() -> None:
    full = made_reports.full()
    kept = [one for one in full.sections if one.name not in slide_plan.LEFT_OUT]
    report = replace(full, sections=tuple(kept))
    told = set(re.findall(r"\w+", readers.words_of(document.of(report, BASE))))
    assert told - set(re.findall(r"\w+", everything(opened(report)))) <= {"Charts", "Month"}


def test_without_a_base_address_nothing_leads_into_the_repository() -> None:
    written = pptx.write(document.of(made_reports.full(), None))
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        assert not any(b"/atoms/" in parts.read(name) for name in parts.namelist())


def test_a_report_without_claims_is_a_title() -> None:
    assert titles(opened(made_reports.report())) == ["How people return a parcel"]


@pytest.mark.parametrize("letter", ["w", "щ ", "слово длинное "])
def test_a_title_of_500_letters_stays_in_its_place(letter: str) -> None:
    title = (letter * 500)[:500].strip()
    claim = made_reports.finding(1, title, evidence=(made_reports.quote(title),))
    file = opened(
        made_reports.report(Section("also", "also", "Also", findings=(claim,)), title=title)
    )
    for slide in file.slides:
        shape = slide.shapes.title
        (run,) = shape.text_frame.paragraphs[0].runs
        assert run.font.size
        size = run.font.size / Pt(1)
        rows = fitting.rows_of(title, size, shape.width / Pt(1), fitting.BOLD)
        assert rows * size * fitting.LINE <= shape.height / Pt(1)


def test_long_text_goes_on_to_a_further_slide_and_nothing_of_it_is_lost() -> None:
    text = "\n\n".join(f"{number}. {made_reports.WORDS * 6}" for number in range(9))
    claim = made_reports.finding(1, CLAIM, body=text, evidence=(made_reports.quote("Short."),))
    made = document.of(made_reports.report(Section("also", "also", "Also", findings=(claim,))))
    slides = [one for one in slide_plan.of(made) if one.title == CLAIM]
    assert len(slides) > 2
    for slide in slides:
        room = slide_shape.BESIDE if slide.quote else slide_shape.WIDE
        assert fitting.height(slide.lines, room, slide.size) <= room.height
    told = "".join(run.text for slide in slides for line in slide.lines for run in line.runs)
    assert told.count(made_reports.WORDS.strip()) == 54


def test_a_long_table_goes_on_under_its_head() -> None:
    advice = tuple(
        made_reports.finding(number, made_reports.WORDS, "recommendation") for number in range(60)
    )
    section = Section("recommendations", "recommendations", "What to do", findings=advice)
    made = document.of(made_reports.report(section))
    tables = [one.table for one in slide_plan.of(made) if one.table]
    assert len(tables) > 3
    assert all(words_of(one.head[0]) == "Recommendation" for one in tables)
    assert sum(len(one.rows) for one in tables) == 60


def test_a_quote_that_is_too_long_to_stand_beside_is_told_over_the_whole_slide() -> None:
    said = made_reports.WORDS * 40
    claim = made_reports.finding(1, CLAIM, evidence=(made_reports.quote(said),))
    made = document.of(made_reports.report(Section("also", "also", "Also", findings=(claim,))))
    slides = [one for one in slide_plan.of(made) if one.title == CLAIM]
    assert len(slides) > 1
    assert not any(one.quote for one in slides)


def test_control_characters_make_no_broken_file() -> None:
    claim = made_reports.finding(
        1, "Wait\x00\x0b and see", evidence=(made_reports.quote("a\x07b\x1bc"),)
    )
    file = opened(made_reports.report(Section("also", "also", "Also", findings=(claim,))))
    assert "Wait and see" in titles(file)[-1]


def test_two_thousand_claims_are_written_in_time() -> None:
    made = document.of(made_reports.long(200), BASE)
    begun = time.process_time()
    pptx.write(made)
    assert time.process_time() - begun < 3
