"""A study report as a page in one file, as JSON, and as a table that the import reads back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from research_repo.core import evidence, strength_words
from research_repo.core.language import Message, say, say_many
from research_repo.core.report_shape import Cited, Finding, Piece, Section, StudyReport
from research_repo.core.rows import COLUMNS as IMPORTED
from research_repo.core.terms import term
from research_repo.exchange import cells, markdown

EVIDENCE = (
    "kind",
    "text",
    "language",
    "who",
    "source",
    "row",
    "url",
    "number",
    "unit",
    "n",
    "file_name",
)
COLUMNS = (*IMPORTED, "respondent")
# Nothing in the file runs or fetches, whoever opens it and wherever.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root{color-scheme:light dark}
body{font:1.05rem/1.55 Georgia,"Times New Roman",serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3,.meta,table{font-family:system-ui,sans-serif;line-height:1.25}
h1{font-size:1.9rem}h2{font-size:1.35rem;margin-top:2.5rem}h3{font-size:1.1rem;margin-top:1.8rem}
.meta{color:GrayText;font-size:.85rem}
blockquote{margin:1rem 0;padding:.1rem 1rem;border-left:3px solid currentColor}
table{border-collapse:collapse;font-size:.9rem}td,th{padding:.3rem .8rem .3rem 0;text-align:left}
pre{overflow-x:auto}body,td{overflow-wrap:anywhere}
@media print{h2,h3{break-after:avoid}blockquote{break-inside:avoid}}
"""


def html(report: StudyReport, base_url: str = "") -> str:
    """The report as one page that needs nothing beside it; claims link to `base_url` when given."""
    return _Page(report, base_url).text()


def as_json(report: StudyReport, _base_url: str = "") -> str:
    """Everything in the report as one JSON object."""
    value = {
        "study": report.key,
        "title": report.title,
        "language": report.language,
        "method": report.about.method,
        "starts_on": _day(report.about.starts_on),
        "ends_on": _day(report.about.ends_on),
        "participant_count": report.about.participant_count,
        "team": list(report.about.team),
        "sections": [
            {"name": one.name, "title": one.title, "text": one.text} for one in report.sections
        ],
        "questions": [
            {
                "number": answer.number,
                "question": answer.question,
                "insights": [_finding(one) for one in answer.insights],
                "facts": [_finding(one) for one in answer.facts],
            }
            for answer in report.answers
        ],
        "also_found": [_finding(one) for one in report.also],
        "recommendations": [_finding(one) for one in report.recommendations],
        "tags": [
            {"key": one.tag.key, "path": one.tag.full_path, "count": one.count}
            for section in report.sections
            for one in section.tags
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def table(report: StudyReport, _base_url: str = "") -> str:
    """The report's claims as CSV in the columns of the import; quotes of one claim in one cell."""
    findings = {one.atom_id: one for one in report.findings}
    supports, contradicts = _outgoing(findings, "supporting"), _outgoing(findings, "contradicting")
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for atom_id, one in findings.items():
        quote, source = evidence.as_cells(one.evidence)
        row = (
            _external_id(one),
            one.kind,
            one.title,
            one.body,
            one.study_key,
            _day(one.observed_on) or "",
            "; ".join(tag.full_path for tag in one.tags),
            quote,
            source,
            one.language,
            one.status,
            "; ".join(supports.get(atom_id, ())),
            "; ".join(contradicts.get(atom_id, ())),
            evidence.respondent_of(one.evidence),
        )
        rows.writerow(map(cells.neutral, row))
    return text.getvalue()


WRITERS: dict[str, Callable[[StudyReport, str], str]] = {
    "md": markdown.write,
    "html": html,
    "json": as_json,
    "csv": table,
}


class _Page:
    def __init__(self, report: StudyReport, base_url: str) -> None:
        self.report, self.base_url = report, base_url

    def text(self) -> str:
        head = Markup(
            '<!doctype html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="{}">\n'
            '<meta name="referrer" content="no-referrer">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n"
        ).format(self.report.language, POLICY, self.report.title, Markup(STYLE))  # noqa: S704
        return head + Markup("\n").join(self._blocks()) + Markup("\n</body>\n</html>\n")

    def _blocks(self) -> Iterator[Markup]:
        yield Markup("<h1>{}</h1>").format(self.report.title)
        yield Markup('<p class="meta">{}</p>').format(self._title_line())
        for section in self.report.sections:
            yield from self._section(section)

    def _section(self, section: Section) -> Iterator[Markup]:
        if section.title and not section.answers:
            yield Markup("<h2>{}</h2>").format(section.title)
        if section.html:
            yield Markup("<div>{}</div>").format(_safe(section.html))
        if section.questions:
            items = Markup("").join(Markup("<li>{}</li>").format(one) for one in section.questions)
            yield Markup("<ol>{}</ol>").format(items)
        for answer in section.answers:
            yield Markup("<h2>{}. {}</h2>").format(answer.number, answer.question)
            if not answer.insights and not answer.facts:
                nothing = say("Nothing was found on this question yet.")
                yield Markup("<p><em>{}</em></p>").format(self._put(nothing))
            yield from self._findings((*answer.insights, *answer.facts))
        yield from self._findings(section.findings)
        lines = [Markup("{} ({})").format(one.title, self._key(one)) for one in section.cited]
        lines += [escape(one.title) for one in section.studies]
        if lines:
            items = Markup("").join(Markup("<li>{}</li>").format(one) for one in lines)
            yield Markup("<ul>{}</ul>").format(items)
        if section.tags:
            yield self._tags(section)

    def _title_line(self) -> str:
        report, language = self.report.about, self.report.language
        days = [
            format_date(day, "long", locale=language)
            for day in (report.starts_on, report.ends_on)
            if day
        ]
        count = report.participant_count
        heard = (
            say_many("%(count)s participant", "%(count)s participants", count) if count else None
        )
        parts = [
            self._put(term("method", report.method)) if report.method else "",
            " – ".join(dict.fromkeys(days)),
            self._put(heard) if heard else "",
            ", ".join(report.team),
        ]
        return " · ".join(filter(None, parts))

    def _findings(self, findings: tuple[Finding, ...]) -> Iterator[Markup]:
        for one in findings:
            yield Markup('<h3 lang="{}">{}</h3>').format(one.language, one.title)
            tags = ", ".join(" › ".join(tag.path) for tag in one.tags)
            kind = self._put(term("kind", one.kind))
            old = self._put(term("atom_status", "replaced")) if one.is_replaced else ""
            weight = map(self._put, strength_words.line(one.strength, one.kind))
            about = (kind, old, *weight)
            pieces = (*map(escape, about), self._key(one), escape(tags))
            told = Markup(" · ").join(filter(None, pieces))
            yield Markup('<p class="meta">{}</p>').format(told)
            if one.body_html:
                yield Markup('<div lang="{}">{}</div>').format(one.language, _safe(one.body_html))
            yield from filter(None, map(self._evidence, one.evidence))
            yield from self._linked(say("For"), one.supporting)
            yield from self._linked(say("Against"), one.contradicting)

    def _key(self, atom: Finding | Cited) -> Markup:
        if not self.base_url:
            return escape(atom.key)
        return Markup('<a href="{}/atoms/{}">{}</a>').format(self.base_url, atom.key, atom.key)

    def _evidence(self, piece: Piece) -> Markup:
        source = ", ".join(part for part in (piece.who, piece.source) if part)
        if piece.kind == "quote":
            lines = Markup("<br>").join(piece.text.splitlines())
            said = Markup('<footer class="meta">— {}</footer>').format(source) if source else ""
            return Markup("<blockquote><p>{}</p>{}</blockquote>").format(lines, said)
        if piece.kind == "number" and piece.number is not None:
            language = self.report.language
            figure = f"{format_decimal(piece.number, locale=language)} {piece.unit}".strip()
            n = f"n = {format_decimal(piece.n, locale=language)}" if piece.n else ""
            told = " · ".join(part for part in (n, source) if part)
            return Markup("<p><strong>{}</strong> {} {}</p>").format(
                figure, piece.text, f"({told})" if told else ""
            )
        if piece.kind == "link" and piece.url.startswith(("https://", "http://")):
            return Markup('<p><a href="{}" rel="noopener noreferrer">{}</a></p>').format(
                piece.url, piece.text or piece.url
            )
        if piece.kind == "file":
            told = markdown.file_told(piece, self.report.language)
            return Markup("<p>{}</p>").format(told)
        return Markup()

    def _linked(self, heading: Message, atoms: tuple[Cited, ...]) -> Iterator[Markup]:
        if atoms:
            items = Markup("").join(
                Markup('<li><span lang="{}">{}</span> ({})</li>').format(
                    atom.language, atom.title, self._key(atom)
                )
                for atom in atoms
            )
            yield Markup('<p class="meta">{}:</p><ul>{}</ul>').format(self._put(heading), items)

    def _tags(self, section: Section) -> Markup:
        rows = Markup("").join(
            Markup("<tr><td>{}</td><td>{}</td></tr>").format(
                " › ".join((one.tag.scheme, *one.tag.path)), one.count
            )
            for one in section.tags
        )
        return Markup("<table>{}</table>").format(rows)

    def _put(self, message: Message) -> str:
        return message.put(self.report.language)


def _safe(cleaned: str) -> Markup:
    # Core cleans Markdown before it is stored.
    return Markup(cleaned)  # noqa: S704


def _outgoing(findings: dict[int, Finding], side: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in findings.values():
        for other in getattr(one, side):
            found.setdefault(other.atom_id, []).append(_external_id(one))
    return found


def _external_id(atom: Finding) -> str:
    return atom.external_id or atom.key


def _finding(one: Finding) -> dict[str, Any]:
    atom = one
    return {
        "id": atom.key,
        "external_id": atom.external_id,
        "kind": atom.kind,
        "status": atom.status,
        "replaced": atom.is_replaced,
        "title": atom.title,
        "body": one.body,
        "language": atom.language,
        "date": _day(atom.date),
        "author": atom.author,
        "tags": [{"key": tag.key, "path": tag.full_path, "label": tag.label} for tag in atom.tags],
        "evidence": [{name: getattr(piece, name) for name in EVIDENCE} for piece in one.evidence],
        "strength": atom.strength.plain(),
        "supported_by": [_other(other) for other in one.supporting],
        "contradicted_by": [_other(other) for other in one.contradicting],
    }


def _other(atom: Cited) -> dict[str, Any]:
    return {"id": atom.key, "kind": atom.kind, "title": atom.title}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
