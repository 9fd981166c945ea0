"""The place of a tag: under which tags, beside which, and which one took its place.

Each function checks the rules and writes the tag's own rows; who did it is noted by its callers.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from research_repo.core import hierarchy
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import Tag, TagParent, TagRelated


def put_under(session: Session, tag: Tag, parent: Tag, position: int | None = None) -> None:
    """Lay a tag under another one. The first parent of its own scheme gives its path."""
    _check_place(session, tag, parent)
    edges = _edges(session, tag)
    if position is None:
        position = max((edge.position for edge in edges), default=-1) + 1
    session.add(TagParent(child_id=tag.id, parent_id=parent.id, position=position))
    session.flush()
    _choose_primary(session, tag)


def take_from_under(session: Session, tag: Tag, parent: Tag) -> TagParent:
    """Take a tag from under another one; the row that went. NotFound when it does not lie there."""
    edges = _edges(session, tag)
    ends = hierarchy.resolved(session, {edge.parent_id for edge in edges})
    gone = [edge for edge in edges if ends[edge.parent_id] == parent.id]
    if not gone:
        raise NotFound
    for edge in gone:
        session.delete(edge)
    session.flush()
    _choose_primary(session, tag)
    return next((edge for edge in gone if edge.is_primary), gone[0])


def move(session: Session, tag: Tag, old: Tag | None, new: Tag | None) -> None:
    """Take a tag from one place to another, which gives its path if the old one did.

    `old` None: it gets a place and leaves none. `new` None: it leaves one and gets none.
    """
    if old is not None and new is not None and old.id == new.id:
        raise Invalid({"to": _lies_there(session, tag, new)})
    gone = take_from_under(session, tag, old) if old is not None else None
    if new is None:
        return
    put_under(session, tag, new, gone.position if gone else None)
    if gone is not None and gone.is_primary and new.scheme_id == tag.scheme_id:
        for edge in _edges(session, tag):
            edge.is_primary = edge.parent_id == new.id
        session.flush()


def merge(session: Session, tag: Tag, into: Tag) -> None:
    """Let another tag of the group take the place of this one: its row alone is written."""
    name = name_of(session, tag)
    survivor = name_of(session, into)
    if tag.replaced_by is not None:
        raise Invalid({"tag": say("“%(tag)s” was merged already.", tag=name)})
    if tag.id == into.id:
        raise Invalid({"into": say("Choose another tag: “%(tag)s” is this one.", tag=survivor)})
    if tag.scheme_id != into.scheme_id:
        raise Invalid(
            {
                "into": say(
                    "“%(tag)s” is in another group. Choose a tag of the same group.", tag=survivor
                )
            }
        )
    if into.status == "deprecated":
        raise Invalid({"into": say("“%(tag)s” is retired. Use it again first.", tag=survivor)})
    if tag.id in hierarchy.ancestors(session, into.id):
        raise Invalid(
            {
                "into": say(
                    "“%(into)s” lies under “%(tag)s”: move it out first, or merge it into "
                    "“%(tag)s” instead.",
                    into=survivor,
                    tag=name,
                )
            }
        )
    tag.replaced_by = into.id
    session.flush()


def relate(session: Session, tag: Tag, other: Tag) -> None:
    """Note that two tags belong together, though neither lies under the other."""
    names = {"tag": name_of(session, tag), "other": name_of(session, other)}
    if tag.id == other.id:
        raise Invalid(
            {"other": say("Choose another tag: “%(tag)s” is this one.", tag=names["tag"])}
        )
    if _is_above(session, tag, other) or _is_above(session, other, tag):
        raise Invalid(
            {
                "other": say(
                    "One of “%(tag)s” and “%(other)s” lies under the other: they belong together "
                    "already.",
                    **names,
                )
            }
        )
    if other.id in hierarchy.related(session, [tag.id]).get(tag.id, ()):
        advice = say("“%(tag)s” and “%(other)s” are related already.", **names)
        raise Invalid({"other": advice})
    one_id, other_id = sorted((tag.id, other.id))
    session.add(TagRelated(one_id=one_id, other_id=other_id))
    session.flush()


def part(session: Session, tag: Tag, other: Tag) -> None:
    """Take back that two tags belong together. NotFound when nobody said so."""
    rows = hierarchy.related_rows(session, [tag.id])
    ends = hierarchy.resolved(session, {end for row in rows for end in (row.one_id, row.other_id)})
    gone = [row for row in rows if {ends[row.one_id], ends[row.other_id]} == {tag.id, other.id}]
    if not gone:
        raise NotFound
    for row in gone:
        session.delete(row)
    session.flush()


def name_of(session: Session, tag: Tag) -> str:
    """What messages call a tag."""
    return hierarchy.labels_of(session, [tag.id], "en")[tag.id][0]


def _check_place(session: Session, tag: Tag, parent: Tag) -> None:
    names = {"tag": name_of(session, tag), "parent": name_of(session, parent)}
    above = hierarchy.ancestors(session, parent.id)
    if tag.id in above | {parent.id}:
        advice = say(
            "“%(parent)s” lies under “%(tag)s” itself. Choose another place.",
            **names,
        )
        raise Invalid({"parent": advice})
    mine = hierarchy.ancestors(session, tag.id)
    if parent.id in mine:
        raise Invalid({"parent": _lies_there(session, tag, parent)})
    direct = hierarchy.parents(session, [tag.id]).get(tag.id, [])
    if covered := above.intersection(direct):
        higher = session.get_one(Tag, min(covered))
        advice = say(
            "“%(tag)s” lies under “%(higher)s”, and so does “%(parent)s”. Move it from there "
            "instead of adding a place.",
            higher=name_of(session, higher),
            **names,
        )
        raise Invalid({"parent": advice})
    if above.union({parent.id}) & set(hierarchy.related(session, [tag.id]).get(tag.id, ())):
        advice = say(
            "“%(tag)s” is related to “%(parent)s” or to what that lies under. Take the relation "
            "off first.",
            **names,
        )
        raise Invalid({"parent": advice})


def _lies_there(session: Session, tag: Tag, parent: Tag) -> Message:
    return say(
        "“%(tag)s” lies under “%(parent)s” already.",
        parent=name_of(session, parent),
        tag=name_of(session, tag),
    )


def _is_above(session: Session, tag: Tag, other: Tag) -> bool:
    return tag.id in hierarchy.ancestors(session, other.id)


def _edges(session: Session, tag: Tag) -> list[TagParent]:
    mine = select(TagParent).where(TagParent.child_id == tag.id)
    return list(session.exec(mine.order_by(col(TagParent.position), col(TagParent.parent_id))))


def _choose_primary(session: Session, tag: Tag) -> None:
    edges = session.exec(
        select(TagParent, Tag.scheme_id)
        .join(Tag, col(Tag.id) == TagParent.parent_id)
        .where(TagParent.child_id == tag.id)
        .order_by(col(TagParent.position))
    ).all()
    own = [edge for edge, scheme_id in edges if scheme_id == tag.scheme_id]
    if own and not any(edge.is_primary for edge in own):
        own[0].is_primary = True
        session.flush()
