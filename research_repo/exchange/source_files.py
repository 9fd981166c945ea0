"""Files into sources: transcripts, notes, survey exports, images and PDF files.

A file is what its content says, not what its name says; where both disagree it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import puremagic

from research_repo.core import typed
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.source_texts import FileContent, SourceText, composed
from research_repo.exchange import answers, apart, captions, encodings, turns
from research_repo.exchange.answers import too_long

CHARACTERS_MAX = 2_000_000
PLAIN = (".txt", ".md", ".markdown")
SUBTITLES = (".vtt", ".srt")
TABLES = (".csv", ".tsv", ".xlsx", ".jsonl")
IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
KINDS = (*PLAIN, ".docx", *SUBTITLES, *TABLES, *IMAGES, ".pdf")
"""The endings of the names that are taken, for the picker of a page."""

HEAD = 4096
PDF_MARK, PDF_END = b"%PDF-", b"%%EOF"
UNSEEN_SHARE = 1000
"""A text in which one character of so many is none that people type is no text."""

ADVICE = {
    ".doc": say("Old Word files are not read. Save it as .docx."),
    ".rtf": say("RTF is not read. Save it as .docx or .txt."),
    ".odt": say("OpenDocument is not read. Save it as .docx or .txt."),
    ".xls": say("Old Excel files are not read. Save it as .xlsx or .csv."),
    ".svg": say("An SVG can hold programs, so it is not taken. Save it as PNG."),
    ".heic": say("Browsers do not show HEIC. Save it as JPEG."),
    ".tif": say("Browsers do not show TIFF. Save it as PNG."),
    ".bmp": say("BMP is not taken. Save it as PNG."),
}


def read(
    path: Path, name: str, *, most: int = CHARACTERS_MAX, code_column: str | None = None
) -> SourceText:
    """What is in a file; the ending of `name` says how to read it.

    A table is read by respondents: `code_column` is the header of the column that says who answered,
    an empty one says that nobody is named; without it the headers tell.

    Raises:
        Invalid: it is empty, damaged, too long, dangerous, or of a kind that no source is.
        Unavailable: it took too long to open.
    """
    ending = Path(name).suffix.lower()
    if ending not in KINDS:
        raise _invalid(ADVICE.get(ending) or _choose())
    if path.stat().st_size == 0:
        raise _empty()
    if ending in IMAGES:
        return SourceText("image", file=_image(path))
    if ending == ".pdf":
        return SourceText("pdf", file=_pdf(path))
    if ending in TABLES:
        return _table(path, name, most, code_column)
    if ending == ".docx":
        return _worded("\n".join(apart.document(path)), most, is_markdown=True)
    _refuse_other(path)
    text, notes = _decoded(path, most)
    if ending in SUBTITLES:
        spoken, told = captions.read(text)
        return _filled(composed("transcript", spoken, (*notes, *told)))
    return _worded(text, most, notes, is_markdown=ending in (".md", ".markdown"))


def pasted(text: str, *, most: int = CHARACTERS_MAX) -> SourceText:
    """What somebody pasted: a transcript where people take turns in it, else notes.

    Raises:
        Invalid: it is empty or too long.
    """
    try:
        return _worded(text, most)
    except Invalid as refusal:
        raise Invalid({"text": refusal.problems["file"]}) from None


def _worded(
    text: str, most: int, notes: tuple[Message, ...] = (), *, is_markdown: bool = False
) -> SourceText:
    if len(text) > most:
        raise too_long(most)
    kind, said = turns.of_lines(typed.lines(text).split("\n"), is_markdown=is_markdown)
    return _filled(composed(kind, said, notes))


def _table(path: Path, name: str, most: int, code_column: str | None) -> SourceText:
    if not name.lower().endswith(".xlsx"):
        _refuse_other(path)
    said, table, code, notes = answers.read(path, name, code_column, most)
    found = _filled(composed("survey", said, tuple(notes)))
    return replace(found, columns=table.headers, code_column=code)


def _filled(source: SourceText) -> SourceText:
    if not source.text:
        raise _empty()
    return source


def _decoded(path: Path, most: int) -> tuple[str, tuple[Message, ...]]:
    encoding, notes = encodings.of(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            text = file.read(most + 1)
    except UnicodeError:
        raise _invalid(
            say("The characters of the file cannot be read. Save it as UTF-8.")
        ) from None
    if len(text) > most:
        raise too_long(most)
    fit = typed.lines(text)
    if (len(text) - len(fit) - text.count("\r\n")) * UNSEEN_SHARE > len(text):
        raise _invalid(say("This is no text. Choose a file that was saved as text."))
    return fit, notes


def _image(path: Path) -> FileContent:
    found = _types(path)
    if not found.intersection(IMAGE_TYPES):
        if "image/svg+xml" in found:
            raise _invalid(ADVICE[".svg"])
        raise _invalid(say("The file has the name of an image and is none. It was not taken."))
    return apart.image(path)


def _pdf(path: Path) -> FileContent:
    data = path.read_bytes()
    is_whole = data.startswith(PDF_MARK) and PDF_END in data[-HEAD:]
    if not is_whole or "application/pdf" not in _types(path):
        raise _invalid(say("The file has the name of a PDF and is none, or its end is missing."))
    return FileContent(data, "application/pdf")


def _refuse_other(path: Path) -> None:
    """Refuse what was renamed into a text: an image, a PDF, a packed document."""
    for media_type in _types(path):
        if media_type == "application/pdf" or media_type in IMAGE_TYPES or "zip" in media_type:
            raise _renamed()
        if "officedocument" in media_type:
            raise _renamed()


def _types(path: Path) -> set[str]:
    with path.open("rb") as file:
        head = file.read(HEAD)
    try:
        return {one.mime_type for one in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()


def _renamed() -> Invalid:
    return _invalid(say("The file has the name of a text and is none. Give it its own ending."))


def _empty() -> Invalid:
    return _invalid(say("There are no words in the file."))


def _choose() -> Message:
    return say("Choose a file of these kinds: %(kinds)s.", kinds=", ".join(_shown(KINDS)))


def _shown(kinds: Iterable[str]) -> list[str]:
    return [one[1:] for one in kinds if one not in (".markdown", ".jpeg", ".jsonl", ".tsv")]


def _invalid(message: Message) -> Invalid:
    return Invalid({"file": message})
