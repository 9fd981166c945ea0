"""A report as a page in one file: it needs nothing beside it, and nothing in it runs or fetches."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from research_repo.exchange import svg
from research_repo.exchange.blocks import (
    Aside,
    Block,
    Claim,
    Code,
    Datum,
    Document,
    Figure,
    Heading,
    Items,
    Paragraph,
    Picture,
    Prose,
    Quote,
    Rule,
    Run,
    Runs,
    Table,
)

STYLE = Path(__file__).parent / "looks" / "page" / "report.css"
# Whoever opens it and wherever: only the styles in the file itself and its own pictures.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_EMPTY = Markup("")


def write(document: Document) -> str:
    """The document as one page."""
    head = Markup(
        '<!doctype html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="{}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n"
    ).format(document.language, POLICY, document.title, _style())
    writer = _Writer(document.language)
    body = Markup("\n").join(
        [
            _cover(document),
            _contents(document),
            Markup("<main>"),
            *map(writer.block, document.blocks),
            Markup("</main>"),
            _foot(document),
        ]
    )
    return str(head + body + Markup("\n</body>\n</html>\n"))


@cache
def _style() -> Markup:
    return Markup(STYLE.read_text("utf-8"))  # noqa: S704 (our own style sheet)


def _cover(document: Document) -> Markup:
    subtitle = Markup('<p class="subtitle">{}</p>').format(document.subtitle)
    return Markup('<header><p class="quiet">{}</p><h1>{}</h1>{}{}</header>').format(
        document.kind,
        document.title,
        subtitle if document.subtitle else _EMPTY,
        _EMPTY.join(Markup('<p class="about">{}</p>').format(line) for line in document.about),
    )


def _contents(document: Document) -> Markup:
    entries = [
        Markup('<li><a href="#{}">{}</a></li>').format(one.anchor, _runs(one.runs))
        for one in document.headings
    ]
    if len(entries) < 2:
        return _EMPTY
    return Markup('<nav aria-label="{}"><h2>{}</h2><ol>{}</ol></nav>').format(
        document.contents, document.contents, _EMPTY.join(entries)
    )


def _foot(document: Document) -> Markup:
    address = _link(document.address, escape(document.address)) if document.address else _EMPTY
    return Markup("<footer>{} · {} {}</footer>").format(document.title, document.key, address)


class _Writer:
    def __init__(self, language: str) -> None:
        self.language = language

    def block(self, block: Block) -> Markup:
        """A block as HTML; whatever is text in it stays text."""
        return Markup("\n").join(self._parts(block))

    def _parts(self, block: Block) -> Iterator[Markup]:
        match block:
            case Heading():
                yield _heading(block)
            case Paragraph():
                yield _tag("p", _runs(block.runs), block.language, block.style)
            case Prose():
                style = "prose lead" if block.is_lead else "prose"
                yield _tag("div", self._all(block.blocks), block.language, style)
            case Claim():
                yield self._claim(block)
            case Quote():
                yield _quote(block)
            case Datum():
                yield _datum(block)
            case Items():
                items = _EMPTY.join(_tag("li", self._all(item)) for item in block.items)
                start = Markup(' start="{}"').format(block.start) if block.start != 1 else _EMPTY
                name = Markup("ol") if block.is_ordered else Markup("ul")
                yield Markup("<{}{}>{}</{}>").format(name, start, items, name)
            case Table():
                yield _table(block)
            case Code():
                yield Markup("<pre><code>{}</code></pre>").format(block.text)
            case Aside():
                yield _tag("blockquote", self._all(block.blocks))
            case Rule():
                yield Markup("<hr>")
            case Picture():
                yield _picture(block)
            case Figure():
                yield self._figure(block)

    def _all(self, blocks: Iterable[Block]) -> Markup:
        return _EMPTY.join(map(self.block, blocks))

    def _claim(self, block: Claim) -> Markup:
        key = _link(block.address, escape(block.key)) if block.address else escape(block.key)
        *told, level = block.told
        fields = Markup('<span class="fields {}" aria-hidden="true"><i></i><i></i><i></i></span>')
        return Markup(
            '<section class="claim"><div class="top"><div>{}<p class="quiet">{}</p></div>'
            '<p class="quiet margin"><span>{} {}</span> <span>{}</span></p></div>{}</section>'
        ).format(
            _heading(block.heading),
            " · ".join(told),
            fields.format(block.level),
            level,
            key,
            self._all(block.blocks),
        )

    def _figure(self, block: Figure) -> Markup:
        drawing = Markup(svg.svg(block.chart, self.language))  # noqa: S704 (drawn and escaped by us)
        caption = Markup("<figcaption>{}</figcaption>").format(block.caption)
        return Markup('<figure class="chart">{}{}{}</figure>').format(
            caption, drawing, _table(block.table)
        )


def _heading(block: Heading) -> Markup:
    name = Markup(f"h{min(block.level + 1, 6)}")  # noqa: S704 (a number of ours)
    anchor = Markup(' id="{}"').format(block.anchor) if block.anchor else _EMPTY
    return Markup("<{}{}{}>{}</{}>").format(
        name, anchor, _lang(block.language), _runs(block.runs), name
    )


def _quote(block: Quote) -> Markup:
    lines = Markup("<br>").join(block.text.splitlines())
    said = Markup("<figcaption>{}</figcaption>").format(block.source) if block.source else _EMPTY
    return Markup('<figure class="quote"><blockquote{}><p>{}</p></blockquote>{}</figure>').format(
        _lang(block.language), lines, said
    )


def _datum(block: Datum) -> Markup:
    source = Markup('<p class="quiet">{}</p>').format(block.source) if block.source else _EMPTY
    text = Markup("<p>{}</p>").format(block.text) if block.text else _EMPTY
    return Markup('<div class="datum"><strong>{}</strong> <div>{}{}</div></div>').format(
        block.figure, text, source
    )


def _table(block: Table) -> Markup:
    aligns = (*block.aligns, *["left"] * 99)

    def row(cells: Iterable[Runs], name: str) -> Markup:
        kind = Markup(name)  # noqa: S704 (th or td)
        inner = (
            Markup('<{}{} class="{}">{}</{}>').format(
                kind, Markup(' scope="col"') if name == "th" else _EMPTY, align, _runs(cell), kind
            )
            for cell, align in zip(cells, aligns, strict=False)
        )
        return Markup("<tr>{}</tr>\n").format(_EMPTY.join(inner))

    head = Markup("<thead>{}</thead>").format(row(block.head, "th")) if block.head else _EMPTY
    body = _EMPTY.join(row(cells, "td") for cells in block.rows)
    return Markup('<div class="wide"><table>{}<tbody>{}</tbody></table></div>').format(head, body)


def _picture(block: Picture) -> Markup:
    address = f"data:{block.media_type};base64,{b64encode(block.content).decode()}"
    return Markup('<figure><img src="{}" alt="{}"><figcaption>{}</figcaption></figure>').format(
        address, block.alt, block.caption
    )


def _runs(runs: Runs) -> Markup:
    return _EMPTY.join(map(_run, runs))


def _run(run: Run) -> Markup:
    words = Markup("<br>").join(run.text.split("\n"))
    for is_set, name in ((run.is_code, "code"), (run.is_emphasis, "em"), (run.is_strong, "strong")):
        if is_set:
            words = _tag(name, words)
    if run.language:
        words = _tag("span", words, run.language)
    return _link(run.address, words) if run.address else words


def _link(address: str, words: Markup) -> Markup:
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(address, words)


def _tag(name: str, inner: Markup, language: str = "", style: str = "") -> Markup:
    kind = Markup(name)  # noqa: S704 (a name from this module)
    look = Markup(' class="{}"').format(style) if style and style != "body" else _EMPTY
    return Markup("<{}{}{}>{}</{}>").format(kind, look, _lang(language), inner, kind)


def _lang(language: str) -> Markup:
    return Markup(' lang="{}"').format(language) if language else _EMPTY
