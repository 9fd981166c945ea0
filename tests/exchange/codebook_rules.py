"""The rules of the REFI-QDA codebook 1.0, as far as its schema says them: an independent reading.

The schema itself is the standard's and not in this repository; where it lies in the folder of
shared data, `test_qdc` asks it, too.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

NAMESPACE = "{urn:QDA-XML:codebook:1.0}"
_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
GUID = re.compile(rf"{_UUID}|\{{{_UUID}\}}")
TEXT = re.compile("(?s:.*)")
TRUTH = re.compile("true|false|1|0")
COLOUR = re.compile("#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})")

# Element → its attributes (a mark ? for one that may be left out) and the children in their order:
# name, at least, at most.
MANY = 10**9
RULES = {
    "CodeBook": ({"origin?": TEXT}, [("Codes", 1, 1), ("Sets", 0, 1)]),
    "Codes": ({}, [("Code", 1, MANY)]),
    "Sets": ({}, [("Set", 1, MANY)]),
    "Code": (
        {"guid": GUID, "name": TEXT, "isCodable": TRUTH, "color?": COLOUR},
        [("Description", 0, 1), ("Code", 0, MANY)],
    ),
    "Set": ({"guid": GUID, "name": TEXT}, [("Description", 0, 1), ("MemberCode", 0, MANY)]),
    "MemberCode": ({"guid": GUID}, []),
    "Description": ({}, []),
}


def problems(content: bytes) -> list[str]:
    """What a codebook does against the rules; nothing when it is valid."""
    root = ElementTree.fromstring(content)
    found = [] if root.tag == f"{NAMESPACE}CodeBook" else [f"root {root.tag}"]
    guids: list[str] = []
    for element in root.iter():
        name = element.tag.removeprefix(NAMESPACE)
        if name not in RULES or name == element.tag:
            found.append(f"element {element.tag}")
            continue
        attributes, children = RULES[name]
        found += _attributes(name, attributes, dict(element.attrib))
        found += _children(name, children, [child.tag for child in element])
        if name != "Description" and (element.text or "").strip():
            found.append(f"text in {name}")
        if name in ("Code", "Set"):
            guids.append(element.get("guid", "").strip("{}").lower())
    if len(guids) > len(set(guids)):
        found.append("a guid stands twice")
    return found


def _attributes(name: str, rules: dict[str, re.Pattern[str]], has: dict[str, str]) -> list[str]:
    found = []
    for attribute, pattern in rules.items():
        value = has.pop(attribute.rstrip("?"), None)
        if value is None:
            found += [] if attribute.endswith("?") else [f"{name} without {attribute}"]
        elif not pattern.fullmatch(value):
            found.append(f"{name} {attribute}={value}")
    return [*found, *(f"{name} has {attribute}" for attribute in has)]


def _children(name: str, rules: list[tuple[str, int, int]], tags: list[str]) -> list[str]:
    rest = [tag.removeprefix(NAMESPACE) for tag in tags]
    for child, least, most in rules:
        count = 0
        while rest and rest[0] == child and count < most:
            rest.pop(0)
            count += 1
        if count < least:
            return [f"{name} with {count} {child}"]
    return [f"{name} with {rest[0]} out of place"] if rest else []
