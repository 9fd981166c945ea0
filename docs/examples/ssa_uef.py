"""Turns split-up reports (studies.jsonl, atoms.jsonl) into a file for `research-repo import atoms`.

    python docs/examples/ssa_uef.py FOLDER findings.jsonl
    research-repo import atoms findings.jsonl

The reports are the findings of usability tests of the US Social Security Administration
(github.com/SSAgov/uef-usability-findings), each bullet with the headings above it. An example of a
converter: read what you have, write one JSON object a line in the columns of the import.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TITLE_MAX = 500
LABEL_MAX = 100
GROUP = "Product area"
# Headings that say how a report is built, not what it is about.
NO_TOPIC = re.compile(
    r"findings?|methodology|recommendations?|summary|overview|background|general.*|.*results|"
    r"participants?|quotes?|comments?|.*round \d+.*|uef .*",
    re.IGNORECASE,
)
PARTING = re.compile(r"[›>;|]+")


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a jsonl file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def day(text: str | None) -> str:
    """`August 7, 2013` as 2013-08-07; nothing for what is no such date."""
    try:
        return datetime.strptime(text or "", "%B %d, %Y").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


def topic(heading: str) -> str:
    """A heading as a tag's label; nothing when it names no topic."""
    label = " ".join(PARTING.sub(" ", heading.removesuffix(" Findings")).split())
    return "" if NO_TOPIC.fullmatch(label) or len(label) > LABEL_MAX else label


def row(found: dict[str, Any], days: dict[str, str]) -> dict[str, Any]:
    """One finding in the columns of the import; a quote is its own claim."""
    text = " ".join(found["text"].replace("*", "").split())
    quoted = text.strip('"“”') if found["kind"] == "quote" else ""
    labels = [label for label in map(topic, found["headings"][1:]) if label]
    return {
        "external_id": found["id"],
        "title": text[:TITLE_MAX],
        "body": found["text"] if len(text) > TITLE_MAX else "",
        "study": found["study"],
        "observed_on": days.get(found["study"], ""),
        "quote": quoted,
        "tags": [f"{GROUP} > {label}" for label in dict.fromkeys(labels)],
    }


def main(folder: Path, target: Path) -> None:
    """Write the rows of all reports in `folder` to `target`."""
    days = {study["id"]: day(study["date"]) for study in lines(folder / "studies.jsonl")}
    with target.open("w", encoding="utf-8") as file:
        for found in lines(folder / "atoms.jsonl"):
            file.write(json.dumps(row(found, days), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
