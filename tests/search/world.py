"""A small repository made by chance, and answers about it that are counted one atom at a time.

It has what makes counting hard: closed studies, drafts, tags with several parents in several
groups, merged tags, and tags that studies lend to some kinds of atom only.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import Session, select

from research_repo.core import indexing, schemes, study_tags, tags, words
from research_repo.core.models import (
    METHODS,
    Atom,
    AtomTag,
    Evidence,
    Person,
    Scheme,
    Study,
    StudyMember,
    StudyTag,
    Tag,
    TagParent,
)
from research_repo.search import Wanted
from tests import make
from tests.search.conftest import House

SCHEMES = ("place", "weight", "crowd")
WORDS = ("courier", "parcel", "door", "доставка", "склад")
ATOMS = 90


def build(house: House, chance: random.Random) -> None:
    """Fill a house by chance."""
    with house.database.saving() as session:
        people = house.people
        made = _tags(session, people["ilya"], chance)
        places = [
            make.study(
                session,
                people[chance.choice(["marina", "pavel"])],
                f"study-{number}",
                f"Study {number}",
                access=chance.choice(["open", "members"]),
                method=chance.choice(METHODS[:4]),
            )
            for number in range(6)
        ]
        for number in range(ATOMS):
            _atom(session, people, chance, number, places, made)
        for study in chance.sample(places, 3):
            stored = session.get_one(Study, study.id)
            lent = [tag.id for tag in chance.sample(made, 2)]
            study_tags.put(session, people["anna"], stored, lent)
        _merge(session, chance, made)


def _tags(session: Session, by: Person, chance: random.Random) -> list[Tag]:
    made: list[Tag] = []
    for key in SCHEMES:
        make.scheme(session, by, f"Group {key}", key)
    rules = schemes.Rules(kinds=("insight",))
    schemes.set_rules(session, by, "crowd", rules)
    for number in range(16):
        over = chance.sample(made, min(len(made), chance.choice([0, 1, 1, 2])))
        graph = Graph(session)
        # What lies over another parent already is no parent of its own.
        if len(over) == 2 and {tag.id for tag in over} & graph.above(over[0].id) - {over[0].id}:
            over.pop()
        if len(over) == 2 and over[0].id in graph.above(over[1].id):
            over.pop()
        made.append(make.tag(session, by, f"Tag{number}", chance.choice(SCHEMES), over))
    return made


def _merge(session: Session, chance: random.Random, made: list[Tag]) -> None:
    # Within one group, and never into what lies below.
    graph = Graph(session)
    for drop, keep in zip(chance.sample(made, 4), chance.sample(made, 4), strict=True):
        graph = Graph(session)
        if drop.scheme_id != keep.scheme_id or drop.id in graph.above(keep.id):
            continue
        if keep.id in graph.above(drop.id) or graph.end(keep.id) == graph.end(drop.id):
            continue
        stored = tags.get(session, drop.key)
        stored.replaced_by = keep.id
        session.flush()
        if any(graph_has_circle(Graph(session), tag.id) for tag in made):
            stored.replaced_by = None
            session.flush()
    indexing.raise_edition(session)


def graph_has_circle(graph: Graph, tag_id: int) -> bool:
    """Whether a tag would lie under itself."""
    end = graph.end(tag_id)
    return any(end in graph.above(parent) for parent in graph.parents(end))


def _atom(
    session: Session,
    people: dict[str, Person],
    chance: random.Random,
    number: int,
    places: list[Study],
    made: list[Tag],
) -> None:
    kind = chance.choice(["fact", "insight", "insight", "recommendation"])
    study = chance.choice(places)
    author = session.get_one(Person, study.owner_id)
    if kind != "fact" and chance.random() < 0.4:
        study, author = None, people[chance.choice(["marina", "pavel", "anna"])]
    fitting = [tag for tag in made if kind == "insight" or _serves_all(session, tag)]
    make.atom(
        session,
        author,
        " ".join([*chance.sample(WORDS, chance.randint(1, 3)), str(number)]),
        study=study,
        kind=kind,
        tags=chance.sample(fitting, min(len(fitting), chance.randint(0, 3))),
        quote="So it was" if chance.random() < 0.3 else "",
        status=chance.choice(["published"] * 4 + ["draft"]),
        observed_on=chance.choice([None, date(2023, 6, 1) + timedelta(chance.randint(0, 1200))]),
    )


def _serves_all(session: Session, tag: Tag) -> bool:
    return not session.get_one(Scheme, tag.scheme_id).kinds


class Graph:
    """Tags with their merges and parents, walked in the plainest way."""

    def __init__(self, session: Session) -> None:
        self.tags = {tag.id: tag for tag in session.exec(select(Tag))}
        self.by_key = {tag.key: tag.id for tag in self.tags.values()}
        self._edges = [(edge.child_id, edge.parent_id) for edge in session.exec(select(TagParent))]

    def end(self, tag_id: int) -> int:
        """The tag that stands for it."""
        while (following := self.tags[tag_id].replaced_by) is not None:
            tag_id = following
        return tag_id

    def parents(self, tag_id: int) -> set[int]:
        """What a standing tag lies directly under."""
        return {self.end(parent) for child, parent in self._edges if child == tag_id} - {tag_id}

    def above(self, tag_id: int) -> set[int]:
        """The standing tag and all over it."""
        found, fresh = set(), [self.end(tag_id)]
        while fresh:
            one = fresh.pop()
            if one not in found:
                found.add(one)
                fresh += self.parents(one)
        return found


@dataclass(frozen=True)
class Known:
    """One atom with all that filters ask about."""

    atom: Atom
    study: Study | None
    has_quote: bool
    tags: frozenset[int]
    """What it carries itself, merges resolved."""
    under: frozenset[int]
    """These, and all over them."""

    @property
    def day(self) -> date:
        return self.atom.observed_on or self.atom.created_at.date()


class Truth:
    """Answers by looking at every atom."""

    def __init__(self, session: Session) -> None:
        self.graph = Graph(session)
        self.studies = {study.id: study for study in session.exec(select(Study))}
        self._teams = {(row.study_id, row.person_id) for row in session.exec(select(StudyMember))}
        quoted = {row.atom_id for row in session.exec(select(Evidence)) if row.kind == "quote"}
        kinds_of = {scheme.id: scheme.kinds for scheme in session.exec(select(Scheme))}
        put = [(row.atom_id, row.tag_id) for row in session.exec(select(AtomTag))]
        lent = [(row.study_id, row.tag_id) for row in session.exec(select(StudyTag))]
        self.atoms = []
        for atom in session.exec(select(Atom)):
            carried = {tag_id for atom_id, tag_id in put if atom_id == atom.id}
            for study_id, tag_id in lent:
                kinds = kinds_of[self.graph.tags[tag_id].scheme_id]
                if study_id == atom.study_id and (not kinds or atom.kind in kinds):
                    carried.add(tag_id)
            ends = frozenset(self.graph.end(tag_id) for tag_id in carried)
            under = frozenset(one for tag_id in ends for one in self.graph.above(tag_id))
            study = self.studies.get(atom.study_id or 0)
            self.atoms.append(Known(atom, study, atom.id in quoted, ends, under))

    def sees(self, by: Person, one: Known) -> bool:
        """Whether the atom exists for a person."""
        team = one.study is not None and (
            one.study.owner_id == by.id or (one.study.id, by.id) in self._teams
        )
        if by.role == "admin" or team:
            return True
        in_place = one.study is None or one.study.access == "open"
        return in_place and (one.atom.status != "draft" or one.atom.author_id == by.id)

    def found(self, wanted: Wanted, by: Person) -> list[Known]:
        """The atoms that answer a search of plain words and filters."""
        return [one for one in self.atoms if self.sees(by, one) and self._fits(one, wanted)]

    def total(self, wanted: Wanted, by: Person, **changes: object) -> int:
        """How many atoms answer, with the search changed so."""
        return len(self.found(replace(wanted, **changes), by))  # type: ignore[arg-type]

    def _fits(self, one: Known, wanted: Wanted) -> bool:
        typed = set(words.stems(wanted.text))
        held = typed & set(words.stems(one.atom.title))
        if typed and not (held == typed if wanted.match == "all" else held):
            return False
        simple: dict[str, Iterable[str]] = {
            "kind": wanted.kinds,
            "study": wanted.studies,
            "method": wanted.methods,
            "by": map(str, wanted.authors),
            "lang": wanted.languages,
            "has": wanted.has,
        }
        for name, values in simple.items():
            listed = list(values)
            if listed and not any(self._has(one, name, value) for value in listed):
                return False
        if any(self._has(one, name, value) for name, value in wanted.without):
            return False
        if wanted.after and one.day < wanted.after or wanted.before and one.day >= wanted.before:
            return False
        return one.atom.status in wanted.statuses and self._fits_tags(one, wanted)

    def _fits_tags(self, one: Known, wanted: Wanted) -> bool:
        if not all(self._has(one, "tag", key) for key in wanted.also):
            return False
        asked = [("tag", key) for key in wanted.tags] + [("exact", key) for key in wanted.exact]
        by_scheme: dict[int, list[bool]] = {}
        for name, key in asked:
            tag_id = self.graph.by_key.get(key)
            scheme_id = self.graph.tags[tag_id].scheme_id if tag_id else 0
            by_scheme.setdefault(scheme_id, []).append(self._has(one, name, key))
        return all(any(alternatives) for alternatives in by_scheme.values())

    def _has(self, one: Known, name: str, value: str) -> bool:
        if name in ("tag", "exact"):
            tag_id = self.graph.by_key.get(value)
            held = one.under if name == "tag" else one.tags
            return tag_id is not None and self.graph.end(tag_id) in held
        study = one.study
        return value == {
            "kind": one.atom.kind,
            "study": study.key if study else None,
            "method": study.method if study else None,
            "by": str(one.atom.author_id),
            "lang": one.atom.language,
            "has": "quote" if one.has_quote else None,
        }.get(name)


def wanted_by_chance(chance: random.Random, truth: Truth) -> Wanted:
    """A search with any mix of words and filters, some of which nobody knows."""

    def some(values: Iterable[str], likely: float = 0.3) -> tuple[str, ...]:
        listed = [*values, "nobody-knows"]
        return (
            tuple(chance.sample(listed, chance.randint(1, 2))) if chance.random() < likely else ()
        )

    keys = list(truth.graph.by_key)
    without = [
        (name, value)
        for name, values in (
            ("tag", keys),
            ("exact", keys),
            ("kind", ["fact", "insight"]),
            ("study", [study.key for study in truth.studies.values()]),
            ("method", METHODS[:4]),
            ("lang", ["ru", "en"]),
            ("has", ["quote"]),
            ("by", ["1", "2", "3"]),
        )
        for value in some(values, 0.08)
    ]
    day = date(2023, 6, 1) + timedelta(chance.randint(0, 1200))
    return Wanted(
        text=chance.choice(["", "", *WORDS, "courier door", "склад parcel"]),
        tags=some(keys, 0.4),
        exact=some(keys, 0.1),
        also=tuple(chance.sample(keys, chance.randint(1, 2))) if chance.random() < 0.15 else (),
        kinds=some(["fact", "insight", "recommendation"], 0.2),
        studies=some([study.key for study in truth.studies.values()], 0.15),
        methods=some(METHODS[:4], 0.15),
        authors=(chance.randint(1, 7),) if chance.random() < 0.1 else (),
        languages=some(["ru", "en"], 0.1),
        has=("quote",) if chance.random() < 0.1 else (),
        after=day if chance.random() < 0.2 else None,
        before=day + timedelta(400) if chance.random() < 0.2 else None,
        statuses=chance.choice(
            [("published",), ("published",), ("draft", "published"), ("draft",)]
        ),
        without=tuple(without),
        match=chance.choice(["any", "all"]),
    )
