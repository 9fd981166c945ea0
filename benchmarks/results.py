"""Figures: printed, kept as JSON, and put into the tables of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from benchmarks import tables
from benchmarks.peers import OURS

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "results"
PAGES = {
    HERE.parent / "docs" / "en" / "benchmarks.md",
    HERE.parent / "docs" / "ru" / "benchmarks.md",
}
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
PEERS = "<!-- peers -->", "<!-- /peers -->"
QUALITY = "<!-- quality -->", "<!-- /quality -->"
# Results of other experiments lie here, too.
OWN = "????-??-??-*[0-9].json"
COMMON = "one common word"


def show(figures: dict[str, Any]) -> None:
    """Print everything for somebody who waits for it."""
    for name, value in tables.ours(figures):
        click.echo(f"{name:48} {value}")
    click.echo()
    for row in tables.beside(figures):
        click.echo("  ".join([f"{row[0]:38}", *(f"{cell:34}" for cell in row[1:])]))
    click.echo("(× how many times as long as this product; bold where it is ahead)\n")
    for line in (*tables.ahead(figures), *tables.disagreements(figures)):
        click.echo(line)
    for name, kinds in figures.get("quality", {}).items():
        click.echo(name)
        for kind, quality in kinds.items():
            told = f"nDCG@10 {quality['ndcg']:.3f}   recall@20 {quality['recall']:.3f}"
            click.echo(f"  {kind:18} {told}")


def keep(figures: dict[str, Any]) -> None:
    """Write the JSON, and the newest figures of every size into the documentation."""
    FOLDER.mkdir(exist_ok=True)
    today = datetime.now(UTC).date()
    path = FOLDER / f"{today}-{figures['atoms']}-{figures['tags']}.json"
    path.write_text(json.dumps(_rounded(figures), indent=2, ensure_ascii=False) + "\n", "utf-8")
    all_figures = newest()
    for page in PAGES:
        _put(page, _growing(all_figures), BEGIN, END)
        _put(page, _beside(all_figures), *PEERS)
        if figures.get("quality"):
            _put(page, _qualities(figures["quality"]), *QUALITY)


def newest() -> list[dict[str, Any]]:
    """What was measured last of each size, the smallest first."""
    found = {}
    for file in sorted(FOLDER.glob(OWN)):
        kept = json.loads(file.read_text("utf-8"))
        if "engines" in kept:  # else of a time when nothing stood beside
            found[kept["atoms"], kept["tags"]] = kept
    return [found[size] for size in sorted(found)]


def _put(page: Path, lines: Iterable[str], begin: str, end: str) -> None:
    before, mark, rest = page.read_text("utf-8").partition(begin)
    after = rest.partition(end)[2]
    if mark:
        page.write_text("\n".join([f"{before}{begin}", *lines, f"{end}{after}"]), "utf-8")


def _growing(all_figures: list[dict[str, Any]]) -> Iterator[str]:
    heads = [f"{figures['atoms']:,} / {figures['tags']:,}" for figures in all_figures]
    columns = [dict(tables.ours(figures)) for figures in all_figures]
    names = dict.fromkeys(name for column in columns for name in column)
    yield from _table(
        [["atoms / tags", *heads]]
        + [[name, *(column.get(name, "") for column in columns)] for name in names]
    )
    least, most = all_figures[0], all_figures[-1]
    times = [one["engines"][OURS]["kinds"][COMMON]["p50"] for one in (least, most)]
    if least["atoms"] < most["atoms"]:
        yield ""
        yield f"× {times[1] / times[0]:.1f}: {COMMON}, {least['atoms']:,} → {most['atoms']:,}."


def _beside(all_figures: list[dict[str, Any]]) -> Iterator[str]:
    compared = [one for one in all_figures if len(list(tables.beside(one))[0]) > 2]
    for figures in compared:
        yield from _table(tables.beside(figures))
        yield ""
    if compared:
        yield from (f"- {line}" for line in tables.ahead(compared[-1]))


def _qualities(sets: dict[str, Any]) -> Iterator[str]:
    rows = [["set", "questions", "nDCG@10", "recall@20"]]
    for name, kinds in sets.items():
        for kind, quality in kinds.items():
            found = [
                f"{quality['queries']:,}",
                f"{quality['ndcg']:.3f}",
                f"{quality['recall']:.3f}",
            ]
            rows.append([f"{name}: {kind}", *found])
    return _table(rows)


def _table(rows: Iterable[list[str]]) -> Iterator[str]:
    for place, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if place == 0:
            yield "|" + "---|" * len(row)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return value
