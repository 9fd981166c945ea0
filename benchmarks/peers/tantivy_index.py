"""tantivy, the engine written in Rust, through its Python package.

It knows no hierarchy: each note is indexed with its tags and all that lies above them, which makes
counts one aggregation and a subtree one term; the price is that moving a tag means to index again
all notes below it, which the others need not do.
"""

from __future__ import annotations

from itertools import chain

import tantivy

from benchmarks.peers.engine import PAGE, Answer, Asked, Document, Engine, documents

HEAP_BYTES = 128_000_000
TAGS_MAX = 65_000


class TantivyIndex(Engine):
    def build(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("stems", stored=True, tokenizer_name="whitespace")
        builder.add_unsigned_field("number", stored=True, indexed=True, fast=True)
        builder.add_unsigned_field("day", stored=True, indexed=False, fast=True)
        builder.add_unsigned_field("tags", stored=True, indexed=True, fast=True)
        self._index = tantivy.Index(builder.build(), path=str(self.folder))
        writer = self._index.writer(HEAP_BYTES, 1)
        for one in documents(self.source, self.tree):
            writer.add_document(self._row(one))
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        self._index = tantivy.Index.open(str(self.folder))
        self._index.reload()
        self._writer = self._index.writer(HEAP_BYTES, 1)

    def ask(self, asked: Asked) -> Answer | None:
        wanted = self._query(asked)
        searcher = self._index.searcher()
        if asked.words:
            found = searcher.search(wanted, limit=PAGE)
        else:
            found = searcher.search(wanted, limit=PAGE, order_by_field="day")
        top = [searcher.doc(address).get_first("number") for _, address in found.hits]
        counts = {}
        if asked.counts:
            of_tags = {"tags": {"terms": {"field": "tags", "size": TAGS_MAX}}}
            buckets = searcher.aggregate(wanted, of_tags)["tags"]["buckets"]
            counts = {int(one["key"]): int(one["doc_count"]) for one in buckets}
        return Answer(found.count or 0, tuple(top), counts)

    def edit(self, number: int, word: str) -> None:
        searcher = self._index.searcher()
        mine = tantivy.Query.term_query(self._index.schema, "number", number)
        ((_, address),) = searcher.search(mine, limit=1).hits
        row = searcher.doc(address).to_dict()
        row["stems"] = [f"{row['stems'][0]} {word}"]
        self._writer.delete_documents_by_term("number", number)
        self._writer.add_document(tantivy.Document.from_dict(row, self._index.schema))
        self._writer.commit()
        self._index.reload()

    def _row(self, one: Document) -> tantivy.Document:
        above = sorted(set(chain.from_iterable(self.tree.above[tag] for tag in one.tags)))
        row = {"stems": one.stems, "number": one.number, "day": one.day, "tags": above}
        return tantivy.Document.from_dict(row, self._index.schema)

    def _query(self, asked: Asked) -> tantivy.Query:
        schema, must = self._index.schema, tantivy.Occur.Must
        parts = [(must, self._of_words(asked))] if asked.words else []
        if asked.tag is not None:
            parts.append((must, tantivy.Query.term_query(schema, "tags", asked.tag)))
        if not parts:
            return tantivy.Query.all_query()
        return parts[0][1] if len(parts) == 1 else tantivy.Query.boolean_query(parts)

    def _of_words(self, asked: Asked) -> tantivy.Query:
        schema = self._index.schema
        if asked.match == "phrase":
            return tantivy.Query.phrase_query(schema, "stems", list(asked.ordered_stems))
        if asked.match == "prefix":
            return tantivy.Query.regex_query(schema, "stems", f"{asked.words[0]}.*")
        if asked.match == "typo":
            return tantivy.Query.fuzzy_term_query(schema, "stems", asked.stems[0], 1, True)
        occur = tantivy.Occur.Must if asked.match == "all" else tantivy.Occur.Should
        terms = [tantivy.Query.term_query(schema, "stems", stem) for stem in asked.stems]
        return tantivy.Query.boolean_query([(occur, term) for term in terms])
