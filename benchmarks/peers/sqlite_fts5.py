"""SQLite FTS5 with facets in SQL: what a team without a search engine would build, built well.

One full-text table over the stems with an index of prefixes of three letters; the tags in a table of
their own, ordered both ways; the hierarchy as a closure, so that a subtree is one join; bm25. Counts
of all tags are one GROUP BY over the closure. The full-text table keeps no copy of the text.
"""

from __future__ import annotations

import sqlite3
from itertools import islice

from benchmarks.peers.engine import PAGE, Answer, Asked, Engine, documents
from benchmarks.peers.typing_errors import one_edit_away

ROWS_AT_ONCE = 10_000

_TABLES = """
CREATE TABLE note (id INTEGER PRIMARY KEY, day INTEGER NOT NULL, stems TEXT NOT NULL);
CREATE TABLE note_tag (tag INTEGER, note INTEGER, PRIMARY KEY (tag, note)) WITHOUT ROWID;
CREATE TABLE closure (above INTEGER, tag INTEGER, PRIMARY KEY (above, tag)) WITHOUT ROWID;
CREATE VIRTUAL TABLE found USING fts5(
    stems, content = 'note', content_rowid = 'id', prefix = '3',
    tokenize = "unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE word USING fts5vocab(found, row);
"""
_INDEXES = """
INSERT INTO found (found) VALUES ('optimize');
CREATE INDEX tag_by_note ON note_tag (note, tag);
CREATE INDEX above_by_tag ON closure (tag, above);
CREATE INDEX note_by_day ON note (day, id);
ANALYZE;
"""
_UNDER = (
    "SELECT carried.note FROM closure JOIN note_tag AS carried USING (tag) WHERE closure.above = ?"
)
_COUNTS = """
WITH hit (note) AS MATERIALIZED ({hits})
SELECT above, count(*) FROM (
    SELECT DISTINCT closure.above, hit.note
    FROM hit JOIN note_tag AS carried ON carried.note = hit.note
    JOIN closure ON closure.tag = carried.tag
) GROUP BY above
"""


class SqliteFts5(Engine):
    def build(self) -> None:
        self.open()
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")
        rows = [(above, tag) for tag, over in self.tree.above.items() for above in over]
        self._database.executemany("INSERT INTO closure VALUES (?, ?)", rows)
        self._database.execute("COMMIT")
        waiting = documents(self.source, self.tree)
        while some := list(islice(waiting, ROWS_AT_ONCE)):
            notes = [(one.number, one.day, one.stems) for one in some]
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT INTO note VALUES (?, ?, ?)", notes)
            self._database.executemany(
                "INSERT INTO found (rowid, stems) VALUES (?, ?)",
                [(number, stems) for number, _, stems in notes],
            )
            self._database.executemany(
                "INSERT INTO note_tag VALUES (?, ?)",
                [(tag, one.number) for one in some for tag in set(one.tags)],
            )
            self._database.execute("COMMIT")
        self._database.executescript(_INDEXES)

    def open(self) -> None:
        self._database = sqlite3.connect(self.folder / "notes.sqlite3", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
            self._database.execute(f"PRAGMA {pragma}")

    def ask(self, asked: Asked) -> Answer | None:
        match = self._match(asked)
        values: list[object] = []
        if match:
            hits = "SELECT rowid FROM found WHERE found MATCH ?"
            best = f"{hits} {{under}} ORDER BY rank LIMIT {PAGE}"
            values.append(match)
        else:
            hits = "SELECT note.id FROM note WHERE 1"
            best = f"{hits} {{under}} ORDER BY day DESC, id DESC LIMIT {PAGE}"
        under = ""
        if asked.tag is not None:
            # The plus keeps FTS5 from looking each note of the subtree up by itself.
            under = f"AND +{'rowid' if match else 'note.id'} IN ({_UNDER})"
            values.append(asked.tag)
        total = self._database.execute(f"SELECT count(*) FROM ({hits} {under})", values).fetchone()
        top = self._database.execute(best.format(under=under), values)
        counts = {}
        if asked.counts:
            counts = dict(self._database.execute(_COUNTS.format(hits=f"{hits} {under}"), values))
        return Answer(total[0], tuple(number for (number,) in top), counts)

    def edit(self, number: int, word: str) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        (stems,) = self._database.execute(
            "SELECT stems FROM note WHERE id = ?", (number,)
        ).fetchone()
        self._database.execute(
            "INSERT INTO found (found, rowid, stems) VALUES ('delete', ?, ?)", (number, stems)
        )
        stems = f"{stems} {word}"
        self._database.execute("UPDATE note SET stems = ? WHERE id = ?", (stems, number))
        self._database.execute("INSERT INTO found (rowid, stems) VALUES (?, ?)", (number, stems))
        self._database.execute("COMMIT")

    def close(self) -> None:
        self._database.close()

    def _match(self, asked: Asked) -> str:
        if asked.match == "prefix":
            return f'"{asked.words[0]}"*'
        if asked.match == "phrase":
            return f'"{" ".join(asked.ordered_stems)}"'
        stems = asked.stems
        if asked.match == "typo":
            (stem,) = stems
            stems = (self._meant(stem),)
        quoted = [f'"{stem}"' for stem in stems]
        return (" AND " if asked.match == "all" else " OR ").join(quoted)

    def _meant(self, stem: str) -> str:
        # SQLite's own spellfix1 is not part of it: candidates are looked up in the list of words.
        near = one_edit_away(stem)
        marks = ", ".join("?" * len(near))
        query = f"SELECT term FROM word WHERE term IN ({marks}) ORDER BY doc DESC LIMIT 1"
        found = self._database.execute(query, list(near)).fetchone()
        return found[0] if found else stem
