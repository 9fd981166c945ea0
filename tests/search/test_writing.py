"""What is written our own way is read by Whoosh as if it had written it itself."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.query import Phrase, Term

from research_repo.core import words
from research_repo.core.indexing import Document
from research_repo.search import building, merging, postings, writing
from research_repo.search.schema import FACTS, as_fields, schema
from research_repo.search.view import INDEX_NAME, open_view


def documents(chance: random.Random, count: int) -> list[Document]:
    return [
        Document(
            atom_id=number,
            kind="insight",
            study_id=None,
            status="published",
            author_id=1,
            date=date(2024, 1, 1),
            language="en",
            title=text(chance, 4),
            body=text(chance, 30),
            quotes=(text(chance, 6),),
            tag_ids=(number % 7 + 1,),
        )
        for number in range(1, count + 1)
    ]


def text(chance: random.Random, size: int) -> str:
    known = [letter * chance.randint(2, 3) for letter in "abcdefghij"]
    return " ".join(chance.choices([*known, "возврат", "возвраты"], k=size))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    FileIndex.create(FileStorage(str(tmp_path)), schema(), INDEX_NAME)
    return tmp_path


def test_whoosh_finds_each_word_and_phrase_where_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "POSTINGS_PER_BLOCK", 16)
    some = documents(random.Random(1), 200)
    building.write(folder, (), some, merging.none)
    stems = [[words.stem(word) for word in words.tokens(document.body)] for document in some]
    with FileIndex(FileStorage(str(folder)), schema(), INDEX_NAME).searcher() as searcher:
        for word in {stem for body in stems for stem in body}:
            held = [
                place for place, d in enumerate(some) if word.encode() in as_fields(d)[1]["text"]
            ]
            assert list(searcher.docs_for_query(Term("text", word))) == held
        for body in stems[:20]:
            together = set(searcher.docs_for_query(Phrase("text", body[:2])))
            assert together == {
                place
                for place, document in enumerate(some)
                for part in (document.title, document.body, *document.quotes)
                for read in [[words.stem(word) for word in words.tokens(part)]]
                if body[:2] in [read[at : at + 2] for at in range(len(read))]
            }


def test_merged_segments_hold_what_one_segment_would(folder: Path, tmp_path_factory) -> None:
    some = documents(random.Random(2), 200)
    for start in range(0, 200, 20):
        building.write(folder, (), some[start : start + 20], merging.none)
    building.write(folder, range(0, 200, 5), (), merging.all_tiers)
    whole = tmp_path_factory.mktemp("whole")
    FileIndex.create(FileStorage(str(whole)), schema(), INDEX_NAME)
    kept = [document for place, document in enumerate(some) if place % 5]
    building.write(whole, (), kept, merging.none)
    assert everything(folder) == everything(whole)


def everything(folder: Path) -> object:
    view = open_view(folder)
    (segment,) = view.segments.values()
    with closing(segment.reader) as reader:
        return (
            {name: view.facts[name].tolist() for name in FACTS},
            {
                (field, term): list(postings.blocks(postings.stored(reader, field, term) or b""))
                for field, term in reader._terms.terms()
            },
        )
