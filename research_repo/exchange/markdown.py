"""A study report as Markdown: the text of the page, for a wiki, a repository or a letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from research_repo.core import strength_words
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import Evidence
from research_repo.core.report_shape import Cited, Finding, Piece, Section, StudyReport
from research_repo.core.terms import term

_SPECIAL = re.compile(r"([\\`*_\[\]<>|])")
_LINE_START = re.compile(r"^(\s*)([#+-]|\d+[.)])(?=\s)")
_HEADING = re.compile(r"(#{1,6})(?=\s)")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")


def write(report: StudyReport, base_url: str = "") -> str:
    """The report as one Markdown text in its own language; claims link to `base_url` when given."""
    return _Writer(report, base_url).text()


class _Writer:
    def __init__(self, report: StudyReport, base_url: str) -> None:
        self.report = report
        self.language = report.language
        self.base_url = base_url

    def text(self) -> str:
        return "\n\n".join(block for block in self._blocks() if block) + "\n"

    def _blocks(self) -> Iterator[str]:
        yield f"# {inline(self.report.title)}"
        yield self._title_line()
        for section in self.report.sections:
            yield from self._section(section)

    def _section(self, section: Section) -> Iterator[str]:
        if section.title and not section.answers:
            yield f"## {inline(section.title)}"
        yield _demoted(section.text, 2)
        yield "\n".join(
            f"{number}. {inline(text)}" for number, text in enumerate(section.questions, 1)
        )
        for answer in section.answers:
            yield f"## {answer.number}. {inline(answer.question)}"
            if not answer.insights and not answer.facts:
                yield f"*{self._put(say('Nothing was found on this question yet.'))}*"
            yield from self._findings((*answer.insights, *answer.facts))
        yield from self._findings(section.findings)
        yield "\n".join(f"- {inline(one.title)} ({self._key(one)})" for one in section.cited)
        yield "\n".join(f"- {inline(one.title)}" for one in section.studies)
        yield "\n".join(
            f"- {inline(' › '.join((one.tag.scheme, *one.tag.path)))}: {one.count}"
            for one in section.tags
        )

    def _title_line(self) -> str:
        report = self.report.about
        method = self._put(term("method", report.method)) if report.method else ""
        parts = [method, self._dates()]
        if report.participant_count:
            count = report.participant_count
            parts.append(
                self._put(say_many("%(count)s participant", "%(count)s participants", count))
            )
        parts.append(", ".join(report.team))
        return " · ".join(inline(part) for part in parts if part)

    def _dates(self) -> str:
        days = [
            self._day(day)
            for day in (self.report.about.starts_on, self.report.about.ends_on)
            if day
        ]
        return " – ".join(dict.fromkeys(days))

    def _findings(self, findings: tuple[Finding, ...]) -> Iterator[str]:
        for finding in findings:
            yield f"### {inline(finding.title)}"
            yield self._meta(finding)
            yield _demoted(finding.body, 3)
            for piece in finding.evidence:
                yield evidence(piece, self.language)
            yield from self._linked(say("For"), finding.supporting)
            yield from self._linked(say("Against"), finding.contradicting)

    def _meta(self, atom: Finding) -> str:
        tags = ", ".join(" › ".join(tag.path) for tag in atom.tags)
        old = self._put(term("atom_status", "replaced")) if atom.is_replaced else ""
        weight = map(self._put, strength_words.line(atom.strength, atom.kind))
        kind = self._put(term("kind", atom.kind))
        parts = [kind, old, *map(inline, weight), self._key(atom), inline(tags)]
        return "*" + " · ".join(part for part in parts if part) + "*"

    def _key(self, atom: Finding | Cited) -> str:
        return f"[{atom.key}]({self.base_url}/atoms/{atom.key})" if self.base_url else atom.key

    def _linked(self, heading: Message, atoms: tuple[Cited, ...]) -> Iterator[str]:
        if atoms:
            lines = [f"- {inline(atom.title)} ({self._key(atom)})" for atom in atoms]
            yield "\n".join([f"{self._put(heading)}:", "", *lines])

    def _put(self, message: Message) -> str:
        return message.put(self.language)

    def _day(self, day: date) -> str:
        return format_date(day, "long", locale=self.language)


def evidence(piece: Evidence | Piece, language: str) -> str:
    """A quote, a number, a link or a file as Markdown; "" for what only keeps the trace."""
    source = inline(", ".join(part for part in (piece.who, piece.source) if part))
    if piece.kind == "quote":
        lines = [*(inline(line) for line in piece.text.splitlines())]
        if source:
            lines += ["", f"— {source}"]
        return "\n".join(f"> {line}".rstrip() for line in lines)
    if piece.kind == "number" and piece.number is not None:
        figure = format_decimal(piece.number, locale=language) + (
            f" {piece.unit}" if piece.unit else ""
        )
        n = f"n = {format_decimal(piece.n, locale=language)}" if piece.n else ""
        told = " · ".join(part for part in (n, source) if part)
        return f"**{inline(figure)}** {inline(piece.text)}" + (f" ({told})" if told else "")
    if piece.kind == "link":
        return f"[{inline(piece.text or piece.url)}](<{piece.url.replace('>', '%3E')}>)"
    if piece.kind == "file":
        return inline(file_told(piece, language))
    return ""


def file_told(piece: Evidence | Piece, language: str) -> str:
    """What a text that cannot show a file says of it."""
    named = say("File: %(name)s", name=piece.file_name).put(language)
    return f"{piece.text} ({named})" if piece.text else named


def inline(text: str) -> str:
    """Text as itself: nothing in it acts as Markdown."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _LINE_START.sub(lambda found: f"{found[1]}\\{found[2]}", escaped)


def _demoted(prose: str, under: int) -> str:
    """Prose that is Markdown already, its headings below the heading that it stands under."""
    lines, is_code = [], False
    for line in prose.strip().splitlines():
        is_code ^= bool(_FENCE.match(line))
        is_heading = line.startswith("#") and not is_code
        lines.append(_HEADING.sub(_deeper(under), line, count=1) if is_heading else line)
    return "\n".join(lines)


def _deeper(under: int) -> Callable[[re.Match[str]], str]:
    return lambda found: "#" * min(len(found[1]) + under, 6)
