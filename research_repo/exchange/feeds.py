"""The feed of a followed search as Atom 1.0 (RFC 4287), for any reader of news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from research_repo.core import typed
from research_repo.core.feeds import Entry, Feed
from research_repo.core.language import say
from research_repo.core.terms import term

NAMESPACE = "http://www.w3.org/2005/Atom"
_LANGUAGE = "xml:lang"


def write(feed: Feed, title: str, absolute: Callable[[str], str], language: str) -> bytes:
    """The feed; `title` names the repository, `absolute` makes a whole address of a path.

    It tells nothing of its own address, which is a secret and would be passed on with the file.
    """
    page = absolute(f"/searches/{feed.key}")
    root = Element("feed", {"xmlns": NAMESPACE, _LANGUAGE: language})
    _add(root, "id", f"{page}#person-{feed.person.id}")
    _add(root, "title", feed.name)
    _add(root, "updated", _moment(feed.updated_at))
    _add(SubElement(root, "author"), "name", title)
    _link(root, f"{page}/newest")
    for entry in feed.entries:
        _add_entry(root, entry, absolute(f"/atoms/{entry.key}"), language)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add_entry(root: Element, entry: Entry, address: str, language: str) -> None:
    one = SubElement(root, "entry")
    kind = term("kind", entry.kind).put(language)
    _add(one, "id", address)
    _add(one, "title", entry.title).set(_LANGUAGE, entry.language)
    _add(one, "updated", _moment(entry.at))
    _link(one, address)
    category = SubElement(one, "category")
    category.set("term", entry.kind)
    category.set("label", kind)
    place = entry.study or say("Without a study").put(language)
    _add(one, "summary", " · ".join((kind.capitalize(), place, entry.day.isoformat())))


def _add(parent: Element, name: str, text: str) -> Element:
    made = SubElement(parent, name)
    # XML has no way to write some signs, not even escaped.
    made.text = typed.line(text)
    return made


def _link(parent: Element, address: str) -> None:
    made = SubElement(parent, "link")
    made.set("rel", "alternate")
    made.set("href", address)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
