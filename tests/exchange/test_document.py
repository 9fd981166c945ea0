"""A report as a document: its text, once, for every kind of file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from research_repo.core.report_shape import About, Piece, Section
from research_repo.exchange import document
from research_repo.exchange.blocks import (
    Block,
    Claim,
    Document,
    Figure,
    Heading,
    Items,
    Paragraph,
    Picture,
    Run,
    Table,
    plain,
    words,
)
from tests import made_reports
from tests.exchange.readers import words_of

BASE = "https://repo.example.org"


def claims(made: Document) -> list[Claim]:
    return [block for block in made.blocks if isinstance(block, Claim)]


def only(*sections: Section, **values: object) -> tuple[Block, ...]:
    return document.of(made_reports.report(*sections, **values), BASE).blocks


def test_sections_and_questions_stand_above_claims_and_lead_the_contents() -> None:
    made = document.of(made_reports.full(), BASE)
    headings = [(words(one.runs), one.anchor) for one in made.headings]
    assert headings[:4] == [
        ("In short", "summary"),
        ("Questions", "questions"),
        ("Method", "method"),
        ("1. Why do people call while they wait for money?", "q1"),
    ]
    assert "Findings by question" not in [heading for heading, _ in headings]
    assert {one.heading.level for one in claims(made)} == {2}


def test_a_claim_that_stands_twice_is_led_to_where_it_stands_first() -> None:
    claim = made_reports.finding(1, "Late")
    sections = (Section(name, name, name, findings=(claim,)) for name in ("also", "text"))
    made = document.of(made_reports.report(*sections))
    assert [one.heading.anchor for one in claims(made)] == ["A001", ""]


def test_a_question_without_an_answer_says_so() -> None:
    made = document.of(made_reports.full(), BASE)
    assert "Nothing was found on this question yet." in words_of(made)


def test_every_claim_carries_its_key_and_its_address() -> None:
    for one in claims(document.of(made_reports.full(), BASE)):
        assert one.address == f"{BASE}/atoms/{one.key}"
        assert one.meta.runs[-1].text == one.key
        assert one.told[-1] in ("strong", "weak", "fair", "disputed")


def test_without_an_address_of_the_repository_nothing_leads_into_it() -> None:
    for base in ("", None):
        assert BASE not in repr(document.of(made_reports.full(), base))
        assert "/atoms/" not in repr(document.of(made_reports.full(), base))


def test_recommendations_are_a_table_and_those_with_more_to_say_follow_it() -> None:
    bare = made_reports.finding(
        1, "Show the date", "recommendation", supporting=(made_reports.cited(7, kind="insight"),)
    )
    told = made_reports.finding(
        2, "Send a letter", "recommendation", body="Two of them.", standing="replaced"
    )
    heading, table, *more = only(
        Section("recommendations", "recommendations", "What to do", findings=(bare, told))
    )
    assert isinstance(heading, Heading)
    assert isinstance(table, Table)
    assert [words(cell) for cell in table.head] == ["Recommendation", "Rests on", "Status"]
    assert [words(cell) for cell in table.rows[0]] == ["Show the date (A001)", "A007", "strong"]
    assert words(table.rows[1][2]) == "replaced by a newer one · strong"
    assert [one.key for one in more if isinstance(one, Claim)] == ["A002"]


def test_a_recommendation_says_how_far_it_is_and_leads_to_where_that_is_tracked() -> None:
    tracker = "https://tracker.example/SHOP-7"
    at_work = made_reports.finding(
        1, "Show the date", "recommendation", stage="in_progress", tracker=tracker, body="Soon."
    )
    old = made_reports.finding(
        2, "Send a letter", "recommendation", stage="done", standing="stale", tracker="javascript:x"
    )
    _, table, claim = only(Section("recommendations", "r", "What to do", findings=(at_work, old)))
    assert isinstance(table, Table)
    assert [words(row[2]) for row in table.rows] == [
        "in progress · strong", "done · not confirmed lately · strong",
    ]  # fmt: skip
    assert [row[2][0].address for row in table.rows] == [tracker, ""]
    assert isinstance(claim, Claim)
    assert claim.told[:2] == ("recommendation", "in progress")
    assert Paragraph((Run("Tracked at: "), Run(tracker, address=tracker)), "quiet") in claim.blocks


def test_an_answer_that_is_replaced_or_in_another_language_says_so() -> None:
    old = made_reports.finding(1, "Старое", language="ru", standing="replaced")
    _, claim = only(Section("also", "also", "Also found", findings=(old,)))
    assert isinstance(claim, Claim)
    assert claim.heading.language == "ru"
    assert "replaced by a newer one" in claim.told


def test_across_studies_a_claim_tells_of_which_study_and_when() -> None:
    claim = made_reports.finding(1, "Late", study_title="Returns", date=date(2026, 3, 14))
    section = Section("also", "also", "Findings", findings=(claim,))
    alone = document.of(made_reports.report(section))
    across = document.of(made_reports.report(section, scope="tag"))
    assert "Returns" not in claims(alone)[0].told
    assert claims(across)[0].told[1:3] == ("Returns", "14 March 2026")


def test_the_cover_says_what_it_is_of_when_and_by_whom() -> None:
    living = document.of(made_reports.report())
    assert living.kind == "Study report"
    assert living.about == (
        "interviews · 2 February 2026 – 14 March 2026 · 12 participants",
        "Marina Kotova, Илья Серов",
        "As of 14 March 2026",
    )
    frozen = document.of(
        made_reports.report(version=3, note="One more question", author="Marina Kotova")
    )
    assert frozen.kind == "Study report, version 3"
    assert frozen.about[-2:] == ("Published on 14 March 2026 by Marina Kotova", "One more question")
    assert document.of(made_reports.report(scope="list")).kind == "Report across studies"
    assert document.of(made_reports.report(scope="brief")).kind == "What we know"


def test_everything_is_worded_in_the_language_of_the_report() -> None:
    made = document.of(made_reports.full(language="ru"))
    assert made.kind == "Отчёт об исследовании"
    assert "38,5" in words_of(made)
    assert "14 марта 2026" in " ".join(made.about)


def test_a_picture_comes_along_where_its_bytes_are_at_hand_and_is_named_elsewhere() -> None:
    def blocks(found: bytes | None) -> list[Block]:
        made = document.of(made_reports.full(), "", lambda name: found if name == "h1" else None)
        return [inner for one in claims(made) for inner in one.blocks]

    pictures = [one for one in blocks(b"PNG") if isinstance(one, Picture)]
    assert [(one.content, one.caption) for one in pictures] == [(b"PNG", "The order page")]
    named = [words(one.runs) for one in blocks(None) if isinstance(one, Paragraph)]
    assert "The order page (File: order.png)" in named


def test_pictures_beyond_what_a_file_carries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "PICTURES_BYTES", 5)
    kept = Piece(1, "file", file_name="a.png", file_hash="h", media_type="image/png")
    claim = made_reports.finding(1, "Late", evidence=(kept, kept), tags=())
    _, shown = document.of(
        made_reports.report(Section("also", "also", "Also found", findings=(claim,))),
        "",
        lambda _hash: b"PNG",
    ).blocks
    assert isinstance(shown, Claim)
    first, second = shown.blocks
    assert isinstance(first, Picture)
    assert second == Paragraph(plain("File: a.png"))


def test_a_chart_has_its_table_beside_it_and_an_empty_one_is_left_out() -> None:
    empty = replace(made_reports.CHART, values=((0,), (0,), (0,)))
    _, figure = only(Section("charts", "charts", "Charts", charts=(made_reports.CHART, empty)))
    assert isinstance(figure, Figure)
    assert [[words(cell) for cell in row] for row in figure.table.rows] == [
        ["January", "3"],
        ["February", "8"],
        ["March", "5"],
    ]


def test_what_no_format_can_hold_is_gone_from_all_texts() -> None:
    bad = "a\x00b\x07c\x0b\x1b\x7f\x9f\ufffe\uffff\ud800"
    claim = made_reports.finding(
        1, bad, body=bad, body_html=f"<p>{bad}</p>", evidence=(made_reports.quote(bad, bad),)
    )
    section = Section("also", "also", bad, bad, f"<p>{bad}</p>", findings=(claim,))
    made = document.of(made_reports.report(section, title=bad, note=bad, about=About(team=(bad,))))
    assert made.title == "abc"
    for sign in set(bad) - set("abc"):
        assert repr(sign)[1:-1] not in repr(made)


def test_a_report_of_nothing_is_a_cover() -> None:
    made = document.of(made_reports.report(about=About()))
    assert made.blocks == ()
    assert made.about == ("As of 14 March 2026",)


def test_a_summary_that_nobody_wrote_lists_the_first_insights() -> None:
    cited = (made_reports.cited(1, "Late money", "insight"),)
    _, items = only(Section("summary", "summary", "In short", cited=cited))
    assert isinstance(items, Items)
    (inner,) = items.items[0]
    assert isinstance(inner, Paragraph)
    assert words(inner.runs) == "Late money (A001)"
