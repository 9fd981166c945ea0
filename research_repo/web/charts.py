"""Pages for those who would rather look than read: the map, the coverage of tags, how sure it all is."""

from __future__ import annotations

from flask import Blueprint, Response
from markupsafe import Markup

from research_repo.core.charts import Chart, heat_step
from research_repo.exchange.svg import NARROW, WIDE, Table, svg, table
from research_repo.web import coverage, maps, strength_overview
from research_repo.web.words import language

bp = Blueprint("charts", __name__)

Page = str | Response | tuple[str, int]


@bp.get("/map", endpoint="map")
def show_map() -> Page:
    """Two groups of tags crossed, or one with itself; each cell opens what it counts."""
    return maps.shown()


@bp.get("/map.csv", endpoint="map_file", defaults={"form": "csv"})
@bp.get("/map.svg", endpoint="map_file", defaults={"form": "svg"})
def map_file(form: str) -> Response:
    """The same map as a drawing or as a table."""
    return maps.as_file(form)


@bp.get("/coverage", endpoint="coverage")
def show_coverage() -> str:
    """Where much is known, where little, where nothing, and how old it is: one level of tags."""
    return coverage.shown()


@bp.get("/strength", endpoint="strength")
def show_strength() -> str:
    """How sure all that is known is, by kind, by month and by study."""
    return strength_overview.shown()


@bp.app_template_global("drawn")
def drawn(chart: Chart, is_narrow: bool = False) -> Markup:
    """A chart as a drawing in the colours of the page."""
    # The drawing escapes what people wrote.
    return Markup(svg(chart, language(), width=NARROW if is_narrow else WIDE))  # noqa: S704


@bp.app_template_global("table_of")
def table_of(chart: Chart) -> Table:
    """The table beside a drawing."""
    return table(chart, language())


bp.add_app_template_global(heat_step, "heat_step")
