"""A REFI-QDA codebook as tools really write it: read whole, its defects counted and told.

Known of real tools: an older namespace or none, empty sets, codes without an id or without saying
whether they can be used, colours as rgba(), descriptions as attributes or in the wrong place, a
declared encoding that is not the file's, and the codebook within a whole project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from research_repo.core import tag_ids, typed
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say, say_many
from research_repo.core.tag_lists import Flaw
from research_repo.exchange import xml_text

NAMESPACE = "urn:QDA-XML:codebook:1.0"
ORIGIN = "research-repo ({})"
"""What our own files say they are from, with the language of their names."""
WAITING = tag_ids.derived("waiting for review")
"""The set of the codes that wait for review."""
COLOUR = re.compile("#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})")
YES, NO = ("true", "1", "yes"), ("false", "0", "no")
KNOWN = {"codebook", "codes", "code", "description", "sets", "set", "membercode"}
FORMS = {
    "guid": say_many(
        "%(count)s code has no id of its own; its path stands for it.",
        "%(count)s codes have no id of their own; their paths stand for them.",
        0,
    ),
    "twice": say_many(
        "%(count)s code has the id of another one; its path stands for it.",
        "%(count)s codes have the id of another one; their paths stand for them.",
        0,
    ),
    "isCodable": say_many(
        "%(count)s code does not say whether it can be used; it can.",
        "%(count)s codes do not say whether they can be used; they can.",
        0,
    ),
    "color": say_many(
        "%(count)s colour is left out: tags have none.",
        "%(count)s colours are left out: tags have none.",
        0,
    ),
    "wrong color": say_many(
        "%(count)s colour is not written as #rrggbb.",
        "%(count)s colours are not written as #rrggbb.",
        0,
    ),
    "Description": say_many(
        "%(count)s description stands in the wrong place; it is read.",
        "%(count)s descriptions stand in the wrong place; they are read.",
        0,
    ),
    "MemberCode": say_many(
        "%(count)s member of a set is no code of the file.",
        "%(count)s members of sets are no codes of the file.",
        0,
    ),
}


@dataclass
class Code:
    """A code with those below it."""

    guid: str
    name: str
    line: int
    is_codable: bool = True
    description: str = ""
    codes: list[Code] = field(default_factory=list)


@dataclass
class CodeSet:
    """Codes that somebody gathered under a name."""

    guid: str
    name: str
    line: int
    members: list[str] = field(default_factory=list)


@dataclass
class Codebook:
    """What a file holds. Ids are lower-case UUIDs, or empty where the file has none."""

    origin: str = ""
    codes: list[Code] = field(default_factory=list)
    sets: list[CodeSet] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)


def read(content: bytes) -> Codebook:
    """The codebook of a .qdc file.

    Raises:
        Invalid: it is damaged, or holds no codes; field "file" says why.
    """
    if not content.strip():
        raise _unfit(say("The file is empty. Choose one that holds tags."))
    text, encoding = xml_text.decoded(content)
    reading = _Reading()
    xml_text.walk(text, reading.start, reading.end, reading.words)
    if not reading.found.codes:
        raise _unfit(say("The file holds no codes. Choose a REFI-QDA codebook (.qdc)."))
    said = xml_text.declared(text)
    if said and not xml_text.is_same(said, encoding):
        reason = say(
            "The file says that it is in %(said)s, and is in %(true)s.", said=said, true=encoding
        )
        reading.found.flaws.insert(0, Flaw(1, "encoding", reason, "codebook"))
    reading.tell()
    return reading.found


class _Reading:
    """Takes the file piece by piece: no depth is too great."""

    def __init__(self) -> None:
        self.found = Codebook()
        self.open: list[str] = []
        self.codes: list[Code] = []
        self.set: CodeSet | None = None
        self.text: list[str] | None = None
        self.is_inside = False
        self.guids: set[str] = set()
        self.counted: dict[str, tuple[int, int]] = {}
        self.unknown: dict[str, int] = {}

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        tag = _local(name)
        told = {_local(key): value for key, value in attributes.items()}
        if not self.open:
            self._check_root(name, tag, attributes)
        self.open.append(tag)
        if tag == "codebook":
            self.is_inside = True
            self.found.origin = told.get("origin", "") or self.found.origin
        elif not self.is_inside:
            self.found.origin = self.found.origin or told.get("origin", "")
        elif tag == "code":
            self._start_code(told, line)
        elif tag == "set":
            self.set = CodeSet(_guid(told), typed.line(told.get("name", "")), line)
            self.found.sets.append(self.set)
        elif tag == "membercode" and self.set:
            self.set.members.append(_guid(told))
        elif tag == "description":
            self.text = []
            if not self.set and self.codes and self.codes[-1].codes:
                self._count("Description", line)
        elif tag == "sets":
            self.sets_line = line
        elif tag not in KNOWN:
            self.unknown.setdefault(name, line)

    def words(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        tag = self.open.pop()
        if tag == "codebook":
            self.is_inside = False
        elif not self.is_inside:
            return
        elif tag == "description":
            self._describe("".join(self.text or ()))
            self.text = None
        elif tag == "code":
            self.codes.pop()
        elif tag == "set":
            self.set = None
        elif tag == "sets" and not self.found.sets:
            reason = say("The list of sets is empty.")
            self.found.flaws.append(Flaw(self.sets_line, "Sets", reason, "codebook"))

    def tell(self) -> None:
        """Put into words what was counted."""
        for set_ in self.found.sets:
            for member in set_.members:
                if member not in self.guids:
                    self._count("MemberCode", set_.line)
        for what, (count, line) in self.counted.items():
            column = {"twice": "guid", "wrong color": "color"}.get(what, what)
            reason = FORMS[what].counted(count)
            self.found.flaws.append(Flaw(line, column, reason, "codebook"))
        for name, line in self.unknown.items():
            reason = say("%(property)s is not read.", property=name[:100])
            self.found.flaws.append(Flaw(line, "", reason, "codebook"))

    def _check_root(self, name: str, tag: str, attributes: Mapping[str, str]) -> None:
        if tag not in ("codebook", "project"):
            raise _unfit(
                say(
                    "The file begins with %(name)s. Choose a REFI-QDA codebook (.qdc).",
                    name=quoteattr(name[:100]),
                )
            )
        prefix = name.rpartition(":")[0]
        said = attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")
        if tag == "project":
            reason = say("The file is a whole project; only its codebook is read.")
            self.found.flaws.append(Flaw(1, "", reason, "codebook"))
        elif said != NAMESPACE:
            reason = say(
                "The codebook says that it is “%(said)s”; it is read as %(name)s.",
                said=said[:100],
                name=NAMESPACE,
            )
            self.found.flaws.append(Flaw(1, "xmlns", reason, "codebook"))

    def _start_code(self, told: Mapping[str, str], line: int) -> None:
        guid = _guid(told)
        if not guid:
            self._count("guid", line)
        elif guid in self.guids:
            self._count("twice", line)
            guid = ""
        self.guids.add(guid)
        usable = told.get("iscodable", "").strip().lower()
        if usable not in (*YES, *NO):
            self._count("isCodable", line)
        code = Code(guid, typed.line(told.get("name", "")), line, usable not in NO)
        if told.get("description"):
            self._count("Description", line)
            code.description = told["description"].strip()
        if colour := told.get("color", "").strip():
            self._count("color", line)
            if not COLOUR.fullmatch(colour):
                self._count("wrong color", line)
        siblings = self.codes[-1].codes if self.codes else self.found.codes
        siblings.append(code)
        self.codes.append(code)

    def _describe(self, text: str) -> None:
        # Sets have no place here, and so their descriptions.
        if self.codes and not self.set and text.strip():
            code = self.codes[-1]
            code.description = "\n\n".join(filter(None, [code.description, text.strip()]))

    def _count(self, what: str, line: int) -> None:
        count, first = self.counted.get(what, (0, line))
        self.counted[what] = (count + 1, first)


def also_under(guid: str) -> str:
    """The set of the codes that lie under this one, too: a code has only one place."""
    return tag_ids.derived("also under", guid)


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _guid(told: Mapping[str, str]) -> str:
    return tag_ids.canonical(told.get("guid") or told.get("targetguid") or "")


def _unfit(message: Message) -> Invalid:
    return Invalid({"file": message})
