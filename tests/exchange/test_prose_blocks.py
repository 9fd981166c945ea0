"""Prose as blocks: what people wrote in Markdown keeps its form, and none of its words is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research_repo.core.prose import words_of
from research_repo.core.prose_child import page
from research_repo.exchange import prose_blocks
from research_repo.exchange.blocks import (
    Aside,
    Block,
    Code,
    Heading,
    Items,
    Paragraph,
    Rule,
    Run,
    Table,
    words,
)


def blocks(text: str, under: int = 0) -> tuple[Block, ...]:
    return prose_blocks.of(page(text), under)


def told(found: Iterable[Block]) -> Iterator[str]:
    """All words of blocks, in their order."""
    for block in found:
        if isinstance(block, Items):
            for item in block.items:
                yield from told(item)
        elif isinstance(block, Aside):
            yield from told(block.blocks)
        elif isinstance(block, Table):
            for row in (block.head, *block.rows):
                yield from map(words, row)
        elif isinstance(block, Code):
            yield block.text
        elif isinstance(block, Heading | Paragraph):
            yield words(block.runs)


def depth(found: Iterable[Block]) -> int:
    inner = [item for block in found if isinstance(block, Items) for item in block.items]
    inner += [block.blocks for block in found if isinstance(block, Aside)]
    return 1 + max(map(depth, inner), default=0)


def test_lists_stand_within_lists_and_keep_their_numbers() -> None:
    (outer,) = blocks("3. first\n    - inner\n        1. innermost\n4. second")
    assert isinstance(outer, Items)
    assert (outer.is_ordered, outer.start, len(outer.items)) == (True, 3, 2)
    first, inner = outer.items[0]
    assert first == Paragraph((Run("first"),))
    assert isinstance(inner, Items)
    assert not inner.is_ordered
    assert depth(outer.items[0]) == 3


def test_a_table_keeps_its_head_its_sides_and_cells_that_are_missing() -> None:
    (table,) = blocks("| a | b |\n|:--|--:|\n| **1** | 2 |\n| 3 |")
    assert isinstance(table, Table)
    assert [words(cell) for cell in table.head] == ["a", "b"]
    assert table.aligns == ("left", "right")
    assert table.rows[0][0] == (Run("1", is_strong=True),)
    assert [words(cell) for cell in table.rows[1]] == ["3", ""]


def test_code_keeps_its_spaces_and_is_no_markup() -> None:
    (code,) = blocks("```\nif x:\n    **y** <b>\n```")
    assert code == Code("if x:\n    **y** <b>")


def test_a_new_line_a_link_and_a_quotation_stay_what_they_are() -> None:
    paragraph, aside, rule = blocks("one\n[two](https://example.org/?a=1&b=2) `c`\n\n> said\n\n---")
    assert paragraph == Paragraph(
        (
            Run("one"),
            Run("\n"),
            Run("two", address="https://example.org/?a=1&b=2"),
            Run(" "),
            Run("c", is_code=True),
        )
    )
    assert aside == Aside((Paragraph((Run("said"),)),))
    assert rule == Rule()


def test_headings_come_below_the_one_they_stand_under_without_a_gap() -> None:
    found = blocks("# One\n\n#### Two\n\n# Three", under=2)
    assert [one.level for one in found if isinstance(one, Heading)] == [3, 4, 3]


def test_lists_of_forty_levels_lose_steps_but_no_words() -> None:
    text = "\n".join(f"{'    ' * level}- step{level}" for level in range(40))
    found = blocks(text)
    assert depth(found) == prose_blocks.DEEPEST + 1
    assert " ".join(" ".join(told(found)).split()) == words_of(page(text))


@pytest.mark.parametrize(
    "html", ["<p>open <strong>and</em> crossed", "</p></ul>x", "<li>alone</li>"]
)
def test_html_that_nobody_closed_is_read_all_the_same(html: str) -> None:
    assert " ".join(" ".join(told(prose_blocks.of(html))).split()) == words_of(html)


LINES = st.sampled_from(
    "word;**strong** *soft* `code`;- item;    - inner;        1. deep;1. one;> said;> > again;# Head;"
    "### Lower;;```;| a | b |;|---|---|;| 1 | 2 |;[link](https://a.b);---;<b>tag</b>;😀 ё;&amp; <;    tab".split(
        ";"
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=14))
def test_no_word_of_any_markdown_is_lost(lines: list[str]) -> None:
    html = page("\n".join(lines))
    assert "".join("".join(told(prose_blocks.of(html))).split()) == "".join(words_of(html).split())
