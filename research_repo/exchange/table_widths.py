"""How wide the columns of a table are: by what stands in them, where nothing else is said."""

from __future__ import annotations

from research_repo.exchange.blocks import Runs, Table, words

LEAST, MOST = 6, 60
WORD_MOST = 18


def widths(table: Table, whole: int) -> list[int]:
    """The width of each column; together they are the whole."""
    rows = [row for row in (table.head, *table.rows) if row]
    count = max(map(len, rows), default=1)
    shares = list(table.widths) if len(table.widths) == count else _shares(rows, count)
    sum_of_all = sum(shares) or 1
    found = [whole * share // sum_of_all for share in shares]
    found[-1] += whole - sum(found)
    return found


def cells(row: tuple[Runs, ...], count: int) -> list[Runs]:
    """The cells of a row, empty ones where it is short."""
    return [*row[:count], *[()] * (count - len(row))]


def aligns(table: Table, count: int) -> list[str]:
    """left, center or right for each column."""
    return [*table.aligns[:count], *["left"] * (count - len(table.aligns))]


def _shares(rows: list[tuple[Runs, ...]], count: int) -> list[int]:
    found = [LEAST] * count
    for row in rows:
        for place, runs in enumerate(row[:count]):
            text = words(runs)
            longest = max(map(len, text.split()), default=0)
            room = max(min(len(text), MOST), min(longest, WORD_MOST) + 2)
            found[place] = max(found[place], room)
    return found
