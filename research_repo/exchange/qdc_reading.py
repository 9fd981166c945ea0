"""A REFI-QDA codebook (.qdc) read as a list of tags, however its tool wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from research_repo.core import schemes, tag_ids, typed, words
from research_repo.core.language import say, say_many
from research_repo.core.tag_lists import Flaw, Group, TagLine, TagList
from research_repo.core.tag_words import NOTE_MAX, TagWords
from research_repo.exchange import codebook
from research_repo.exchange.codebook import WAITING, Code, CodeSet, also_under
from research_repo.settings import LANGUAGES

OWN = re.compile(r"research-repo \((\w\w)\)")
# NVivo wraps all codes of a project in one of these.
WRAPPERS = {"nodes", "codes"}
# Marks that part labels from each other here, and what stands for them in the name of a code.
STAND_INS = str.maketrans({">": "→", "›": "→", ";": ",", "|": "/"})


def read(content: bytes) -> TagList:
    """The tags of a codebook, however its tool wrote it; each defect is told.

    Raises:
        Invalid: it is damaged, or holds no codes; field "file" says why.
    """
    book = codebook.read(content)
    reading = _Reading(book.flaws)
    own = OWN.fullmatch(book.origin)
    roots = book.codes
    if own and own[1] in LANGUAGES:
        reading.language = own[1]
        for root in roots:
            reading.take_group(root)
    else:
        if len(roots) == 1 and not roots[0].is_codable and roots[0].name.lower() in WRAPPERS:
            roots = roots[0].codes
        if book.origin.startswith("Taguette"):
            roots = reading.parted(roots)
        reading.take(roots, "")
    places, waiting = reading.take_sets(book.sets)
    lines = [replace(line, parents=(*line.parents, *places.get(line.guid, ())),
                     status="candidate" if line.guid in waiting else line.status)
             for line in reading.lines]  # fmt: skip
    says = {"parents"} | {f"pref_{code}" for code in LANGUAGES}
    says |= {f"definition_{code}" for code in LANGUAGES}
    if reading.language:
        says.add("status")
    elif reading.folders:
        reading.flaws.append(reading.told_folders())
    flaws = tuple(reading.flaws)
    return TagList(tuple(lines), reading.groups, frozenset(says), tuple(reading.refused), flaws)


@dataclass
class _Reading:
    flaws: list[Flaw]
    language: str = ""
    groups: dict[str, Group] = field(default_factory=dict)
    lines: list[TagLine] = field(default_factory=list)
    refused: list[Flaw] = field(default_factory=list)
    folders: list[Code] = field(default_factory=list)

    def take_group(self, root: Code) -> None:
        """A code at the top of a file of ours is a tag group."""
        if root.is_codable or not root.guid:
            self.take([root], "")
            return
        labels = {self.language: root.name} if root.name else {}
        self.groups[root.guid] = Group(guid=root.guid, labels=labels)
        self.take(root.codes, root.guid)

    def take(self, roots: Iterable[Code], group: str) -> None:
        """The codes and all below them, from the top."""
        # A code without an id is told by its path; of several with one path by their order, too.
        waiting = [(code, "", "") for code in roots][::-1]
        met: dict[tuple[str, str], int] = {}
        while waiting:
            code, parent, above = waiting.pop()
            path = (above, words.fold(code.name))
            guid = code.guid
            if not guid:
                met[path] = met.get(path, 0) + 1
                guid = tag_ids.derived("code", *path, *([str(met[path])] if met[path] > 1 else []))
            if code.name:
                self.lines.append(self._line(code, guid, parent, group))
            else:
                reason = say("The code has no name. Give it one.")
                self.refused.append(Flaw(code.line, "name", reason))
            if not code.is_codable:
                self.folders.append(code)
            below = guid if code.name else parent
            waiting += [(one, below, guid) for one in reversed(code.codes)]

    def take_sets(self, sets: Iterable[CodeSet]) -> tuple[dict[str, list[str]], set[str]]:
        """Further places by tag, and the tags that wait for review; any other set is told."""
        parents = {also_under(line.guid): line.guid for line in self.lines}
        places: dict[str, list[str]] = {}
        waiting: set[str] = set()
        for one in sets:
            if one.guid == WAITING:
                waiting.update(one.members)
            elif one.guid in parents:
                for member in one.members:
                    places.setdefault(member, []).append(parents[one.guid])
            else:
                reason = say_many(
                    "The set “%(name)s” of %(count)s code is no tag and is left out; its codes come in.",
                    "The set “%(name)s” of %(count)s codes is no tag and is left out; its codes come in.",
                    len(one.members),
                    name=one.name,
                )
                self.flaws.append(Flaw(one.line, "Set", reason, "collection"))
        return places, waiting

    def parted(self, roots: Iterable[Code]) -> list[Code]:
        """Codes of Taguette, whose names are paths with dots, as the tree that they mean."""
        tops: list[Code] = []
        found: dict[str, Code] = {}
        first = 0
        for code in sorted(roots, key=lambda code: code.name.count(".")):
            steps = steps_of(code.name)
            first = first or (code.line if len(steps) > 1 else 0)
            siblings = tops
            for count in range(1, len(steps)):
                path = ".".join(steps[:count])
                if path not in found:
                    guid = tag_ids.derived("part", path)
                    found[path] = Code(guid, steps[count - 1], code.line)
                    siblings.append(found[path])
                siblings = found[path].codes
            named = replace(code, name=steps[-1])
            found.setdefault(code.name, named)
            siblings.append(named)
        if first:
            reason = say("Names that dots part are read as paths, as Taguette means them.")
            self.flaws.append(Flaw(first, "name", reason, "codebook"))
        return tops

    def told_folders(self) -> Flaw:
        reason = say_many(
            "%(count)s code is only a folder in the file; here it can be used like the others.",
            "%(count)s codes are only folders in the file; here they can be used like the others.",
            len(self.folders),
        )
        return Flaw(self.folders[0].line, "isCodable", reason, "codebook")

    def _line(self, code: Code, guid: str, parent: str, group: str) -> TagLine:
        name, description = self._fit(code)
        language = self.language or words.language_of(name)
        spoken = self.language or words.language_of(description)
        return TagLine(
            guid=guid,
            group=group,
            words=TagWords(pref={language: name}, definition={spoken: description}),
            parents=(parent,) if parent else (),
            status="approved" if code.is_codable else "deprecated",
            row=code.line,
            is_loose=True,
        )

    def _fit(self, code: Code) -> tuple[str, str]:
        """The name with marks that a label can hold, and shortened; then the whole is described."""
        name = schemes.tidy(code.name.translate(STAND_INS))
        description = typed.lines(code.description)
        if name != code.name:
            reason = say("“%(name)s” is called “%(label)s” here: > › ; | part labels from each other.",
                         name=code.name[:100], label=name[:100])  # fmt: skip
            self.flaws.append(Flaw(code.line, "name", reason, "label"))
        if len(name) > schemes.LABEL_MAX:
            description = "\n\n".join(filter(None, [code.name[:NOTE_MAX], description]))
            name = name[: schemes.LABEL_MAX - 1].rstrip() + "…"
            reason = say("“%(name)s” is shortened; the whole name stands in its definition.",
                         name=name)  # fmt: skip
            self.flaws.append(Flaw(code.line, "name", reason, "label"))
        if len(description) > NOTE_MAX:
            description = description[: NOTE_MAX - 1].rstrip() + "…"
            reason = say("The description of “%(name)s” is shortened.", name=name)
            self.flaws.append(Flaw(code.line, "Description", reason, "label"))
        return name, description


def steps_of(name: str) -> list[str]:
    """A name of Taguette as the path that it means: parted by dots, but for numbers like 1.5."""
    steps = name.split(".")
    is_path = all(step.strip() == step and step and not step.isdigit() for step in steps)
    return steps if is_path else [name]
