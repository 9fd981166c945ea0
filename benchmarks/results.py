"""Figures: printed, kept as JSON, and put into the table of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "results"
PAGES = {
    HERE.parent / "docs" / "en" / "benchmarks.md",
    HERE.parent / "docs" / "ru" / "benchmarks.md",
}
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


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
    for file in sorted(FOLDER.glob("*.json")):
        kept = json.loads(file.read_text("utf-8"))
        newest[kept["atoms"]] = kept
    table = "\n".join(_table([newest[size] for size in sorted(newest)]))
    for page in PAGES:
        text = page.read_text("utf-8")
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", "utf-8")


def _table(all_figures: list[dict[str, Any]]) -> Iterator[str]:
    heads = [f"{figures['atoms']:,} / {figures['tags']:,}" for figures in all_figures]
    yield "| atoms / tags | " + " | ".join(heads) + " |"
    yield "|---|" + "---|" * len(heads)
    columns = [dict(_speed(figures)) for figures in all_figures]
    for name in columns[0]:
        yield f"| {name} | " + " | ".join(column.get(name, "") for column in columns) + " |"


def _speed(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    loading = figures["loading"]
    yield (
        "import, until findable",
        f"{loading['atoms_per_second']:,.0f} atoms/s" if loading else "–",
    )
    rate = figures["atoms"] / figures["rebuild_cpu_seconds"]
    yield "index rebuild", f"{rate:,.0f} atoms per CPU second"
    for kind, times in figures["searches"].items():
        yield kind, f"{times['p50']:.0f} / {times['p95']:.0f} ({times['first_p95']:.0f}) ms"
    times = figures["edit_findable"]
    yield "one edit, saved → findable", f"{times['p50']:.0f} / {times['p95']:.0f} ms"
    yield "memory after the searches", f"{figures['memory_megabytes']:.0f} MB"
    yield "index", f"{figures['index_megabytes']:.0f} MB"
    yield "database", f"{figures['database_megabytes']:.0f} MB"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return value
