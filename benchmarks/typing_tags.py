"""Two questions that only this product answers: a tag while it is typed, and the counts of all tags."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

from benchmarks.corpus import Corpus
from benchmarks.gauges import milliseconds, summed
from research_repo.core import instance, people
from research_repo.search import Search
from research_repo.settings import Settings

QUESTIONS = 100


def measured(made: Corpus, folder: Path) -> dict[str, dict[str, float]]:
    """Milliseconds, by kind of question, of an instance that holds the corpus."""
    settings = Settings(instance=folder)
    database = instance.open_instance(settings)
    search = Search(database, settings.index_folder)
    search.catch_up()
    with database.reading() as session:
        by = people.system(session)
    chance = random.Random(made.seed)
    asks = []
    for _ in range(QUESTIONS):
        note = made.note(chance.randrange(made.atoms))
        typed = note["tags"].split("; ")[0][: chance.randint(2, 6)]
        asks.append(partial(search.suggest, typed, by, note["language"]))
    asks[0]()  # the words of all tags are read once
    found = {
        "a tag while typing": summed(milliseconds(asks)),
        "counts of all tags": summed(milliseconds([partial(search.counts, by)] * 20)),
    }
    database.close()
    return found
