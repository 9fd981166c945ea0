"""Makes the fonts of PDF files from pinned npm packages: uv run --with fonttools==4.68.0 --with brotli scripts/fonts.py

A PDF takes one file a face, and npm has them cut into scripts, for browsers: so the cuts are merged.
They get names of their own, as the licence asks of fonts that were changed. A file whose hash differs
from VENDOR.json is refused; with --accept it is taken, to be looked at.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "research_repo" / "exchange" / "fonts"
SCRIPTS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext")
UNUSED = ("BASE", "DSIG", "STAT", "meta", "vhea", "vmtx")
NOTICE, WHOLE_NAME = 0, 4


def unpacked(package: str, folder: Path) -> Path:
    """The folder of an npm package."""
    packed = subprocess.run(  # noqa: S603
        ["npm", "pack", "--silent", package],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def cuts(package: Path, entry: dict[str, Any]) -> list[Path]:
    """The files of a face, one a script; an emoji font is cut by numbers instead."""
    files, stem = package / "files", entry["name"].split("/")[1]
    named = [files / f"{stem}-{script}-{entry['from']}.woff2" for script in SCRIPTS]
    numbered = sorted(files.glob(f"{stem}-[0-9]*-{entry['from']}.woff2"))
    return numbered or named


def merged(paths: list[Path], entry: dict[str, Any], folder: Path) -> TTFont:
    """One font of all cuts, under the name of the entry."""
    plain = []
    for number, path in enumerate(paths):
        font = TTFont(path)
        font.flavor = None
        for table in UNUSED:
            if table in font:
                del font[table]
        plain.append(str(folder / f"{number}.ttf"))
        font.save(plain[-1])
    font = Merger(options=Options(drop_tables=list(UNUSED))).merge(plain)
    renamed(font, entry)
    font["head"].created = font["head"].modified = TTFont(paths[0])["head"].created
    font.recalcTimestamp = False
    return font


def renamed(font: TTFont, entry: dict[str, Any]) -> None:
    """The names and the weight by which a face is asked for; the notice of its makers stays."""
    names, family, style = font["name"], entry["family"], entry["style"]
    notice = names.getDebugName(NOTICE)
    names.names = []
    told = {
        NOTICE: notice,
        1: family if style != "SemiBold" else f"{family} {style}",
        2: style if style != "SemiBold" else "Regular",
        3: f"{family} {style}, from {entry['name']} {entry['version']}",
        WHOLE_NAME: f"{family} {style}",
        6: f"{family.replace(' ', '')}-{style}",
        16: family,
        17: style,
    }
    for number, text in told.items():
        names.setName(text, number, 3, 1, 0x409)
    is_italic, is_bold = style == "Italic", style == "SemiBold"
    font["OS/2"].usWeightClass = 600 if is_bold else 400
    kept = font["OS/2"].fsSelection & ~0x61
    font["OS/2"].fsSelection = kept | (0x01 if is_italic else 0 if is_bold else 0x40)
    font["head"].macStyle = 2 if is_italic else 0


def main() -> None:
    listed = json.loads((FONTS / "VENDOR.json").read_text("utf-8"))
    for entry in listed:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            package = unpacked(f"{entry['name']}@{entry['version']}", folder)
            font = merged(cuts(package, entry), entry, folder)
            notice = font["name"].getDebugName(NOTICE)
            licence = (package / "LICENSE").read_text("utf-8")
            font.save(folder / "made.ttf")
            content = (folder / "made.ttf").read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != entry["sha256"] and "--accept" not in sys.argv:
            raise SystemExit(f"{entry['file']} is not the file that was looked at: {digest}")
        entry["sha256"] = digest
        (FONTS / entry["file"]).write_bytes(content)
        changed = f"{notice}\nMerged from the scripts of {entry['name']} and renamed {entry['family']}.\n\n"
        (FONTS / entry["licence_file"]).write_text(changed + licence, "utf-8")
        print(f"{entry['file']}: {digest[:12]}")
    (FONTS / "VENDOR.json").write_text(json.dumps(listed, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
