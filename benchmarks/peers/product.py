"""This product, called as its pages call it: by a researcher, with access, meanings and corrections.

Its folder is an instance that holds the corpus. To compare totals with engines that know words alone
the same is asked once more, untimed, for the words alone.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from sqlmodel import col, select

from benchmarks.gauges import megabytes
from benchmarks.peers.engine import PAGE, Answer, Asked, Engine, documents, number_of
from research_repo.cli import processes
from research_repo.core import atoms, indexing, instance, people
from research_repo.core.clock import now
from research_repo.core.models import Atom
from research_repo.search import Search, Wanted
from research_repo.settings import Settings


class Product(Engine):
    def build(self) -> None:
        settings = Settings(instance=self.folder)
        database = instance.open_instance(settings)
        Search(database, settings.index_folder).rebuild()
        database.close()

    def rebuild(self) -> None:
        """Build the index anew beside the one that is served."""
        self._search.rebuild()

    def open(self) -> None:
        settings = Settings(instance=self.folder)
        self._database = instance.open_instance(settings)
        self._search = Search(self._database, settings.index_folder)
        self._search.catch_up()
        with self._database.saving() as session:
            password = people.chosen_password("only for this measurement")
            email = f"{now().timestamp()}@example.org"
            system = people.system(session)
            self._by = people.add(session, system, email, "Measure", "curator", password)
        self._own: dict[int, Atom] = {}
        self._read_names()
        # As a server does before it answers anybody.
        self._search.warm_up()
        processes.settle()
        self._search.start()

    def ask(self, asked: Asked) -> Answer | None:
        wanted = self._wanted(asked)
        found = self._search.find(wanted, self._by, is_counted=asked.counts)
        if asked.counts:
            self._search.facets(found, wanted)
        return Answer(found.total, tuple(hit.atom_id for hit in found.hits), found.tag_counts)

    def named(self, asked: Asked, _answer: Answer) -> Answer:
        """The answer for the words alone, in the numbers of the corpus."""
        found = self._search.find(replace(self._wanted(asked), literal=True), self._by)
        counts = found.tag_counts if asked.counts else {}
        return Answer(
            found.total,
            tuple(self._numbers.get(hit.atom_id, -1) for hit in found.hits),
            {self._tags[tag]: count for tag, count in counts.items() if tag in self._tags},
        )

    def edit(self, number: int, word: str) -> None:
        """Of an atom that is the asker's own and says what the note says."""
        if number not in self._own:
            self._own[number] = self._logged(number)
        atom = self._own[number]
        values = atoms.AtomValues(atom.kind, atom.title, f"{atom.body} {word}")
        self._own[number] = self._saved(atom, values)

    def finds(self, word: str) -> bool:
        return self._search.find(Wanted(word, literal=True), self._by).total > 0

    def megabytes_on_disk(self) -> float:
        return megabytes(Settings(instance=self.folder).index_folder)

    def close(self) -> None:
        # Whoever asks this instance next finds the corpus alone.
        for atom in self._own.values():
            values = atoms.AtomValues(atom.kind, atom.title, status="archived")
            self._saved(atom, values)
        self._search.catch_up()
        self._search.stop()
        self._database.close()

    def _wanted(self, asked: Asked) -> Wanted:
        text = " ".join(asked.words)
        return Wanted(
            {"phrase": f'"{text}"', "prefix": f"{text}*"}.get(asked.match, text),
            tags=() if asked.tag is None else (self._keys[asked.tag],),
            match="all" if asked.match == "all" else "any",
            limit=PAGE,
        )

    def _logged(self, number: int) -> Atom:
        text = next(islice(documents(self.source, self.tree), number, None)).text
        values = atoms.ready(atoms.AtomValues("insight", text[:400], text))
        with self._database.saving() as session:
            return atoms.log(session, self._by, values)

    def _saved(self, atom: Atom, values: atoms.AtomValues) -> Atom:
        prepared = atoms.ready(values)
        with self._database.saving() as session:
            return atoms.edit(session, self._by, atom.key, atom.version, prepared)

    def _read_names(self) -> None:
        with self._database.reading() as session:
            vocabulary = indexing.vocabulary(session)
            rows = session.exec(
                select(Atom.id, Atom.external_id).where(col(Atom.external_id).is_not(None))
            ).all()
        self._numbers = {atom_id: number_of(name) for atom_id, name in rows if name}
        labels = {one.text: one.tag_id for one in vocabulary.labels if one.kind == "pref"}
        of_tag = {tag.id: tag.key for tag in vocabulary.tags}
        ids = {number: labels[text] for text, number in self.tree.labels.items() if text in labels}
        self._tags = {tag_id: number for number, tag_id in ids.items()}
        self._keys = {number: of_tag[tag_id] for number, tag_id in ids.items()}
