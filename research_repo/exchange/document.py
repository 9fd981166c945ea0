"""A report as a document: every file is set from these blocks, so that its text is the same in each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from research_repo.core import report_shape, strength_words
from research_repo.core.language import Message, say, say_many
from research_repo.core.report_shape import (
    Cited,
    Finding,
    Label,
    Piece,
    Section,
    StudyLine,
    StudyReport,
)
from research_repo.core.terms import term
from research_repo.exchange import evidence_blocks, prose_blocks, svg
from research_repo.exchange.blocks import (
    Block,
    Claim,
    Document,
    Figure,
    Heading,
    Items,
    Paragraph,
    Picture,
    Prose,
    Run,
    Runs,
    Table,
    plain,
)
from research_repo.exchange.evidence_blocks import one_line

PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
PICTURES_BYTES = 128 << 20
"""So much of them one file carries; those beyond are named."""
# What XML cannot hold, and what no reader of any format would see.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

Pictures = Callable[[str], bytes | None]
"""Takes the hash of an attached file; None where its bytes are not at hand."""


def no_pictures(_file_hash: str) -> bytes | None:
    """Files are told by their names."""
    return None


def of(
    report: StudyReport, base_url: str | None = "", pictures: Pictures = no_pictures
) -> Document:
    """The report as blocks, in its own language; without `base_url` nothing leads anywhere."""
    return _Writer(_cleaned(report), base_url or "", pictures).document()


def _cleaned(report: StudyReport) -> StudyReport:
    return report_shape.from_plain(_without_controls(report_shape.plain(report)))


def _without_controls(value: Any) -> Any:
    if isinstance(value, str):
        return _UNWRITABLE.sub("", value)
    if isinstance(value, dict):
        return {name: _without_controls(inner) for name, inner in value.items()}
    return [_without_controls(inner) for inner in value] if isinstance(value, list) else value


class _Writer:
    def __init__(self, report: StudyReport, base_url: str, pictures: Pictures) -> None:
        self.report = report
        self.language = report.language
        self.base_url = base_url
        self.pictures = pictures
        self.room = PICTURES_BYTES
        self.led_to: set[str] = set()
        """Claims that have an anchor: one that answers two questions has it where it stands first."""

    def document(self) -> Document:
        report = self.report
        return Document(
            key=report.key,
            title=one_line(report.title),
            language=report.language,
            kind=self._kind(),
            subtitle=one_line(report.subtitle),
            about=tuple(filter(None, self._about())),
            author=report.author or ", ".join(report.about.team),
            made_on=report.made_on.isoformat(),
            address=self._to(report.address),
            contents=self._put(say("Contents")),
            blocks=tuple(self._blocks()),
        )

    def _kind(self) -> str:
        report = self.report
        names = {"study": say("Study report"), "brief": say("What we know")}
        name = self._put(names.get(report.scope, say("Report across studies")))
        if report.version is None:
            return name
        return f"{name}, {self._put(say('version %(number)s', number=report.version))}"

    def _about(self) -> Iterator[str]:
        report, about = self.report, self.report.about
        heard = self._heard(about.participant_count)
        method = self._put(term("method", about.method)) if about.method else ""
        studies = len(about.studies)
        is_across = report.scope != "study" and studies > 1
        across = say_many("%(count)s study", "%(count)s studies", studies) if is_across else None
        yield _joined(
            method,
            self._put(across) if across else "",
            self._days(about.starts_on, about.ends_on),
            heard,
        )
        yield ", ".join(about.team)
        day = self._day(report.made_on)
        if report.version is None:
            yield self._put(say("As of %(day)s", day=day))
        else:
            yield self._put(
                say("Published on %(day)s by %(name)s", day=day, name=report.author)
                if report.author
                else say("Published on %(day)s", day=day)
            )
        yield one_line(report.note)

    def _blocks(self) -> Iterator[Block]:
        for section in self.report.sections:
            is_named = section.name != "answers" or section.text.strip()
            if is_named and section.title.strip():
                yield Heading(1, plain(one_line(section.title)), section.anchor)
            yield from self._prose(section.text, section.html, 1, is_lead=section.name == "summary")
            yield from self._held(section)

    def _held(self, section: Section) -> Iterator[Block]:
        """What a section holds besides its prose."""
        if section.questions:
            yield Items(tuple(map(_item, section.questions)), is_ordered=True)
        yield from self._answers(section)
        if section.name == "recommendations":
            yield from self._recommendations(section.findings)
        else:
            yield from map(self._claim, section.findings)
        if section.cited:
            yield (
                self._facts(section.cited)
                if section.name == "appendix"
                else Items(tuple(map(self._cited_item, section.cited)))
            )
        if section.studies:
            yield Items(tuple(map(self._study, section.studies)))
        for chart in section.charts:
            if not chart.is_empty:
                table = svg.table(chart, self.language)
                head, rows = map(plain, table.head), [tuple(map(plain, row)) for row in table.rows]
                aligns = ("left", *("right" for _ in table.head[1:]))
                shown = Table(tuple(head), tuple(rows), aligns=aligns)
                yield Figure(chart, _joined(chart.title, chart.caption), shown)
        if section.tags:
            yield self._tags(section)

    def _answers(self, section: Section) -> Iterator[Block]:
        for answer in section.answers:
            title = f"{answer.number}. {one_line(answer.question)}"
            yield Heading(1, plain(title), f"q{answer.number}")
            yield from map(self._claim, (*answer.insights, *answer.facts))
            if not answer.insights and not answer.facts:
                nothing = say("Nothing was found on this question yet.")
                yield Paragraph(plain(self._put(nothing)), "quiet")

    def _prose(
        self, markdown: str, html: str, level: int, language: str = "", *, is_lead: bool = False
    ) -> Iterator[Block]:
        if markdown.strip():
            blocks = prose_blocks.of(html, level)
            yield Prose(markdown, blocks, level, language, is_lead)

    def _claim(self, one: Finding) -> Claim:
        language = one.language if one.language != self.language else ""
        return Claim(
            key=one.key,
            kind=one.kind,
            level=one.strength.level,
            heading=Heading(2, plain(one_line(one.title)), self._anchor(one.key), language),
            told=tuple(filter(None, self._told(one))),
            address=self._to(one.address),
            blocks=tuple(self._within(one, language)),
            rests_on=tuple(other.key for other in one.supporting),
        )

    def _anchor(self, key: str) -> str:
        if key in self.led_to:
            return ""
        self.led_to.add(key)
        return key

    def _told(self, one: Finding) -> Iterator[str]:
        yield self._put(term("kind", one.kind))
        if one.stage:
            yield self._put(term("stage", one.stage))
        if one.standing != "published":
            yield self._put(term("atom_status", one.standing))
        if self.report.scope != "study":
            yield one_line(one.study_title)
            yield self._day(one.date)
        yield from map(self._put, strength_words.line(one.strength, one.kind))

    def _within(self, one: Finding, language: str) -> Iterator[Block]:
        yield from self._prose(one.body, one.body_html, 2, language)
        yield from filter(None, map(self._evidence, one.evidence))
        for heading, cited in ((say("For"), one.supporting), (say("Against"), one.contradicting)):
            if cited:
                yield Paragraph(plain(f"{self._put(heading)}:"), "quiet")
                yield Items(tuple(map(self._cited_item, cited)))
        if tracker := evidence_blocks.web(one.tracker):
            told = Run(f"{self._put(say('Tracked at'))}: ")
            yield Paragraph((told, Run(tracker, address=tracker)), "quiet")
        if one.tags:
            paths = ", ".join(" › ".join(tag.path) for tag in one.tags)
            yield Paragraph(plain(f"{self._put(say('Tags'))}: {paths}"), "quiet")

    def _evidence(self, piece: Piece) -> Block | None:
        if piece.kind == "file" and piece.media_type in PICTURES:
            content = self.pictures(piece.file_hash)
            if content and len(content) <= self.room:
                self.room -= len(content)
                told = one_line(piece.text)
                return Picture(content, piece.media_type, told or piece.file_name, told)
        return evidence_blocks.of(piece, self.language)

    def _recommendations(self, found: tuple[Finding, ...]) -> Iterator[Block]:
        """All at a glance; then those that have more to say."""
        if not found:
            return
        yield Table(
            head=self._head(say("Recommendation"), say("Rests on"), say("Status")),
            rows=tuple(
                (
                    self._cited_runs(one),
                    self._keys(one.supporting),
                    self._state(one),
                )
                for one in found
            ),
            widths=(6, 3, 2),
        )
        yield from (
            self._claim(one) for one in found if one.body or one.evidence or one.contradicting
        )

    def _state(self, one: Finding) -> Runs:
        """How far it is, which leads to where it is tracked; what became of the claim; its strength."""
        more = [term("strength", one.strength.level)]
        if one.standing != "published":
            more.insert(0, term("atom_status", one.standing))
        told = _joined(*map(self._put, more))
        if not one.stage:
            return plain(told)
        stage = Run(self._put(term("stage", one.stage)), address=evidence_blocks.web(one.tracker))
        return (stage, Run(f" · {told}"))

    def _keys(self, cited: tuple[Cited, ...]) -> Runs:
        runs: list[Run] = []
        for one in cited:
            runs += [*([Run(", ")] if runs else []), Run(one.key, address=self._to(one.address))]
        return tuple(runs)

    def _cited_runs(self, one: Cited | Finding) -> Runs:
        language = one.language if one.language != self.language else ""
        key = Run(one.key, address=self._to(one.address))
        return (Run(one_line(one.title), language=language), Run(" ("), key, Run(")"))

    def _cited_item(self, one: Cited) -> tuple[Block, ...]:
        return (Paragraph(self._cited_runs(one)),)

    def _facts(self, cited: tuple[Cited, ...]) -> Table:
        is_across = self.report.scope != "study"
        study = (say("Study"),) if is_across else ()
        return Table(
            head=self._head(say("Key"), say("Fact"), *study, say("Date")),
            rows=tuple(
                (
                    (Run(one.key, address=self._to(one.address)),),
                    (Run(one_line(one.title), language=one.language),),
                    *((plain(one_line(one.study_title)),) if is_across else ()),
                    plain(format_date(one.date, "d MMM y", locale=self.language)),
                )
                for one in cited
            ),
            widths=(3, 10, 5, 4) if is_across else (2, 10, 3),
        )

    def _study(self, one: StudyLine) -> tuple[Block, ...]:
        told = _joined(
            self._put(term("method", one.method)) if one.method else "",
            self._heard(one.participant_count),
            self._days(one.starts_on, one.ends_on),
            self._put(say_many("%(count)s claim", "%(count)s claims", one.claims))
            if one.claims
            else "",
        )
        title = Run(one_line(one.title), address=self._to(one.address))
        return (Paragraph((title, Run(f" · {told}")) if told else (title,)),)

    def _tags(self, section: Section) -> Table:
        def runs(tag: Label) -> Runs:
            return (Run(" › ".join(tag.path), address=self._to(tag.address)),)

        return Table(
            head=self._head(say("Tag"), say("Group"), say("Claims")),
            rows=tuple(
                (runs(one.tag), plain(one.tag.scheme), plain(self._number(one.count)))
                for one in section.tags
            ),
            aligns=("left", "left", "right"),
            widths=(6, 4, 1),
        )

    def _head(self, *names: Message) -> tuple[Runs, ...]:
        return tuple(plain(self._put(name)) for name in names)

    def _heard(self, count: int | None) -> str:
        if not count:
            return ""
        return self._put(say_many("%(count)s participant", "%(count)s participants", count))

    def _days(self, *days: date | None) -> str:
        return " – ".join(dict.fromkeys(self._day(day) for day in days if day))

    def _day(self, day: date) -> str:
        return format_date(day, "d MMMM y", locale=self.language)

    def _number(self, number: float) -> str:
        return format_decimal(number, locale=self.language)

    def _put(self, message: Message) -> str:
        return message.put(self.language)

    def _to(self, address: str) -> str:
        return f"{self.base_url}{address}" if self.base_url and address else ""


def _item(text: str) -> tuple[Block, ...]:
    return (Paragraph(plain(one_line(text))),)


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
