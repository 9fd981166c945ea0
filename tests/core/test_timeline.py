"""An atom's history as a person reads it: as much as they might have seen at the time."""

from __future__ import annotations

from sqlmodel import Session

from research_repo.core import atoms, change_lines, changes, studies, timeline
from research_repo.core.atoms import AtomValues
from research_repo.core.models import Atom, Person
from tests import make


def edit(session: Session, by: Person, atom: Atom, **values: str) -> None:
    given = AtomValues(**{"kind": "insight", "title": atom.title, **values})
    atoms.edit(session, by, atom.key, atom.version, atoms.ready(given))


def told(session: Session, by: Person, atom: Atom) -> list[tuple[str, str]]:
    """Each line: what was done, and the words of its changes."""
    return [
        (
            str(event.what),
            " ".join(text for field in event.fields for _, text in field.words),
        )
        for event in timeline.of_atom(session, by, atom.id, "en")
    ]


def test_an_edit_shows_the_words_that_went_and_came(session: Session, researcher: Person) -> None:
    atom = make.atom(session, researcher, "People fear fees", kind="insight")
    edit(session, researcher, atom, title="People love fees")
    (event, first) = timeline.of_atom(session, researcher, atom.id, "en")
    (field,) = event.fields
    assert str(field.name) == "claim"
    assert field.words == ((0, "People "), (-1, "fear "), (1, "love "), (0, "fees"))
    assert (event.who, str(first.what), first.fields) == ("Marina", "wrote it down", ())


def test_what_was_written_in_a_closed_study_stays_there_when_the_atom_leaves_it(
    session: Session, researcher: Person, reader: Person
) -> None:
    make.study(session, researcher, "secret", "Merger talks", access="members")
    atom = make.atom(
        session, researcher, "Canary one", study=None, kind="insight", status="published"
    )
    edit(session, researcher, atom, title="Canary two", study_key="secret", tags=("canary tag",))
    edit(session, researcher, atom, title="Canary three", study_key="secret")
    edit(session, researcher, atom, title="People leave")
    edit(session, researcher, atom, title="People leave early")
    lines = told(session, reader, atom)
    assert [what for what, _ in lines] == ["edited", "edited", "wrote it down"]
    assert "early" in lines[0][1]
    assert lines[1][1] == ""
    assert not any("anary" in words or "Merger" in words for _, words in lines)
    assert any(
        "Canary three" in words or "three" in words for _, words in told(session, researcher, atom)
    )


def test_what_a_draft_said_stays_with_its_author_when_it_is_published(
    session: Session, researcher: Person, reader: Person
) -> None:
    atom = make.atom(session, researcher, "Canary one", kind="insight", status="draft")
    edit(session, researcher, atom, title="Canary two", status="draft")
    edit(session, researcher, atom, title="People leave", status="draft")
    atoms.set_status(session, researcher, atom.key, atom.version, "published")
    assert told(session, reader, atom) == [("published it", "")]
    assert len(told(session, researcher, atom)) == 4


def test_the_team_reads_all_of_it(session: Session, researcher: Person, reader: Person) -> None:
    study = make.study(session, researcher, "secret", access="members")
    atom = make.atom(session, researcher, "One", study=study, kind="insight", status="draft")
    edit(session, researcher, atom, title="Two", study_key="secret", status="draft")
    studies.add_member(session, researcher, "secret", reader.email, may_edit=False)
    assert told(session, reader, atom) == told(session, researcher, atom)
    assert len(told(session, reader, atom)) == 2


def test_a_tags_story_tells_its_words_what_was_merged_into_it_and_the_set_to_undo(
    session: Session, curator: Person
) -> None:
    refund = make.tag(session, curator, "Refund")
    old = make.tag(session, curator, "Repayment")
    word = change_lines.AddLabel(tag=refund.key, language="en", label="money back")
    merge = change_lines.Merge(tag=old.key, into=refund.key)
    first = changes.apply_at_once(session, curator, [word])
    second = changes.apply_at_once(session, curator, [merge])
    merged, worded, _created = timeline.of_tag(session, refund.id, "en")
    assert (merged.other_title, merged.set_key) == ("Repayment", second.key)
    assert [field.words for field in worded.fields] == [((1, "money back"),)]
    assert worded.set_key == first.key
    assert worded.may_be_undone
    changes.undo(session, curator, first.key)
    undone, _, worded, _ = timeline.of_tag(session, refund.id, "en")
    assert not worded.may_be_undone
    assert [field.words for field in undone.fields] == [((-1, "money back"),)]
