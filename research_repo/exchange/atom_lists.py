"""A list of atoms as files, one atom after the other: as long as it may be, little of it is held at once."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from babel.dates import format_date

from research_repo.core import evidence, strength_words
from research_repo.core.language import say
from research_repo.core.models import LINK_KINDS
from research_repo.core.records import AtomRecord
from research_repo.core.rows import READ_COLUMNS
from research_repo.core.terms import term
from research_repo.exchange import cells, evidence_blocks, markdown, sheet_writing
from research_repo.exchange.sheet_writing import Column

EVIDENCE = ("kind", "text", "language", "who", "source", "row", "url", "number", "unit", "n")
STRENGTH = ("level", "respondents", "studies", "methods", "measured", "contradicting")
WEIGHED = ("strength", *(f"strength_{name}" for name in STRENGTH[1:]))
COLUMNS = (*READ_COLUMNS, "link", *WEIGHED)
"""Those that the import reads, where the atom is, and how strong."""

DAYS = ("observed_on", "review_by")

_LOOKS = {
    "title": Column("title", 60, "wrapped"),
    "body": Column("body", 40),
    "observed_on": Column("observed_on", 12, "day"),
    "review_by": Column("review_by", 12, "day"),
    "tags": Column("tags", 40),
    "quote": Column("quote", 40),
    "link": Column("link", 40, "link"),
}

Text = Callable[[Iterable[AtomRecord], str, str], Iterator[str]]


def table(found: Iterable[AtomRecord], _language: str, base_url: str = "") -> Iterator[str]:
    """CSV in the columns of the import, no cell of which a spreadsheet computes."""
    line = io.StringIO(newline="")
    rows = csv.writer(line, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for one in found:
        yield _taken(line)
        told = _row(one) | {"link": _link(one, base_url)}
        rows.writerow(cells.neutral(told[name]) for name in COLUMNS)
    yield _taken(line)


def as_json(found: Iterable[AtomRecord], _language: str, base_url: str = "") -> Iterator[str]:
    """One JSON object with everything that is written about each atom."""
    between = '{"atoms": [\n'
    for one in found:
        yield between + json.dumps(_plain(one, base_url), ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n" if between == ",\n" else between + "]}\n"


def as_markdown(found: Iterable[AtomRecord], language: str, base_url: str = "") -> Iterator[str]:
    """Claim, quotes and numbers, and a line about each, for a chat, a letter or a wiki."""
    between = ""
    for one in found:
        card = one.card
        link = _link(one, base_url)
        title = markdown.inline(card.title)
        pieces = (evidence_blocks.of(piece, language) for piece in one.evidence)
        told = (markdown.text(piece, language) for piece in pieces if piece)
        blocks = [f"### [{title}]({link})" if link else f"### {title}", *told]
        yield between + "\n\n".join([*filter(None, blocks), _meta(one, language)]) + "\n"
        between = "\n"


TEXTS: dict[str, Text] = {"csv": table, "json": as_json, "md": as_markdown}
FORMS = (*TEXTS, "xlsx")


def sheet(found: Iterable[AtomRecord], language: str, base_url: str = "") -> Iterator[bytes]:
    """The same table as xlsx, with days as days."""
    columns = [_LOOKS.get(name, Column(name)) for name in COLUMNS]
    cut = say("… [cut here: a cell of a spreadsheet holds no more]").put(language)
    rows = (
        [getattr(one, name) or "" if name in DAYS else told[name] for name in COLUMNS]
        for one in found
        for told in [_row(one) | {"link": _link(one, base_url)}]
    )
    return sheet_writing.written(columns, rows, cut)


def pieces(
    form: str, found: Iterable[AtomRecord], language: str, base_url: str, encoding: str = "utf-8"
) -> Iterator[bytes]:
    """A file of one of the `FORMS`, piece by piece; the encoding is that of texts."""
    if form == "xlsx":
        return sheet(found, language, base_url)
    told = TEXTS[form](found, language, base_url)
    return codecs.iterencode(told, encoding)


def _taken(line: io.StringIO) -> str:
    written = line.getvalue()
    line.seek(0)
    line.truncate()
    return written


def _row(one: AtomRecord) -> dict[str, str]:
    card = one.card
    quote, source = evidence.as_cells(one.evidence)
    return {
        "external_id": card.external_id or card.key,
        "kind": card.kind,
        "title": card.title,
        "body": one.body,
        "study": card.study_key,
        **{name: day.isoformat() if (day := getattr(one, name)) else "" for name in DAYS},
        "tags": "; ".join(tag.full_path for tag in card.tags),
        "quote": quote,
        "source": source,
        "language": card.language,
        "status": card.status,
        **{kind: "; ".join(one.link_names.get(kind, ())) for kind in LINK_KINDS},
        "respondent": evidence.respondent_of(one.evidence),
        "not_applicable": "; ".join(one.not_applicable),
        **dict(zip(WEIGHED, (str(getattr(card.strength, name)) for name in STRENGTH), strict=True)),
    }


def _plain(one: AtomRecord, base_url: str) -> dict[str, Any]:
    card = one.card
    tags = (("asserted", card.tags), ("inherited", card.lent))
    return {
        "id": card.key,
        "external_id": card.external_id,
        "kind": card.kind,
        "status": card.status,
        "title": card.title,
        "body": one.body,
        "language": card.language,
        "study": card.study_key or None,
        "study_title": card.study_title or None,
        **{name: day.isoformat() if (day := getattr(one, name)) else None for name in DAYS},
        "author": card.author,
        "tags": [
            {"key": tag.key, "path": tag.full_path, "label": tag.label, "via": via}
            for via, some in tags
            for tag in some
        ],
        "not_applicable": list(one.not_applicable),
        "strength": card.strength.plain(),
        "evidence": [{name: getattr(piece, name) for name in EVIDENCE} for piece in one.evidence],
        "links": {kind: list(keys) for kind, keys in one.links.items()},
        "link": _link(one, base_url) or None,
        "created_at": one.created_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
    }


def _meta(one: AtomRecord, language: str) -> str:
    card = one.card
    tags = ", ".join(" › ".join(tag.path) for tag in (*card.tags, *card.lent))
    day = format_date(card.date, "long", locale=language)
    weight = (one.put(language) for one in strength_words.line(card.strength, card.kind))
    parts = (term("kind", card.kind).put(language), *weight, card.study_title, day, tags)
    return "*" + " · ".join(markdown.inline(part) for part in parts if part) + "*"


def _link(one: AtomRecord, base_url: str) -> str:
    return f"{base_url}/atoms/{one.card.key}" if base_url else ""
