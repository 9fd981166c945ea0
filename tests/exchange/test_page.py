"""A report as a page in one file."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from research_repo.core.report_shape import Section
from research_repo.exchange import document, page
from tests import made_reports

BASE = "https://repo.example.org"
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


class Elements(HTMLParser):
    """Collects the elements of a page, those that stay open, and the attributes that may act."""

    EMPTY = frozenset({"meta", "br", "hr", "img", "rect", "path", "circle", "line"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.acting: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        told = dict(attrs)
        self.acting += [name for name in told if name.startswith("on") or name == "style"]
        self.ids += [told["id"] or ""] if "id" in told else []
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_holds_everything_and_needs_nothing_beside_it() -> None:
    text = page.write(document.of(made_reports.full(), BASE, lambda _hash: b"PNG"))
    found = Elements(text)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert not found.names & {"script", "link", "iframe", "object", "form"}
    assert '<img src="data:image/png;base64,UE5H" alt="The order page">' in text
    assert "<svg " in text
    assert "<li><p>left at the door</p><ul>" in text.replace("\n", "")
    assert '<span lang="ru">' in text or 'lang="ru"' in text
    for fetching in ('src="http', "url(", "@import"):
        assert fetching not in text


def test_the_contents_lead_to_every_section() -> None:
    text = page.write(document.of(made_reports.full(), BASE))
    wanted = re.findall(r'<li><a href="#([^"]+)"', text)
    assert wanted[:4] == ["summary", "questions", "method", "q1"]
    assert all(f' id="{anchor}"' in text for anchor in wanted)


def test_nothing_that_people_wrote_runs_in_the_page() -> None:
    claim = made_reports.finding(
        1,
        EVIL,
        body=f"{EVIL}\n\n`{EVIL}`",
        evidence=(made_reports.quote(EVIL, EVIL), made_reports.number(1, EVIL)),
        study_title=EVIL,
    )
    sections = (
        Section(name, EVIL, EVIL, findings=(claim,)) for name in ("also", "recommendations")
    )
    report = made_reports.report(*sections, title=EVIL, subtitle=EVIL, note=EVIL, scope="tag")
    text = page.write(document.of(report, BASE))
    found = Elements(text)
    assert found.open == []
    assert not found.names & {"script", "img"}
    assert found.acting == []
    assert "default-src &#39;none&#39;" in text


def test_a_page_for_people_outside_leads_nowhere_in_the_repository() -> None:
    text = page.write(document.of(made_reports.full(), None))
    assert "/atoms/" not in text
    assert "A001" in text


def test_a_report_of_nothing_is_a_whole_page() -> None:
    text = page.write(document.of(made_reports.report()))
    assert Elements(text).open == []
    assert "<nav" not in text
    assert "<h1>How people return a parcel</h1>" in text
