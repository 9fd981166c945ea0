"""Files of others: exactly the versions that were looked at, with their licences."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
VENDORS = pytest.mark.parametrize(
    "vendor",
    [STATIC / "vendor", ROOT / "research_repo" / "exchange" / "fonts"],
    ids=lambda p: p.name,
)


def listed(vendor: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((vendor / "VENDOR.json").read_text("utf-8"))
    return found


@VENDORS
def test_every_pinned_file_is_the_one_that_was_looked_at(vendor: Path) -> None:
    for entry in listed(vendor):
        content = (vendor / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["file"]


@VENDORS
def test_every_pinned_file_comes_with_its_licence(vendor: Path) -> None:
    for entry in listed(vendor):
        assert (vendor / entry["licence_file"]).stat().st_size > 200
        assert entry["licence"] in ("0BSD", "MIT", "Apache-2.0", "ISC", "OFL-1.1")


@VENDORS
def test_no_file_of_others_lies_there_unlisted(vendor: Path) -> None:
    known = {"VENDOR.json"}
    for entry in listed(vendor):
        known |= {entry["file"], entry["licence_file"]}
    assert {path.relative_to(vendor).as_posix() for path in vendor.rglob("*.*")} == known


def test_fonts_and_icons_come_with_their_licences() -> None:
    assert (STATIC / "icons" / "LICENSE-lucide.txt").is_file()
    families = {path.name.split("-latin")[0] for path in (STATIC / "fonts").glob("*-latin-*")}
    assert families == {"golos-text", "source-serif-4"}
    for family in families:
        assert (STATIC / "fonts" / f"LICENSE-{family}.txt").is_file()


def test_no_file_of_ours_asks_another_server_for_anything() -> None:
    for path in [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]:
        # The name of SVG's language looks like an address; nobody asks for it.
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, path
        assert "https://" not in text, path
