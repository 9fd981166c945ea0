"""Charts as drawings and as the tables beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from research_repo.core.charts import KINDS, Chart, heat_step
from research_repo.exchange.lettering import lines_of, width_of
from research_repo.exchange.svg import NARROW, WIDE, svg, table

BARS = Chart(
    "bars", "Tags", "How many findings carry each.", "Tag", ("Findings",),
    ("Оплата", "Доставка", "Поддержка"), ((1200,), (7,), (0,)),
    (("/search?tag=a",), ("/search?tag=b",), ("",)),
)  # fmt: skip
STACKED = Chart(
    "stacked", "Strength", "", "Kind", ("weak", "fair", "strong", "disputed"),
    ("facts", "insights"), ((20, 30, 12, 4), (3, 9, 22, 6)),
)  # fmt: skip
LINES = Chart(
    "lines", "By month", "", "Month", ("Оплата", "Доставка"),
    ("01.2026", "02.2026", "03.2026"), ((1, 5), (4, 2), (0, 3)),
)  # fmt: skip
HEAT = Chart(
    "heat", "Map", "", "Layer", ("Привлечение", "Конверсия"), ("Мысли", "Действия"),
    ((0, 3), (12, 1)),
)  # fmt: skip
ALL = (BARS, STACKED, LINES, HEAT)
HOSTILE = "<script>&\"' ]]> 🙂 " + "очень" * 60


def drawn(chart: Chart, width: int = WIDE, *, is_dark: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(svg(chart, "ru", is_dark=is_dark, width=width))


def said(root: ElementTree.Element) -> list[str]:
    return [text for text in root.itertext() if text.strip()]


def test_every_kind_of_chart_is_drawn() -> None:
    assert {chart.kind for chart in ALL} == set(KINDS)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.kind)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_drawing_stands_alone_under_a_strict_policy(chart: Chart, width: int) -> None:
    root = drawn(chart, width)
    names = {one.tag.rpartition("}")[2] for one in root.iter()}
    attributes = {str(name) for one in root.iter() for name in one.attrib}
    assert names <= {"svg", "rect", "path", "text"}
    assert not attributes & {"style", "id", "href", "onload"}
    assert "http" not in svg(chart, "ru", width=width).replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.kind)
def test_each_shape_has_a_class_for_pages_and_a_colour_for_files(chart: Chart) -> None:
    for shape in list(drawn(chart).iter())[1:]:
        assert shape.get("class")
        assert re.fullmatch("none|#[0-9a-f]{6}", shape.get("fill", ""))


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.kind)
def test_numbers_and_names_are_written_beside_what_is_coloured(chart: Chart) -> None:
    shown = " ".join(said(drawn(chart)))
    for name in chart.columns if chart.kind != "bars" else chart.rows:
        assert name in shown
    if chart.kind in ("bars", "heat"):
        for value in (value for line in table(chart, "ru").rows for value in line[1:]):
            assert value in said(drawn(chart))


def test_parts_and_lines_differ_without_their_colours() -> None:
    lines = [one for one in drawn(LINES).iter() if one.get("stroke-width") == "2"]
    assert len({one.get("stroke-dasharray") for one in lines}) == len(LINES.columns)
    strokes = [one for one in drawn(STACKED).findall(".//{*}path") if "L" in one.get("d", "")]
    # The last part is hatched, in the legend as in each row.
    assert len(strokes) == 1 + len(STACKED.rows)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_is_drawn_beyond_the_edges(width: int) -> None:
    for chart in ALL:
        root = drawn(replace(chart, rows=(HOSTILE, *chart.rows[1:])), width)
        _, _, right, bottom = map(float, root.get("viewBox", "").split())
        for one in root.findall(".//{*}text"):
            wide = width_of(one.text or "", 13)
            left = float(one.get("x", 0)) - {"middle": wide / 2, "end": wide}.get(
                one.get("text-anchor", ""), 0
            )
            assert left >= -1
            assert left + wide <= right + 1
            assert 0 <= float(one.get("y", 0)) <= bottom
        for one in root.findall(".//{*}rect"):
            assert float(one.get("x", 0)) + float(one.get("width", 0)) <= right + 1


def test_words_of_people_are_words_in_a_drawing() -> None:
    for chart in ALL:
        hostile = replace(
            chart, title=HOSTILE, columns=(HOSTILE, *chart.columns[1:]), rows=chart.rows
        )
        root = drawn(hostile)
        assert not (root.findall(".//{*}script"))
        assert HOSTILE in root.get("aria-label", "")


def test_control_characters_leave_a_drawing_whole() -> None:
    for chart in ALL:
        odd = replace(chart, title="a\x00b\x0bc\ud800", rows=("a\x00\x1b\ufffe", *chart.rows[1:]))
        assert drawn(odd) is not None


def test_a_chart_of_nothing_is_drawn_without_a_fault() -> None:
    for chart in ALL:
        none = tuple(tuple(0 for _ in line) for line in chart.values)
        assert drawn(replace(chart, values=none)) is not None
        assert drawn(replace(chart, rows=(), values=(), addresses=())) is not None
    assert replace(BARS, rows=(), values=(), addresses=()).is_empty


def test_a_dark_drawing_has_other_colours_and_the_same_words() -> None:
    for chart in ALL:
        light, dark = drawn(chart), drawn(chart, is_dark=True)
        assert said(light) == said(dark)
        assert {one.get("fill") for one in light.iter()} != {one.get("fill") for one in dark.iter()}


def test_the_table_says_all_that_a_chart_shows() -> None:
    told = table(BARS, "ru")
    assert told.head == ("Tag", "Findings")
    assert told.rows[0] == ("Оплата", "1\u00a0200")
    assert len(table(HEAT, "en").rows) == len(HEAT.rows)


def test_a_cell_is_the_darker_the_greater_its_number() -> None:
    steps = [heat_step(value, 100) for value in range(101)]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[1] == 1
    assert steps[100] == 5
    assert heat_step(3, 0) == 0


def test_long_words_are_broken_and_the_rest_is_cut() -> None:
    shown = lines_of(HOSTILE, 13, 120, 2)
    assert len(shown) == 2
    assert all(width_of(line, 13) <= 120 for line in shown)
    assert shown[-1].endswith("…")
    assert lines_of("", 13, 120, 2) == ()
