"""Whoosh as its tutorial and its guide to facets show it: the way most programs use it.

Title and body with the stemming analyser, stored fields, tags as keywords, a query parser over both
fields, `with ix.searcher()` for each request, an Or of all tags below for a subtree, and a
FieldFacet for the counts. Its words are its own, so its totals differ: it knows English alone.
"""

from __future__ import annotations

from whoosh import fields, index, qparser, query, sorting
from whoosh.analysis import StemmingAnalyzer

from benchmarks.peers.engine import PAGE, Answer, Asked, Document, Engine, documents


class WhooshTutorial(Engine):
    has_same_words = False

    def build(self) -> None:
        analyser = StemmingAnalyzer()
        schema = fields.Schema(
            number=fields.ID(unique=True, stored=True),
            title=fields.TEXT(analyser, stored=True),
            body=fields.TEXT(analyser, stored=True),
            tags=fields.KEYWORD(stored=True),
            day=fields.NUMERIC(stored=True, sortable=True),
        )
        writer = index.create_in(self.folder, schema).writer()
        for one in documents(self.source, self.tree):
            writer.add_document(**_row(one))
        writer.commit()

    def open(self) -> None:
        self._index = index.open_dir(self.folder)

    def ask(self, asked: Asked) -> Answer | None:
        with self._index.searcher() as searcher:
            wanted = self._parsed(asked)
            if asked.match == "typo":
                wanted = searcher.correct_query(wanted, asked.words[0]).query
            if asked.tag is not None:
                subtree = query.Or([query.Term("tags", str(t)) for t in self.tree.below[asked.tag]])
                wanted = query.And([wanted, subtree]) if asked.words else subtree
            options = {} if asked.words else {"sortedby": "day", "reverse": True}
            if asked.counts:
                options["groupedby"] = sorting.FieldFacet("tags", allow_overlap=True)
            found = searcher.search(wanted, limit=PAGE, **options)
            top = tuple(int(hit["number"]) for hit in found)
            counts = self._rolled_up(found.groups()) if asked.counts else {}
            return Answer(len(found), top, counts)

    def edit(self, number: int, word: str) -> None:
        with self._index.searcher() as searcher:
            stored = searcher.document(number=str(number))
        writer = self._index.writer()
        writer.update_document(**{**stored, "body": f"{stored['body']} {word}"})
        writer.commit()
        self._index = self._index.refresh()

    def _parsed(self, asked: Asked) -> query.Query:
        if not asked.words:
            return query.Every()
        group = qparser.AndGroup if asked.match == "all" else qparser.OrGroup
        parser = qparser.MultifieldParser(["title", "body"], self._index.schema, group=group)
        text = " ".join(asked.words)
        return parser.parse({"phrase": f'"{text}"', "prefix": f"{text}*"}.get(asked.match, text))

    def _rolled_up(self, groups: dict[str, list[int]]) -> dict[int, int]:
        found: dict[int, set[int]] = {}
        for tag, places in groups.items():
            if not tag:
                continue
            for above in self.tree.above[int(tag)]:
                found.setdefault(above, set()).update(places)
        return {tag: len(places) for tag, places in found.items()}


def _row(one: Document) -> dict[str, object]:
    return {
        "number": str(one.number),
        "title": one.title,
        "body": one.text.removeprefix(one.title),
        "tags": " ".join(map(str, one.tags)),
        "day": one.day,
    }
