"""A change set in words: a sentence for each line, with the tags by their paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session, col, select

from research_repo.core import hierarchy, schemes
from research_repo.core.change_lines import (
    AddLabel,
    Create,
    Define,
    Line,
    Move,
    RemoveLabel,
    Rename,
    Retag,
    tags_of,
)
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import Tag
from research_repo.core.terms import term

Names = Mapping[str, str]

_OF_ONE = {
    "retire": say("Retire “%(tag)s”"),
    "restore": say("Use “%(tag)s” again"),
    "approve": say("Approve “%(tag)s”"),
    "reword": say("Edit the words of “%(tag)s”"),
}
_OF_TWO = {
    "add_parent": ("parent", say("Put “%(tag)s” under “%(other)s”, too")),
    "remove_parent": ("parent", say("Take “%(tag)s” out from under “%(other)s”")),
    "relate": ("other", say("Relate “%(tag)s” to “%(other)s”")),
    "unrelate": ("other", say("Take off the relation of “%(tag)s” and “%(other)s”")),
    "merge": ("into", say("Merge “%(tag)s” into “%(other)s”")),
}


def names(session: Session, lines: Iterable[Line], language: str) -> dict[str, str]:
    """Key → what the tag is called: by its path, where the word alone could mean another one."""
    listed = list(lines)
    keys = tags_of(listed)
    rows = dict(session.exec(select(Tag.id, Tag.key).where(col(Tag.key).in_(keys))).all())
    own = hierarchy.labels_of(session, list(rows), language)
    cards = hierarchy.cards(session, list(rows), language)
    found = {}
    for tag_id, key in rows.items():
        # A merged tag is spoken of by its own word: its card is that of its survivor.
        is_itself = cards[tag_id].id == tag_id
        found[key] = " › ".join(cards[tag_id].path) if is_itself else own[tag_id][0]
    for line in listed:
        if isinstance(line, Create):
            label = line.pref.get(language) or next(iter(line.pref.values()), "?")
            found.setdefault(line.key, label)
    return found


def sentences(
    session: Session, lines: Sequence[Line], called: Names, language: str
) -> list[Message]:
    """What each line does, as an order."""
    groups = {one.key: one.label for one in schemes.listed(session, language)}
    return [_sentence(line, called, groups) for line in lines]


def _sentence(line: Line, called: Names, groups: Names) -> Message:
    tag = called.get(getattr(line, "tag", ""), "?")
    if line.do in _OF_ONE:
        return say(_OF_ONE[line.do].one, tag=tag)
    if line.do in _OF_TWO:
        role, message = _OF_TWO[line.do]
        return say(message.one, tag=tag, other=called.get(getattr(line, role), "?"))
    if isinstance(line, Create):
        return _created(line, called, groups)
    if isinstance(line, Move):
        return _moved(line, tag, called)
    if isinstance(line, Retag):
        return _retagged(line, called)
    return _worded(line, tag)


def _created(line: Create, called: Names, groups: Names) -> Message:
    if line.parent:
        return say(
            "Make “%(tag)s” under “%(parent)s”",
            tag=called[line.key],
            parent=called.get(line.parent, "?"),
        )
    group = groups.get(line.scheme, line.scheme)
    return say("Make “%(tag)s” in “%(group)s”", tag=called[line.key], group=group)


def _moved(line: Move, tag: str, called: Names) -> Message:
    if not line.to:
        old = called.get(line.start, "?")
        return say("Move “%(tag)s” out of “%(old)s” to the top of its group", tag=tag, old=old)
    return say("Move “%(tag)s” under “%(new)s”", tag=tag, new=called.get(line.to, "?"))


def _retagged(line: Retag, called: Names) -> Message:
    puts = ", ".join(called.get(key, "?") for key in line.add)
    takes = ", ".join(called.get(key, "?") for key in line.remove)
    count = len(line.atoms)
    if not takes:
        return say_many(
            "Put “%(add)s” on %(count)s atom", "Put “%(add)s” on %(count)s atoms", count, add=puts
        )
    if not puts:
        return say_many(
            "Take “%(remove)s” off %(count)s atom",
            "Take “%(remove)s” off %(count)s atoms",
            count,
            remove=takes,
        )
    return say_many(
        "Put “%(add)s” in place of “%(remove)s” on %(count)s atom",
        "Put “%(add)s” in place of “%(remove)s” on %(count)s atoms",
        count,
        add=puts,
        remove=takes,
    )


def _worded(line: Line, tag: str) -> Message:
    if isinstance(line, Rename):
        return say("Rename “%(tag)s” to “%(label)s”", tag=tag, label=line.label)
    if isinstance(line, AddLabel):
        return say("Let “%(label)s” find “%(tag)s”", tag=tag, label=line.label)
    if isinstance(line, RemoveLabel):
        return say("Take the word “%(label)s” from “%(tag)s”", tag=tag, label=line.label)
    if isinstance(line, Define) and not line.text.strip():
        return say("Take away: %(note)s of “%(tag)s”", note=term("note", line.kind), tag=tag)
    if isinstance(line, Define):
        return say("Say of “%(tag)s”: %(note)s", note=term("note", line.kind), tag=tag)
    return Message(line.do)
