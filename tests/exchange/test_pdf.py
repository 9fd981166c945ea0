"""A report as PDF: everything is in it, nothing acts in it, and no report makes it run for ever."""

from __future__ import annotations

import io
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from research_repo.core.errors import Unavailable
from research_repo.core.report_shape import Section, StudyReport
from research_repo.exchange import document, pdf, svg
from tests import made_reports
from tests.exchange.readers import of_pdf

READ = pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils")
PAGE_WIDTH = 595.3

COMMANDS = (
    '#panic("here")',
    ']#read("/etc/passwd")[',
    '#import "@preview/cetz:0.3.0"',
    "$ x^2 $ *no* _no_ `no` <no> @no ~ -- = no",
    "\\u{41} \\ // gone /* gone */",
    '#image("/etc/passwd")',
)


def made(report: StudyReport, base_url: str = "", picture: bytes | None = None) -> bytes:
    return pdf.write(document.of(report, base_url, lambda _hash: picture))


def with_claim(title: str, **values: object) -> StudyReport:
    claim = made_reports.finding(1, title, **values)
    return made_reports.report(Section("also", "also", "Also found", findings=(claim,)))


def drawn(form: str, size: tuple[int, int] = (900, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, form)
    return out.getvalue()


def children_took() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@READ
def test_what_people_wrote_is_words_and_never_a_command() -> None:
    said = "\n".join(COMMANDS)
    report = with_claim(COMMANDS[0], evidence=(made_reports.quote(said, who=COMMANDS[1]),))
    text = " ".join(of_pdf(made(report), "-layout").split())
    for command in COMMANDS:
        assert " ".join(command.split()) in text


@READ
def test_cyrillic_emoji_and_arrows_are_letters_with_our_fonts_alone(tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    target.write_bytes(made(with_claim("Ждут «денег» №1 → 😀 ✅ ≥ ёж", body="*и* **ещё** `код`")))
    assert "Ждут «денег» №1 → 😀 ✅ ≥ ёж" in of_pdf(target.read_bytes())
    fonts = subprocess.run(["pdffonts", target], capture_output=True, text=True, check=True).stdout
    used = {line.split()[0].partition("+")[2].split("-")[0] for line in fonts.splitlines()[2:]}
    assert used <= {"ReportSerif", "ReportSans", "ReportEmoji", "DejaVuSansMono"}
    assert "ReportEmoji" in used


@READ
@pytest.mark.parametrize("sign", ["ы", "x y ", "W"])
def test_titles_of_500_signs_stay_on_the_page(sign: str) -> None:
    title = (sign * 500)[:500].strip()
    table = f"| {'я' * 90} | b |\n|---|---|\n| {'ж' * 200} | c |\n\n```\n{'z' * 300}\n```"
    report = with_claim(title, body=table, evidence=(made_reports.quote("W" * 400),))
    content = made(report)
    found = of_pdf(content, "-bbox")
    edges = [float(edge) for edge in re.findall(r'xMax="([\d.]+)"', found)]
    assert max(edges) < PAGE_WIDTH
    assert "".join(title.split()) in "".join(of_pdf(content).split())


@READ
def test_a_table_of_forty_columns_comes_in_parts_that_fit() -> None:
    def row(cell: str) -> str:
        return "|".join(["", *(f"{cell}{number}" for number in range(40)), ""])

    content = made(with_claim("Wide", body=f"{row('head')}\n{'|---' * 40}|\n{row('cell')}"))
    edges = [float(edge) for edge in re.findall(r'xMax="([\d.]+)"', of_pdf(content, "-bbox"))]
    assert max(edges) < PAGE_WIDTH
    words = of_pdf(content, "-layout").split()
    assert [words.count(f"cell{number}") for number in (0, 1, 39)] == [7, 1, 1]


@READ
def test_every_page_has_the_title_the_key_and_its_number_at_its_foot() -> None:
    pages = of_pdf(made(made_reports.long(20)), "-layout").split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        foot = " ".join(page.split()[-12:])
        assert foot.endswith(f"How people return a parcel · returns {number} / {len(pages)}")


@READ
def test_the_contents_name_every_section_with_its_page() -> None:
    first = of_pdf(made(made_reports.full()), "-layout", "-l", "1")
    lines = [" ".join(line.split()) for line in first.splitlines()]
    assert "Contents" in lines
    assert any(re.fullmatch(r"Recommendations \d", line) for line in lines)
    assert any(re.fullmatch(r"1\. Why do people call .* money\? \d", line) for line in lines)


def test_claims_lead_to_their_addresses_and_nowhere_without_one() -> None:
    assert b"https://repo.example.org/atoms/A001" in made(
        with_claim("Late"), "https://repo.example.org"
    )
    assert b"/atoms/" not in made(with_claim("Late"))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_are_in_it_whatever_their_format(form: str) -> None:
    assert b"/Subtype/Image" in made(made_reports.full(), picture=drawn(form)).replace(b" ", b"")


@READ
@pytest.mark.parametrize("content", [b"no picture", drawn("PNG")[:60], b"<svg></svg>"])
def test_a_picture_that_cannot_be_opened_is_told_by_its_caption(content: bytes) -> None:
    written = made(made_reports.full(), picture=content)
    assert b"/Subtype/Image" not in written.replace(b" ", b"")
    assert "The order page" in of_pdf(written)


@READ
def test_lists_tables_and_code_of_prose_keep_their_form() -> None:
    text = of_pdf(made(with_claim("Late", body=made_reports.PROSE)), "-layout")
    found = re.findall(r"(?m)^ *(1\.|2\.|•|–|·) ", text)
    assert found == ["1.", "•", "–", "•", "2."]
    assert re.search(r"Step +Days\n+ *Bank +10", text)
    assert "refund = days * 2" in text


def test_lists_of_forty_levels_are_set() -> None:
    body = "\n".join(f"{'    ' * level}- step {level}" for level in range(40))
    assert made(with_claim("Deep", body=body)).startswith(b"%PDF-")


def test_it_needs_no_place_on_any_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "/proc/nowhere")
    assert made(made_reports.full(), picture=drawn("PNG")).startswith(b"%PDF-")


def test_what_takes_too_long_is_stopped_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf, "WAIT_SECONDS", 0.01)
    with pytest.raises(Unavailable, match="fewer claims"):
        made(made_reports.report())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import os; os.kill(os.getpid(), 9)", "fewer claims"),
        ("raise OSError('No space left on device')", "No space left on device"),
    ],
)
def test_a_child_that_dies_leaves_no_half_file(
    line: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(f"print('half a file', end='')\n{line}\n")
    monkeypatch.setattr(pdf, "CHILD", child)
    with pytest.raises(Unavailable, match=told):
        made(made_reports.report())


def test_drawings_become_pictures_of_the_width_asked_for() -> None:
    drawings = [svg.svg(chart, "ru") for chart in (made_reports.CHART, made_reports.HEAT)]
    sizes = [Image.open(io.BytesIO(one)).size for one in pdf.pngs(drawings, 800)]
    assert [width for width, _ in sizes] == [800, 800]
    assert pdf.pngs([], 800) == []


def test_two_hundred_claims_take_less_than_three_seconds() -> None:
    report, before = made_reports.long(200), children_took()
    made(report)
    assert children_took() - before < 3


@pytest.mark.slow
def test_two_thousand_claims_take_less_than_twenty_seconds() -> None:
    report, before = made_reports.long(2000), children_took()
    made(report)
    assert children_took() - before < 20
