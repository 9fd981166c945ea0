"""The tags of a list read as wishes: what each is to become in the repository as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from uuid import NAMESPACE_URL, uuid5

from research_repo.core import schemes, tag_matching, typed, words
from research_repo.core.language import Message, say
from research_repo.core.tag_lists import Flaw, Group, TagLine, TagList
from research_repo.core.tag_standing import Label, Note, Standing, Stored
from research_repo.core.tag_words import LABELS_MAX, NOTE_MAX
from research_repo.settings import LANGUAGES

GUID_MAX = 500


@dataclass(frozen=True)
class Wish:
    """What a tag is to become."""

    guid: str
    group: str
    labels: tuple[Label, ...]
    notes: Mapping[Note, str]
    parents: tuple[str, ...]
    status: str
    replaced_by: str
    row: int
    related: frozenset[str] = frozenset()
    is_loose: bool = False

    @property
    def name(self) -> str:
        return next((text for _, kind, text in self.labels if kind == "pref"), self.guid)


@dataclass
class Plan:
    """What is to be written, in an order in which parents and survivors come first."""

    standing: Standing
    groups: list[Group] = field(default_factory=list)
    created: list[Wish] = field(default_factory=list)
    updated: list[Wish] = field(default_factory=list)
    unchanged: int = 0
    used: set[str] = field(default_factory=set)
    """Keys of the groups that the list speaks of."""
    refused: list[Flaw] = field(default_factory=list)
    warnings: list[Flaw] = field(default_factory=list)


class Reading:
    """Turns the lines of a list into wishes; a line that cannot be one is refused with its reason."""

    def __init__(self, made: Plan, listed: TagList, group: str) -> None:
        self.made, self.default = made, group
        standing = made.standing
        listed = tag_matching.with_own_ids(standing, listed)
        self.listed = tag_matching.with_whole_paths(standing.groups, listed, group)
        self.paths = tag_matching.Paths(standing)
        self.known: dict[str, str] = {}
        # A file of one group, sent into another one, goes there as a whole.
        self.is_moved = bool(group) and len(listed.groups) == 1

    def wishes(self) -> dict[str, Wish]:
        found: dict[str, Wish] = {}
        implied: set[str] = set()
        self._take_groups()
        for line in self.listed.tags:
            try:
                wish = self._wish(line)
                if line.is_implied:
                    # Another word for a step may stand in a row of its own: the row is what counts.
                    implied |= {wish.guid} - found.keys()
                    found.setdefault(wish.guid, wish)
                    continue
                if wish.guid in found and wish.guid not in implied:
                    raise _Unfit("id", _stands_twice(line, wish))
                implied.discard(wish.guid)
            except _Unfit as flaw:
                self.made.refused.append(Flaw(line.row, flaw.column, flaw.reason))
            else:
                found[wish.guid] = wish
        return found

    def _take_groups(self) -> None:
        """The groups that a file tells of come in its order, those without tags, too."""
        for name, told in self.listed.groups.items():
            if not self.is_moved:
                with suppress(_Unfit):  # told with the first tag that needs it
                    self.known[name] = self._key_of(name, told)

    def _wish(self, line: TagLine) -> Wish:
        group = self._group(line)
        labels = self._labels(line)
        match = self._match(line, group, labels)
        if len(match.guid) > GUID_MAX:
            raise _Unfit("id", say("An id has at most %(count)s characters.", count=GUID_MAX))
        stored = self.made.standing.tags.get(match.guid)
        if stored and stored.group != group:
            reason = say(
                "“%(tag)s” is in the tag group %(group)s and stays there.",
                tag=line.name,
                group=stored.group,
            )
            self.made.warnings.append(Flaw(line.row, "scheme", reason, "group"))
            group = stored.group
        parents = (match.parent,) if line.path else map(schemes.tidy, line.parents)
        wish = Wish(
            guid=match.guid,
            group=group,
            labels=labels,
            notes=self._notes(line),
            parents=tuple(dict.fromkeys(filter(None, parents))),
            status=line.status,
            replaced_by=line.replaced_by,
            row=line.row,
            related=frozenset(filter(None, map(schemes.tidy, line.related))),
            is_loose=line.is_loose,
        )
        if stored is None:
            return wish
        if line.is_loose or match.is_by_name:
            return self._added(wish, stored, is_by_name=not line.guid)
        return self._completed(wish, stored)

    def _match(self, line: TagLine, group: str, labels: Iterable[Label]) -> tag_matching.Match:
        if line.path:
            return self.paths.find(group, line.path)
        if guid := schemes.tidy(line.guid):
            return tag_matching.Match(guid)
        # Without an id a tag is the same one as long as its group and its first name are.
        language, _, text = next(label for label in labels if label[1] == "pref")
        made = str(uuid5(NAMESPACE_URL, f"{group}\n{language}\n{words.fold(text)}"))
        named = "" if made in self.made.standing.tags else self.paths.named_so(group, text)
        return tag_matching.Match(named or made, is_by_name=bool(named))

    def _completed(self, wish: Wish, stored: Stored) -> Wish:
        """The wish with all that the file does not speak of as it stands."""
        is_said = self.listed.is_said
        silent = [label for label in stored.labels if not is_said(f"{label[1]}_{label[0]}")]
        labels = {(label[0], words.fold(label[2])): label for label in [*silent, *wish.labels]}
        notes = {
            (kind, language): text
            for (kind, language), text in stored.notes.items()
            if not is_said(f"{kind}_{language}")
        }
        kept = "approved" if stored.status == "candidate" else stored.status
        return replace(
            wish,
            labels=tuple(labels.values()),
            notes={**notes, **wish.notes},
            parents=wish.parents if is_said("parents") else stored.parents,
            status=wish.status if is_said("status") else kept,
            replaced_by=wish.replaced_by if is_said("status") else stored.replaced_by,
            related=wish.related if is_said("related") else stored.related,
        )

    def _added(self, wish: Wish, stored: Stored, *, is_by_name: bool) -> Wish:
        """The tag as it stands with what the file has anew: it knows less than the repository."""
        fresh = [label for label in wish.labels if not stored.has(label[2])]
        named = {language for language, kind, _ in stored.labels if kind == "pref"}
        renamed = {language for language, kind, _ in fresh if kind == "pref"} & named
        if is_by_name:
            # Only a file that knows the tag by its id can mean to rename it.
            fresh = [
                (language, "alt" if language in named else kind, text)
                for language, kind, text in fresh
            ]
            renamed = set()
        kept = [
            (language, "alt" if kind == "pref" and language in renamed else kind, text)
            for language, kind, text in sorted(stored.labels)
        ]
        known = {typed.lines(text).strip() for text in stored.notes.values()}
        notes = {what: text for what, text in wish.notes.items() if text not in known}
        return replace(
            self._completed(wish, stored),
            labels=(*kept, *fresh),
            notes={**stored.notes, **notes},
            parents=stored.parents if is_by_name else self._moved(wish, stored),
        )

    def _moved(self, wish: Wish, stored: Stored) -> tuple[str, ...]:
        if not self.listed.is_said("parents"):
            return stored.parents
        tags = self.made.standing.tags
        first = [one for one in stored.parents[:1] if tags[one].group == stored.group]
        if [*map(self.made.standing.survivor, first)] == [*wish.parents[:1]]:
            return tuple(dict.fromkeys([*stored.parents, *wish.parents]))
        others = [one for one in stored.parents if one not in first]
        return tuple(dict.fromkeys([*wish.parents, *others]))

    def _labels(self, line: TagLine) -> tuple[Label, ...]:
        fit: list[Label] = []
        for language, kind, text in line.words.labels():
            problem = schemes.label_problem(text)
            if problem:
                reason = say("“%(label)s” is left out. %(why)s", label=text[:100], why=problem)
                flaw = Flaw(line.row, f"{kind}_label_{language}", reason, "label")
                self.made.warnings.append(flaw)
            elif language in LANGUAGES:
                fit.append((language, kind, text))
        if not any(kind == "pref" for _, kind, _ in fit):
            raise _Unfit("pref_label_en", say("Name the tag in at least one language."))
        if len(fit) > LABELS_MAX:
            raise _Unfit(
                "alt_labels_en", say("A tag has at most %(count)s labels.", count=LABELS_MAX)
            )
        return tuple(fit)

    def _notes(self, line: TagLine) -> dict[Note, str]:
        fit = {}
        for kind, by_language in line.words.notes().items():
            for language, text in by_language.items():
                if len(text.strip()) > NOTE_MAX:
                    reason = say(
                        "The note is left out: it has more than %(count)s characters.",
                        count=NOTE_MAX,
                    )
                    column = f"{'scope_note' if kind == 'scope' else kind}_{language}"
                    self.made.warnings.append(Flaw(line.row, column, reason))
                elif text.strip() and language in LANGUAGES:
                    fit[kind, language] = text.strip()
        return fit

    def _group(self, line: TagLine) -> str:
        named = self.default if self.is_moved or not line.group.strip() else line.group
        if not named.strip():
            raise _Unfit("scheme", say("Name the tag group, or choose one for the whole file."))
        if named not in self.known:
            file_group = self.listed.groups.get(line.group, Group())
            self.known[named] = self._key_of(named, file_group)
        return self.known[named]

    def _key_of(self, named: str, told: Group) -> str:
        all_groups = [*self.made.standing.groups, *self.made.groups]
        is_told = named in self.listed.groups
        wanted = [] if is_told else [named]
        if is_told:
            for group in all_groups:
                if told.guid and group.guid == told.guid:
                    return group.key
            wanted = [*filter(None, (told.key, *told.labels.values()))]
        for text in wanted:
            for group in all_groups:
                if words.fold(text) in _names(group):
                    return group.key
        return self._new_group(wanted, told, all_groups)

    def _new_group(self, wanted: list[str], told: Group, there: Iterable[Group]) -> str:
        taken = {name for group in there for name in _names(group)}
        labels = {
            language: schemes.tidy(text)
            for language, text in told.labels.items()
            if not schemes.label_problem(text) and words.fold(text) not in taken
        }
        text = schemes.tidy(wanted[0]) if wanted else ""
        key = schemes.slug(text)
        if words.fold(text) not in {key, *map(words.fold, labels.values())} or not labels:
            labels[words.language_of(text)] = text
        problem = schemes.label_problem(text)
        if problem or not key:
            why = problem or say("Name the tag group with letters or digits.")
            raise _Unfit("scheme", why)
        key = _free_key(key, {group.key for group in there})
        guids = {group.guid for group in there}
        guid = told.guid if told.guid not in guids else ""
        self.made.groups.append(Group(key, guid, labels))
        return key


class _Unfit(Exception):  # noqa: N818 (a row that cannot be used is no fault)
    def __init__(self, column: str, reason: Message) -> None:
        self.column, self.reason = column, reason
        super().__init__(str(reason))


def _stands_twice(line: TagLine, wish: Wish) -> Message:
    if line.guid:
        return say("The id %(id)s stands twice.", id=wish.guid)
    return say("“%(tag)s” stands twice.", tag=" > ".join(line.path) or line.name)


def _free_key(key: str, taken: set[str]) -> str:
    number = 2
    free = key
    while free in taken:
        free = f"{key[: schemes.KEY_MAX - 4]}-{number}"
        number += 1
    return free


def _names(group: Group) -> set[str]:
    return {group.key, *map(words.fold, group.labels.values())}
