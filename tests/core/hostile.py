"""Attacks collected by others: read from a data folder that the repository does not carry."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

SOURCES = ("xss_*.txt", "blns.json", "dompurify_expect.json", "commonmark_examples.json")
CHECKOUT = Path(__file__).resolve().parents[2]


@cache
def payloads(source: str) -> list[str]:
    """The texts of one collection; skips the test when the data folder is not here."""
    data = Path(os.environ.get("RESEARCH_REPO_DATA", CHECKOUT.parent / "shared" / "data"))
    folder = data / "hostile"
    if not folder.is_dir():
        pytest.skip("RESEARCH_REPO_DATA names no folder with hostile/: attacks are not collected")
    texts: list[str] = []
    for file in sorted(folder.glob(source)):
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".txt":
            texts += text.splitlines()
        else:
            texts += [
                entry if isinstance(entry, str) else entry.get("payload") or entry["markdown"]
                for entry in json.loads(text)
            ]
    return texts
