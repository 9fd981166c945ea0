"""What a brief tells: how much is known in plain words, and what is kept of a decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from research_repo.core import atoms, brief_lists, brief_pages, briefs, history
from research_repo.core.brief_pages import Verdict
from research_repo.core.briefs import Content, Decision
from research_repo.core.clock import today
from research_repo.core.errors import Conflict, Invalid, NotAllowed
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Atom, Person, Study
from tests import make

QUESTION = "Почему возвращают обувь?"


def verdict(session: Session, by: Person, *claims: Atom) -> Verdict:
    content = Content(tuple(one.id for one in claims))
    return brief_pages.shown(session, by, content, "en").verdict


def backed(
    session: Session, by: Person, title: str, people: int, *studies: Study, against: int = 0
) -> Atom:
    """An insight with so many people in each of these studies behind it."""
    claim = make.atom(session, by, title, kind="insight")
    for study in studies:
        said = [
            EvidenceValues(text=f"{title} {study.key} {number}", who=f"R-{number}")
            for number in range(people)
        ]
        fact = make.atom(session, by, f"{title} {study.key}", study, evidence=said)
        make.link(session, by, fact, claim)
    for number in range(against):
        fact = make.atom(session, by, f"Not {title} {number}", studies[0])
        make.link(session, by, fact, claim, "contradicts")
    return claim


@pytest.fixture
def studies(session: Session, researcher: Person) -> tuple[Study, Study]:
    return (
        make.study(session, researcher, "a", method="interviews"),
        make.study(session, researcher, "b", method="diary"),
    )


def test_the_verdict_follows_the_claim_that_answers_best(
    session: Session, researcher: Person, studies: tuple[Study, Study]
) -> None:
    weak = backed(session, researcher, "Weak", 1, studies[0])
    fair = backed(session, researcher, "Fair", 4, studies[0])
    strong = backed(session, researcher, "Strong", 4, *studies)
    disputed = backed(session, researcher, "Disputed", 4, *studies, against=2)

    def level(*claims: Atom) -> str:
        return verdict(session, researcher, *claims).level

    assert level() == "nothing"
    assert (level(weak), level(fair), level(strong)) == ("little", "some", "much")
    assert (level(disputed, strong), level(weak, strong)) == ("disputed", "some")


def test_people_studies_and_facts_are_counted_once_over_all_claims(
    session: Session, researcher: Person, studies: tuple[Study, Study]
) -> None:
    first = backed(session, researcher, "One", 3, *studies)
    second = make.atom(session, researcher, "Two", kind="insight")
    make.link(session, researcher, first, second)
    found = verdict(session, researcher, second, first)
    assert (found.respondents, found.studies, found.facts) == (6, 2, 2)


def test_old_claims_are_called_old(session: Session, researcher: Person) -> None:
    day = today() - timedelta(days=2000)
    old = make.atom(session, researcher, "Old", observed_on=day)
    found = verdict(session, researcher, old)
    assert (found.is_stale, found.oldest, found.latest) == (True, day, day)
    said = " ".join(one.put("en") for one in brief_pages.told(found, "en"))
    assert "Nobody has confirmed it in time" in said


def test_what_was_archived_since_answers_no_more(session: Session, researcher: Person) -> None:
    claim = make.atom(session, researcher, "Gone")
    content = Content((claim.id,))
    assert brief_pages.shown(session, researcher, content, "en").claims
    atoms.set_status(session, researcher, claim.key, claim.version, "archived")
    assert brief_pages.shown(session, researcher, content, "en").claims == ()


def test_only_who_decided_or_asked_decides_anew(
    session: Session, researcher: Person, reader: Person, curator: Person
) -> None:
    brief = briefs.save(session, reader, QUESTION, Content())
    briefs.decide(session, curator, brief.key, 1, Decision("enough"))
    with pytest.raises(NotAllowed):
        briefs.decide(session, researcher, brief.key, 2, Decision("narrow", "Чью обувь?"))
    with pytest.raises(Conflict):
        briefs.decide(session, reader, brief.key, 1, Decision("enough"))
    briefs.decide(session, reader, brief.key, 2, Decision("narrow", "Чью обувь?"))
    before, *_ = [line.before for line in history.of(session, "brief", [brief.id])]
    assert before["decision"] == "enough"


def test_a_brief_belongs_to_one_study(session: Session, researcher: Person) -> None:
    brief = briefs.save(session, researcher, QUESTION, Content())
    first, second = (make.study(session, researcher, key) for key in ("one", "two"))
    briefs.attach(session, researcher, first, brief.key)
    briefs.attach(session, researcher, first, brief.key)
    with pytest.raises(Invalid, match="Another study came of it"):
        briefs.attach(session, researcher, second, brief.key)
    (card,) = brief_lists.of_study(session, researcher, first.id)
    assert (card.key, card.study) == (brief.key, ("one", first.title))


@pytest.mark.parametrize("question", ["", "  ", "\x00", "а" * 501])
def test_a_question_has_words_and_an_end(
    session: Session, researcher: Person, question: str
) -> None:
    with pytest.raises(Invalid):
        briefs.save(session, researcher, question, Content())
