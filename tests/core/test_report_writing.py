"""Reports in their author's hands: begun, arranged, written, shown to others, deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import Session, select

from research_repo.core import (
    changes,
    report_arranging,
    report_layouts,
    report_lists,
    report_picking,
    report_places,
    report_scopes,
    report_templates,
    report_writing,
    reports,
    studies,
    study_tags,
)
from research_repo.core.change_lines import Merge
from research_repo.core.db import Database
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import Atom, Person, Question, Report, ReportAtom, Study
from research_repo.core.report_arranging import PartChoice, PartWords
from research_repo.core.report_layouts import Part
from research_repo.core.report_shape import StudyReport
from research_repo.core.report_writing import NewReport
from tests import make

CLASSIC = report_layouts.shipped("study", "en")


@pytest.fixture
def study(session: Session, researcher: Person) -> Study:
    return make.study(session, researcher, questions=["Why?", "How?"], summary="Short")


@pytest.fixture
def row(session: Session, researcher: Person, study: Study) -> Report:
    return report_writing.of_study(session, researcher, study.key, "en")


def across(session: Session, by: Person, atoms: list[Atom], **values: object) -> Report:
    keys = [atom.key for atom in atoms]
    new = NewReport("list", "Across", CLASSIC, atom_keys=keys, **values)  # type: ignore[arg-type]
    return report_writing.create(session, by, new)


def read(session: Session, by: Person, row: Report) -> StudyReport:
    return reports.of_report(session, by, row.key, "en")


def by_place(session: Session, by: Person, row: Report) -> dict[str, list[str]]:
    made = reports.arranged(session, by, row.key, "en")
    return {shelf.place: [one.title for one in shelf.claims] for shelf in made.shelves}


def anchors(report: StudyReport) -> list[str]:
    return [section.anchor for section in report.sections]


def test_a_studys_report_is_made_once_and_says_the_same_as_before(
    session: Session, researcher: Person, study: Study
) -> None:
    make.atom(session, researcher, "One", study)
    before = reports.study_report(session, researcher, study.key, "en")
    first = report_writing.of_study(session, researcher, study.key, "en")
    assert report_writing.of_study(session, researcher, study.key, "en") is first
    assert reports.study_report(session, researcher, study.key, "en") == before
    assert read(session, researcher, first) == before


def test_only_who_may_change_the_study_arranges_its_report(
    session: Session, researcher: Person, reader: Person, curator: Person, study: Study, row: Report
) -> None:
    for by in (reader, curator):
        with pytest.raises(NotAllowed):
            report_writing.of_study(session, by, study.key, "en")
        with pytest.raises(NotAllowed):
            report_arranging.arrange(session, by, row.key, [])
        with pytest.raises(NotAllowed):
            report_picking.put(session, by, row.key, ["x"], "also")
        with pytest.raises(NotAllowed):
            reports.arranged(session, by, row.key, "en")
    studies.add_member(session, researcher, study.key, curator.email, may_edit=True)
    report_arranging.arrange(session, curator, row.key, [PartChoice("tags")])


def test_sections_come_in_the_authors_order_and_hidden_ones_are_not_in_the_report(
    session: Session, researcher: Person, study: Study, row: Report
) -> None:
    make.atom(session, researcher, "One", study, tags=["Fees"])
    assert anchors(read(session, researcher, row)) == [
        *("summary", "questions", "answers", "also", "appendix", "tags")
    ]
    choices = [PartChoice("tags"), PartChoice("questions", is_shown=False), PartChoice("also")]
    report_arranging.arrange(session, researcher, row.key, choices)
    assert anchors(read(session, researcher, row)) == [
        *("tags", "also", "summary", "answers", "appendix")
    ]


def test_a_section_in_brief_keeps_claims_and_leaves_out_their_facts_and_bodies(
    session: Session, researcher: Person, study: Study, row: Report
) -> None:
    (why, _) = (one.id for one in studies.questions_of(session, study.id))
    insight = make.atom(
        session, researcher, "I", study, "insight", question_ids=[why], body="Long", quote="Oh"
    )
    fact = make.atom(session, researcher, "F", study, question_ids=[why])
    make.link(session, researcher, fact, insight)
    report_arranging.arrange(session, researcher, row.key, [PartChoice("answers", is_brief=True)])
    made = read(session, researcher, row)
    (one,) = made.answers[0].insights
    assert (one.body, one.body_html, one.supporting, len(one.evidence)) == ("", "", (), 1)
    assert one.strength.supporting == 1
    assert made.answers[0].facts == ()
    appendix = made.section("appendix")
    assert appendix
    assert [line.title for line in appendix.cited] == ["F"]


def test_the_authors_words_stand_after_the_studys_own_with_numbers_filled_in(
    session: Session, researcher: Person, study: Study, row: Report
) -> None:
    make.atom(session, researcher, "One", study)
    words = report_arranging.ready(PartWords("At a glance", "*{facts}* fact of {studies} study"))
    report_arranging.write(session, researcher, row.key, "summary", 1, words)
    section = read(session, researcher, row).section("summary")
    assert section
    assert (section.title, section.text) == ("At a glance", "Short\n\n*1* fact of 1 study")
    assert section.html == "<p>Short</p>\n<p><em>1</em> fact of 1 study</p>"


def test_words_that_cannot_be_used_are_refused_before_anything_is_written() -> None:
    for words, field in (
        (PartWords(text="{nobody}"), "text"),
        (PartWords(text="x" * (report_arranging.TEXT_MAX + 1)), "text"),
        (PartWords(title="x" * (report_arranging.TITLE_MAX + 1)), "title"),
    ):
        with pytest.raises(Invalid) as refusal:
            report_arranging.ready(words)
        assert set(refusal.value.problems) == {field}
    assert report_arranging.ready(PartWords("a\x07b", "c\x00d\r\ne")).text == "cd\ne"


def test_two_who_write_in_one_section_both_keep_their_text_and_in_two_none_waits(
    session: Session, researcher: Person, row: Report
) -> None:
    mine, yours = (report_arranging.ready(PartWords("", one)) for one in ("Mine", "Yours"))
    report_arranging.write(session, researcher, row.key, "summary", 1, mine)
    report_arranging.write(session, researcher, row.key, "limitations", 1, yours)
    with pytest.raises(Conflict) as refusal:
        report_arranging.write(session, researcher, row.key, "summary", 1, yours)
    assert isinstance(refusal.value.current, Part)
    assert (refusal.value.current.text, refusal.value.current.version) == ("Mine", 2)


def test_the_author_adds_sections_and_takes_them_away_again(
    session: Session, researcher: Person, row: Report
) -> None:
    words = report_arranging.ready(PartWords("Next", "We *go on*"))
    first = report_arranging.add_section(session, researcher, row.key, words)
    second = report_arranging.add_section(session, researcher, row.key, words)
    assert (first.id, second.id) == ("text-1", "text-2")
    made = read(session, researcher, row)
    assert anchors(made)[-2:] == ["text-1", "text-2"]
    assert made.sections[-1].html == "<p>We <em>go on</em></p>"
    report_arranging.remove_section(session, researcher, row.key, "text-1")
    assert "text-1" not in anchors(read(session, researcher, row))
    for gone in ("text-1", "summary"):
        with pytest.raises(NotFound):
            report_arranging.remove_section(session, researcher, row.key, gone)
    with pytest.raises(Invalid):
        report_arranging.add_section(session, researcher, row.key, PartWords())


def test_a_template_arranges_the_sections_and_keeps_what_the_author_wrote(
    session: Session, researcher: Person, row: Report
) -> None:
    for part in ("background", "summary"):
        words = report_arranging.ready(PartWords("", f"My {part}"))
        report_arranging.write(session, researcher, row.key, part, 1, words)
    report_arranging.add_section(session, researcher, row.key, PartWords("Own"))
    one_pager = report_templates.get(session, "one-pager", "en").parts
    report_arranging.use_template(session, researcher, row.key, one_pager)
    made = read(session, researcher, row)
    assert {"summary", "background", "text-1"} <= set(anchors(made))
    assert made.section("questions") is None
    assert report_layouts.parts_of(row.layout)[1].is_brief


def test_a_claim_is_moved_from_what_was_also_found_to_a_question_and_back(
    session: Session, researcher: Person, study: Study, row: Report
) -> None:
    why, how = (report_places.of_question(one.id) for one in _questions(session, study))
    atoms = [make.atom(session, researcher, title, study) for title in ("One", "Two", "Three")]
    report_picking.put(session, researcher, row.key, [atoms[2].key.upper()], why)
    assert by_place(session, researcher, row) == {
        why: ["Three"],
        how: [],
        "also": ["One", "Two"],
        "recommendations": [],
        "hidden": [],
    }
    report_picking.put(session, researcher, row.key, [atoms[0].key], why, atoms[2].key)
    assert by_place(session, researcher, row)[why] == ["One", "Three"]
    report_picking.put(session, researcher, row.key, [atoms[0].key], "hidden")
    report_picking.put(session, researcher, row.key, [atoms[2].key], report_picking.HOME)
    found = by_place(session, researcher, row)
    assert (found[why], found["also"], found["hidden"]) == ([], ["Two", "Three"], ["One"])
    assert "One" not in repr(read(session, researcher, row))


def test_a_claim_that_answers_two_questions_has_its_turn_in_each(
    session: Session, researcher: Person, study: Study, row: Report
) -> None:
    ids = [one.id for one in _questions(session, study)]
    places = [report_places.of_question(one) for one in ids]
    atoms = [make.atom(session, researcher, t, study, question_ids=ids) for t in ("A", "B", "C")]
    report_picking.put(session, researcher, row.key, [atoms[2].key], places[0], atoms[0].key)
    report_picking.put(session, researcher, row.key, [atoms[1].key], places[1], atoms[0].key)
    found = by_place(session, researcher, row)
    assert (found[places[0]], found[places[1]]) == (["C", "A", "B"], ["B", "A", "C"])


def test_where_a_claim_was_put_is_forgotten_with_the_question(
    session: Session, researcher: Person, study: Study, row: Report
) -> None:
    why, how = _questions(session, study)
    atom = make.atom(session, researcher, "One", study)
    place = report_places.of_question(why.id)
    report_picking.put(session, researcher, row.key, [atom.key], place)
    kept = studies.ready(studies.StudyValues(title="T", questions=[(how.id, "How?")]))
    studies.change(session, researcher, study.key, 1, kept)
    assert by_place(session, researcher, row)["also"] == ["One"]
    with pytest.raises(Invalid):
        report_picking.put(session, researcher, row.key, [atom.key], place)


def test_what_is_not_in_the_report_cannot_be_put_anywhere(
    session: Session, researcher: Person, curator: Person, study: Study, row: Report
) -> None:
    other = make.study(session, curator, "other", access="members")
    hidden = make.atom(session, curator, "Hidden", other)
    draft = make.atom(session, researcher, "Draft", study, status="draft")
    for key in (hidden.key, draft.key, "nothing"):
        with pytest.raises(Invalid):
            report_picking.put(session, researcher, row.key, [key], "also")
    assert session.exec(select(ReportAtom)).all() == []


def test_a_report_of_picked_claims_keeps_their_order_and_has_questions_of_its_own(
    session: Session, researcher: Person, study: Study
) -> None:
    other = make.study(session, researcher, "other")
    facts = [
        make.atom(session, researcher, "F1", study),
        make.atom(session, researcher, "F2", other),
    ]
    row = across(session, researcher, facts[::-1])
    made = read(session, researcher, row)
    assert [one.title for one in made.also] == ["F2", "F1"]
    assert (made.scope, made.address, made.about.team) == (
        "list",
        f"/reports/{row.key}",
        ("Marina",),
    )
    section = made.section("also")
    assert section
    assert section.title == "Findings"
    assert {line.key for line in made.about.studies} == {"returns", "other"}
    report_arranging.ask(session, researcher, row.key, [(None, "Money"), (None, "Trust")])
    report_picking.put(session, researcher, row.key, [facts[0].key], "q2")
    made = read(session, researcher, row)
    assert [(one.question, [f.title for f in one.facts]) for one in made.answers] == [
        ("Money", []),
        ("Trust", ["F1"]),
    ]
    report_arranging.ask(session, researcher, row.key, [(1, "Price")])
    assert [one.title for one in read(session, researcher, row).also] == ["F2", "F1"]


def test_picked_claims_come_and_go(session: Session, researcher: Person, study: Study) -> None:
    atoms = [make.atom(session, researcher, title, study) for title in ("A", "B", "C")]
    row = across(session, researcher, atoms[:1])
    report_picking.pick(session, researcher, row.key, [atoms[2].key, atoms[1].key, atoms[0].key])
    assert [one.title for one in read(session, researcher, row).also] == ["A", "C", "B"]
    report_picking.drop(session, researcher, row.key, [atoms[2].key])
    assert [one.title for one in read(session, researcher, row).also] == ["A", "B"]
    with pytest.raises(Invalid):
        report_picking.pick(session, researcher, row.key, ["nothing"])


def test_a_report_of_a_tag_holds_what_lies_under_it_and_follows_its_merge(
    session: Session, researcher: Person, curator: Person, study: Study
) -> None:
    money = make.tag(session, curator, "Money")
    fees = make.tag(session, curator, "Fees", under=money)
    lent = make.study(session, curator, "lent")
    study_tags.put(session, curator, lent, [fees.id])
    make.atom(session, researcher, "Beside", study)
    make.atom(session, researcher, "Under", study, tags=[fees])
    make.atom(session, researcher, "From its study", lent)
    new = NewReport("tag", "All about money", CLASSIC, tag_key=money.key)
    row = report_writing.create(session, researcher, new)
    assert [one.title for one in read(session, researcher, row).also] == ["Under", "From its study"]
    finance = make.tag(session, curator, "Finance")
    make.atom(session, researcher, "Newer", study, tags=[finance])
    changes.apply_at_once(session, curator, [Merge(money.key, finance.key)])
    titles = [one.title for one in read(session, researcher, row).also]
    assert titles == ["Under", "From its study", "Newer"]


def test_a_report_of_a_search_holds_what_was_found_and_only_what_its_reader_sees(
    session: Session, researcher: Person, reader: Person, study: Study
) -> None:
    secret = make.study(session, researcher, "secret", access="members")
    seen, hidden = (make.atom(session, researcher, "Seen", one) for one in (study, secret))
    new = NewReport("search", "Found", CLASSIC, wanted=[("q", "seen")], is_shared=True)
    row = report_writing.create(session, researcher, new)
    ids = [seen.id, hidden.id]
    mine = reports.of_report(session, researcher, row.key, "en", ids)
    theirs = reports.of_report(session, reader, row.key, "en", ids)
    assert [len(one.findings) for one in (mine, theirs)] == [2, 1]
    assert [line.key for line in theirs.about.studies] == ["returns"]
    assert "secret" not in repr(theirs)


def test_a_report_that_cannot_be_begun_says_why(
    session: Session, researcher: Person, reader: Person
) -> None:
    for new, field in (
        (NewReport("list", "T", CLASSIC), "atoms"),
        (NewReport("list", "T", CLASSIC, atom_keys=["nothing"]), "atoms"),
        (NewReport("search", "T", CLASSIC), ""),
        (NewReport("search", " ", CLASSIC, wanted=[("q", "a")]), "title"),
        (NewReport("search", "x" * 501, CLASSIC, wanted=[("q", "a")]), "title"),
        (NewReport("study", "T", CLASSIC), "scope"),
    ):
        with pytest.raises(Invalid) as refusal:
            report_writing.create(session, researcher, new)
        assert set(refusal.value.problems) == {field}
    with pytest.raises(NotFound):
        report_writing.create(session, researcher, NewReport("tag", "T", CLASSIC, tag_key="no"))
    new = NewReport("search", "T", CLASSIC, wanted=[("q", "a")])
    with pytest.raises(NotAllowed):
        report_writing.create(session, reader, new)


def test_a_report_is_its_owners_until_it_is_shown_to_all_and_gone_until_it_is_put_back(
    session: Session, researcher: Person, curator: Person, study: Study
) -> None:
    row = across(session, researcher, [make.atom(session, researcher, "One", study)])
    with pytest.raises(NotFound):
        read(session, curator, row)
    assert report_lists.listed(session, curator) == []
    report_writing.share(session, researcher, row.key, is_shared=True)
    assert read(session, curator, row).title == "Across"
    with pytest.raises(NotAllowed):
        report_writing.remove(session, curator, row.key)
    report_writing.remove(session, researcher, row.key)
    for by in (researcher, curator):
        with pytest.raises(NotFound):
            read(session, by, row)
        assert report_lists.listed(session, by) == []
    assert [one.title for one in report_lists.deleted(session, researcher)] == ["Across"]
    with pytest.raises(NotFound):
        report_writing.put_back(session, curator, row.key)
    report_writing.put_back(session, researcher, row.key)
    (card,) = report_lists.listed(session, curator)
    assert (card.title, card.is_own, card.may_edit) == ("Across", False, False)


def test_a_studys_report_stays_with_its_study(
    session: Session, researcher: Person, row: Report
) -> None:
    with pytest.raises(Invalid):
        report_writing.remove(session, researcher, row.key)
    with pytest.raises(Invalid):
        report_writing.share(session, researcher, row.key, is_shared=True)
    with pytest.raises(Invalid):
        report_arranging.ask(session, researcher, row.key, [(None, "Why?")])


def test_a_report_is_renamed_once_by_each_who_saw_its_title(
    session: Session, researcher: Person, study: Study, row: Report
) -> None:
    report_writing.retitle(session, researcher, row.key, 1, "  " + "x" * 500)
    assert read(session, researcher, row).title == "x" * 500
    with pytest.raises(Conflict):
        report_writing.retitle(session, researcher, row.key, 1, "Late")
    report_writing.retitle(session, researcher, row.key, 2, "")
    assert read(session, researcher, row).title == study.title


def test_more_claims_than_anybody_reads_are_cut_with_the_facts_first_and_it_says_so(
    session: Session, researcher: Person, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_scopes, "CLAIMS_MAX", 2)
    ids = [make.atom(session, researcher, title, study).id for title in ("F1", "F2")]
    ids.append(make.atom(session, researcher, "I", study, kind="insight").id)
    new = NewReport("search", "Found", CLASSIC, wanted=[("q", "a")])
    row = report_writing.create(session, researcher, new)
    made = reports.of_report(session, researcher, row.key, "en", ids)
    assert [one.title for one in made.findings] == ["I", "F1"]
    assert made.subtitle == "2 claims of the 3 that match, insights first"


def _questions(session: Session, study: Study) -> list[Question]:
    return studies.questions_of(session, study.id)


def test_who_took_part_is_counted_with_those_who_are_quoted(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher, participant_count=9)
    for who in ("R-1", "R-2", "R-1"):
        make.atom(session, researcher, f"Said by {who}", study, quote="Oh", who=who)
    made = reports.study_report(session, researcher, study.key, "en")
    section = made.section("participants")
    assert section
    assert section.text == "9 participants. Quoted here: 2."


def test_a_list_of_reports_says_which_the_person_may_arrange(
    session: Session, researcher: Person, curator: Person, study: Study, row: Report
) -> None:
    atom = make.atom(session, researcher, "One", study)
    across(session, researcher, [atom], is_shared=True)
    assert [card.may_edit for card in report_lists.listed(session, researcher)] == [True, True]
    assert [card.may_edit for card in report_lists.listed(session, curator)] == [False, False]
    studies.add_member(session, researcher, study.key, curator.email, may_edit=True)
    may = {card.address: card.may_edit for card in report_lists.listed(session, curator)}
    assert [may[one] for one in sorted(may, reverse=True)] == [True, False]


def test_two_who_save_different_sections_at_one_moment_both_keep_their_words(
    database: Database,
) -> None:
    with database.saving() as session:
        by = make.person(session, "Vera", "researcher")
        key = report_writing.of_study(session, by, make.study(session, by).key, "en").key
        person_id = by.id
    both = Barrier(2)

    def write(part: str) -> None:
        words = report_arranging.ready(PartWords("", f"My {part}"))
        both.wait()
        with database.saving() as session:
            by = session.get_one(Person, person_id)
            report_arranging.write(session, by, key, part, 1, words)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, ("summary", "limitations")))
    with database.reading() as session:
        report = read(session, session.get_one(Person, person_id), _row(session, key))
        texts = {section.name: section.text for section in report.sections}
    assert (texts["summary"], texts["limitations"]) == ("My summary", "My limitations")


def _row(session: Session, key: str) -> Report:
    return session.exec(select(Report).where(Report.key == key)).one()
