"""How a report is arranged: sections, templates, and what a paragraph may name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import Session

from research_repo.core import report_layouts, report_shape, report_templates, reports
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.language import Message
from research_repo.core.models import Person
from research_repo.core.report_layouts import SHIPPED, Part
from research_repo.core.report_templates import TemplateValues
from tests import make


def test_every_section_has_a_heading_and_every_template_knows_all_sections() -> None:
    assert set(report_layouts.HEADINGS) == set(report_shape.SECTIONS)
    for key, shipped in SHIPPED.items():
        parts = report_layouts.shipped(key, "ru")
        assert {part.name for part in parts} == set(report_shape.SECTIONS) - {"text"}
        assert [part.name for part in parts if part.is_shown] == list(shipped.shown)


def test_what_comes_with_the_product_names_only_placeholders_that_there_are() -> None:
    for key in SHIPPED:
        for part in report_layouts.shipped(key, "en"):
            assert report_layouts.problem_of(part.text) is None


def test_a_layout_is_plain_json_and_back_and_leaves_out_what_it_does_not_know() -> None:
    parts = (
        Part("answers", "answers", "Tasks", questions=((1, "Why?"), (4, "How?"))),
        Part("text", "text-1", "Mine", "*My* text", "<p><em>My</em> text</p>", version=3),
    )
    kept = report_layouts.as_json(report_layouts.whole(parts))
    assert report_layouts.parts_of(kept)[:2] == parts
    later = [{"name": "video", "id": "video"}, kept[1] | {"colour": "red"}]
    assert report_layouts.parts_of(later)[0] == parts[1]


def test_a_paragraph_names_what_is_counted_and_anything_else_is_refused_by_name() -> None:
    assert report_layouts.problem_of("{facts} facts, {dates}") is None
    assert report_layouts.problem_of('Code: {"a": 1}, { x }, {{facts}}, {1}') is None
    told = str(report_layouts.problem_of("{fcats} of {facts} and {имя}"))
    assert "{fcats}, {имя}" in told
    assert "{participants}" in told
    assert "{{fcats}}" in told


def test_placeholders_are_filled_as_words_that_do_nothing() -> None:
    part = Part("text", "text-1", "", "**{title}** {{title}} {facts}", "<p>{title} {{title}}</p>")
    filled = report_layouts.filled(part, {"title": "<b>*A* & B</b>", "facts": "3"})
    assert filled.text == r"**\<b\>\*A\* & B\</b\>** {title} 3"
    assert filled.html == "<p>&lt;b&gt;*A* &amp; B&lt;/b&gt; {title}</p>"


def test_dates_are_told_once_where_a_study_took_one_day() -> None:
    one, other = date(2026, 3, 1), date(2026, 4, 5)
    assert report_layouts.period(one, one, "en") == "March 1, 2026"
    assert report_layouts.period(one, other, "ru") == "1 марта 2026\u202fг. – 5 апреля 2026\u202fг."
    assert report_layouts.period(None, None, "en") == ""


def values(name: str, *parts: Part) -> TemplateValues:
    return report_templates.ready(TemplateValues(name, parts))


def test_a_team_adds_templates_of_its_own_beside_those_that_come_along(
    session: Session, researcher: Person, reader: Person
) -> None:
    mine = Part("text", "text-1", "Promise", "We asked {participants} people.")
    row = report_templates.add(session, researcher, values("Diary", mine))
    listed = report_templates.listed(session, "en")
    assert [one.key for one in listed] == [*SHIPPED, row.key]
    found = report_templates.get(session, row.key.upper(), "en")
    assert (found.name, found.parts[0].title, found.is_shipped) == ("Diary", "Promise", False)
    assert found.parts[0].html == "<p>We asked {participants} people.</p>"
    with pytest.raises(Invalid, match="this name already"):
        report_templates.add(session, researcher, values("diary"))
    with pytest.raises(NotAllowed):
        report_templates.add(session, reader, values("Other"))


def test_a_template_with_a_placeholder_that_names_nothing_is_refused_beside_its_field() -> None:
    with pytest.raises(Invalid) as refusal:
        values("Bad", Part("summary", "summary"), Part("text", "text-1", text="{respondants}"))
    assert set(refusal.value.problems) == {"text-2"}
    assert "{respondants}" in str(refusal.value.problems["text-2"])


def test_a_shipped_template_can_be_changed_and_comes_back_when_the_change_is_taken_away(
    session: Session, researcher: Person
) -> None:
    survey = report_templates.get(session, "survey", "en")
    assert survey.version == 0
    parts = [replace(part, is_shown=part.name == "charts") for part in survey.parts]
    report_templates.change(session, researcher, "survey", 0, values("Our survey", *parts))
    changed = report_templates.get(session, "survey", "en")
    assert (changed.name, changed.version, changed.is_shipped) == ("Our survey", 1, True)
    assert [part.name for part in changed.parts if part.is_shown] == ["charts"]
    with pytest.raises(Conflict):
        report_templates.change(session, researcher, "survey", 0, values("Late", *parts))
    report_templates.remove(session, researcher, "survey")
    assert report_templates.get(session, "survey", "en") == survey
    report_templates.change(session, researcher, "survey", 0, values("Again", *parts))
    assert report_templates.get(session, "survey", "en").name == "Again"


def test_a_deleted_template_is_gone_until_it_is_put_back(
    session: Session, researcher: Person
) -> None:
    row = report_templates.add(session, researcher, values("Diary"))
    report_templates.remove(session, researcher, row.key)
    with pytest.raises(NotFound):
        report_templates.get(session, row.key, "en")
    report_templates.put_back(session, researcher, row.key)
    assert report_templates.get(session, row.key, "en").name == "Diary"


def test_a_frozen_report_is_json_and_the_same_report_again(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher, questions=["Why?"], summary="*Short*")
    insight = make.atom(session, researcher, "Insight 🙂", study, kind="insight", tags=["Fees"])
    fact = make.atom(session, researcher, "Факт", study, quote="Где?", who="P1", body="- a\n- b")
    make.link(session, researcher, fact, insight)
    made = reports.study_report(session, researcher, study.key, "ru")
    assert report_shape.from_plain(report_shape.plain(made)) == made


def test_words_of_a_shipped_template_come_in_each_readers_language_until_somebody_changes_them(
    session: Session, researcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = report_templates.get(session, "usability-test", "en").parts
    kept = report_layouts.as_json(parts)
    assert "What to do" not in str(kept)
    mark = {"en": "What to do", "ru": "Сделать"}
    monkeypatch.setattr(Message, "put", lambda self, language: mark[language])
    titles = {
        language: {part.name: part.title for part in report_layouts.parts_of(kept, language)}
        for language in mark
    }
    assert [titles[one]["recommendations"] for one in mark] == list(mark.values())
    (part,) = (one for one in parts if one.name == "recommendations")
    monkeypatch.undo()
    assert report_layouts.still_like(part, "What to do", "") == "usability-test"
    values = report_templates.ready(TemplateValues("Ours", [replace(part, title="Do")]))
    assert report_layouts.parts_of(report_layouts.as_json(values.parts), "ru")[0].title == "Do"
