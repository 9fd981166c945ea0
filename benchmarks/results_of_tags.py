"""Figures of the tag experiment: printed, kept as JSON, and put into the documentation as tables and charts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from benchmarks import line_chart
from benchmarks.line_chart import Line, Panel
from benchmarks.results import BEGIN, END

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "results"
DOCS = HERE.parent / "docs"
CHART = "too-many-tags.svg"
PAGE = "too-many-tags.md"
LANGUAGES = ("en", "ru")

WAYS = {
    "flat, exact": "плоский список, точно",
    "flat, contains": "плоский список, «содержит»",
    "this product, search": "этот продукт, поиск",
    "this product, first tag offered": "этот продукт, первый предложенный тег",
}
KINDS = {
    "its own label": "само название",
    "a synonym": "синоним",
    "a synonym nobody recorded": "синоним, которого никто не записал",
    "a parent tag": "тег выше",
    "the other language": "другой язык",
}
PLAIN = ("its own label", "a synonym", "a parent tag", "the other language")
HARD = ("a synonym", "a parent tag", "the other language")
READERS = {
    "flat": "плоский список",
    "product": "этот продукт, по мере набора",
    "drill-down": "этот продукт, по дереву",
}
READERS_EN = {
    "flat": "flat list",
    "product": "this product, while typing",
    "drill-down": "this product, down the tree",
}
WORDS = {
    "en": {
        "tags": "tags",
        "found": "Share of the hoped-for notes that is found",
        "hard": "by a synonym, a parent tag, the other language (mean)",
        "all": "mean over what is typed",
        "read": "Tag names read until the right one",
        "way": "way",
        "typed": "what is typed",
        "title": "A tag list that grows: what is found, and how much is read",
        "time": "time, p50 / p95",
    },
    "ru": {
        "tags": "тегов",
        "found": "Какая доля нужных заметок находится",
        "hard": "по синониму, тегу выше, другому языку (среднее)",
        "all": "среднее по видам набранного",
        "read": "Сколько названий тегов прочитано до нужного",
        "way": "способ",
        "typed": "что набрано",
        "title": "Список тегов растёт: что находится и сколько читать",
        "time": "время, p50 / p95",
    },
}


@dataclass(frozen=True)
class Quality:
    """Means over questions: recall, precision where anything was found, and how often nothing was."""

    recall: float
    precision: float | None
    nothing: float
    questions: int


@dataclass(frozen=True)
class Figures:
    """One number of tags."""

    tags: int
    notes: int
    found: Mapping[str, Mapping[str, Quality]]
    read: Mapping[str, Mapping[str, float]]
    milliseconds: Mapping[str, tuple[float, float]]


def show(figures: Sequence[Figures]) -> None:
    """Print everything for somebody who waits for it."""
    print("\n".join(_tables(figures, "en")))


def keep(figures: Sequence[Figures]) -> None:
    """Write the JSON, the tables and the charts."""
    today = datetime.now(UTC).date()
    rounded = json.loads(
        json.dumps([asdict(one) for one in figures]), parse_float=lambda text: round(float(text), 3)
    )
    kept = json.dumps(rounded, indent=2, ensure_ascii=False)
    (FOLDER / f"{today}-too-many-tags.json").write_text(kept + "\n", "utf-8")
    for language in LANGUAGES:
        page = DOCS / language / PAGE
        before, _, rest = page.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        tables = _spoken("\n".join(_tables(figures, language)), language)
        page.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", "utf-8")
        chart = line_chart.drawn(
            WORDS[language]["title"],
            _panels(figures, language),
            lambda text, language=language: _spoken(text, language),
        )
        (DOCS / language / CHART).write_text(chart, "utf-8")


def _spoken(text: str, language: str) -> str:
    """Numbers as the language writes them."""
    if language == "en":
        return text
    return re.sub(r"(?<=\d)\.(?=\d)", ",", re.sub(r"(?<=\d),(?=\d{3})", "\u00a0", text))


def _tables(figures: Sequence[Figures], language: str) -> Iterator[str]:
    said = WORDS[language]
    heads = " | ".join(f"{one.tags:,} {said['tags']}" for one in figures)
    rule = "|---|---|" + "---|" * len(figures)
    yield f"| {said['typed']} | {said['way']} | {heads} |"
    yield rule
    for kind in KINDS:
        for way in WAYS:
            cells = " | ".join(_cell(one.found[way].get(kind)) for one in figures)
            yield f"| {_kind(kind, language)} | {_way(way, language)} | {cells} |"
    yield ""
    yield f"| {said['typed']} | {said['read']} | {heads} |"
    yield rule
    for kind in KINDS:
        for reader in READERS:
            cells = " | ".join(
                f"{one.read[kind][reader]:,.0f}" if kind in one.read else "–" for one in figures
            )
            yield f"| {_kind(kind, language)} | {_reader(reader, language)} | {cells} |"
    yield ""
    yield f"| {said['way']} | {said['time']} | {heads} |"
    yield rule
    for way in WAYS:
        cells = " | ".join("{:.1f} / {:.1f} ms".format(*one.milliseconds[way]) for one in figures)
        yield f"| {_way(way, language)} | | {cells} |"


def _cell(quality: Quality | None) -> str:
    if quality is None:
        return "–"
    precision = "–" if quality.precision is None else f"{quality.precision:.2f}"
    return f"{quality.recall:.2f} / {precision}"


def _panels(figures: Sequence[Figures], language: str) -> list[Panel]:
    sizes = [one.tags for one in figures]
    found = [
        Line(
            _way(way, language),
            [mean(one.found[way][kind].recall for kind in HARD) for one in figures],
            is_ours="product" in way,
        )
        for way in WAYS
    ]
    read = [
        Line(
            _reader(reader, language),
            [mean(one.read[kind][reader] for kind in PLAIN) for one in figures],
            is_ours=reader != "flat",
        )
        for reader in READERS
    ]
    said = WORDS[language]
    return [
        Panel(said["found"], said["hard"], said["tags"], sizes, found),
        Panel(said["read"], said["all"], said["tags"], sizes, read),
    ]


def _way(way: str, language: str) -> str:
    return way if language == "en" else WAYS[way]


def _kind(kind: str, language: str) -> str:
    return kind if language == "en" else KINDS[kind]


def _reader(reader: str, language: str) -> str:
    return READERS_EN[reader] if language == "en" else READERS[reader]
