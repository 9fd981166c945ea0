"""Sources: added, hidden until whole, read by their team alone, removed and put back."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from research_repo.core import access, history, sources, studies
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.models import Passage, Person, Source
from research_repo.core.source_texts import SourceText, Turn, composed
from research_repo.core.sources import SourceValues
from tests import make


def test_a_source_holds_its_text_and_each_passage_is_its_place_in_it(
    session: Session, researcher: Person
) -> None:
    source = make.source(session, researcher, [("Anna", "Where is it?"), ("R-1", "Lost 📦, ждём")])

    leaf = sources.page(session, source)

    assert [(one.speaker, one.text) for one in leaf.passages] == [
        ("Anna", "Where is it?"),
        ("R-1", "Lost 📦, ждём"),
    ]
    assert all(source.text[one.start : one.end] == one.text for one in leaf.passages)


def test_what_nobody_named_is_filled_in_from_the_file(session: Session, researcher: Person) -> None:
    text = composed("notes", [Turn("Посылка пришла поздно")])

    values = sources.ready(SourceValues(file_name="C:/calls/Звонок 7.docx"), text)

    assert (values.title, values.kind, values.language) == ("Звонок 7", "notes", "ru")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (SourceValues(), "title"),
        (SourceValues(title="x" * 301), "title"),
        (SourceValues(title="x", kind="pdf"), "kind"),
        (SourceValues(title="x", language="xx"), "language"),
    ],
)
def test_values_that_cannot_be_used_are_refused_beside_their_field(
    values: SourceValues, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        sources.ready(values, composed("notes", [Turn("Words")]))

    assert list(refusal.value.problems) == [field]


def test_the_team_alone_reads_the_sources_of_an_open_study(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher, access="open")
    source = make.source(session, researcher, study=study)
    stranger = make.person(session, "Petr", "curator")
    member = make.person(session, "Olga", "reader")
    studies.add_member(session, researcher, study.key, member.email, may_edit=False)

    assert [one.key for one in sources.of_study(session, member, study.key)] == [source.key]
    with pytest.raises(NotFound):
        sources.of_study(session, stranger, study.key)
    with pytest.raises(NotFound):
        access.source_to_read(session, stranger, source.key)


def test_whoever_only_reads_in_the_team_adds_and_removes_nothing(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher)
    source = make.source(session, researcher, study=study)
    member = make.person(session, "Olga", "researcher")
    studies.add_member(session, researcher, study.key, member.email, may_edit=False)

    with pytest.raises(NotAllowed):
        make.source(session, member, study=study)
    with pytest.raises(NotAllowed):
        sources.remove(session, member, source.key)


def test_a_long_source_comes_in_by_parts_and_is_not_there_before_it_is_whole(
    database: Database,
) -> None:
    with database.saving() as session:
        by = make.person(session, "Marina", "researcher")
        make.study(session, by, "k")
    text = composed("survey", [Turn(f"Answer {n}") for n in range(1201)])
    seen: list[int] = []

    def look(_done: int, _total: int) -> None:
        with database.reading() as session:
            seen.append(len(sources.of_study(session, by, "k")))

    key = sources.bring_in(
        database, by, "k", sources.ready(SourceValues(title="All"), text), text, progress=look
    )

    assert len(seen) >= 3
    assert set(seen) == {0}
    with database.reading() as session:
        source = access.source_to_read(session, by, key)
        assert sources.of_study(session, by, "k")[0].passages == 1201
        last = sources.page(session, source, 99)
        assert (last.page, last.last, last.total) == (13, 13, 1201)
        assert last.passages[-1].text == "Answer 1200"


def test_what_broke_off_long_ago_goes_with_the_next_source(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher)
    broken = make.source(session, researcher, study=study)
    broken.completed_at, broken.created_at = None, broken.created_at - 2 * sources.ABANDONED
    session.flush()

    make.source(session, researcher, study=study)

    assert len(session.exec(select(Source)).all()) == 1
    assert not session.exec(select(Passage).where(Passage.source_id == broken.id)).all()


def test_the_place_of_a_quote_is_found_by_its_offset(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher, [("", f"Words {n}") for n in range(150)])
    offset = source.text.index("Words 120")

    assert sources.place(session, source, offset + 3) == (2, 120)
    with pytest.raises(NotFound):
        sources.place(session, source, len(source.text))


def test_a_removed_source_can_be_put_back(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher)
    study_key = make.default_study(session, researcher).key

    sources.remove(session, researcher, source.key)
    assert sources.of_study(session, researcher, study_key)[0].removed_at
    sources.restore(session, researcher, source.key)

    assert sources.of_study(session, researcher, study_key)[0].removed_at is None
    told = [line.verb for line in history.of(session, "source", [source.id])]
    assert told == ["restored", "removed", "added"]


def test_history_does_not_keep_the_words_of_a_source(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher, [("R-1", "Call me at 555-0100")])

    told = history.of(session, "source", [source.id])

    assert "555-0100" not in str(told)


def test_an_image_is_a_source_without_text(session: Session, researcher: Person) -> None:
    study = make.study(session, researcher)
    text = SourceText("image")
    values = sources.ready(SourceValues(title="The shelf"), text)

    source = sources.add(session, researcher, study.key, values, text)

    assert sources.page(session, source).passages == []
    assert sources.card(session, source).kind == "image"
