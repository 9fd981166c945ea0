"""Figures: printed, kept as JSON, and put into the table of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.pages import Cost

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "results"
PAGES = {
    HERE.parent / "docs" / "en" / "benchmarks.md",
    HERE.parent / "docs" / "ru" / "benchmarks.md",
}
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
QUALITY = "<!-- quality -->", "<!-- /quality -->"
# Results of other experiments lie here, too.
OWN = "????-??-??-*[0-9].json"


def show(figures: dict[str, Any]) -> None:
    """Print everything for somebody who waits for it."""
    for name, value in _speed(figures):
        print(f"{name:34} {value}")
    for name, kinds in figures.get("quality", {}).items():
        print(name)
        for kind, quality in kinds.items():
            print(f"  {kind:18} nDCG@10 {quality['ndcg']:.3f}   recall@20 {quality['recall']:.3f}")


def keep(figures: dict[str, Any]) -> None:
    """Write the JSON, and the newest figures of every size into the documentation."""
    FOLDER.mkdir(exist_ok=True)
    today = datetime.now(UTC).date()
    path = FOLDER / f"{today}-{figures['atoms']}.json"
    path.write_text(json.dumps(_rounded(figures), indent=2, ensure_ascii=False) + "\n", "utf-8")
    newest = {}
    for file in sorted(FOLDER.glob(OWN)):
        kept = json.loads(file.read_text("utf-8"))
        newest[kept["atoms"]] = kept
    table = list(_table([newest[size] for size in sorted(newest)]))
    for page in PAGES:
        _put(page, table, BEGIN, END)
        if figures.get("quality"):
            _put(page, list(_qualities(figures["quality"])), *QUALITY)


def _put(page: Path, lines: list[str], begin: str, end: str) -> None:
    before, mark, rest = page.read_text("utf-8").partition(begin)
    after = rest.partition(end)[2]
    if mark:
        page.write_text("\n".join([f"{before}{begin}", *lines, f"{end}{after}"]), "utf-8")


def _qualities(sets: dict[str, Any]) -> Iterator[str]:
    yield "| set | questions | nDCG@10 | recall@20 |"
    yield "|---|---|---|---|"
    for name, kinds in sets.items():
        for kind, quality in kinds.items():
            counted = f"{quality['queries']:,} | {quality['ndcg']:.3f} | {quality['recall']:.3f}"
            yield f"| {name}: {kind} | {counted} |"


def _table(all_figures: list[dict[str, Any]]) -> Iterator[str]:
    heads = [f"{figures['atoms']:,} / {figures['tags']:,}" for figures in all_figures]
    yield "| atoms / tags | " + " | ".join(heads) + " |"
    yield "|---|" + "---|" * len(heads)
    columns = [dict(_speed(figures)) for figures in all_figures]
    for name in max(columns, key=len):
        yield f"| {name} | " + " | ".join(column.get(name, "") for column in columns) + " |"


def _speed(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if loading := figures["loading"]:
        yield from _loading(figures["atoms"], loading)
    if yardstick := figures.get("yardstick"):
        yield "the same rows into SQLite FTS5", f"{yardstick['atoms_per_second']:,.0f} atoms/s"
        times = yardstick["three words"]
        yield "three words, SQLite FTS5", f"{times['p50']:.1f} / {times['p95']:.1f} ms"
    rate = figures["atoms"] / figures["rebuild_cpu_seconds"]
    yield "index rebuild", f"{rate:,.0f} atoms per CPU second"
    for kind, times in figures["searches"].items():
        yield kind, f"{times['p50']:.0f} / {times['p95']:.0f} ({times['first_p95']:.0f}) ms"
    for name, cost in figures.get("pages", {}).items():
        yield name, str(Cost(**cost))
    times = figures["edit_findable"]
    yield "one edit, saved → findable", f"{times['p50']:.0f} / {times['p95']:.0f} ms"
    yield "memory after the searches", f"{figures['memory_megabytes']:.0f} MB"
    yield "index", f"{figures['index_megabytes']:.0f} MB"
    yield "database", f"{figures['database_megabytes']:.0f} MB"


def _loading(atoms: int, loading: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "import, until findable", f"{loading['atoms_per_second']:,.0f} atoms/s"
    if "transactions" not in loading:
        return  # an older result
    written = atoms / (loading["atoms_seconds"] - loading["index_seconds"])
    yield "import, the rows alone", f"{written:,.0f} atoms/s"
    yield "import", f"{atoms / loading['cpu_seconds']:,.0f} atoms per CPU second"
    took = loading["transactions"]
    yield (
        "import, one write transaction",
        f"{took['p50']:.0f} / {took['p95']:.0f} ({took['max']:.0f}) ms",
    )
    yield "import, memory at most", f"{loading['peak_megabytes']:.0f} MB"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return value
