"""Each reason for which a hit is shown is true: looked up anew in the texts and among the tags."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlmodel import Session, select

from research_repo.core import demo, indexing, study_tags, words
from research_repo.core.models import (
    Atom,
    AtomTag,
    Evidence,
    Person,
    Scheme,
    Study,
    StudyTag,
    Tag,
    TagLabel,
    TagParent,
)
from research_repo.search import Search, Wanted, Why
from research_repo.search.answers import Answer
from research_repo.search.asking import parse
from research_repo.search.reasons import placed
from tests.search.conftest import House

QUERIES = 200


@dataclass
class Truth:
    """What the database says, row by row, with nothing of the search room in it."""

    session: Session

    def __post_init__(self) -> None:
        self.merged = {tag.id: tag.replaced_by for tag in self.session.exec(select(Tag))}
        self.above = defaultdict(set)
        for edge in self.session.exec(select(TagParent)):
            self.above[self.survivor(edge.child_id)].add(self.survivor(edge.parent_id))

    def survivor(self, tag_id: int) -> int:
        while self.merged[tag_id] is not None:
            tag_id = self.merged[tag_id]
        return tag_id

    def covers(self, tag_id: int, atom: Atom) -> bool:
        put = select(AtomTag.tag_id).where(AtomTag.atom_id == atom.id)
        carried = set(self.session.exec(put))
        lent = select(StudyTag.tag_id, Scheme.kinds).join(Tag, Tag.id == StudyTag.tag_id)
        rows = lent.join(Scheme, Scheme.id == Tag.scheme_id)
        for lent_id, kinds in self.session.exec(rows.where(StudyTag.study_id == atom.study_id)):
            if not kinds or atom.kind in kinds:
                carried.add(lent_id)
        found, frontier = set(), {self.survivor(one) for one in carried}
        while frontier:
            found |= frontier
            frontier = {parent for one in frontier for parent in self.above[one]} - found
        return tag_id in found

    def stems_in(self, field: str, atom: Atom) -> set[str]:
        quotes = select(Evidence.text).where(Evidence.atom_id == atom.id, Evidence.kind == "quote")
        texts = {"title": [atom.title], "body": [atom.body], "quote": self.session.exec(quotes)}
        return {words.stem(token) for text in texts[field] for token in words.tokens(text)}

    def stems_of_labels(self, tag_id: int) -> set[str]:
        return {
            words.stem(token)
            for label in self.session.exec(select(TagLabel))
            if self.survivor(label.tag_id) == tag_id
            for token in words.tokens(label.text)
        }

    def is_true(self, why: Why, atom: Atom) -> bool:
        if why.kind == "tag":
            return why.tag_id is not None and self.covers(why.tag_id, atom)
        stems = {words.stem(token) for token in words.tokens(why.text)}
        stands = bool(stems) and stems <= self.stems_in(why.field, atom)
        if why.kind == "label":
            return stands and why.tag_id is not None and stems <= self.stems_of_labels(why.tag_id)
        return stands and why.kind == "field"


def questions(session: Session, chance: random.Random) -> Iterator[str]:
    """Words of notes and of tags, some mistyped, as phrases, with other keys, or only begun."""
    texts = [f"{atom.title} {atom.body}" for atom in session.exec(select(Atom))]
    labels = [label.text for label in session.exec(select(TagLabel))]
    for _ in range(QUERIES):
        own = words.tokens(chance.choice(texts))
        start = chance.randrange(len(own))
        some = own[start : start + chance.randint(1, 4)]
        label = chance.choice(labels)
        yield chance.choice(
            [
                " ".join(some),
                " ".join(chance.sample(own, min(3, len(own)))),
                f'"{" ".join(some)}" {label}',
                label,
                f"{label} {' '.join(some)}",
                words.other_layout(label),
                label[:2] + label[3:] + " " + some[0],
                f"{some[0][:4]}* {label}",
            ]
        )


def assert_all_true(search: Search, person: Person, seed: int) -> None:
    search.catch_up()
    with search.database.reading() as session:
        truth, hits = Truth(session), 0
        for query in questions(session, random.Random(seed)):
            found = search.find(Wanted(query), person)
            texts = indexing.texts(session, [hit.atom_id for hit in found.hits])
            for hit in found.hits:
                atom = session.get_one(Atom, hit.atom_id)
                reasons = placed(hit.why, texts[atom.id])
                assert reasons or not parse(query).words, (query, atom.title)
                for why in reasons:
                    assert truth.is_true(why, atom), (query, atom.title, why)
                hits += 1
        assert hits > QUERIES


@pytest.mark.parametrize("name", ["Olga", "Anna"])
def test_every_reason_in_the_demo_is_true(house: House, name: str) -> None:
    demo.load(house.database)
    assert_all_true(house.search, house.people[name.lower()], seed=len(name))


def test_reasons_stay_true_after_merges_and_with_what_studies_lend(house: House) -> None:
    demo.load(house.database)
    house.search.catch_up()
    chance = random.Random(4)
    with house.database.saving() as session:
        tags = [tag for tag in session.exec(select(Tag).order_by(Tag.id)) if not tag.replaced_by]
        leaves = [
            tag
            for tag in tags
            if not session.exec(select(TagParent).where(TagParent.parent_id == tag.id)).first()
        ]
        for drop in chance.sample(leaves, 6):
            keep = chance.choice([tag for tag in tags if tag.scheme_id == drop.scheme_id])
            if keep.id != drop.id and keep.replaced_by is None:
                drop.replaced_by = keep.id
        for study in session.exec(select(Study).order_by(Study.id)):
            kept = [tag.id for tag in chance.sample(tags, 2) if tag.replaced_by is None]
            study_tags.put(session, house.people["anna"], study, kept)
        indexing.raise_edition(session)
    assert_all_true(house.search, house.people["anna"], seed=9)


def test_a_reason_names_the_field_in_which_its_words_stand(house: House) -> None:
    tag = house.tag("Return label", also=["shipping sticker"])
    house.atom(
        "Coupons expire",
        body="Vouchers are printed on a sticker.",
        quote="Shipping took my money",
        tags=[house.tag("Elsewhere")],
    )
    found = house.find("coupon voucher money")
    with house.database.reading() as session:
        texts = indexing.texts(session, [found.hits[0].atom_id])
    assert placed(found.hits[0].why, texts[found.hits[0].atom_id]) == (
        Why("field", "coupon", None, "title"),
        Why("field", "voucher", None, "body"),
        Why("field", "money", None, "quote"),
    )
    hit = house.find("return label").hits[0]
    assert placed(hit.why, texts[hit.atom_id]) == (
        Why("label", "shipping", tag.id, "quote"),
        Why("label", "sticker", tag.id, "body"),
    )


def test_of_a_label_with_several_words_only_those_that_stand_there_are_told(house: House) -> None:
    house.tag("Return label")
    house.atom("Return a parcel")
    assert house.find("return label").hits[0].why == (Why("field", "return"),)


def test_a_beginning_is_told_with_the_word_that_begins_so(house: House) -> None:
    atom = house.atom("Coupons expire", body="A couple of them")
    found = house.find("coup*")
    with house.database.reading() as session:
        texts = indexing.texts(session, [atom.id])
    assert placed(found.hits[0].why, texts[atom.id]) == (Why("field", "coupons", None, "title"),)


def test_words_that_were_just_edited_away_are_no_reason(house: House) -> None:
    atom = house.atom("Coupons expire", body="Vouchers")
    found = house.find("coupons vouchers")
    with house.database.saving() as session:
        session.get_one(Atom, atom.id).title = "Nothing of the kind"
    with house.database.reading() as session:
        texts = indexing.texts(session, [atom.id])
    assert placed(found.hits[0].why, texts[atom.id]) == (Why("field", "vouchers", None, "body"),)


def test_programs_are_told_the_field_or_the_tag(house: House) -> None:
    tag = house.tag("Tips", also=["gratuity"])
    house.atom("Couriers count on coins", tags=[tag])
    house.atom("Tips are small")
    found = house.find("gratuity couriers")
    with house.database.reading() as session:
        hits = Answer(session, house.people["olga"], found, "en").as_json()["hits"]
    assert {hit["title"]: hit["why"] for hit in hits} == {
        "Couriers count on coins": [
            {"tag": tag.key, "text": "gratuity"},
            {"field": "title", "text": "couriers"},
        ],
        "Tips are small": [{"field": "title", "text": "Tips"}],
    }
