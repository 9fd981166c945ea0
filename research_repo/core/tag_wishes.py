"""The tags of a list read as wishes: what each is to become in the repository as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session, col, select

from research_repo.core import indexing, schemes, tag_lists, words
from research_repo.core.language import Message, say
from research_repo.core.models import Tag, TagLabel, TagNote, TagParent
from research_repo.core.tag_lists import Flaw, Group, TagLine, TagList
from research_repo.core.tags import LABELS_MAX, NOTE_MAX
from research_repo.settings import LANGUAGES

GUID_MAX = 500

Label = tuple[str, str, str]
"""Language, kind, text."""


@dataclass(frozen=True)
class Stored:
    """A tag as it stands in the repository."""

    id: int
    group: str
    status: str
    replaced_by: str
    labels: frozenset[Label]
    notes: Mapping[str, str]
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """The vocabulary as it is now, by guid."""

    edition: int
    groups: tuple[Group, ...]
    group_ids: Mapping[str, int]
    tags: Mapping[str, Stored]


@dataclass(frozen=True)
class Wish:
    """What a tag is to become."""

    guid: str
    group: str
    labels: tuple[Label, ...]
    notes: Mapping[str, str]
    parents: tuple[str, ...]
    status: str
    replaced_by: str
    row: int

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


def standing_now(session: Session) -> Standing:
    """The vocabulary as it is now."""
    groups = tag_lists.groups_of(session)
    rows = session.exec(select(Tag)).all()
    guids = {row.id: row.guid for row in rows}
    labels: dict[int, set[Label]] = {}
    for label in session.exec(select(TagLabel)):
        labels.setdefault(label.tag_id, set()).add((label.language, label.kind, label.text))
    notes: dict[int, dict[str, str]] = {}
    for note in session.exec(select(TagNote)):
        notes.setdefault(note.tag_id, {})[note.language] = note.text
    edges: dict[int, list[str]] = {}
    order = (col(TagParent.is_primary).desc(), col(TagParent.position), col(TagParent.parent_id))
    for edge in session.exec(select(TagParent).order_by(*order)):
        edges.setdefault(edge.child_id, []).append(guids[edge.parent_id])
    tags = {
        row.guid: Stored(
            id=row.id,
            group=groups[row.scheme_id].key,
            status=row.status,
            replaced_by=guids.get(row.replaced_by or 0, ""),
            labels=frozenset(labels.get(row.id, ())),
            notes=notes.get(row.id, {}),
            parents=tuple(edges.get(row.id, ())),
        )
        for row in rows
    }
    ids = {group.key: scheme_id for scheme_id, group in groups.items()}
    return Standing(indexing.vocabulary_edition(session), tuple(groups.values()), ids, tags)


class Reading:
    """Turns the lines of a list into wishes; a line that cannot be one is refused with its reason."""

    def __init__(self, made: Plan, listed: TagList, group: str) -> None:
        self.made, self.listed, self.default = made, listed, group
        self.known: dict[str, str] = {}
        # A file of one group, sent into another one, goes there as a whole.
        self.is_moved = bool(group) and len(listed.groups) == 1

    def wishes(self) -> dict[str, Wish]:
        found: dict[str, Wish] = {}
        for line in self.listed.tags:
            try:
                wish = self._wish(line)
                if wish.guid in found:
                    raise _Unfit("id", say("The id %(id)s stands twice.", id=wish.guid))
            except _Unfit as flaw:
                self.made.refused.append(Flaw(line.row, flaw.column, flaw.reason))
            else:
                found[wish.guid] = wish
        return found

    def _wish(self, line: TagLine) -> Wish:
        group = self._group(line)
        labels = self._labels(line)
        guid = schemes.tidy(line.guid) or _guid_of(group, labels)
        if len(guid) > GUID_MAX:
            raise _Unfit("id", say("An id has at most %(count)s characters.", count=GUID_MAX))
        stored = self.made.standing.tags.get(guid)
        if stored and stored.group != group:
            reason = say(
                "“%(tag)s” is in the tag group %(group)s and stays there.",
                tag=line.name,
                group=stored.group,
            )
            self.made.warnings.append(Flaw(line.row, "scheme", reason, "group"))
            group = stored.group
        wish = Wish(
            guid=guid,
            group=group,
            labels=labels,
            notes=self._notes(line),
            parents=tuple(dict.fromkeys(filter(None, map(schemes.tidy, line.parents)))),
            status=line.status,
            replaced_by=line.replaced_by,
            row=line.row,
        )
        return self._completed(wish, stored) if stored else wish

    def _completed(self, wish: Wish, stored: Stored) -> Wish:
        """The wish with all that the file does not speak of as it stands."""
        is_said = self.listed.is_said
        silent = [label for label in stored.labels if not is_said(f"{label[1]}_{label[0]}")]
        labels = {(label[0], words.fold(label[2])): label for label in [*silent, *wish.labels]}
        notes = {
            language: text
            for language, text in stored.notes.items()
            if not is_said(f"note_{language}")
        }
        kept = "approved" if stored.status == "candidate" else stored.status
        return replace(
            wish,
            labels=tuple(labels.values()),
            notes={**notes, **wish.notes},
            parents=wish.parents if is_said("parents") else stored.parents,
            status=wish.status if is_said("status") else kept,
            replaced_by=wish.replaced_by if is_said("status") else stored.replaced_by,
        )

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

    def _notes(self, line: TagLine) -> dict[str, str]:
        fit = {}
        for language, text in line.words.note.items():
            if len(text.strip()) > NOTE_MAX:
                reason = say(
                    "The note is left out: it has more than %(count)s characters.", count=NOTE_MAX
                )
                self.made.warnings.append(Flaw(line.row, f"scope_note_{language}", reason))
            elif text.strip():
                fit[language] = text.strip()
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


def _guid_of(group: str, labels: Iterable[Label]) -> str:
    # Without an id a tag is the same one as long as its group and its first name are.
    language, _, text = next(label for label in labels if label[1] == "pref")
    return str(uuid5(NAMESPACE_URL, f"{group}\n{language}\n{words.fold(text)}"))


def _free_key(key: str, taken: set[str]) -> str:
    number = 2
    free = key
    while free in taken:
        free = f"{key[: schemes.KEY_MAX - 4]}-{number}"
        number += 1
    return free


def _names(group: Group) -> set[str]:
    return {group.key, *map(words.fold, group.labels.values())}
