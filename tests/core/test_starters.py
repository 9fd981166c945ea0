"""Ready-made tag groups."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from research_repo.core import hierarchy, schemes, starters, tags
from research_repo.core.errors import NotAllowed, NotFound
from research_repo.core.models import Person, Tag
from tests import make

DEFINITION_ADVISED = 120
"""Characters: one short sentence."""


@pytest.fixture
def vera(session: Session) -> Person:
    return make.person(session, "Vera", "curator")


def held(session: Session, key: str) -> dict[str, list[str]]:
    """Guid → path of the tags of a group."""
    scheme = schemes.get(session, key)
    rows = session.exec(select(Tag).where(Tag.scheme_id == scheme.id)).all()
    cards = hierarchy.cards(session, [row.id for row in rows], "en")
    return {row.guid: list(cards[row.id].path) for row in rows}


def test_each_template_becomes_a_group_with_its_tags_in_both_languages(
    session: Session, vera: Person
) -> None:
    for offer in starters.offers(session):
        template = offer.template
        assert len(offer.missing) == len(template.leaves)
        scheme = starters.add(session, vera, template.key)
        assert scheme.guid == f"research-repo:{template.key}"
        assert len(held(session, scheme.key)) == len(template.leaves)
        for tag in session.exec(select(Tag).where(Tag.scheme_id == scheme.id)):
            assert set(tags.words_of(session, tag).pref) == {"en", "ru"}
            assert tag.status == "approved"
    assert all(offer.is_whole for offer in starters.offers(session))


def test_a_template_has_places_and_synonyms(session: Session, vera: Person) -> None:
    starters.add(session, vera, "touchpoint")
    paths = held(session, "touchpoint")
    assert paths["research-repo:touchpoint:chat"] == ["Interaction", "Chat"]
    starters.add(session, vera, "experience")
    tag = session.exec(select(Tag).where(Tag.guid == "research-repo:experience:user")).one()
    assert tags.words_of(session, tag).alt["en"] == ["UX"]


def test_a_template_added_again_adds_only_what_is_missing(session: Session, vera: Person) -> None:
    starters.add(session, vera, "empathy-map")
    tag = session.exec(select(Tag).where(Tag.guid == "research-repo:empathy-map:says")).one()
    tags.retire(session, vera, tag.key)
    before = held(session, "empathy-map")
    starters.add(session, vera, "empathy-map")
    assert held(session, "empathy-map") == before


def test_a_template_fills_the_group_that_has_its_name_and_doubles_no_word(
    session: Session, vera: Person
) -> None:
    make.scheme(session, vera, "Драйвер", key="why")
    own = make.tag(session, vera, "доверие", scheme="why")
    assert starters.add(session, vera, "driver").key == "why"
    paths = held(session, "why")
    assert own.guid in paths
    assert "research-repo:driver:trust" not in paths
    assert len(paths) == 8


def test_the_empty_starter_group_is_filled_by_its_template(session: Session, vera: Person) -> None:
    assert starters.add(session, vera, "journey-stage").key == "journey-stage"
    assert len(held(session, "journey-stage")) == 5


def test_what_was_retired_takes_no_new_tags_under_it(session: Session, vera: Person) -> None:
    make.scheme(session, vera, "Touchpoint")
    contact = make.tag(session, vera, "Contact", scheme="touchpoint")
    tags.retire(session, vera, contact.key)
    starters.add(session, vera, "touchpoint")
    assert held(session, "touchpoint")["research-repo:touchpoint:email"] == ["E-mail"]


def test_only_curators_add_templates_and_only_known_ones(session: Session, vera: Person) -> None:
    researcher = make.person(session, "Oleg", "researcher")
    with pytest.raises(NotAllowed):
        starters.add(session, researcher, "driver")
    with pytest.raises(NotFound):
        starters.add(session, vera, "nothing")


def test_every_template_is_named_in_both_languages_with_parents_first() -> None:
    for template in (*starters.STARTERS, *starters.TEMPLATES):
        assert template.english
        assert template.russian
        keys = [leaf.key for leaf in template.leaves]
        assert len(keys) == len(set(keys))
        for place, leaf in enumerate(template.leaves):
            assert not leaf.under or leaf.under in keys[:place], "parents come first"


def test_every_tag_says_in_both_languages_what_it_means() -> None:
    for template in (*starters.STARTERS, *starters.TEMPLATES):
        for leaf in template.leaves:
            for text in (leaf.definition_en, leaf.definition_ru):
                assert text.endswith("."), leaf.key
                assert len(text) <= DEFINITION_ADVISED, leaf.key


def test_a_new_repository_and_a_template_tell_what_their_tags_mean(
    session: Session, vera: Person
) -> None:
    starters.add(session, vera, "loyalty-group")
    kept = session.exec(select(Tag).where(col(Tag.guid).startswith("research-repo:"))).all()
    told = {tag.guid: tags.words_of(session, tag).definition for tag in kept}
    assert all(set(definition) == {"en", "ru"} for definition in told.values())
    assert told["research-repo:severity:blocker"]["en"] == "The task cannot be finished at all."
    assert "9" in told["research-repo:loyalty-group:promoter"]["ru"]


def test_a_tag_of_ones_own_keeps_its_meaning(session: Session, vera: Person) -> None:
    make.scheme(session, vera, "Driver")
    own = make.tag(session, vera, "Trust", scheme="driver")
    starters.add(session, vera, "driver")
    assert tags.words_of(session, own).definition == {}
