"""Fetches the pinned front-end files from npm: python scripts/vendor.py [--accept].

Without --accept a file whose hash differs from VENDOR.json is refused. To take a new version, write
it into static/vendor/VENDOR.json, run with --accept, and read what changed.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"


def unpacked(entry: dict[str, str], folder: Path) -> dict[str, bytes]:
    """The package's file and its licence, by their names under static/vendor."""
    package = f"{entry['name']}@{entry['version']}"
    packed = subprocess.run(  # noqa: S603
        ["npm", "pack", "--silent", package],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    with tarfile.open(folder / packed.stdout.strip().splitlines()[-1]) as archive:
        wanted = {entry["file"]: entry["from"], entry["licence_file"]: "LICENSE"}
        found = {}
        for name, inside in wanted.items():
            member = archive.extractfile(f"package/{inside}")
            if member is None:
                raise SystemExit(f"{package} has no file {inside}: correct VENDOR.json.")
            found[name] = member.read()
    return found


def main() -> None:
    listed = json.loads((VENDOR / "VENDOR.json").read_text("utf-8"))
    for entry in listed:
        with tempfile.TemporaryDirectory() as folder:
            files = unpacked(entry, Path(folder))
        digest = hashlib.sha256(files[entry["file"]]).hexdigest()
        if digest != entry["sha256"] and "--accept" not in sys.argv:
            raise SystemExit(f"{entry['file']} is not the file that was looked at: {digest}")
        entry["sha256"] = digest
        for name, content in files.items():
            (VENDOR / name).parent.mkdir(parents=True, exist_ok=True)
            (VENDOR / name).write_bytes(content)
        print(f"{entry['name']} {entry['version']}: {digest[:12]}")
    (VENDOR / "VENDOR.json").write_text(json.dumps(listed, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
