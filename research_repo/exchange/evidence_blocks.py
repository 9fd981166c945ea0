"""Evidence as blocks: a quote, a figure, a link or a file, worded the same in every file."""

from __future__ import annotations

from babel.numbers import format_decimal

from research_repo.core.language import say
from research_repo.core.models import Evidence
from research_repo.core.report_shape import Piece
from research_repo.exchange.blocks import Block, Datum, Paragraph, Quote, Run, plain


def of(piece: Piece | Evidence, language: str) -> Block | None:
    """The piece in a text of this language; None for what only keeps the trace of an import."""
    source = ", ".join(part for part in (one_line(piece.who), one_line(piece.source)) if part)
    if piece.kind == "quote":
        return Quote(piece.text.strip(), source, _other(piece.language, language))
    if piece.kind == "number" and piece.number is not None:
        figure = format_decimal(piece.number, locale=language)
        unit = f"\u00a0{one_line(piece.unit)}" if piece.unit else ""
        n = f"n = {format_decimal(piece.n, locale=language)}" if piece.n else ""
        told = " · ".join(part for part in (n, source) if part)
        return Datum(f"{figure}{unit}", one_line(piece.text), told)
    if piece.kind == "link":
        return Paragraph((Run(one_line(piece.text) or piece.url, address=web(piece.url)),))
    if piece.kind == "file":
        told = one_line(piece.text)
        named = say("File: %(name)s", name=piece.file_name).put(language)
        return Paragraph(plain(f"{told} ({named})" if told else named))
    return None


def web(address: str) -> str:
    """The address, or "" where it is no page of the web."""
    return address if address.startswith(("https://", "http://")) else ""


def one_line(text: str) -> str:
    """The text without breaks and without more than one space between its words."""
    return " ".join(text.split())


def _other(language: str, around: str) -> str:
    return language if language != around else ""
