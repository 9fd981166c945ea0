"""A study report as Markdown: the text of the page, for a wiki, a repository or a letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from research_repo.core import strength_words
from research_repo.core.cards import AtomCard
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import Evidence
from research_repo.core.reports import Finding, StudyReport
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
        report = self.report
        yield f"# {inline(report.title)}"
        yield self._title_line()
        yield _demoted(report.prose["summary"], 1)
        yield from self._list_of_questions()
        for name, heading in (("background", say("Background")), ("approach", say("Approach"))):
            yield from self._section(heading, report.prose[name])
        for answer in report.answers:
            yield f"## {answer.number}. {inline(answer.question)}"
            if not answer.insights and not answer.facts:
                yield f"*{self._put(say('Nothing was found on this question yet.'))}*"
            yield from self._findings(answer.insights)
            yield from self._findings(answer.facts)
        if report.also_found:
            yield f"## {self._put(say('Also found'))}"
            yield from self._findings(report.also_found)
        if report.recommendations:
            yield f"## {self._put(say('Recommendations'))}"
            yield from self._findings(report.recommendations)
        yield from self._section(say("Limitations"), report.prose["limitations"])
        yield from self._tags()

    def _title_line(self) -> str:
        report = self.report
        parts = [self._put(term("method", report.method)), self._dates()]
        if report.participant_count:
            count = report.participant_count
            parts.append(
                self._put(say_many("%(count)s participant", "%(count)s participants", count))
            )
        parts.append(", ".join(report.team))
        return " · ".join(inline(part) for part in parts if part)

    def _dates(self) -> str:
        days = [self._day(day) for day in (self.report.starts_on, self.report.ends_on) if day]
        return " – ".join(dict.fromkeys(days))

    def _list_of_questions(self) -> Iterator[str]:
        if self.report.answers:
            yield f"## {self._put(say('Questions'))}"
            yield "\n".join(
                f"{answer.number}. {inline(answer.question)}" for answer in self.report.answers
            )

    def _section(self, heading: Message, prose: str) -> Iterator[str]:
        if prose.strip():
            yield f"## {self._put(heading)}"
            yield _demoted(prose, 2)

    def _findings(self, findings: tuple[Finding, ...]) -> Iterator[str]:
        for finding in findings:
            yield f"### {inline(finding.atom.title)}"
            yield self._meta(finding.atom)
            yield _demoted(finding.body, 3)
            for piece in finding.evidence:
                yield evidence(piece, self.language)
            yield from self._linked(say("For"), finding.supporting)
            yield from self._linked(say("Against"), finding.contradicting)

    def _meta(self, atom: AtomCard) -> str:
        tags = ", ".join(" › ".join(tag.path) for tag in atom.tags)
        old = self._put(term("atom_status", "replaced")) if atom.is_replaced else ""
        weight = map(self._put, strength_words.line(atom.strength, atom.kind))
        kind = self._put(term("kind", atom.kind))
        parts = [kind, old, *map(inline, weight), self._key(atom), inline(tags)]
        return "*" + " · ".join(part for part in parts if part) + "*"

    def _key(self, atom: AtomCard) -> str:
        return f"[{atom.key}]({self.base_url}/atoms/{atom.key})" if self.base_url else atom.key

    def _linked(self, heading: Message, atoms: tuple[AtomCard, ...]) -> Iterator[str]:
        if atoms:
            lines = [f"- {inline(atom.title)} ({self._key(atom)})" for atom in atoms]
            yield "\n".join([f"{self._put(heading)}:", "", *lines])

    def _tags(self) -> Iterator[str]:
        if self.report.tags:
            yield f"## {self._put(say('Tags'))}"
            yield "\n".join(
                f"- {inline(' › '.join((tag.scheme, *tag.path)))}: {count}"
                for tag, count in self.report.tags
            )

    def _put(self, message: Message) -> str:
        return message.put(self.language)

    def _day(self, day: date) -> str:
        return format_date(day, "long", locale=self.language)


def evidence(piece: Evidence, language: str) -> str:
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


def file_told(piece: Evidence, language: str) -> str:
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
