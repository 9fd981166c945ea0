"""A report says the same in every kind of file: no word is missing in one, none is added."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable

import pytest

from research_repo.exchange import document, docx, markdown, page, pdf
from research_repo.exchange.blocks import Document, words
from tests import made_reports
from tests.exchange import readers

BASE = "https://repo.example.org"
READERS: dict[str, Callable[[Document], str]] = {
    "md": lambda made: readers.of_markdown(markdown.write(made)),
    "html": lambda made: readers.of_page(page.write(made)),
    "pdf": lambda made: readers.of_pdf(pdf.write(made)),
    "docx": lambda made: readers.of_docx(docx.write(made)),
}


def counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_report_says_the_same_in_every_kind_of_file(form: str, language: str) -> None:
    if form == "pdf" and not shutil.which("pdftotext"):
        pytest.skip("needs poppler-utils")
    report = made_reports.full(language=language, version=2, note="One more", author="Анна")
    made = document.of(report, BASE)
    told, found = counted(readers.words_of(made)), counted(READERS[form](made))
    assert told - found == Counter()
    furniture = " ".join((made.contents, made.title, made.key, made.address, "1 2 3 4 5 6 7"))
    around = " ".join(words(one.runs) for one in made.headings) + " " + furniture
    drawn = "January February March Claims Search Order"
    assert set(found) <= set(told) | set(counted(f"{around} {drawn}"))
