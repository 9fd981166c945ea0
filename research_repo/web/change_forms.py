"""What a form says about a change of the tags, as lines of a change set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import request

from research_repo.core import change_lines, hierarchy, keys, naming, schemes, tagging, tags
from research_repo.core.change_lines import Line
from research_repo.core.db import Session
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Tag
from research_repo.search import Wanted, from_address
from research_repo.search.asking import LIMIT_MAX
from research_repo.web.door import current_person, row_id, search, text, texts
from research_repo.web.words import language

TITLES: dict[str, Message] = {
    "rename": say("Rename the tag"),
    "merge": say("Merge the tag"),
    "move": say("Move the tag"),
    "add_parent": say("One more place for the tag"),
    "remove_parent": say("One place less for the tag"),
    "relate": say("Relate the tag to another one"),
    "unrelate": say("Take off a relation"),
    "add_label": say("One more word for the tag"),
    "remove_label": say("One word less for the tag"),
    "define": say("Say what the tag means"),
    "create": say("New tag"),
    "retire": say("Retire the tag"),
    "restore": say("Use the tag again"),
    "approve": say("Approve the tag"),
    "retag": say("Retag what a search finds"),
}


def composed(session: Session, by: Person) -> list[Line]:
    """The line that the form holds.

    Raises:
        Invalid: a field is missing, or names no tag.
    """
    do = text("do")
    if do not in TITLES:
        raise Invalid({"do": say("Choose one of the list.")})
    return [_READ[do](session, by)]


def key_of(session: Session, name: str) -> str:
    """The key of the tag that a field names by its key, a label or a path; "" when it is empty.

    Raises:
        Invalid: no tag, or several, are called so.
    """
    return named(session, text(name), name)


def named(session: Session, typed: str, field: str) -> str:
    """The same for a text that was typed into a field."""
    typed = typed.strip().rstrip(";").strip()
    if not typed:
        return ""
    try:
        return tags.get(session, typed).key
    except NotFound:
        pass
    try:
        hidden = tagging.unseen(session, current_person())
        return naming.existing(session, typed, language(), hidden).key
    except Invalid as refusal:
        raise Invalid({field: next(iter(refusal.problems.values()))}) from refusal


def wanted_of(args: Mapping[str, Any]) -> Wanted:
    """The search whose finds are to be retagged: all its words must be there."""
    return from_address({**args, "match": ["all"]})


def loosened(wanted: Wanted) -> Wanted:
    """The same search as people see it: any of its words serves."""
    return replace(wanted, match="any")


def found_by(wanted: Wanted, by: Person) -> list[int]:
    """The atoms that a search finds, up to what one set takes."""
    found: list[int] = []
    while len(found) <= change_lines.ATOMS_MAX:
        page = search().find(replace(wanted, sort="date", limit=LIMIT_MAX, offset=len(found)), by)
        found += [hit.atom_id for hit in page.hits]
        if not page.hits or len(found) >= page.total:
            break
    return found


def _needed(session: Session, name: str, advice: Message) -> str:
    key = key_of(session, name)
    if not key:
        raise Invalid({name: advice})
    return key


def _tag(session: Session) -> str:
    return _needed(session, "tag", say("Choose the tag to change."))


def _other(session: Session, *names: str) -> str:
    filled = next((name for name in names if text(name).strip()), names[0])
    return _needed(session, filled, say("Choose another tag."))


def _spoken(name: str) -> str:
    typed = schemes.tidy(text(name))
    if not typed:
        raise Invalid({name: say("Write a word.")})
    return typed


def _language() -> str:
    return text("language") or language()


def _rename(session: Session, by: Person) -> Line:
    keeps_old = text("keep_old") != "0"
    return change_lines.Rename(_tag(session), _language(), _spoken("label"), keeps_old)


def _add_label(session: Session, by: Person) -> Line:
    kind: Any = "hidden" if text("kind") == "hidden" else "alt"
    return change_lines.AddLabel(_tag(session), _language(), _spoken("label"), kind)


def _remove_label(session: Session, by: Person) -> Line:
    return change_lines.RemoveLabel(_tag(session), _language(), _spoken("label"))


def _define(session: Session, by: Person) -> Line:
    kind: Any = text("kind") if text("kind") in ("scope", "example") else "definition"
    return change_lines.Define(_tag(session), _language(), text("text").strip(), kind)


def _move(session: Session, by: Person) -> Line:
    tag_key = _tag(session)
    if "from" in request.form:
        start = key_of(session, "from")
    else:
        tag = tags.standing(session, tag_key)
        parent = hierarchy.primary_parents(session, [tag.id]).get(tag.id)
        start = session.get_one(Tag, parent).key if parent else ""
    return change_lines.Move(tag_key, start, key_of(session, "to"))


def _create(session: Session, by: Person) -> Line:
    parent = key_of(session, "parent")
    scheme = text("scheme")
    if parent and not scheme:
        scheme = schemes.key_of(session, tags.standing(session, parent).scheme_id)
    key = keys.new_key(session, Tag.key)
    return change_lines.Create(key, scheme, {_language(): _spoken("label")}, parent)


def _retag(session: Session, by: Person) -> Line:
    sent = request.form.to_dict(flat=False)
    wanted = wanted_of(
        {name.removeprefix("find-"): sent[name] for name in sent if name[:5] == "find-"}
    )
    ticked = [one for one in map(row_id, texts("atom")) if one]
    found = ticked or found_by(wanted, by)
    return change_lines.Retag(
        atoms=found,
        add=_several(session, "add"),
        remove=_several(session, "remove"),
        query=wanted.text,
    )


def _several(session: Session, name: str) -> list[str]:
    listed = [one for typed in texts(name) for one in typed.split(";") if one.strip()]
    return list(dict.fromkeys(named(session, one, name) for one in listed))


_READ: dict[str, Callable[[Session, Person], Line]] = {
    "rename": _rename,
    "add_label": _add_label,
    "remove_label": _remove_label,
    "define": _define,
    "move": _move,
    "create": _create,
    "retag": _retag,
    "add_parent": lambda s, by: change_lines.AddParent(_tag(s), _other(s, "parent", "to")),
    "remove_parent": lambda s, by: change_lines.RemoveParent(_tag(s), _other(s, "parent", "from")),
    "relate": lambda s, by: change_lines.Relate(_tag(s), _other(s, "other", "to")),
    "unrelate": lambda s, by: change_lines.Unrelate(_tag(s), _other(s, "other", "to")),
    "merge": lambda s, by: change_lines.Merge(_tag(s), _other(s, "into", "to")),
    "retire": lambda s, by: change_lines.Retire(_tag(s)),
    "restore": lambda s, by: change_lines.Restore(_tag(s)),
    "approve": lambda s, by: change_lines.Approve(_tag(s)),
}
