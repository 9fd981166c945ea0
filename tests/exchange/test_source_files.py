"""Files into sources: whatever people record, type and export; and what only claims to be that."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.source_texts import SourceText
from research_repo.exchange import apart, source_files
from tests.exchange.test_tables import sheet

DIALOGUE = "Интервьюер: Как вы платите?\nР1: Картой.\nОбычно дома.\n\nИнтервьюер: Почему?\nР1: Так."
BODY = (
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
)


def read(folder: Path, name: str, data: bytes | str, **how: object) -> SourceText:
    path = folder / f"sent{Path(name).suffix}"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return source_files.read(path, name, **how)  # type: ignore[arg-type]


def refusal(folder: Path, name: str, data: bytes | str) -> str:
    with pytest.raises(Invalid) as refused:
        read(folder, name, data)
    return str(refused.value.problems["file"])


def told(source: SourceText) -> list[tuple[str, str]]:
    return [(one.speaker, source.text[one.start : one.end]) for one in source.passages]


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30), **how: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, form, **how)
    return file.getvalue()


def document(*paragraphs: str) -> bytes:
    made = Document()
    for text in paragraphs:
        made.add_paragraph(text)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def with_body(xml: bytes) -> bytes:
    """A .docx with another text inside."""
    file = io.BytesIO()
    deflated = zipfile.ZIP_DEFLATED
    with (
        zipfile.ZipFile(io.BytesIO(document("x"))) as old,
        zipfile.ZipFile(file, "w", deflated) as new,
    ):
        for name in old.namelist():
            new.writestr(name, xml if name == "word/document.xml" else old.read(name))
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_transcript_is_read_in_whatever_encoding_it_was_saved(tmp_path, encoding):
    source = read(tmp_path, "a.txt", DIALOGUE.encode(encoding))
    assert source.kind == "transcript"
    assert told(source) == [
        ("Интервьюер", "Как вы платите?"),
        ("Р1", "Картой.\nОбычно дома."),
        ("Интервьюер", "Почему?"),
        ("Р1", "Так."),
    ]
    assert bool(source.notes) == (encoding == "cp1251")


def test_words_before_a_colon_are_no_speakers_in_notes(tmp_path):
    source = read(tmp_path, "a.txt", "Goal: to learn\nwhy people leave\n\nResult: they do not.")
    assert source.kind == "notes"
    assert told(source) == [("", "Goal: to learn\nwhy people leave"), ("", "Result: they do not.")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[00:01:02] Anna: Hi\n[00:01:05] Bob: At 12:30.", [("Anna", 62_000), ("Bob", 65_000)]),
        ("Anna  0:05\nHi\n\nBob  0:09\nYes\nAnna 0:12\nOk", [("Anna", 5000), ("Bob", 9000)]),
        (
            "00:00:05 Anna\nHi\n00:00:09 Bob\nYes\n00:00:12 Anna\nOk",
            [("Anna", 5000), ("Bob", 9000)],
        ),
        ("**Anna (00:05):** Hi\n**Bob (00:09):** Yes", [("Anna", 5000), ("Bob", 9000)]),
        ("[00:00.000 --> 00:04.000] Hi: you\n[00:04.000 --> 00:09.000] Yes", [("", 0), ("", 4000)]),
    ],
)
def test_times_that_stand_by_the_names_are_read(text, expected):
    source = source_files.pasted(text)
    assert [(one.speaker, one.from_ms) for one in source.passages][:2] == expected


def test_headings_of_notes_stand_over_what_follows_them(tmp_path):
    source = read(
        tmp_path, "a.md", "# Paying\nBy card.\n\nAt home.\n\n# Nothing here\n\n# Leaving\nNo."
    )
    words = [(one.heading, source.text[one.start : one.end]) for one in source.passages]
    assert words == [
        ("Paying", "By card."),
        ("Paying", "At home."),
        ("", "Nothing here"),
        ("Leaving", "No."),
    ]


def test_subtitles_keep_voices_and_times(tmp_path):
    source = read(
        tmp_path,
        "a.vtt",
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Anna>Hello &amp; welcome</v>\n\n"
        "00:00:02.100 --> 00:00:03.000\n<v Anna>to you.\n\n00:00:04.000 --> 00:00:05.000\n"
        "<v Bob>Thanks</v>\n",
    )
    assert told(source) == [("Anna", "Hello & welcome to you."), ("Bob", "Thanks")]
    assert [(one.from_ms, one.to_ms) for one in source.passages] == [(1000, 3000), (4000, 5000)]


def test_subtitles_that_overlap_keep_their_own_times_in_the_order_in_which_they_begin(tmp_path):
    source = read(
        tmp_path,
        "a.srt",
        "1\n00:00:05,000 --> 00:00:06,000\nP2: Third\n\n2\n00:00:01,000 --> 00:00:05,500\nP1: First\n\n"
        "3\n00:00:03,000 --> 00:00:02,000\nP2: Second\n",
    )
    assert told(source) == [("P1", "First"), ("P2", "Second"), ("P2", "Third")]
    assert [(one.from_ms, one.to_ms) for one in source.passages] == [
        (1000, 5500),
        (3000, None),
        (5000, 6000),
    ]
    assert [str(note)[:30] for note in source.notes] == [
        "In 2 places somebody begins be",
        "1 subtitle ends before it begi",
    ]


def test_live_subtitles_that_scroll_say_everything_once(tmp_path):
    source = read(
        tmp_path,
        "a.vtt",
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nso we went\n\n"
        "00:00:03.000 --> 00:00:03.010\nso we went\n\n"
        "00:00:03.010 --> 00:00:05.000\nso we went\nto the shop\n",
    )
    assert source.text == "so we went to the shop"


def test_a_document_is_read_with_its_headings_tables_and_proposed_words(tmp_path):
    made = Document()
    made.add_heading("Payment", 1)
    made.add_paragraph("Anna: How do you pay?")
    made.add_paragraph("P2: By card.")
    table = made.add_table(1, 3)
    for cell, text in zip(table.rows[0].cells, ("00:05", "Anna", "Why?"), strict=True):
        cell.text = text
    file = io.BytesIO()
    made.save(file)
    source = read(tmp_path, "a.docx", file.getvalue())
    assert told(source) == [("Anna", "How do you pay?"), ("P2", "By card."), ("Anna", "Why?")]
    assert source.passages[2].from_ms == 5000
    assert source.passages[0].heading == "Payment"


def test_what_somebody_proposed_in_a_document_is_read_and_what_was_struck_out_is_not(tmp_path):
    words = (
        b"<w:p><w:r><w:t>We </w:t></w:r><w:ins><w:r><w:t>stay</w:t></w:r></w:ins>"
        b"<w:del><w:r><w:delText>leave</w:delText></w:r></w:del></w:p></w:body></w:document>"
    )
    assert read(tmp_path, "a.docx", with_body(BODY + words)).text == "We stay"


def test_each_answer_of_a_respondent_is_a_passage_under_its_question(tmp_path):
    cells = [["Код", "Что мешает?", "Timestamp"], ["Р1", "Медленно", "2026"], ["Р2", "Дорого", ""]]
    for name, data in (
        ("a.csv", "\n".join(";".join(row) for row in cells).encode("cp1251")),
        ("a.xlsx", sheet(tmp_path, *cells).read_bytes()),
    ):
        source = read(tmp_path, name, data)
        assert source.kind == "survey"
        assert told(source) == [("Р1", "Медленно"), ("Р2", "Дорого")]
        assert {one.heading for one in source.passages} == {"Что мешает?"}
        assert source.code_column == "Код"
        assert source.columns == ("Код", "Что мешает?", "Timestamp")


def test_a_row_without_a_code_is_a_person_of_its_own(tmp_path):
    source = read(tmp_path, "a.csv", "Why,How\nslow,late\ndear,\n")
    assert told(source) == [("#2", "slow"), ("#2", "late"), ("#3", "dear")]
    assert source.code_column == ""
    chosen = read(tmp_path, "a.csv", "Why,Mail\nslow,A\ndear,B\n", code_column="Mail")
    assert told(chosen) == [("A", "slow"), ("B", "dear")]
    with pytest.raises(Invalid):
        read(tmp_path, "a.csv", "Why,How\nslow,late\n", code_column="Who")


def test_a_table_of_single_answers_is_read_by_its_questions(tmp_path):
    table = "respondent,question,text\n7,Why?,slow\n7,How?,late\n8,Why?,dear\n"
    source = read(tmp_path, "a.csv", table)
    assert [(one.speaker, one.heading) for one in source.passages] == [
        ("7", "Why?"),
        ("7", "How?"),
        ("8", "Why?"),
    ]


def test_rows_that_cannot_be_read_are_told(tmp_path):
    source = read(tmp_path, "a.csv", 'code,Why\nP1,slow\nP2,"dear\nand more\n')
    assert told(source) == [("P1", "slow")]
    assert "1 row could not be read." in map(str, source.notes)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_image_is_made_anew_without_what_was_written_into_it(tmp_path, form):
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    exif[0x0112] = 6  # turned by a quarter
    sent = picture(form, exif=exif) if form != "GIF" else picture(form, comment=b"SECRET-PLACE")
    assert b"SECRET" in sent
    file = read(tmp_path, f"a.{form.lower()}", sent + b"<script>alert(1)</script>").file
    assert file is not None
    assert b"SECRET" not in file.data
    assert b"script" not in file.data
    shown = Image.open(io.BytesIO(file.data))
    assert not shown.getexif()
    assert shown.size == ((40, 30) if form == "GIF" else (30, 40))
    assert file.media_type == {"GIF": "image/png"}.get(form, f"image/{form.lower()}")


@pytest.mark.parametrize(
    ("name", "data", "advice"),
    [
        ("x.png", b"<!doctype html><script>alert(1)</script>", "name of an image"),
        ("x.png", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "SVG"),
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        ("x.jpg", b"%PDF-1.7\n%%EOF", "name of an image"),
        ("x.png", picture()[:60], "no whole image"),
        ("x.pdf", b"<html>%PDF-1.7 %%EOF", "name of a PDF"),
        ("x.pdf", b"%PDF-1.7\n" + b"1 0 obj" * 900, "its end is missing"),
        ("x.txt", b"%PDF-1.7\n%%EOF", "name of a text"),
        ("x.csv", picture(), "name of a text"),
        ("x.vtt", picture("JPEG"), "name of a text"),
        ("x.txt", document("hello"), "name of a text"),
        ("x.docx", b"hello", "no whole .docx"),
        ("x.docx", picture(), "no whole .docx"),
        ("x.doc", b"\xd0\xcf\x11\xe0", "Save it as .docx"),
        ("x.exe", b"MZ", "Choose a file of these kinds"),
        ("x.txt", b"", "no words"),
        ("x.txt", b" \n\t\n", "no words"),
        ("x.vtt", b"WEBVTT\n\nno times here", "no subtitles"),
        ("x.txt", b"\x01\x02\x03abc" * 100, "no text"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused_with_advice(tmp_path, name, data, advice):
    assert advice in refusal(tmp_path, name, data)


def test_an_image_of_too_many_pixels_is_refused_before_it_is_opened(tmp_path):
    assert "million pixels" in refusal(tmp_path, "x.png", picture(size=(9000, 9000)))


@pytest.mark.parametrize(
    "xml",
    [
        b"<a>" + b" " * (260 << 20) + b"</a>",
        BODY + b"<w:p/>" * 8_000_000,
        b'<!DOCTYPE l [<!ENTITY a "'
        + b"x" * 1000
        + b'">'
        + b"".join(b'<!ENTITY b%d "%s">' % (n, (b"&b%d;" % (n - 1)) * 10) for n in range(1, 10))
        + b"]>"
        + BODY
        + b"<w:p><w:r><w:t>&b9;</w:t></w:r></w:p></w:body></w:document>",
        BODY + b"<w:p>" * 200_000,
    ],
    ids=["unpacked", "elements", "entities", "depth"],
)
def test_a_document_bomb_is_refused_within_seconds(tmp_path, xml):
    bomb = with_body(xml)
    begun = time.monotonic()
    with pytest.raises((Invalid, Unavailable)):
        read(tmp_path, "x.docx", bomb)
    assert time.monotonic() - begun < apart.WAIT_SECONDS


def test_a_document_reads_no_file_of_the_machine(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    xml = f'<!DOCTYPE l [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'.encode() + BODY
    words = b"<w:p><w:r><w:t>hello &a;</w:t></w:r></w:p></w:body></w:document>"
    assert "SECRET" not in read(tmp_path, "x.docx", with_body(xml + words)).text


def test_what_takes_too_long_to_open_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "WAIT_SECONDS", 0.01)
    with pytest.raises(Unavailable):
        read(tmp_path, "x.png", picture())


@pytest.mark.parametrize("name", ["a.txt", "a.vtt", "a.csv", "a.docx"])
def test_a_text_longer_than_allowed_is_refused(tmp_path, name):
    words = "long " * 100
    data: dict[str, bytes | str] = {
        "a.txt": words,
        "a.vtt": f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}",
        "a.csv": f"code,Why\nP1,{words}\n",
        "a.docx": document(words),
    }
    assert read(tmp_path, name, data[name], most=1000).text
    with pytest.raises(Invalid, match="over 300 characters"):
        read(tmp_path, name, data[name], most=300)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="AБ1:.,[]()*#- \n\t<>|v\u2028\x00😀é", max_size=300))
def test_whatever_is_pasted_its_passages_are_its_text(text):
    try:
        source = source_files.pasted(text)
    except Invalid:
        return
    between = 0
    for one in source.passages:
        assert source.text[between : one.start] == ("\n\n" if between else "")
        assert source.text[one.start : one.end].strip() == source.text[one.start : one.end] != ""
        between = one.end
    assert between == len(source.text)


@pytest.mark.parametrize(
    "text",
    [
        "# a" + " " * 500_000 + "b",
        "a b: " * 100_000,
        "12:34" * 100_000,
        "[(" * 200_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v" + " " * 300_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * 200_000 + "&" * 200_000,
    ],
)
def test_no_text_keeps_the_reader_busy(tmp_path, text):
    begun = time.process_time()
    read(tmp_path, "a.vtt" if text.startswith("WEBVTT") else "a.md", text)
    assert time.process_time() - begun < 2
