"""A report as a file of any kind. What writes a kind is read into memory once somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from research_repo.core.report_shape import StudyReport
from research_repo.exchange import document
from research_repo.exchange.document import Pictures, no_pictures

SET = {"md": "markdown", "html": "page", "pdf": "pdf", "docx": "docx", "pptx": "pptx"}
"""Kinds that are read: each is set from the same document, by the module of this name."""
VALUES = {"json": "as_json", "csv": "table", "xlsx": "sheet"}
"""Kinds that are computed with, by their function in `report_tables`."""
FORMS = (*SET, *VALUES)
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "md": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "pptx": f"{OFFICE}.presentationml.presentation",
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
}


def written(
    form: str,
    report: StudyReport,
    base_url: str | None = "",
    pictures: Pictures = no_pictures,
) -> bytes:
    """The report as a file of one of the `FORMS`; the same report makes the same bytes.

    Claims lead to `base_url`, and nowhere without it.

    Raises:
        Unavailable: it takes more time or memory than there is.
        OSError: the disk is full.
    """
    made: str | bytes
    if form in VALUES:
        made = _writer("report_tables", VALUES[form])(report, base_url)
    else:
        made = _writer(SET[form], "write")(document.of(report, base_url, pictures))
    return made.encode("utf-8", "replace") if isinstance(made, str) else made


def _writer(module: str, name: str) -> Callable[..., Any]:
    # The libraries of office programs take tens of megabytes in each process.
    found: Callable[..., Any] = getattr(import_module(f"research_repo.exchange.{module}"), name)
    return found
