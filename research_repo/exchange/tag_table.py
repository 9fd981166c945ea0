"""A list of tags as a table (CSV), the way it is kept in a spreadsheet."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace

from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import TAG_STATUSES
from research_repo.core.tag_lists import Flaw, TagLine, TagList
from research_repo.core.tag_words import TagWords
from research_repo.core.words import fold
from research_repo.exchange import cells, tag_sheets
from research_repo.settings import LANGUAGES

LIST_MARK = "|"
COLUMNS = (
    "id",
    "scheme",
    "parent_ids",
    "pref_label_ru",
    "pref_label_en",
    "alt_labels_ru",
    "alt_labels_en",
    "scope_note_ru",
    "scope_note_en",
)
# Written only where there is something to say: most lists need none of them.
MORE_COLUMNS = (
    "status",
    "replaced_by",
    "hidden_labels_ru",
    "hidden_labels_en",
    "definition_ru",
    "definition_en",
    "example_ru",
    "example_en",
    "related_ids",
)
DELIMITERS = ",;\t"
CELL_MAX = 100_000
SAID_BY = {
    "parent_ids": "parents",
    "status": "status",
    **{f"pref_label_{code}": f"pref_{code}" for code in LANGUAGES},
    **{f"alt_labels_{code}": f"alt_{code}" for code in LANGUAGES},
    **{f"hidden_labels_{code}": f"hidden_{code}" for code in LANGUAGES},
    **{f"scope_note_{code}": f"scope_{code}" for code in LANGUAGES},
    **{f"definition_{code}": f"definition_{code}" for code in LANGUAGES},
    **{f"example_{code}": f"example_{code}" for code in LANGUAGES},
    "related_ids": "related",
}


def read(content: bytes) -> TagList:
    """The tags of a CSV file in UTF-8 or UTF-16, with commas, semicolons or tabs.

    Raises:
        Invalid: it is no such table; field "file" says why.
    """
    text = _decoded(content)
    if not text.strip():
        raise _unfit(say("The file is empty. Choose one that holds tags."))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    titles = [" ".join(cell.split()) for cell in _next(rows)]
    header = [title.lower() for title in titles]
    is_ours = bool({f"pref_label_{code}" for code in LANGUAGES} & set(header))
    warnings = _check_header(header) if is_ours else []
    if not is_ours and not tag_sheets.columns_of(titles):
        raise _no_names()
    fit, refused = _rows(rows, header)
    if not fit and not refused:
        raise _unfit(say("The file holds no tags below its first row."))
    if not is_ours:
        listed = tag_sheets.read(titles, fit)
        return replace(listed, refused=(*refused, *listed.refused))
    tags = tuple(_line(dict(zip(header, row, strict=False)), number) for number, row in fit)
    says = frozenset(SAID_BY[column] for column in header if column in SAID_BY)
    return TagList(tags, {}, says, tuple(refused), tuple(warnings))


def write(listed: TagList) -> str:
    """The tags as CSV text that `read` reads back."""
    rows = [_cells(tag) for tag in listed.tags]
    spare = {column for column in MORE_COLUMNS if not any(row[column] for row in rows)}
    columns = [*COLUMNS, *(column for column in MORE_COLUMNS if column not in spare)]
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\r\n")
    table.writeheader()
    for row in rows:
        table.writerow({column: cells.neutral(cell) for column, cell in row.items()})
    return text.getvalue()


def _rows(
    rows: Iterator[list[str]], header: list[str]
) -> tuple[list[tuple[int, list[str]]], list[Flaw]]:
    fit, refused = [], []
    while row := _next(rows):
        number = getattr(rows, "line_num", 0)
        if problem := _row_problem(header, row):
            refused.append(Flaw(number, *problem))
        elif any(cell.strip() for cell in row):
            fit.append((number, row))
    return fit, refused


def _cells(tag: TagLine) -> dict[str, str]:
    row = {
        "id": tag.guid,
        "scheme": tag.group,
        "parent_ids": LIST_MARK.join(tag.parents),
        "status": "" if tag.status == "approved" else tag.status,
        "replaced_by": tag.replaced_by,
        "related_ids": LIST_MARK.join(tag.related),
    }
    for code in LANGUAGES:
        row[f"pref_label_{code}"] = tag.words.pref.get(code, "")
        row[f"alt_labels_{code}"] = LIST_MARK.join(sorted(tag.words.alt.get(code, ())))
        row[f"hidden_labels_{code}"] = LIST_MARK.join(sorted(tag.words.hidden.get(code, ())))
        row[f"scope_note_{code}"] = tag.words.note.get(code, "")
        row[f"definition_{code}"] = tag.words.definition.get(code, "")
        row[f"example_{code}"] = tag.words.example.get(code, "")
    return row


def _line(row: dict[str, str], number: int) -> TagLine:
    def cell(column: str) -> str:
        return cells.original(row.get(column, "")).strip()

    def several(column: str) -> list[str]:
        return [part.strip() for part in cell(column).split(LIST_MARK) if part.strip()]

    words = TagWords(
        pref={code: cell(f"pref_label_{code}") for code in LANGUAGES},
        alt={code: several(f"alt_labels_{code}") for code in LANGUAGES},
        hidden={code: several(f"hidden_labels_{code}") for code in LANGUAGES},
        note={code: cell(f"scope_note_{code}") for code in LANGUAGES},
        definition={code: cell(f"definition_{code}") for code in LANGUAGES},
        example={code: cell(f"example_{code}") for code in LANGUAGES},
    )
    path = () if cell("id") else _path(cell("path"), words)
    return TagLine(
        guid=cell("id"),
        group=cell("scheme"),
        words=words,
        parents=tuple(several("parent_ids")),
        status=cell("status").lower() or "approved",
        replaced_by=cell("replaced_by"),
        related=tuple(several("related_ids")),
        row=number,
        path=path,
        is_loose=bool(path),
    )


def _path(text: str, its_words: TagWords) -> tuple[str, ...]:
    """A path that ends with the tag's own name, or with the tag above it."""
    steps = tag_sheets.split(text)
    names = [name for _, kind, name in its_words.labels() if kind == "pref"]
    if not steps or not names or fold(steps[-1]) in map(fold, names):
        return steps
    return (*steps, names[0])


def _row_problem(header: list[str], row: list[str]) -> tuple[str, Message] | None:
    if any(cell.strip() for cell in row[len(header) :]):
        reason = say(
            "The row has %(cells)s cells, and the table has %(columns)s columns. Look for a "
            "missing quotation mark.",
            cells=len(row),
            columns=len(header),
        )
        return "", reason
    if damaged := next((name for name, cell in zip(header, row, strict=False) if "\0" in cell), ""):
        return damaged, say("The cell holds bytes that are no text. Save the table again.")
    status = dict(zip(header, row, strict=False)).get("status", "").strip().lower()
    if status and status not in TAG_STATUSES:
        return "status", say("Write one of these: %(values)s.", values=", ".join(TAG_STATUSES))
    return None


def _check_header(header: list[str]) -> list[Flaw]:
    named = [column for column in header if column]
    double = next((column for column in named if named.count(column) > 1), "")
    if double:
        raise _unfit(say("The column %(column)s stands twice. Keep one.", column=double))
    known = {*COLUMNS, *MORE_COLUMNS, "path"}
    reason = say("Nothing is read from this column. The columns are: %(columns)s.",
                 columns=", ".join(COLUMNS))  # fmt: skip
    return [Flaw(1, column, reason, "column") for column in named if column not in known]


def _no_names() -> Invalid:
    return _unfit(
        say(
            "No column of the first row tells how the tags are called. Call one “name”, or take "
            "these: %(columns)s.",
            columns=", ".join(COLUMNS),
        )
    )


def _decoded(content: bytes) -> str:
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise _unfit(
            say(
                "The file is not in UTF-8, so its letters cannot be told for sure. Save it again: "
                "in Excel as “CSV UTF-8”, elsewhere with the encoding UTF-8."
            )
        ) from None


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max(DELIMITERS, key=first.count)


def _next(rows: Iterator[list[str]]) -> list[str]:
    """The next row; an empty line is a row with one empty cell; nothing at the end."""
    try:
        row = next(rows, []) or _after_empty(rows)
        # Python's own limit is one for the whole process, and others move it.
        if any(len(cell) > CELL_MAX for cell in row):
            raise _too_long(getattr(rows, "line_num", 0))
        return row
    except csv.Error as fault:
        line = getattr(rows, "line_num", 0)
        if "field limit" in str(fault):
            raise _too_long(line) from fault
        raise _unfit(
            say("Row %(row)s cannot be read: %(reason)s.", row=line, reason=str(fault))
        ) from fault


def _too_long(row: int) -> Invalid:
    return _unfit(
        say(
            "Row %(row)s holds a cell of over %(count)s characters. Shorten it.",
            row=row,
            count=CELL_MAX,
        )
    )


def _after_empty(rows: Iterable[list[str]]) -> list[str]:
    return next((row for row in rows if row), [])


def _unfit(message: Message) -> Invalid:
    return Invalid({"file": message})
