"""The whole repository in one portable file, from any database into any other one.

In it are all rows as plain JSON, one a line, with history, merged tags as they are, and people with
their password hashes; and the attachments. Left out are API tokens, links
to reports, the addresses of feeds, jobs, the index queue and what people have typed but not sent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Table, TypeDecorator, func, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel, col

from research_repo.core import archive, backup, prose_child
from research_repo.core.archive import ATTACHMENTS, Manifest, Progress, unwatched
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.errors import Invalid
from research_repo.core.instance import alembic_config
from research_repo.core.language import say
from research_repo.core.models import History, metadata

ROWS = "repository.jsonl"
ROWS_AT_ONCE = 500
LINE_CHARS_MAX = 64 << 20
LEFT_OUT = {"api_token", "index_queue", "job", "scratch", "share"}
# Keys of people: what opens a door here opens none where the file comes in.
WITHHELD = {"follow": ("feed_hash",)}
# What a new repository holds already: anything else means that somebody works in it.
OWN_BEGINNING = {"repository", "scheme", "scheme_label", "tag", "tag_label", "tag_note"}
OWN_BEGINNING |= {"history", "history_payload", "person"}
# What history calls otherwise than its table.
TABLE_OF = {"change": "change_set", "import": "import_run"}
STARTER_GUIDS = "research-repo:%"


def export_all(database: Database, file: Path, progress: Progress = unwatched) -> Manifest:
    """Write everything into one new file, as it is at this moment; people work on meanwhile.

    Refuses a file that exists and a full disk, and leaves nothing behind.
    """
    if file.exists():
        raise Invalid({"file": say("%(file)s exists already. Name a new file.", file=str(file))})
    with (
        backup.explained(file),
        TemporaryDirectory(prefix=".export-", dir=file.parent) as beside,
    ):
        rows, packed = Path(beside, ROWS), Path(beside, "export.zip")
        with database.reading() as session, rows.open("x", encoding="utf-8") as lines:
            counts = _write_rows(session, lines)
        sources = {ROWS: rows} | backup.attachments(database.folder)
        manifest = Manifest(
            format=archive.FORMAT,
            version=version("research-repo"),
            schema=ScriptDirectory.from_config(alembic_config()).get_current_head() or "",
            made_at=now().isoformat(timespec="seconds"),
            counts=counts,
            files=archive.pack(packed, sources, progress),
        )
        archive.seal(packed, manifest)
        os.rename(packed, file)
        archive.sync(file.parent)
    return manifest


def import_all(database: Database, file: Path, progress: Progress = unwatched) -> Manifest:
    """Make an empty repository equal to the one that the file was written from.

    Refuses a repository in which somebody has begun to work, and a file that is damaged or newer;
    then nothing is written. Nobody waits for the one long transaction: nobody can be signed in.
    """
    with (
        backup.explained(database.folder),
        TemporaryDirectory(prefix=".import-", dir=database.folder) as beside,
    ):
        manifest = archive.unpack(file, Path(beside), progress, ROWS)
        if not _is_known(manifest.schema):
            raise archive.newer(file)
        try:
            with database.saving() as session:
                _require_empty(session, database.folder)
                if _read_rows(session, Path(beside, ROWS)) != manifest.counts:
                    raise archive.damaged(file)
                if Path(beside, ATTACHMENTS).exists():
                    os.rename(Path(beside, ATTACHMENTS), database.folder / ATTACHMENTS)
        except (SQLAlchemyError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise archive.damaged(file) from fault
    return manifest


def _is_known(schema: str) -> bool:
    known = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return schema in {script.revision for script in known}


def _write_rows(session: Session, lines: Any) -> dict[str, int]:
    counts = {}
    for table in _tables():
        query: Any = select(table).order_by(*table.primary_key.columns)
        counts[table.name] = 0
        withheld = dict.fromkeys(WITHHELD.get(table.name, ()))
        for row in session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)).mappings():
            plain = {
                "table": table.name,
                "row": {str(key): _plain(value) for key, value in row.items()} | withheld,
            }
            lines.write(json.dumps(plain, ensure_ascii=False) + "\n")
            counts[table.name] += 1
    return counts


def _read_rows(session: Session, file: Path) -> dict[str, int]:
    tables = {table.name: table for table in _tables()}
    for table in reversed(metadata.sorted_tables):
        session.execute(table.delete())
    counts = dict.fromkeys(tables, 0)
    later: list[tuple[Table, dict[str, Any]]] = []
    for name, rows in _batches(file):
        table = tables[name]
        beginnings = _beginnings(name)
        withheld = dict.fromkeys(WITHHELD.get(name, ()))
        values = [beginnings | _values(table, row) | withheld for row in rows]
        later += [(table, held) for row in values if (held := _held_back(table, row))]
        session.execute(insert(table), values)
        counts[name] += len(values)
    for table, row in later:
        own = table.primary_key.columns.keys()
        here = [table.c[key] == row.pop(key) for key in own]
        session.execute(update(table).where(*here).values(row))
    _continue_ids(session, tables)
    return counts


def _batches(file: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    name = ""
    rows: list[dict[str, Any]] = []
    with file.open(encoding="utf-8") as lines:
        while line := lines.readline(LINE_CHARS_MAX):
            told = json.loads(line)
            if rows and (told["table"] != name or len(rows) == ROWS_AT_ONCE):
                yield name, rows
                rows = []
            name = told["table"]
            rows.append(told["row"])
    if rows:
        yield name, rows


def _values(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    unknown = row.keys() - table.columns.keys()
    if unknown:
        raise KeyError(*unknown)
    return {key: _value(table.columns[key], value) for key, value in row.items()}


def _beginnings(name: str) -> dict[str, Any]:
    """What stands in columns of which the file, of an older version, knows nothing."""
    (noun,) = (one for one in SQLModel.__subclasses__() if one.__tablename__ == name)
    return {
        key: field.get_default(call_default_factory=True)
        for key, field in noun.model_fields.items()
        if not field.is_required() and key != "id"
    }


def _value(column: Column[Any], value: Any) -> Any:
    if value is None or isinstance(column.type, JSON):
        return _with_safe_html(value)
    plain = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    kind: Any = plain.python_type
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if kind is float and isinstance(value, int):
        return float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(column.name)
    return _safe(value) if column.name.endswith("_html") else value


def _with_safe_html(value: Any) -> Any:
    """Plain JSON, such as that of a frozen report, whose HTML is put on pages."""
    if isinstance(value, dict):
        return {
            name: _safe(inner)
            if isinstance(inner, str) and (name == "html" or name.endswith("_html"))
            else _with_safe_html(inner)
            for name, inner in value.items()
        }
    return [_with_safe_html(inner) for inner in value] if isinstance(value, list) else value


def _safe(html: str) -> str:
    # A file from outside may hold anything; what we wrote ourselves stays letter by letter.
    cleaned = prose_child.clean(html)
    is_ours = cleaned == html.replace("&#x27;", "'").replace("&quot;", '"')
    return html if is_ours else cleaned


def _held_back(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Takes out of the row what refers to its own table: the other row may come later."""
    own = [
        key.parent.name
        for key in table.foreign_keys
        if key.column.table is table and row.get(key.parent.name) is not None
    ]
    if not own:
        return {}
    held = {key: row[key] for key in (*own, *table.primary_key.columns.keys())}
    row.update(dict.fromkeys(own))
    return held


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def _require_empty(session: Session, folder: Path) -> None:
    beginning = {
        "person": "NOT is_system",
        "tag": f"guid NOT LIKE '{STARTER_GUIDS}'",
        "scheme": f"guid NOT LIKE '{STARTER_GUIDS}'",
    }
    for table in metadata.sorted_tables:
        query = select(func.count()).select_from(table)
        if table.name in OWN_BEGINNING:
            if table.name not in beginning:
                continue
            query = query.where(text(beginning[table.name]))
        if session.execute(query).scalar_one():
            raise _not_empty(folder)
    if (folder / ATTACHMENTS).exists():
        raise _not_empty(folder)


def _not_empty(folder: Path) -> Invalid:
    return Invalid(
        {
            "file": say(
                "Somebody works in the repository in %(folder)s already. Set "
                "RESEARCH_REPO_INSTANCE to a new folder.",
                folder=str(folder),
            )
        }
    )


def _continue_ids(session: Session, tables: dict[str, Table]) -> None:
    """The next row gets an id that nothing here had: history still tells of rows that are gone."""
    told = select(col(History.noun), func.max(History.noun_id)).group_by(col(History.noun))
    gone = {TABLE_OF.get(noun, noun): newest for noun, newest in session.execute(told)}
    for name, table in metadata.tables.items():
        if not table.dialect_options["sqlite"]["autoincrement"]:
            continue
        here = session.execute(select(func.max(table.c.id))).scalar_one() or 0
        newest = max(here, gone.get(name, 0))
        if newest:
            _begin_after(session, name, newest)


def _begin_after(session: Session, table: str, newest: int) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.setval(func.pg_get_serial_sequence(table, "id"), newest)))
        return
    values = {"name": table, "newest": newest}
    session.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    session.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :newest)"), values)
