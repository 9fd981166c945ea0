"""The shape of the vocabulary: whatever was placed and merged, reading it agrees with a plain model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select as sql_select
from sqlmodel import Session, select

from research_repo.core import hierarchy, tagging
from research_repo.core.models import Atom, AtomTag, Person, Scheme, Tag, TagLabel, TagParent
from tests import make

EXAMPLES = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass
class Shape:
    """Tags by number: their scheme, edges (child, parent), and who was merged into whom."""

    schemes: list[int]
    edges: list[tuple[int, int]] = field(default_factory=list)
    replaced_by: dict[int, int] = field(default_factory=dict)

    def end(self, tag: int) -> int:
        while tag in self.replaced_by:
            tag = self.replaced_by[tag]
        return tag

    def survivors(self) -> list[int]:
        return [tag for tag in range(len(self.schemes)) if tag not in self.replaced_by]

    def parents(self, tag: int) -> set[int]:
        return {self.end(parent) for child, parent in self.edges if child == tag} - {tag}

    def children(self, tag: int) -> set[int]:
        return {child for child in self.survivors() if tag in self.parents(child)}

    def above(self, tag: int) -> set[int]:
        found: set[int] = set()
        waiting = list(self.parents(tag))
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.parents(one)
        return found

    def below(self, tag: int) -> set[int]:
        return {other for other in self.survivors() if tag in self.above(other)}


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """A vocabulary without circles, then merges by the rules: own scheme, never into what is below."""
    size = draw(st.integers(2, 9))
    shape = Shape([draw(st.integers(0, 1)) for _ in range(size)])
    for child in range(1, size):
        parents = draw(st.sets(st.integers(0, child - 1), max_size=3))
        shape.edges += [(child, parent) for parent in sorted(parents)]
    for _ in range(draw(st.integers(0, size - 1))):
        alive = shape.survivors()
        merged = draw(st.sampled_from(alive))
        others = [
            tag
            for tag in alive
            if tag != merged
            and shape.schemes[tag] == shape.schemes[merged]
            and tag not in shape.below(merged)
        ]
        if others:
            shape.replaced_by[merged] = draw(st.sampled_from(others))
    return shape


@contextmanager
def written(session: Session, by: Person, shape: Shape) -> Iterator[list[int]]:
    """The shape as rows while the block lasts; number → tag id. Merging has no verb, so: past them."""
    try:
        yield _rows(session, by, shape)
    finally:
        session.rollback()


def _rows(session: Session, by: Person, shape: Shape) -> list[int]:
    schemes = session.exec(select(Scheme.id).order_by(Scheme.id)).all()  # type: ignore[arg-type]
    ids = []
    for number, scheme in enumerate(shape.schemes):
        tag = Tag(
            key=f"t{number}",
            guid=f"t{number}",
            scheme_id=schemes[scheme],
            person_id=by.id,
        )
        session.add(tag)
        session.flush()
        language = "ru" if number % 3 == 0 else "en"
        label = f"label {number}"
        session.add(
            TagLabel(tag_id=tag.id, language=language, kind="pref", text=label, folded=label)
        )
        ids.append(tag.id)
    placed: dict[int, int] = {}
    primary: set[int] = set()
    for child, parent in shape.edges:
        is_primary = child not in primary and shape.schemes[child] == shape.schemes[parent]
        if is_primary:
            primary.add(child)
        session.add(
            TagParent(
                child_id=ids[child],
                parent_id=ids[parent],
                position=placed.get(child, 0),
                is_primary=is_primary,
            )
        )
        placed[child] = placed.get(child, 0) + 1
    for merged, survivor in shape.replaced_by.items():
        session.get_one(Tag, ids[merged]).replaced_by = ids[survivor]
    session.flush()
    return ids


@EXAMPLES
@given(shape=shapes())
def test_parents_children_ancestors_and_descendants_agree_with_the_model(
    session: Session, system: Person, shape: Shape
) -> None:
    alive = shape.survivors()
    with written(session, system, shape) as ids:
        assert hierarchy.resolved(session, ids) == {
            ids[tag]: ids[shape.end(tag)] for tag in range(len(ids))
        }
        parents = hierarchy.parents(session, [ids[tag] for tag in alive])
        children = hierarchy.children(session, [ids[tag] for tag in alive])
        for tag in alive:
            for found, wanted in (
                (parents.get(ids[tag], []), shape.parents(tag)),
                (children.get(ids[tag], []), shape.children(tag)),
            ):
                assert len(found) == len(set(found))
                assert set(found) == {ids[other] for other in wanted}
            assert hierarchy.ancestors(session, ids[tag]) == {ids[up] for up in shape.above(tag)}
            assert hierarchy.descendants(session, ids[tag]) == {
                ids[down] for down in shape.below(tag)
            }
        for scheme_id in set(session.exec(select(Tag.scheme_id).where(Tag.key == "t0"))):
            roots = {
                ids[tag]
                for tag in alive
                if shape.schemes[tag] == shape.schemes[0]
                and not any(shape.schemes[up] == shape.schemes[0] for up in shape.parents(tag))
            }
            assert set(hierarchy.roots(session, scheme_id)) & set(ids) == roots
        chain = hierarchy.redirects()
        pairs = set(map(tuple, session.execute(sql_select(chain.c.tag_id, chain.c.survivor_id))))
        for tag in range(len(ids)):
            assert (ids[tag], ids[shape.end(tag)]) in pairs


@EXAMPLES
@given(shape=shapes(), language=st.sampled_from(["en", "ru"]))
def test_every_tag_has_a_path_of_its_own_scheme_from_the_top(
    session: Session, system: Person, shape: Shape, language: str
) -> None:
    with written(session, system, shape) as ids:
        cards = hierarchy.cards(session, ids, language)
        assert set(cards) == set(ids)
        for tag, tag_id in enumerate(ids):
            end = shape.end(tag)
            assert cards[tag_id] == cards[ids[end]]
            path = [int(label.split()[1]) for label in cards[tag_id].path]
            assert path[-1] == end
            assert cards[tag_id].label == f"label {end}"
            for parent, child in zip(path, path[1:], strict=False):
                assert parent in shape.parents(child)
            mine = {up for up in shape.parents(path[0]) if shape.schemes[up] == shape.schemes[end]}
            assert not mine
            assert {shape.schemes[step] for step in path} == {shape.schemes[end]}


@EXAMPLES
@given(shape=shapes(), data=st.data())
def test_an_atom_shows_each_tag_once_whatever_was_merged(
    session: Session, system: Person, shape: Shape, data: st.DataObject
) -> None:
    numbers = st.sets(st.integers(0, len(shape.schemes) - 1), max_size=6)
    asserted, wanted = data.draw(numbers), data.draw(numbers)
    with written(session, system, shape) as ids:
        atom = make.atom(session, system, "People return parcels", kind="insight")
        session.add_all(
            AtomTag(atom_id=atom.id, tag_id=ids[tag], person_id=system.id) for tag in asserted
        )
        session.flush()
        shown = tagging.of_atoms(session, [atom.id]).get(atom.id, [])
        assert len(shown) == len({put.tag_id for put in shown})
        assert {put.tag_id for put in shown} == {ids[shape.end(tag)] for tag in asserted}
        for put in shown:
            number = ids.index(put.asserted_id)
            assert ids[shape.end(number)] == put.tag_id
            assert number in asserted
            # A row of its own says more than one that was merged into it.
            assert (put.asserted_id == put.tag_id) is (ids.index(put.tag_id) in asserted)

        before = stored(session, atom)
        tagging.put(session, system, atom, [ids[tag] for tag in wanted])
        ends = {shape.end(tag) for tag in wanted}
        kept = {ids[tag] for tag in asserted if shape.end(tag) in ends}
        missing = {ids[end] for end in ends} - {ids[shape.end(tag)] for tag in asserted}
        assert stored(session, atom) == kept | missing
        if not missing and kept == before:
            assert atom.version == 1


def stored(session: Session, atom: Atom) -> set[int]:
    return set(session.exec(select(AtomTag.tag_id).where(AtomTag.atom_id == atom.id)))


def test_a_label_in_the_readers_language_comes_first_and_another_serves(
    session: Session, curator: Person
) -> None:
    both = make.tag(session, curator, "Checkout", ru="Оплата")
    only_russian = make.tag(session, curator, "Скидки")
    labels = hierarchy.labels_of(session, [both.id, only_russian.id], "en")
    assert labels == {both.id: ("Checkout", "en"), only_russian.id: ("Скидки", "ru")}
    assert hierarchy.labels_of(session, [both.id], "ru")[both.id] == ("Оплата", "ru")


def test_a_full_path_is_read_back_as_the_same_tag(session: Session, curator: Person) -> None:
    area = make.tag(session, curator, "Checkout", ru="Оплата")
    card = make.tag(session, curator, "Card", under=area, ru="Карта")
    for language in ("en", "ru"):
        path = hierarchy.cards(session, [card.id], language)[card.id].full_path
        assert tagging.named(session, curator, [path], "en") == [card.id]
    assert hierarchy.line(session, card.id) == (area.id, card.id)


@pytest.mark.parametrize("asked", [[], [10**6]])
def test_tags_that_are_not_there_are_left_out(session: Session, asked: list[int]) -> None:
    assert hierarchy.resolved(session, asked) == {}
    assert hierarchy.cards(session, asked, "en") == {}
