"""How each line of a change set is carried out: the rows of its tags, by the rules of tags.

Who did it, counters and the index are left to `changes`, which carries out the set as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, select

from research_repo.core import retagging, schemes, tag_places, tag_words, tagging, tags
from research_repo.core.change_lines import (
    AddLabel,
    AddParent,
    Approve,
    Create,
    Define,
    Line,
    Merge,
    Move,
    Relate,
    RemoveLabel,
    RemoveParent,
    Rename,
    Restore,
    Retag,
    Retire,
    Reword,
    Unrelate,
)
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import Person, Scheme, Tag
from research_repo.core.tag_words import TagWords

TO_STATUS = {"retire": "deprecated", "restore": "approved", "approve": "approved"}
FROM_STATUS = {
    "retire": ("candidate", "approved"),
    "restore": ("deprecated",),
    "approve": ("candidate",),
}


def carry_out(session: Session, by: Person, line: Line) -> set[int]:
    """Do what a line says; the atoms on which it wrote.

    Raises:
        Invalid: the rules forbid it, or it would change nothing.
        NotFound: a tag is not there.
    """
    step = _STEPS[line.do]
    return step(session, by, line) or set()


def _create(session: Session, by: Person, line: Create) -> None:
    scheme = schemes.get(session, line.scheme)
    if session.exec(select(Tag.id).where(Tag.key == line.key)).first() is not None:
        raise Invalid({"tag": say("This tag was made already. Compose the change again.")})
    tag = tags.begin(session, by, scheme, TagWords(pref=line.pref), key=line.key)
    if line.parent:
        tag_places.put_under(session, tag, tags.standing(session, line.parent))


def _rename(session: Session, by: Person, line: Rename) -> None:
    tag = tags.standing(session, line.tag)
    old = tag_words.of(session, tag)
    _say_anew(session, tag, old, old.renamed(line.language, line.label, keeps_old=line.keeps_old))


def _add_label(session: Session, by: Person, line: AddLabel) -> None:
    tag = tags.standing(session, line.tag)
    old = tag_words.of(session, tag)
    _say_anew(session, tag, old, old.with_label(line.language, line.kind, line.label))


def _remove_label(session: Session, by: Person, line: RemoveLabel) -> None:
    tag = tags.standing(session, line.tag)
    old = tag_words.of(session, tag)
    _say_anew(session, tag, old, old.without_label(line.language, line.label))


def _define(session: Session, by: Person, line: Define) -> None:
    tag = tags.standing(session, line.tag)
    old = tag_words.of(session, tag)
    _say_anew(session, tag, old, old.defined(line.kind, line.language, line.text))


def _reword(session: Session, by: Person, line: Reword) -> None:
    tag = tags.standing(session, line.tag)
    _say_anew(session, tag, tag_words.of(session, tag), TagWords.of_rows(line.labels, line.notes))


def _say_anew(session: Session, tag: Tag, old: TagWords, new: TagWords) -> None:
    tag_words.check(session, session.get_one(Scheme, tag.scheme_id), new, tag.id)
    if tag_words.is_same(old, new):
        name = tag_places.name_of(session, tag)
        raise Invalid({"label": say("“%(tag)s” has just these words already.", tag=name)})
    tag_words.write(session, tag, new)


def _move(session: Session, by: Person, line: Move) -> None:
    tag = tags.standing(session, line.tag)
    old = tags.standing(session, line.start) if line.start else None
    new = tags.standing(session, line.to) if line.to else None
    if old is None and new is None:
        raise Invalid({"to": say("Choose the tag under which it is to lie.")})
    tag_places.move(session, tag, old, new)


def _add_parent(session: Session, by: Person, line: AddParent) -> None:
    parent = tags.standing(session, line.parent)
    tag_places.put_under(session, tags.standing(session, line.tag), parent)


def _remove_parent(session: Session, by: Person, line: RemoveParent) -> None:
    parent = tags.standing(session, line.parent)
    tag_places.take_from_under(session, tags.standing(session, line.tag), parent)


def _relate(session: Session, by: Person, line: Relate) -> None:
    tag_places.relate(session, tags.standing(session, line.tag), tags.standing(session, line.other))


def _unrelate(session: Session, by: Person, line: Unrelate) -> None:
    tag_places.part(session, tags.standing(session, line.tag), tags.standing(session, line.other))


def _merge(session: Session, by: Person, line: Merge) -> None:
    tag_places.merge(session, tags.get(session, line.tag), tags.standing(session, line.into))


def _set_status(session: Session, by: Person, line: Retire | Restore | Approve) -> None:
    tag = tags.standing(session, line.tag)
    if tag.status not in FROM_STATUS[line.do]:
        name = tag_places.name_of(session, tag)
        advice = {
            "retire": say("“%(tag)s” is retired already.", tag=name),
            "restore": say("“%(tag)s” is in use: it is not retired.", tag=name),
            "approve": say("“%(tag)s” does not wait for review.", tag=name),
        }
        raise Invalid({"tag": advice[line.do]})
    tag.status = TO_STATUS[line.do]
    session.flush()


def _retag(session: Session, by: Person, line: Retag) -> set[int]:
    added = [tags.standing(session, key) for key in line.add]
    removed = [tags.standing(session, key) for key in line.remove]
    if not added and not removed:
        raise Invalid({"add": say("Choose a tag to put on or to take off.")})
    if {tag.id for tag in added} & {tag.id for tag in removed}:
        raise Invalid({"add": say("One tag is both to be put on and to be taken off.")})
    tagging.refuse_retired(session, [tag.id for tag in added])
    # Others may have proposed the set: what the person does not see stays as it is.
    seen = retagging.seen(session, by, line.atoms)
    changed = retagging.take_off(session, seen, [tag.id for tag in removed])
    changed |= retagging.put_on(session, by, seen, added)
    if not changed:
        raise Invalid({"atoms": say("These atoms have just these tags already.")})
    return changed


_STEPS: dict[str, Callable[[Session, Person, Any], set[int] | None]] = {
    "create": _create,
    "rename": _rename,
    "add_label": _add_label,
    "remove_label": _remove_label,
    "define": _define,
    "reword": _reword,
    "move": _move,
    "add_parent": _add_parent,
    "remove_parent": _remove_parent,
    "relate": _relate,
    "unrelate": _unrelate,
    "merge": _merge,
    "retire": _set_status,
    "restore": _set_status,
    "approve": _set_status,
    "retag": _retag,
}
