"""Reports made by hand: everything that a file has to set, and as many claims as are asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from research_repo.core import prose
from research_repo.core.charts import Chart
from research_repo.core.report_shape import (
    About,
    Answer,
    Cited,
    Counted,
    Finding,
    Label,
    Piece,
    Section,
    StudyReport,
)
from research_repo.core.strength import Strength

DAY = date(2026, 3, 14)
PROSE = """\
People **count days**, and nobody tells them. See [the rules](https://example.org/rules).

1. First the parcel
    - left at the door
        - seen by a neighbour
    - handed over
2. Then the money

| Step | Days |
|------|-----:|
| Bank | 10 |

```
refund = days * 2
```

> Who waits, asks.
"""
WORDS = "Someone who waits for money looks at the order again and again until a date is there. "


def strength(level: str = "strong") -> Strength:
    """Counts of a claim."""
    return Strength(
        respondents=7,
        studies=2,
        methods=2,
        supporting=2,
        facts=3,
        contradicting=1,
        measured=1,
        latest=DAY,
        level=level,
    )


def cited(number: int, title: str = "Money came after two weeks", kind: str = "fact") -> Cited:
    """A claim that another one names."""
    key = f"A{number:03}"
    return Cited(
        number, 1, key, None, kind, title, "en", "published", DAY, "s", "Returns", f"/atoms/{key}"
    )


def finding(number: int, title: str, kind: str = "insight", **values: Any) -> Finding:
    """A claim; a body is rendered by the product's own Markdown."""
    key = f"A{number:03}"
    body = values.pop("body", "")
    made = Finding(
        atom_id=number,
        atom_version=1,
        key=key,
        external_id=f"X-{number}",
        kind=kind,
        status="published",
        standing="published",
        title=title,
        language="en",
        body=body,
        body_html=prose.render(body, 2) if body else "",
        author="Marina Kotova",
        date=DAY,
        observed_on=DAY,
        study_key="returns",
        study_title="Returns",
        strength=strength(),
        tags=(Label("T1", "Area", ("Refund", "Waiting"), address="/tags/T1"),),
        lent=(),
        evidence=(),
        supporting=(),
        contradicting=(),
        address=f"/atoms/{key}",
    )
    return replace(made, **values)


def quote(text: str, who: str = "R-07", language: str = "en") -> Piece:
    """What somebody said."""
    return Piece(1, "quote", text=text, who=who, source="Interview", language=language)


def number(figure: float, text: str) -> Piece:
    """A figure of a survey."""
    return Piece(2, "number", text=text, number=figure, unit="%", n=412, source="Survey")


CHART = Chart(
    kind="bars",
    title="Claims by month",
    caption="Counted by the day on which each was observed",
    corner="Month",
    columns=("Claims",),
    rows=("January", "February", "March"),
    values=((3,), (8,), (5,)),
)
HEAT = replace(
    CHART,
    kind="heat",
    title="Where we know much",
    columns=("Search", "Order"),
    values=((3, 1), (8, 0), (5, 4)),
)


def report(*sections: Section, **values: Any) -> StudyReport:
    """A report of these sections."""
    made = StudyReport(
        key="returns",
        scope="study",
        address="/studies/returns/report",
        title="How people return a parcel",
        subtitle="",
        language="en",
        made_on=DAY,
        about=About(
            method="interviews",
            starts_on=date(2026, 2, 2),
            ends_on=DAY,
            participant_count=12,
            team=("Marina Kotova", "Илья Серов"),
        ),
        sections=sections,
    )
    return replace(made, **values)


def written(name: str, title: str, text: str, **values: Any) -> Section:
    """A section with prose."""
    return Section(name, name, title, text, prose.render(text, 1), **values)


def full(**values: Any) -> StudyReport:
    """A report with everything in it that a file has to set."""
    said = quote("«Десять дней — это нормально 🙂, но где деньги?»", language="ru")
    insight = finding(
        1,
        "People call support because nobody tells them when the money comes",
        body=PROSE,
        evidence=(said, number(38.5, "of calls come before the promised day")),
        supporting=(cited(2), cited(3, "Nobody saw the status change")),
        contradicting=(cited(4, "Regular buyers do not call"),),
    )
    fact = finding(2, "Money came after two weeks", "fact", evidence=(quote("It took two weeks."),))
    page = Piece(3, "link", text="The bank's terms", url="https://example.org/terms?a=1&b=2")
    kept = Piece(
        4,
        "file",
        text="The order page",
        file_name="order.png",
        file_hash="h1",
        media_type="image/png",
    )
    other = finding(
        5, "Покупатели ищут дату в письме", "fact", language="ru", evidence=(page, kept)
    )
    advice = finding(
        6,
        "Show the date of the payment in the order",
        "recommendation",
        supporting=(cited(1, "…", "insight"),),
        stage="accepted",
        tracker="https://tracker.example/SHOP-7",
    )
    asked = "Why do people call while they wait for money?"
    answers = (Answer(1, asked, (insight,), (fact,)), Answer(2, "Whom do they trust?", (), ()))
    return report(
        written("summary", "In short", "Money comes in time, **but nobody sees it**."),
        Section("questions", "questions", "Questions", questions=(asked, "Whom do they trust?")),
        written("method", "Method", PROSE),
        Section("answers", "answers", "Findings by question", answers=answers),
        Section("also", "also", "Also found", findings=(other,)),
        Section("recommendations", "recommendations", "Recommendations", findings=(advice,)),
        Section("charts", "charts", "Charts", charts=(CHART, HEAT)),
        Section("appendix", "appendix", "All facts", cited=(cited(2), cited(5))),
        Section("tags", "tags", "Tags", tags=(Counted(insight.tags[0], 4),)),
        **values,
    )


def long(count: int, **values: Any) -> StudyReport:
    """A report of so many claims, a fifth of them insights, each with text, quotes and links."""
    claims = tuple(
        finding(
            number,
            f"Claim {number}: {WORDS}",
            "fact" if number % 5 else "insight",
            body=f"{WORDS * 3}\n\n- {WORDS}\n- {WORDS}",
            body_html=f"<p>{WORDS * 3}</p><ul><li>{WORDS}</li><li>{WORDS}</li></ul>",
            evidence=(quote(WORDS * 2), quote(WORDS)),
            supporting=(cited(number + 1), cited(number + 2)) if number % 5 == 0 else (),
        )
        for number in range(1, count + 1)
    )
    insights = tuple(one for one in claims if one.kind == "insight")
    facts = tuple(one for one in claims if one.kind == "fact")
    answer = Answer(1, "What happens?", insights, facts)
    listed = tuple(cited(one.atom_id, one.title) for one in facts)
    return report(
        Section("answers", "answers", "Findings by question", answers=(answer,)),
        Section("appendix", "appendix", "All facts", cited=listed),
        **values,
    )
