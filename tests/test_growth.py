"""Pages ask the database as often for thirty rows as for three, and no more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from research_repo.core import (
    brief_lists,
    brief_pages,
    briefs,
    cards,
    drift,
    hierarchy,
    history,
    jobs,
    links,
    mapping,
    notices,
    report_lists,
    report_uses,
    report_versions,
    report_writing,
    reports,
    schemes,
    shares,
    strength,
    studies,
    tag_pages,
    tagging,
    timeline,
    tree,
)
from research_repo.core.db import Database
from research_repo.core.language import say
from research_repo.core.models import Atom, Person, Study, Tag
from tests import engines, frozen, make

FEW, MANY = 3, 30


class World:
    """A study whose atoms, tags, links and neighbours grow together."""

    def __init__(self, session: Session, by: Person, curator: Person) -> None:
        self.session, self.by, self.curator = session, by, curator
        self.study: Study = make.study(session, by, questions=["Why?"])
        self.insight = make.atom(session, by, "Insight", self.study, kind="insight")
        self.area = make.tag(session, curator, "Area")
        self.atoms: list[Atom] = [self.insight]
        self.tags: list[Tag] = [self.area]
        self.reader = make.person(session, "Olga", "researcher")
        self.report = frozen.row(session, by, is_shared=True)

    def grow(self, size: int) -> None:
        session, by = self.session, self.by
        (why,) = studies.questions_of(session, self.study.id)
        for number in range(len(self.atoms), size + 1):
            tag = make.tag(session, self.curator, f"Tag {number}", under=self.area)
            own = make.study(session, by, f"study-{number}", access="members")
            studies.add_member(session, by, own.key, self.reader.email, may_edit=number % 2 == 0)
            report_writing.of_study(session, by, own.key, "en")
            fact = make.atom(
                session,
                by,
                f"Fact {number}",
                own if number % 3 == 0 else self.study,
                tags=[tag, self.area],
                quote=f"quote {number}",
                question_ids=[why.id],
            )
            make.link(session, by, fact, self.insight)
            make.scheme(session, self.curator, f"Group {number}")
            briefs.save(session, by, f"Question {number}?", briefs.Content())
            notices.tell(session, [self.reader.id], say("Hello"))
            self.atoms.append(fact)
            self.tags.append(tag)
        # The newest version of each of these reports holds all that there is.
        for report in (self.report, frozen.row(session, by, is_shared=True)):
            frozen.version(session, by, report, self.atoms)
        session.flush()

    def drift(self) -> drift.Drift:
        newest = report_versions.listed(self.session, self.reader, self.report)[0].number
        version = report_versions.read(self.session, self.reader, self.report.key, newest)
        return drift.of_version(self.session, self.reader, version)

    def known(self) -> briefs.Content:
        tags = tuple(tag.id for tag in self.tags)
        return briefs.Content(tuple(self.ids()), (self.study.id,), tags, tags)

    def ids(self) -> list[int]:
        return [atom.id for atom in self.atoms]

    def keys(self) -> list[str]:
        return [tag.key for tag in self.tags]

    def page(self) -> tree.TagPage:
        return tree.page(self.session, self.reader, self.area.key, "en")

    def atom_cards(self) -> list[cards.AtomCard]:
        return cards.of_atoms(self.session, self.reader, self.ids(), "en")


PAGES: dict[str, Callable[[Session, World], object]] = {
    "cards.of_atoms": lambda s, w: cards.of_atoms(s, w.reader, w.ids(), "en"),
    "cards.of_atom": lambda s, w: cards.of_atom(s, w.reader, w.insight.key, "en"),
    "cards.of_studies": lambda s, w: cards.of_studies(s, w.reader),
    "hierarchy.children": lambda s, w: hierarchy.children(s, [tag.id for tag in w.tags]),
    "tagging.of_atoms": lambda s, w: tagging.of_atoms(s, w.ids()),
    "tagging.unseen": lambda s, w: tagging.unseen(s, w.reader),
    "reports.study_report": lambda s, w: reports.study_report(s, w.reader, "returns", "en"),
    "brief_pages.shown": lambda s, w: brief_pages.shown(s, w.reader, w.known(), "en"),
    "brief_lists.listed": lambda s, w: brief_lists.listed(s, w.reader, None, 1),
    "report_lists.listed": lambda s, w: report_lists.listed(s, w.reader),
    "drift.of_version": lambda s, w: w.drift(),
    "report_versions.listed": lambda s, w: report_versions.listed(s, w.reader, w.report),
    "report_uses.of_atom": lambda s, w: report_uses.of_atom(s, w.reader, w.insight),
    "shares.listed": lambda s, w: shares.listed(s, w.by, w.report),
    "schemes.listed": lambda s, w: schemes.listed(s, "en"),
    "studies.loggable": lambda s, w: studies.loggable(s, w.reader),
    "history.of": lambda s, w: history.of(s, "atom", w.ids()),
    "mapping.level": lambda s, w: mapping.level(s, w.reader, "", w.tags[-1].key, "en"),
    "mapping.groups": lambda s, w: mapping.groups(s, w.reader, "en"),
    "mapping.with_more_below": lambda s, w: mapping.with_more_below(
        s, w.reader, [tag.id for tag in w.tags]
    ),
    "timeline.of_atom": lambda s, w: timeline.of_atom(s, w.reader, w.insight.id, "en"),
    "notices.listed": lambda s, w: notices.listed(s, w.reader),
    "jobs.listed": lambda s, w: jobs.listed(s, w.reader),
    "tree.listed": lambda s, w: tree.listed(s, w.reader, [tag.id for tag in w.tags], "en"),
    "tree.level": lambda s, w: tree.level(s, w.reader, w.area.scheme_id, "en", unfolded=w.keys()),
    "tree.page": lambda s, w: tree.page(s, w.reader, w.area.key, "en"),
    "tag_pages.around": lambda s, w: tag_pages.around(s, w.reader, w.page(), "en"),
    "tag_pages.below": lambda s, w: tag_pages.below(s, w.reader, w.page(), "en", {}),
    "strength.of_atoms": lambda s, w: strength.of_atoms(s, w.reader, w.ids()),
    "tag_pages.through": lambda s, w: tag_pages.through(s, w.area.id, w.atom_cards()),
    "hierarchy.cards": lambda s, w: hierarchy.cards(s, [tag.id for tag in w.tags], "en"),
    "hierarchy.descendants": lambda s, w: hierarchy.descendants(s, w.area.id),
}


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def statements(
    database: Database, world: World, page: Callable[[Session, World], object]
) -> list[str]:
    # What the session remembers would hide a question: each page is asked as by a new one.
    world.session.flush()
    world.session.expire_all()
    world.reader.id, world.insight.key, world.ids(), [tag.id for tag in world.tags]
    with counted(database) as asked:
        assert page(world.session, world) is not None
    return asked


@pytest.fixture
def world(session: Session, researcher: Person, curator: Person) -> World:
    return World(session, researcher, curator)


def test_no_page_asks_more_often_when_there_is_more(database: Database, world: World) -> None:
    world.grow(FEW)
    few = {name: len(statements(database, world, page)) for name, page in PAGES.items()}
    world.grow(MANY)
    grown = {}
    for name, page in PAGES.items():
        asked = statements(database, world, page)
        if len(asked) > few[name]:
            grown[name] = (few[name], len(asked), asked[-3:])
    assert grown == {}


@engines.on_sqlite
def test_a_list_works_as_little_for_its_links_among_many_atoms(world: World) -> None:
    world.grow(FEW)
    (link,) = links.of_atom(world.session, world.reader, world.atoms[1])
    shown = [world.insight, world.atoms[1]]
    few = [_steps(world, ask, shown) for ask in (_incoming, _of_atoms)]
    for number in range(50):
        make.atom(world.session, world.by, f"Elsewhere {number}", world.study)
    assert link.other_id == world.insight.id
    assert [_steps(world, ask, shown) for ask in (_incoming, _of_atoms)] == few


def _incoming(world: World, shown: list[Atom]) -> object:
    return links.incoming(world.session, world.reader, [atom.id for atom in shown])


def _of_atoms(world: World, shown: list[Atom]) -> object:
    return [links.of_atom(world.session, world.reader, atom) for atom in shown]


def _steps(world: World, ask: Callable[[World, list[Atom]], object], shown: list[Atom]) -> int:
    """How many steps SQLite takes to answer."""
    world.session.flush()
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    connection: Any = world.session.connection().connection.driver_connection
    connection.set_progress_handler(step, 1)
    try:
        assert ask(world, shown)
    finally:
        connection.set_progress_handler(None, 0)
    return taken
