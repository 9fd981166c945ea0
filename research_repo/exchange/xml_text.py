"""XML that somebody sent: nothing is fetched, nothing multiplied, and no nesting is too deep to read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from xml.parsers import expat

from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    ("<?xml".encode("utf-16-le"), "utf-16-le"),
    ("<?xml".encode("utf-16-be"), "utf-16-be"),
)
# Thesauri abbreviate addresses by entities; nobody needs long ones, or entities within entities.
ENTITY_MAX = 300
GROWTH_MAX = 4
GROWTH_FREE = 1 << 20
_DECLARED = re.compile(r"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")

Start = Callable[[str, Mapping[str, str], int], None]
"""Takes an element's name, its attributes and its line."""


def decoded(content: bytes) -> tuple[str, str]:
    """The text of an XML file and its encoding, whatever it declares.

    Raises:
        Invalid: no encoding fits.
    """
    named = declared(content[:200].decode("latin-1")) or "utf-8"
    marked = next((encoding for mark, encoding in MARKS if content.startswith(mark)), "")
    # A file of two-byte letters would have shown itself; many only say that they are one.
    guesses = ["utf-8"] if _family(named) == "utf-16" else ["utf-8", named]
    for encoding in [marked] if marked else guesses:
        try:
            return content.decode(encoding).removeprefix("\ufeff"), encoding
        except (UnicodeError, LookupError):
            continue
    raise _unfit(say("The file is not in UTF-8. Save it again with that encoding."))


def declared(text: str) -> str:
    """The encoding that an XML file says it has."""
    found = _DECLARED.match(text)
    return found[1] if found else ""


def is_same(one: str, other: str) -> bool:
    """Whether two names mean one encoding, apart from the order of its bytes and the mark."""
    return _family(one) == _family(other)


def walk(
    text: str,
    start: Start = lambda _name, _attributes, _line: None,
    end: Callable[[str], None] = lambda _name: None,
    words: Callable[[str], None] = lambda _text: None,
) -> None:
    """Tell of each element and text, in their order.

    Raises:
        Invalid: it is no XML, or made to swell or to fetch something; what was told before stands.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    # Parsers of old grew with each piece; nothing here needs the pieces apart.
    parser.buffer_size = 1 << 16
    size = 0

    def grown(more: int) -> None:
        nonlocal size
        size += more
        if size > GROWTH_MAX * len(text) + GROWTH_FREE:
            raise _bomb()

    def on_start(name: str, attributes: dict[str, str]) -> None:
        grown(sum(map(len, attributes.values())))
        start(name, attributes, parser.CurrentLineNumber)

    def on_words(data: str) -> None:
        grown(len(data))
        words(data)

    parser.StartElementHandler = on_start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = on_words
    parser.EntityDeclHandler = _check_entity
    parser.ExternalEntityRefHandler = _refuse_fetching
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as fault:
        if fault.code == _TOO_MUCH:
            raise _bomb() from fault
        reason = say("The file breaks off or is damaged in line %(line)s.", line=fault.lineno)
        raise _unfit(reason) from fault


_TOO_MUCH = 43  # expat's own limit on what entities may add (XML_ERROR_AMPLIFICATION_LIMIT_BREACH)


def _family(name: str) -> str:
    try:
        plain = codecs.lookup(name).name
    except LookupError:
        return name.lower()
    return next((one for one in ("utf-8", "utf-16") if plain.startswith(one)), plain)


def _check_entity(
    name: str, is_parameter: bool, value: str | None, base: str | None, *_where: str | None
) -> None:
    if is_parameter or value is None or "&" in value or len(value) > ENTITY_MAX:
        raise _bomb()


def _refuse_fetching(*_where: str | None) -> int:
    raise _bomb()


def _bomb() -> Invalid:
    return _unfit(
        say(
            "The file defines entities that fetch other files or grow without end. Save it again "
            "without them."
        )
    )


def _unfit(message: Message) -> Invalid:
    return Invalid({"file": message})
