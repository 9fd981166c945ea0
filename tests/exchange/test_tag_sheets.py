"""Lists of tags without ids: by what their headers mean, with names and paths."""

from __future__ import annotations

import pytest

from research_repo.core.errors import Invalid
from research_repo.core.tag_lists import TagList
from research_repo.exchange import tag_table


def read(text: str) -> TagList:
    return tag_table.read(text.encode())


def paths(text: str) -> list[str]:
    return [" > ".join(tag.path) for tag in read(text).tags]


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("Title,Description", ["name", "definition"]),
        ("Название;Описание", ["name", "definition"]),
        ("Tag,Category", ["name", "parent"]),
        ("Category,Group", ["name", "group"]),
        ("Тег\tРодитель\tСинонимы", ["name", "parent", "alt"]),
        ("Name (ru),Name (en)", ["name_ru", "name_en"]),
        ("name_ru,name_en,description_en", ["name_ru", "name_en", "definition_en"]),
        ("Название (англ.),Название", ["name_en", "name"]),
        ("Path,Examples", ["path", "example"]),
    ],
)
def test_columns_are_known_by_what_they_mean(header, meant):
    mark = next(mark for mark in (";", "\t", ",") if mark in header)
    listed = read(f"{header}\n{mark.join(f'Refund {n}' for n in range(len(meant)))}\n")
    told = [str(flaw.reason).rstrip(".").split()[-1] for flaw in listed.warnings]
    assert [flaw.kind for flaw in listed.warnings] == ["guess"] * len(meant)
    assert sorted(told) == sorted(meant)


def test_a_path_is_whole_or_leads_to_the_name():
    assert paths("path\nPay > Refund\n") == ["Pay > Refund"]
    assert paths("name,path\nRefund,Pay › Refund\nLate,Pay > Refund\n") == [
        "Pay > Refund",
        "Pay > Refund > Late",
    ]
    assert paths("name\nPay > Refund > Late\n") == ["Pay > Refund > Late"]


def test_parents_are_looked_up_by_name_in_any_order():
    text = "Tag,Parent\nLate,Refund\nRefund,Pay\nPay,\nOther,Elsewhere > Far\nMore,Nowhere\n"
    assert paths(text) == [
        "Pay > Refund > Late",
        "Pay > Refund",
        "Pay",
        "Elsewhere > Far > Other",
        "Nowhere > More",
    ]


def test_a_circle_of_parents_is_told_and_its_tags_stand_at_the_top():
    listed = read("Tag,Parent\nA,B\nB,A\nC,C\n")
    assert [tag.path for tag in listed.tags] == [("A",), ("B",), ("C",)]
    assert [flaw.kind for flaw in listed.warnings if flaw.kind != "guess"] == ["place"] * 3


def test_ten_thousand_levels_of_parents_are_read_as_far_as_there_is_room():
    text = "Tag,Parent\n" + "".join(f"T{n},T{n - 1}\n" for n in range(1, 10_000)) + "T0,\n"
    listed = read(text)
    assert max(len(tag.path) for tag in listed.tags) == 65
    assert any("deeper" in str(flaw.reason) for flaw in listed.warnings)


def test_words_have_the_language_of_their_header_or_of_their_letters():
    (tag,) = read(
        "Name,Name (en),Синонимы,Description,Пример\nВозврат,Refund,рефанд; cash back,Money,Да\n"
    ).tags
    assert tag.words.pref == {"ru": "Возврат", "en": "Refund"}
    assert tag.words.alt == {"ru": ["рефанд", " cash back"]}
    assert tag.words.definition == {"en": "Money"}
    assert tag.words.example == {"ru": "Да"}


def test_groups_and_unknown_columns():
    listed = read("Tag,Tag group,Colour\nRefund,Topics,red\n")
    assert [tag.group for tag in listed.tags] == ["Topics"]
    assert [flaw.column for flaw in listed.warnings if flaw.kind == "column"] == ["Colour"]


def test_names_of_taguette_are_paths_by_their_dots():
    header = "tag,description,number of highlights,number of documents\n"
    assert paths(header + "pain.late,,6,2\nv1.0,,1,1\n") == ["pain > late", "v1.0"]
    assert paths("tag,description\npain.late,\n") == ["pain.late"]


def test_a_row_without_a_name_is_refused():
    listed = read("Tag,Description\n,What\nRefund,\n")
    assert [(flaw.row, flaw.column) for flaw in listed.refused] == [(2, "name")]
    assert len(listed.tags) == 1


def test_a_table_of_ours_may_give_paths_instead_of_ids():
    listed = read("scheme,path,pref_label_en,pref_label_ru\ntopics,Pay,Refund,Возврат\n")
    assert listed.tags[0].path == ("Pay", "Refund")
    assert listed.warnings == ()


def test_a_table_of_something_else_is_refused():
    with pytest.raises(Invalid) as refused:
        read("colour,size\nred,7\n")
    assert "“name”" in str(refused.value.problems["file"])
