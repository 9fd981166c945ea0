"""Which tag of the repository a line of a list means, where the line does not say its very id.

Some formats know only UUIDs; most lists of people know only names, or paths of names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from research_repo.core import schemes, tag_ids, words
from research_repo.core.tag_lists import Group, TagLine, TagList
from research_repo.core.tag_standing import Standing
from research_repo.core.tag_words import TagWords

Steps = tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """The tag that a path or a name means, and the one above it."""

    guid: str
    parent: str = ""
    is_by_name: bool = False
    """It was there before, made by somebody else than such a list."""


def with_own_ids(standing: Standing, listed: TagList) -> TagList:
    """The list with the repository's own ids for UUIDs that stand for them.

    A line whose id is a group's is that group: what lies below goes into it.
    """
    tags = []
    codes: dict[str, str] = {}
    inside: dict[str, str] = {}
    for line in listed.tags:
        key = standing.groups_by_uuid.get(line.guid) if line.is_loose else None
        if key and line.guid not in standing.tags:
            codes[line.guid] = key
            continue
        parent = line.parents[0] if line.parents else ""
        if parent in codes:
            inside[line.guid] = codes[parent]
            line = replace(line, group=codes[parent], parents=line.parents[1:])
        elif parent in inside:
            inside[line.guid] = inside[parent]
            line = replace(line, group=inside[parent])
        tags.append(_own(standing, line))
    groups = {name: _own_group(standing, group) for name, group in listed.groups.items()}
    return replace(listed, tags=tuple(tags), groups=groups)


def with_whole_paths(groups: Iterable[Group], listed: TagList, group: str) -> TagList:
    """The list with a line for each step of its paths, those above first.

    Where neither line nor caller names a group, the first step does.
    """
    by_paths: dict[tuple[str, Steps], TagLine] = {}
    implied: dict[tuple[str, Steps], TagLine] = {}
    others: list[TagLine] = []
    names = {name: one.key for one in groups for name in _names(one)}
    for line in listed.tags:
        if not line.path:
            others.append(line)
            continue
        line = _in_group(line, group, names)
        place = (words.fold(line.group), tuple(map(words.fold, line.path)))
        if place in by_paths:
            others.append(line)
        by_paths.setdefault(place, line)
        for count in range(1, len(line.path)):
            above = (place[0], place[1][:count])
            implied.setdefault(above, _implied(line, count))
    made = [line for place, line in implied.items() if place not in by_paths]
    told = sorted([*made, *by_paths.values()], key=lambda line: len(line.path))
    return replace(listed, tags=(*told, *others))


class Paths:
    """Finds tags by group and path; remembers those that are to be made."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.below: dict[tuple[str, str, str], set[str]] = {}
        self.named: dict[tuple[str, str], set[str]] = {}
        self.made: dict[tuple[str, Steps], str] = {}
        for guid, stored in standing.tags.items():
            end = standing.survivor(guid)
            own = [standing.survivor(one) for one in standing.tags[end].parents]
            above = {one for one in own if standing.tags[one].group == stored.group} or {""}
            for _, _, text in stored.labels:
                folded = words.fold(text)
                self.named.setdefault((stored.group, folded), set()).add(end)
                for parent in above:
                    self.below.setdefault((stored.group, parent, folded), set()).add(end)

    def find(self, group: str, path: Steps) -> Match:
        """The tag at this path of a group. A path of one step finds it wherever it lies."""
        steps = tuple(map(words.fold, path))
        parent = self.made.get((group, steps[:-1]), "")
        there = self.below.get((group, parent, steps[-1]), set())
        if len(steps) == 1 and not there:
            there = self.named.get((group, steps[0]), set())
        found = next(iter(there)) if len(there) == 1 else ""
        made = tag_ids.derived("path", group, *steps)
        guid = found or made
        self.made.setdefault((group, steps), guid)
        return Match(guid, parent, bool(found) and guid != made)

    def named_so(self, group: str, text: str) -> str:
        """The one tag of a group that has this name; empty when there is none, or several."""
        there = self.named.get((group, words.fold(text)), set())
        return next(iter(there)) if len(there) == 1 else ""


def _in_group(line: TagLine, group: str, names: Mapping[str, str]) -> TagLine:
    named, steps = line.group.strip() or group, line.path
    first = words.fold(steps[0])
    if named and len(steps) > 1:
        # Who writes the group at the front of a path and names it besides means one group.
        if first == words.fold(named) or names.get(first, "?") == names.get(words.fold(named)):
            steps = steps[1:]
    elif not named and len(steps) > 1:
        named, steps = steps[0], steps[1:]
    return replace(line, group=named, path=steps)


def _implied(line: TagLine, count: int) -> TagLine:
    step = schemes.tidy(line.path[count - 1])
    its_words = TagWords(pref={words.language_of(step): step})
    above = TagLine("", line.group, its_words, row=line.row, path=line.path[:count])
    return replace(above, is_loose=True, is_implied=True)


def _own(standing: Standing, line: TagLine) -> TagLine:
    def own(guid: str) -> str:
        guid = schemes.tidy(guid)
        return guid if guid in standing.tags else standing.by_uuid.get(guid, guid)

    return replace(
        line,
        guid=own(line.guid),
        parents=tuple(map(own, line.parents)),
        related=tuple(map(own, line.related)),
        replaced_by=own(line.replaced_by),
    )


def _own_group(standing: Standing, group: Group) -> Group:
    key = standing.groups_by_uuid.get(group.guid)
    own = next((one for one in standing.groups if one.key == key), group)
    return replace(group, guid=own.guid)


def _names(group: Group) -> set[str]:
    return {group.key, *map(words.fold, group.labels.values())}
