"""A report as Markdown: rendered again it says the same, and nothing that people wrote acts in it."""

from __future__ import annotations

import pytest

from research_repo.core import prose
from research_repo.core.report_shape import Section
from research_repo.exchange import document, markdown
from research_repo.exchange.blocks import Block, Datum, Items, Paragraph, Quote, Run, plain
from tests import made_reports

BASE = "https://repo.example.org"


def written(*sections: Section, **values: object) -> str:
    return markdown.write(document.of(made_reports.report(*sections, **values), BASE))


def section(body: str) -> Section:
    claim = made_reports.finding(1, "Late", body=body)
    return Section("also", "also", "Also found", findings=(claim,))


def test_a_claim_has_its_line_its_text_its_words_and_its_address() -> None:
    text = markdown.write(document.of(made_reports.full(), BASE))
    for piece in (
        "# How people return a parcel",
        "## 1. Why do people call while they wait for money?",
        "### People call support because nobody tells them when the money comes",
        f"strong · [A001]({BASE}/atoms/A001)*",
        "> «Десять дней — это нормально 🙂, но где деньги?»\n>\n> — R-07, Interview",
        "**38.5 %** of calls come before the promised day (n = 412 · Survey)",
        "*For:*",
        "| Recommendation | Rests on | Status |",
        "[The bank's terms](https://example.org/terms?a=1&b=2)",
    ):
        assert piece in text


@pytest.mark.parametrize(
    "evil",
    [
        "# no heading",
        "1. no list",
        "- no list",
        "*no* _emphasis_ `code`",
        "[no](/link)",
        "a | b",
        "<script>alert(1)</script>",
        "![no](https://image.example)",
        "back\\slash",
        "&lt;b&gt; &amp; a < b",
        "=HYPERLINK(1)",
    ],
)
def test_no_title_acts_as_markdown(evil: str) -> None:
    claim = made_reports.finding(1, evil, "recommendation", evidence=(made_reports.quote(evil),))
    text = written(Section("recommendations", "do", evil, findings=(claim,)), title=evil)
    html = prose.render(text)
    assert prose.words_of(html).count(" ".join(evil.split())) == 5
    assert 'href="/link"' not in html


def test_headings_in_prose_come_below_the_claim_they_stand_in() -> None:
    text = written(section("# One\n\n### Two\n\n```\n# no heading\n```"))
    assert "\n#### One\n" in text
    assert "\n##### Two\n" in text
    assert "\n# no heading\n" in text


def test_code_that_nobody_closed_does_not_swallow_the_rest_of_the_report() -> None:
    text = written(section("```\nif x:"), Section("tags", "tags", "Last of all", text="the end"))
    assert "```\nif x:\n```\n" in text
    assert text.index("Last of all") > text.index("if x:\n```")


def test_html_in_prose_is_words_as_on_the_page() -> None:
    text = written(section("<details>hidden</details> `<b>` <https://example.org>"))
    assert "&lt;details>hidden&lt;/details> `<b>` <https://example.org>" in text


def test_tables_nested_lists_and_code_of_authors_stay_as_they_wrote_them() -> None:
    assert made_reports.PROSE.strip() in written(section(made_reports.PROSE))


def test_pictures_and_charts_stand_at_the_end_as_addresses() -> None:
    report = made_reports.full()
    text = markdown.write(document.of(report, BASE, lambda _hash: b"PNG"))
    before, _, after = text.partition("\n[picture-1]: ")
    assert "![The order page][picture-1]" in before
    assert after.startswith("<data:image/png;base64,UE5H>")
    assert "[picture-3]: <data:image/svg+xml;base64," in after
    assert "| January | 3 |" in before


BLOCKS: list[tuple[Block, str]] = [
    (Items(((Paragraph(plain("a")), Items(((Paragraph(plain("b")),),))),)), "- a\n\n    - b"),
    (Quote("1. said\nagain"), "> 1\\. said\n> again"),
    (Datum("5", "", "n = 2"), "**5** (n = 2)"),
    (Paragraph((Run("x", address="https://a.b/(c) d>"),)), "[x](<https://a.b/(c) d%3E>)"),
]


@pytest.mark.parametrize(("block", "text"), BLOCKS)
def test_blocks_are_set_alone_too(block: Block, text: str) -> None:
    assert markdown.text(block, "en") == text
