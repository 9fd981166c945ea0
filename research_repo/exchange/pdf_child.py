"""The process that sets pages. `pdf` starts it for one file and may lose it.

Usage: pdf_child.py SECONDS. What to set comes as JSON on stdin; the files go to stdout, each after its
length. What a picture is taken for is decided here, too: one that cannot be opened is left out.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import warnings
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")
MEMORY_BYTES = 6 << 30
HERE = Path(__file__).parent
LOOKS, FONTS = HERE / "looks" / "print", HERE / "fonts"
PIXELS_MAX = 64_000_000
SIDE_MAX = 1600
SCREEN = 0.75  # points to a pixel


def files(wanted: dict[str, Any]) -> list[bytes]:
    """What typst makes of a template and its data."""
    import typst

    inputs = dict(wanted["inputs"])
    pictures = wanted.get("pictures", [])
    inputs["pictures"] = json.dumps(
        {
            str(place): drawn
            for place, content in enumerate(pictures)
            if (drawn := picture(b64decode(content), *wanted["room"]))
        }
    )
    made = typst.Compiler(
        str(LOOKS / wanted["template"]),
        root=str(LOOKS),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs=inputs,
        package_path=str(LOOKS),
        package_cache_path=str(LOOKS),
    ).compile(format=wanted["format"], ppi=72.0, timestamp=wanted.get("timestamp"))
    return [one for one in (made if isinstance(made, list) else [made]) if one]


def picture(content: bytes, width: int, height: int) -> dict[str, Any] | None:
    """A picture as a drawing that holds it, and how wide it is on paper; None for what is none."""
    from PIL import Image

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    try:
        with Image.open(io.BytesIO(content)) as opened:
            size = opened.size
            fresh = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    except Exception:
        return None
    fresh.thumbnail((SIDE_MAX, SIDE_MAX))
    form = "PNG" if fresh.mode == "RGBA" else "JPEG"
    out = io.BytesIO()
    fresh.save(out, form, **({} if form == "PNG" else {"quality": 85}))
    inside = f"data:image/{form.lower()};base64,{b64encode(out.getvalue()).decode()}"
    box = f'width="{fresh.width}" height="{fresh.height}"'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {box}><image {box} href="{inside}"/></svg>'
    scale = min(SCREEN, width / size[0], height / size[1])
    return {"svg": drawing, "width": round(size[0] * scale, 1)}


def answer(made: list[bytes], out: BinaryIO) -> None:
    """Write each file after its length."""
    for content in made:
        out.write(LENGTH.pack(len(content)))
        out.write(content)
    out.flush()


if __name__ == "__main__":
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    answer(files(json.load(sys.stdin.buffer)), sys.stdout.buffer)
