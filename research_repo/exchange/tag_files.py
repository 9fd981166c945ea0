"""Files of tags by the ending of their name: the one place that says which kinds there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say, say_many
from research_repo.core.tag_lists import TagList
from research_repo.exchange import qdc, qdc_reading, skos, tag_table

READERS: dict[str, Callable[[bytes], TagList]] = {
    "csv": tag_table.read,
    "ttl": skos.read,
    "rdf": lambda content: skos.read(content, "xml"),
    "qdc": qdc_reading.read,
}
WRITERS: dict[str, Callable[[TagList, str], str]] = {
    "csv": lambda listed, _language: tag_table.write(listed),
    "ttl": lambda listed, _language: skos.write(listed),
    "qdc": qdc.write,
}
BYTES_MAX = 100 << 20
# What such a file begins with when it is something else under a wrong name.
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
WEB_PAGES = (b"<!doctype html", b"<html")
XML = (b"<?xml", b"<rdf:")
FRONT = 256


def read(content: bytes, name: str) -> TagList:
    """The tags of a file; the ending of its name says how to read it.

    Raises:
        Invalid: it is no list of tags; field "file" says why and what to do.
    """
    if len(content) > BYTES_MAX:
        raise _unfit(say("The file is larger than %(size)s MB. Divide it.", size=BYTES_MAX >> 20))
    check(content, name)
    return READERS[_ending(name)](content)


def write(form: str, listed: TagList, language: str) -> str:
    """The tags in one of the forms of WRITERS; where one has a single language, in this one."""
    return WRITERS[form](listed, language)


def losses(form: str, listed: TagList, language: str) -> tuple[Message, ...]:
    """What such a file cannot hold of these tags, to be told before anybody relies on it."""
    told: list[Message] = []
    if form == "qdc":
        told += qdc.losses(listed, language)
    if form == "csv" and (named := sum(1 for one in listed.groups.values() if one.labels)):
        told.append(
            say_many(
                "%(count)s tag group has only its key in the file, without its names.",
                "%(count)s tag groups have only their keys in the file, without their names.",
                named,
            )
        )
    used = {tag.group for tag in listed.tags}
    if form == "csv" and (empty := sum(1 for key in listed.groups if key not in used)):
        told.append(
            say_many(
                "%(count)s tag group without tags is left out.",
                "%(count)s tag groups without tags are left out.",
                empty,
            )
        )
    if ruled := sum(1 for one in listed.groups.values() if one.is_ruled):
        told.append(
            say_many(
                "The rules of %(count)s tag group stay here.",
                "The rules of %(count)s tag groups stay here.",
                ruled,
            )
        )
    return tuple(told)


def check(content: bytes, name: str) -> None:
    """Invalid when a look at its name and front tells already that it is no list of tags."""
    ending = _ending(name)
    front = content[:FRONT].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if ending not in READERS:
        raise _unfit(
            say("The file ends with none of these: %(endings)s. Choose another.", endings=endings())
        )
    if not content.strip():
        raise _unfit(say("The file is empty. Choose one that holds tags."))
    if content.startswith(ARCHIVES):
        raise _unfit(
            say(
                "The file is an archive or an Excel workbook under another name. Unpack it, or "
                "save the table as “CSV UTF-8”."
            )
        )
    if front.startswith(WEB_PAGES):
        raise _unfit(say("The file is a web page. Download the list itself."))
    if ending in ("csv", "ttl") and front.startswith(XML):
        raise _unfit(say("The file holds XML. Give it the ending that it was made with."))


def endings() -> str:
    """The endings that are read, for a sentence or a form."""
    return ", ".join(f".{ending}" for ending in READERS)


def _ending(name: str) -> str:
    return Path(name).suffix.lower().removeprefix(".")


def _unfit(message: Message) -> Invalid:
    return Invalid({"file": message})
