"""Images and charts as office programs take them: PNG or JPEG, with their size."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from research_repo.core.charts import Chart
from research_repo.exchange import pdf, svg
from research_repo.exchange.blocks import Block, Claim, Document, Figure

PIXEL = 9525
"""Of a screen, in the unit of office programs."""
CHART_PIXELS = 1600
AS_THEY_ARE = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class Drawn:
    """An image with its size in pixels."""

    data: bytes
    width: int
    height: int

    def within(self, width: int, height: int) -> tuple[int, int]:
        """Its size on paper: that of a screen, smaller where it does not fit."""
        scale = min(1.0, width / (self.width * PIXEL), height / (self.height * PIXEL))
        return round(self.width * PIXEL * scale), round(self.height * PIXEL * scale)


def charts(document: Document) -> dict[Chart, Drawn]:
    """The charts of a document, drawn all at once."""
    found = list(dict.fromkeys(one.chart for one in _figures(document.blocks)))
    if not found:
        return {}
    drawings = [svg.svg(chart, document.language) for chart in found]
    made = pdf.pngs(drawings, CHART_PIXELS)
    return dict(zip(found, map(_measured, made), strict=True))


def as_office(content: bytes, media_type: str) -> Drawn | None:
    """An image as PNG or JPEG; None for what is none."""
    if not content:
        return None
    try:
        if media_type in AS_THEY_ARE:
            return _measured(content)
        with Image.open(io.BytesIO(content)) as image:
            target = io.BytesIO()
            image.convert("RGBA" if image.has_transparency_data else "RGB").save(target, "PNG")
        return _measured(target.getvalue())
    except OSError:
        # A file whose bytes were damaged on the disk is told by its caption.
        return None


def _figures(blocks: tuple[Block, ...]) -> list[Figure]:
    found: list[Figure] = []
    for block in blocks:
        if isinstance(block, Figure) and not block.chart.is_empty:
            found.append(block)
        elif isinstance(block, Claim):
            found += _figures(block.blocks)
    return found


def _measured(content: bytes) -> Drawn:
    with Image.open(io.BytesIO(content)) as image:
        return Drawn(content, *image.size)
