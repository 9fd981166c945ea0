"""What a list of tags would do to the repository: compared first, written afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlmodel import Session

from research_repo.core import tag_edges, upward, words
from research_repo.core.language import Message, say
from research_repo.core.tag_lists import Flaw, TagList
from research_repo.core.tag_standing import Stored, standing_now
from research_repo.core.tag_wishes import Plan, Reading, Wish

DEPTH_MAX = upward.PATH_MAX

End = Callable[[str], str]
"""The guid of the tag that stands for another one."""


def plan(session: Session, listed: TagList, group: str = "") -> Plan:
    """Compare a list with the repository. `group` is for the tags of which the list says none."""
    made = Plan(standing_now(session), refused=[*listed.refused], warnings=[*listed.warnings])
    wishes = Reading(made, listed, group).wishes()
    made.used = {wish.group for wish in wishes.values()}
    wishes = _redirected(made, wishes)
    end = _ends(made, wishes)
    wishes = _placed(made, wishes, end)
    wishes = _related(made, wishes, end)
    _tell_homonyms(made, wishes)
    _tell_untranslated(made, wishes)
    for guid in _in_order(wishes):
        wish, stored = wishes[guid], made.standing.tags.get(guid)
        if stored is None:
            made.created.append(wish)
        elif _differs(made, wish, stored, end):
            made.updated.append(wish)
        else:
            made.unchanged += 1
    return made


def _ends(made: Plan, wishes: Mapping[str, Wish]) -> End:
    after = {guid: one.replaced_by for guid, one in made.standing.tags.items()}
    after |= {guid: wish.replaced_by for guid, wish in wishes.items()}

    def end(guid: str) -> str:
        while after.get(guid):
            guid = after[guid]
        return guid

    return end


def _placed(made: Plan, wishes: dict[str, Wish], end: End) -> dict[str, Wish]:
    stored = made.standing.tags
    above = {
        guid: tuple(map(end, one.parents))
        for guid, one in stored.items()
        if guid not in wishes and not one.replaced_by
    }
    named: dict[str, dict[str, str]] = {}
    for guid, wish in wishes.items():
        named[guid] = {}
        for parent in wish.parents:
            if parent not in wishes and parent not in stored:
                _drop(made, wish, say("There is no tag with the id %(id)s.", id=parent))
            elif not wish.replaced_by:
                named[guid].setdefault(end(parent), parent)
        above[guid] = tuple(named[guid])
    kept = {(guid, end(one)) for guid, tag in stored.items() for one in tag.parents}
    settled = tag_edges.settle(above, kept)
    _tell_dropped(made, wishes, settled)
    _cut_depths(made, wishes, settled)
    return {
        guid: replace(
            wish,
            parents=tuple(named[guid][one] for one in _own_first(settled, wish, wishes, stored)),
        )
        for guid, wish in wishes.items()
    }


def _cut_depths(made: Plan, wishes: Mapping[str, Wish], settled: tag_edges.Settled) -> None:
    """Leave out the places that are too deep: each tag costs as much as there is above it."""
    depths: dict[str, int] = {}
    for guid in tag_edges.from_the_top(settled.above):
        parents = settled.above[guid]
        if guid in wishes and any(depths.get(one, 0) >= DEPTH_MAX for one in parents):
            parents = tuple(one for one in parents if depths.get(one, 0) < DEPTH_MAX)
            settled.above[guid] = parents
            reason = say(
                "“%(tag)s” lies deeper than %(count)s levels.",
                tag=wishes[guid].name,
                count=DEPTH_MAX,
            )
            _drop(made, wishes[guid], reason)
        depths[guid] = 1 + max((depths.get(one, 0) for one in parents), default=0)


def _related(made: Plan, wishes: dict[str, Wish], end: End) -> dict[str, Wish]:
    """A pair holds when either of the two says so. One that lies under the other is no pair."""
    stored = made.standing.tags
    above: dict[str, tuple[str, ...]] = {}
    pairs = {frozenset((guid, one)) for guid, wish in wishes.items() for one in wish.related}
    if pairs or any(stored[guid].related for guid in wishes.keys() & stored.keys()):
        above = {
            guid: tuple(map(end, (wishes.get(guid) or stored[guid]).parents))
            for guid in {*stored, *wishes}
        }
    found: dict[str, set[str]] = {guid: set() for guid in wishes}
    # What sleeps because one of a pair came to lie under the other is not in files, and stays.
    for guid in wishes.keys() & stored.keys():
        asleep = {one for one in stored[guid].related if _is_line(above, end(guid), end(one))}
        found[guid] |= asleep
    for guid, wish in wishes.items():
        for one in sorted(wish.related - found[guid]):
            if one not in wishes and one not in stored:
                _part(made, wish, say("There is no tag with the id %(id)s.", id=one))
            elif _is_line(above, end(guid), end(one)):
                reason = say("One of them lies under the other: they belong together already.")
                _part(made, wish, reason)
            else:
                found[guid].add(one)
                if one in found:
                    found[one].add(guid)
    return {guid: replace(wish, related=frozenset(found[guid])) for guid, wish in wishes.items()}


def _is_line(above: tag_edges.Above, one: str, other: str) -> bool:
    if one == other:
        return True
    return one in tag_edges.ancestors(above, other) or other in tag_edges.ancestors(above, one)


def _part(made: Plan, wish: Wish, reason: Message) -> None:
    told = say("“%(tag)s” is not related to another tag. %(why)s", tag=wish.name, why=reason)
    made.warnings.append(Flaw(wish.row, "related", told, "place"))


def _own_first(
    settled: tag_edges.Settled, wish: Wish, wishes: Mapping[str, Wish], stored: Mapping[str, Stored]
) -> list[str]:
    def is_foreign(guid: str) -> bool:
        return (wishes.get(guid) or stored[guid]).group != wish.group

    # Only a parent of the tag's own group can give its path.
    return sorted(settled.above.get(wish.guid, ()), key=is_foreign)


def _tell_dropped(made: Plan, wishes: Mapping[str, Wish], settled: tag_edges.Settled) -> None:
    for child, _ in settled.circles:
        if child in wishes:
            reason = say("“%(tag)s” would lie under itself.", tag=wishes[child].name)
            _drop(made, wishes[child], reason)
    for child, parent in settled.redundant:
        if child in wishes:
            reason = say(
                "“%(tag)s” lies under %(parent)s already, by a longer way.",
                tag=wishes[child].name,
                parent=wishes[parent].name if parent in wishes else parent,
            )
            _drop(made, wishes[child], reason)


def _drop(made: Plan, wish: Wish, reason: Message) -> None:
    told = say("A place is left out. %(why)s", why=reason)
    made.warnings.append(Flaw(wish.row, "parent_ids", told, "place"))


def _redirected(made: Plan, wishes: dict[str, Wish]) -> dict[str, Wish]:
    stored = made.standing.tags
    found = dict(wishes)
    after = {guid: one.replaced_by for guid, one in stored.items()} | {
        guid: wish.replaced_by for guid, wish in wishes.items()
    }
    above = {guid: one.parents for guid, one in stored.items()} | {
        guid: wish.parents for guid, wish in wishes.items()
    }
    for guid, wish in wishes.items():
        survivor = after[guid]
        if not survivor:
            continue
        there = found.get(survivor) or stored.get(survivor)
        chain, here = {guid}, survivor
        while after.get(here) and here not in chain:
            chain.add(here)
            here = after[here]
        is_circle = here in chain or guid in tag_edges.ancestors(above, survivor)
        if there is None or there.group != wish.group or is_circle:
            after[guid] = ""
            found[guid] = replace(wish, replaced_by="", status="deprecated")
            reason = say(
                "“%(tag)s” is retired without a successor: %(id)s cannot take its place.",
                tag=wish.name,
                id=survivor,
            )
            made.warnings.append(Flaw(wish.row, "replaced_by", reason, "retired"))
    return found


def _tell_homonyms(made: Plan, wishes: Mapping[str, Wish]) -> None:
    owners: dict[tuple[str, str, str], dict[str, str]] = {}
    for guid, one in made.standing.tags.items():
        if guid not in wishes and not one.replaced_by:
            for language, _, text in one.labels:
                owners.setdefault((one.group, language, words.fold(text)), {})[guid] = text
    for guid, wish in wishes.items():
        if not wish.replaced_by:
            for language, _, text in wish.labels:
                owners.setdefault((wish.group, language, words.fold(text)), {})[guid] = text
    for (_, language, _), tags in owners.items():
        ours = [guid for guid in tags if guid in wishes]
        if len(tags) > 1 and ours:
            reason = say(
                "“%(label)s” names several tags and is told by path: %(paths)s.",
                label=tags[ours[-1]],
                paths="; ".join(sorted(_path(made, wishes, guid) for guid in tags)),
            )
            row = wishes[ours[-1]].row
            made.warnings.append(Flaw(row, f"label_{language}", reason, "homonym"))


def _path(made: Plan, wishes: Mapping[str, Wish], guid: str) -> str:
    steps: list[str] = []
    here: str | None = guid
    while here is not None and len(steps) < upward.PATH_MAX:
        wish, stored = wishes.get(here), made.standing.tags.get(here)
        labels = wish.labels if wish else stored.labels if stored else ()
        steps.append(next((text for _, kind, text in sorted(labels) if kind == "pref"), here))
        parents = wish.parents if wish else stored.parents if stored else ()
        here = parents[0] if parents else None
    return " › ".join(reversed(steps))


def _tell_untranslated(made: Plan, wishes: Mapping[str, Wish]) -> None:
    # Who writes a list in one language leaves the other one to the repository.
    told = [wish for wish in wishes.values() if not wish.is_loose]
    spoken = {language for wish in told for language, kind, _ in wish.labels if kind == "pref"}
    for wish in told:
        own = {language for language, kind, _ in wish.labels if kind == "pref"}
        for language in sorted(spoken - own):
            reason = say(
                "“%(tag)s” has no name in the language %(language)s.",
                tag=wish.name,
                language=language,
            )
            flaw = Flaw(wish.row, f"pref_label_{language}", reason, "untranslated")
            made.warnings.append(flaw)


def _in_order(wishes: Mapping[str, Wish]) -> list[str]:
    above = {
        guid: [*wish.parents, *filter(None, [wish.replaced_by])] for guid, wish in wishes.items()
    }
    order = tag_edges.from_the_top(above)
    placed = set(order)
    return [*order, *(guid for guid in wishes if guid not in placed)]


def _differs(made: Plan, wish: Wish, stored: Stored, end: End) -> bool:
    if frozenset(wish.labels) != stored.labels or dict(wish.notes) != dict(stored.notes):
        return True
    if wish.related != stored.related:
        return True
    if wish.replaced_by or stored.replaced_by:
        # A merged tag's own status and places sleep.
        return wish.replaced_by != stored.replaced_by
    before = [one for one in map(end, stored.parents) if one != wish.guid]
    after = [*map(end, wish.parents)]
    is_moved = (_first(made, wish, before), {*before}) != (_first(made, wish, after), {*after})
    return is_moved or wish.status != stored.status


def _first(made: Plan, wish: Wish, parents: list[str]) -> list[str]:
    # Only a parent of the tag's own group gives its path; the order of the others means nothing.
    tags = made.standing.tags
    groups = [tags[one].group for one in parents[:1] if one in tags]
    return [] if groups and groups[0] != wish.group else parents[:1]
