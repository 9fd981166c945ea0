"""Reports of other people, rebuilt from atoms: what they found stands in ours, word for word."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from sqlmodel import Session

from benchmarks.search_quality import data_folder
from research_repo.core import atoms, evidence, reports, studies
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.core.report_shape import StudyReport
from research_repo.exchange import document, markdown
from research_repo.exchange import docx as docx_files
from tests import make

REAL_SET = "reports_ssa_uef"
ROUNDS = ("round05", "round16", "round20")
FOUND_UNDER = "Qualitative Assessment"
ADVICE_UNDER = "Next Steps"
# Which section of ours takes in which of theirs.
PROSE = {
    "background": ("Background", "The Prototype", "The Prototypes"),
    "approach": ("What We Did", "Methodology", "Participant Information", "What We Tested"),
    "summary": ("Metrics", "What We Learned"),
    "limitations": ("Challenges & Constraints", "Lessons Learned"),
}


@dataclass
class Found:
    """A finding of a round under the pattern that it is about, with the words of people below it."""

    topic: str
    text: str
    quotes: list[str] = field(default_factory=list)


@pytest.fixture(params=ROUNDS)
def original(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The name and the text of a round's report."""
    folder = data_folder() / REAL_SET
    if not folder.is_dir():
        pytest.skip(f"the reports are not in {folder}")
    return request.param, (folder / "md" / f"uef-findings-{request.param}.md").read_text()


def split(name: str) -> tuple[list[Found], list[str]]:
    """What a round found, and what it recommends."""
    found: list[Found] = []
    advice: list[str] = []
    for line in (data_folder() / REAL_SET / "atoms.jsonl").read_text().splitlines():
        one = json.loads(line)
        if one["study"] != f"ssa-{name}":
            continue
        above, text = one["headings"], plain(one["text"])
        if FOUND_UNDER in above:
            if one["kind"] == "quote" and found and found[-1].topic == above[-1]:
                found[-1].quotes.append(text.strip('"“”'))
            else:
                found.append(Found(above[-1], text))
        elif any(heading.endswith(ADVICE_UNDER) for heading in above):
            advice.append(text)
    return found, advice


def sections(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a report in Markdown by their headings, without the findings."""
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        lead = re.split(rf"^#+ {FOUND_UNDER}", body, maxsplit=1, flags=re.MULTILINE)[0]
        yield heading.strip(), lead.strip()


def plain(text: str) -> str:
    """A line without its Markdown."""
    return " ".join(re.sub(r"[*_`]|\[(.*?)\]\(.*?\)", r"\1", text).split())


def folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("_", " ")))


def rebuilt(session: Session, by: Person, name: str, text: str) -> StudyReport:
    """The round as a study with its atoms, rolled up by the product."""
    found, advice = split(name)
    parts = dict(sections(text))
    prose: dict[str, Any] = {
        ours: "\n\n".join(parts[theirs] for theirs in theirs_in if theirs in parts)
        for ours, theirs_in in PROSE.items()
    }
    topics = list(dict.fromkeys(one.topic for one in found))
    study = make.study(session, by, name, name, questions=topics, method="usability test", **prose)
    asked = {row.text: row.id for row in studies.questions_of(session, study.id)}
    for one in found:
        quotes = [evidence.EvidenceValues(text=words, who="") for words in one.quotes]
        at = [asked[one.topic]]
        make.atom(session, by, title(one.text), study, body=rest(one.text), question_ids=at, evidence=quotes)  # fmt: skip
    for line in advice:
        make.atom(session, by, title(line), study, kind="recommendation", body=rest(line))
    return reports.study_report(session, by, name, "en")


def words_of(word: Any) -> Iterator[str]:
    for paragraph in word.element.body.iter(qn("w:p")):
        yield "".join(run.text or "" for run in paragraph.iter(qn("w:t")))


def title(text: str) -> str:
    return text if len(text) <= atoms.TITLE_MAX else text[: atoms.TITLE_MAX].rsplit(" ", 1)[0]


def rest(text: str) -> str:
    return text[len(title(text)) :].strip()


def test_what_a_real_report_found_stands_in_ours_word_for_word(
    database: Database, original: tuple[str, str]
) -> None:
    name, text = original
    with database.saving() as session:
        by = make.person(session, "Marina", "researcher")
        report = rebuilt(session, by, name, text)
    found, advice = split(name)
    assert len(found) > 20
    blocks = document.of(report)
    word = docx.Document(io.BytesIO(docx_files.write(blocks)))
    texts = {
        "md": folded(markdown.write(blocks)),
        "docx": folded("\n".join(words_of(word))),
    }
    for form, ours in texts.items():
        missing = [
            line
            for one in found
            for line in (one.topic, *filter(None, (title(one.text), rest(one.text))), *one.quotes)
            if folded(line) not in ours
        ]
        missing += [line for line in advice if folded(title(line)) not in ours]
        assert missing == [], form
