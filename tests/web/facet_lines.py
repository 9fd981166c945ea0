"""The lines of facets on a page, each with the address to which a click on it leads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

_LINE = re.compile(
    r'<(?:a class="facet[^"]*" href="(?P<href>[^"]+)"(?P<here> aria-current="true")?'
    r'|button class="facet" name="(?P<name>[^"]+)" value="(?P<value>[^"]*)")>(?:<svg.*?</svg>)?'
    r'<span>(?P<label>.*?)</span><span class="num">(?P<count>\d+)</span>',
    re.DOTALL,
)
_KEPT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass(frozen=True)
class Line:
    """What can be clicked among the facets, and where that leads."""

    label: str
    count: int
    address: str
    is_chosen: bool


def facets(page: str) -> str:
    """The form of a page that holds the values of facets."""
    return page.partition('<form id="narrow"')[2].partition("</form>")[0]


def lines(page: str) -> list[Line]:
    """All counted lines, in their order: links, and buttons of the form that adds to the search."""
    kept = [(name, unescape(value)) for name, value in _KEPT.findall(facets(page))]
    return [
        Line(
            label=unescape(found["label"]),
            count=int(found["count"]),
            address=unescape(found["href"])
            if found["href"]
            else "/search?" + urlencode([*kept, (found["name"], unescape(found["value"]))]),
            is_chosen=bool(found["here"]),
        )
        for found in _LINE.finditer(facets(page))
    ]
