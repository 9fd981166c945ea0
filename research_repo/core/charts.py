"""What a chart says, as plain values: pages, files and slides draw the same one."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("bars", "stacked", "lines", "heat")
HEAT_STEPS = 5


@dataclass(frozen=True)
class Chart:
    """Counts in rows and columns, worded in the language of whoever asked.

    bars: a bar for each row, of one column. stacked: a bar for each row, its columns one after
    another. lines: a line for each column, along rows that follow each other in time. heat: a cell
    for each row and column, the darker the greater. Whatever the kind, it is a table, too.
    """

    kind: str
    title: str
    caption: str
    """What is counted, in a sentence; empty where the title says it."""
    corner: str
    """What the rows are, to stand above their names."""
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    """For each row a number for each column."""
    addresses: tuple[tuple[str, ...], ...] = ()
    """Paths of the pages that open what was counted, in the places of the values; "" is none."""

    def address(self, row: int, column: int) -> str:
        """Where the thing counted in a cell can be looked at; "" where nowhere."""
        return self.addresses[row][column] if self.addresses else ""

    @property
    def most(self) -> int:
        """The greatest single value."""
        return max((value for line in self.values for value in line), default=0)

    @property
    def totals(self) -> tuple[int, ...]:
        """What the values of each row sum up to."""
        return tuple(map(sum, self.values))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.most == 0


def heat_step(value: int, most: int) -> int:
    """How dark a cell is, from 0 for nothing to HEAT_STEPS for the greatest."""
    # By the root: of a few great numbers and many small ones the small ones are told apart, too.
    return -int(-HEAT_STEPS * (value / most) ** 0.5 // 1) if value and most else 0
