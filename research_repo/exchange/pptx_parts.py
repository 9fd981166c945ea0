"""Tables, charts and pictures of slides, as PowerPoint's own, so that they can be edited there."""

from __future__ import annotations

import io
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Emu, Inches, Pt

from research_repo.core.charts import Chart
from research_repo.exchange import office, pictures, table_widths
from research_repo.exchange.blocks import Picture, Runs, Table
from research_repo.exchange.slide_shape import Slide
from research_repo.exchange.slide_words import row_heights

LEFT, TOP, WIDTH, HEIGHT = Inches(0.7), Inches(2.0), Inches(11.933), Inches(4.85)
BARE_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""A table without fills or lines, in every program."""
LINE_EDGE, HEAD_EDGE = "E1E4DD", "C9CEC6"
ALIGNS = {"center": PP_ALIGN.CENTER, "right": PP_ALIGN.RIGHT}
KINDS = {
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,
    "stacked": XL_CHART_TYPE.BAR_STACKED,
    "lines": XL_CHART_TYPE.LINE_MARKERS,
}
SERIES = (
    MSO_THEME_COLOR.ACCENT_1,
    MSO_THEME_COLOR.ACCENT_3,
    MSO_THEME_COLOR.ACCENT_2,
    MSO_THEME_COLOR.ACCENT_4,
    MSO_THEME_COLOR.ACCENT_5,
    MSO_THEME_COLOR.ACCENT_6,
)
PALE, DARK = (0xE4, 0xF0, 0xEA), (0x14, 0x61, 0x4A)
"""Between these a heat map is shaded."""


def add(made: Any, slide: Slide, language: str) -> None:
    """Whatever a slide shows besides its text."""
    if slide.table:
        _table(made, slide, slide.table, language)
    elif slide.chart:
        _chart(made, slide.chart)
    elif slide.picture:
        _picture(made, slide.picture)


def speak(run: Any, language: str) -> None:
    """In which language the words of a run are."""
    run._r.get_or_add_rPr().set("lang", office.tongue(language))


def number_item(paragraph: Any, number: int) -> None:
    """Make a paragraph the item of an ordered list."""
    props = paragraph._p.get_or_add_pPr()
    mark = OxmlElement("a:buAutoNum")
    mark.set("type", "arabicPeriod")
    if number > 1:
        mark.set("startAt", str(number))
    font = OxmlElement("a:buFont")
    font.set("typeface", "+mj-lt")
    props.extend([font, mark])


def _table(made: Any, slide: Slide, table: Table, language: str) -> None:
    widths = table_widths.widths(table, int(WIDTH))
    heights = row_heights(table, WIDTH / Pt(1), slide.size)
    count = len(table.rows) + 1
    height = Emu(int(sum(heights) * Pt(1)))
    frame = made.shapes.add_table(count, len(widths), LEFT, TOP, WIDTH, height)
    shown = frame.table
    frame._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = BARE_TABLE
    shown.horz_banding = False
    for place, width in enumerate(widths):
        shown.columns[place].width = Emu(width)
    aligns = table_widths.aligns(table, len(widths))
    for number, (row, high) in enumerate(zip((table.head, *table.rows), heights, strict=True)):
        shown.rows[number].height = Emu(int(high * Pt(1)))
        for place, runs in enumerate(table_widths.cells(row, len(widths))):
            cell = shown.cell(number, place)
            size = slide.size if number else slide.size - 2
            _cell(cell, runs, aligns[place], language, size, is_head=number == 0)
            if slide.chart and number and place:
                _shade(cell, slide.chart.values[number - 1][place - 1], slide.chart.most)


def _cell(cell: Any, runs: Runs, align: str, language: str, size: int, *, is_head: bool) -> None:
    cell.margin_left, cell.margin_right = Pt(0), Pt(10)
    cell.margin_top = cell.margin_bottom = Pt(4)
    paragraph = cell.text_frame.paragraphs[0]
    if align in ALIGNS:
        paragraph.alignment = ALIGNS[align]
    for one in runs:
        run = paragraph.add_run()
        run.text = one.text.replace("\n", " ")
        speak(run, one.language or language)
        run.font.size = Pt(size)
        run.font.bold = True if one.is_strong else None
        run.font.color.theme_color = MSO_THEME_COLOR.TEXT_2 if is_head else MSO_THEME_COLOR.TEXT_1
        if one.address and not one.address.startswith("#"):
            run.hyperlink.address = one.address
    _underline(cell, HEAD_EDGE if is_head else LINE_EDGE)


def _underline(cell: Any, colour: str) -> None:
    edge = OxmlElement("a:lnB")
    edge.set("w", "9525")
    fill, value = OxmlElement("a:solidFill"), OxmlElement("a:srgbClr")
    value.set("val", colour)
    fill.append(value)
    edge.append(fill)
    cell._tc.get_or_add_tcPr().insert(0, edge)


def _shade(cell: Any, value: int, most: int) -> None:
    if not value:
        return
    share = value / most
    mixed = (round(pale + (dark - pale) * share) for pale, dark in zip(PALE, DARK, strict=True))
    cell.fill.solid()
    cell.fill.fore_color.rgb = RGBColor(*mixed)
    if share > 0.7:
        for run in cell.text_frame.paragraphs[0].runs:
            run.font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1


def _chart(made: Any, chart: Chart) -> None:
    data = CategoryChartData(number_format="0")
    data.categories = chart.rows
    for place, name in enumerate(chart.columns):
        data.add_series(name, [line[place] for line in chart.values])
    frame = made.shapes.add_chart(KINDS[chart.kind], LEFT, TOP, WIDTH, HEIGHT, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", chart.title)
    shown = frame.chart
    shown.has_title = False
    shown.font.size = Pt(14)
    shown.has_legend = len(chart.columns) > 1
    if shown.has_legend:
        shown.legend.position = XL_LEGEND_POSITION.BOTTOM
        shown.legend.include_in_layout = False
    _axes(shown, chart)
    _colours(shown, chart)


def _axes(shown: Any, chart: Chart) -> None:
    names, values = shown.category_axis, shown.value_axis
    names.major_tick_mark = values.major_tick_mark = XL_TICK_MARK.NONE
    # Bars are drawn from below otherwise, the first row last.
    names.reverse_order = chart.kind != "lines"
    names.tick_labels.font.size = Pt(12)
    names.format.line.color.theme_color = MSO_THEME_COLOR.ACCENT_6
    values.minimum_scale = 0
    values.format.line.fill.background()
    values.has_major_gridlines = chart.kind == "lines"
    if chart.kind == "lines":
        values.major_gridlines.format.line.color.theme_color = MSO_THEME_COLOR.BACKGROUND_2
    else:
        values.visible = False


def _colours(shown: Any, chart: Chart) -> None:
    plot = shown.plots[0]
    if chart.kind != "lines":
        plot.gap_width = 55
        plot.has_data_labels = chart.kind == "bars"
    if chart.kind == "bars":
        plot.data_labels.position = XL_LABEL_POSITION.OUTSIDE_END
    for place, series in enumerate(plot.series):
        colour = SERIES[place % len(SERIES)]
        if chart.kind == "lines":
            series.smooth = False
            series.format.line.color.theme_color = colour
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.theme_color = colour
            series.marker.format.line.color.theme_color = colour
        else:
            series.format.fill.solid()
            series.format.fill.fore_color.theme_color = colour


def _picture(made: Any, picture: Picture) -> None:
    drawn = pictures.as_office(picture.content, picture.media_type)
    if drawn is None:
        return
    width, height = drawn.within(int(WIDTH), int(HEIGHT))
    shown = made.shapes.add_picture(io.BytesIO(drawn.data), LEFT, TOP, Emu(width), Emu(height))
    shown._element.nvPicPr.cNvPr.set("descr", picture.alt)
