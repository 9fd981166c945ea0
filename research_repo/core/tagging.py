"""Tags on atoms: only what a person put there is stored; the one module that reads `atom_tag`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, or_, true
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history, indexing, schemes, tags, words
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotAllowed
from research_repo.core.language import Message, say
from research_repo.core.models import Atom, AtomTag, Person, Scheme, Tag, TagLabel

TAGS_MAX = 50
STEPS = (">", "›")


@dataclass(frozen=True)
class Put:
    """A tag on an atom: the effective one, and the merged one that was asserted, if any."""

    tag_id: int
    asserted_id: int


def of_atoms(session: Session, atom_ids: Collection[int]) -> dict[int, list[Put]]:
    """Atom → its tags, each once, whatever was merged since."""
    rows = hierarchy.in_chunks(
        session, select(AtomTag.atom_id, AtomTag.tag_id), AtomTag.atom_id, atom_ids
    )
    ends = hierarchy.resolved(session, {tag_id for _, tag_id in rows})
    found: dict[int, dict[int, Put]] = {}
    # A tag asserted as itself comes before one that was merged into it.
    for atom_id, tag_id in sorted(rows, key=lambda row: (row[0], ends[row[1]] != row[1], row[1])):
        found.setdefault(atom_id, {}).setdefault(ends[tag_id], Put(ends[tag_id], tag_id))
    return {atom_id: list(puts.values()) for atom_id, puts in found.items()}


def put(session: Session, by: Person, atom: Atom, tag_ids: Iterable[int]) -> None:
    """Make these the atom's tags: assert what is missing, take off what is not named.

    Asserting an effective tag changes nothing; a merged one is written as its survivor; taking a
    tag off deletes every row that resolves to it. Whoever is writing on the atom gets a conflict.
    """
    if write(session, by, atom, tag_ids):
        atom.version += 1
        atom.updated_at = now()
        session.flush()


def write(session: Session, by: Person, atom: Atom, tag_ids: Iterable[int]) -> bool:
    """The same as a part of a larger change of the atom; whether anything was written."""
    if not access.may_tag_atom(session, by, atom):
        raise NotAllowed(say("Only its author, the study's editors and tag curators may tag this."))
    ends = hierarchy.resolved(session, set(tag_ids))
    wanted = list(dict.fromkeys(ends.values()))
    if len(wanted) > TAGS_MAX:
        raise Invalid({"tags": say("An atom has at most %(count)s tags.", count=TAGS_MAX)})
    stored = list(session.exec(select(AtomTag.tag_id).where(AtomTag.atom_id == atom.id)))
    effective = hierarchy.resolved(session, stored)
    off = [tag_id for tag_id in stored if effective[tag_id] not in wanted]
    on = [tag_id for tag_id in wanted if tag_id not in effective.values()]
    if not off and not on:
        return False
    _refuse_retired(session, on)
    session.execute(
        delete(AtomTag).where(col(AtomTag.atom_id) == atom.id, col(AtomTag.tag_id).in_(off))
    )
    session.add_all(AtomTag(atom_id=atom.id, tag_id=tag_id, person_id=by.id) for tag_id in on)
    session.flush()
    indexing.enqueue(session, by, [atom.id])
    history.record(
        session,
        by,
        "tagged",
        "atom",
        atom.id,
        {"tags": stored},
        {"tags": [*on, *set(stored) - set(off)]},
    )
    return True


def named(session: Session, by: Person, texts: Iterable[str], language: str) -> list[int]:
    """The tags that these labels or paths name; unknown ones are made, in `free` or along the path.

    A path is `Group > Parent > Child`; any label in any language serves at each step.

    Raises:
        Invalid: a label that several tags own (the paths are listed), or one that cannot be used.
    """
    found: list[int] = []
    for text in texts:
        steps = [schemes.tidy(step) for step in _steps(text)]
        if not steps or not all(steps):
            raise Invalid(
                {"tags": say("“%(text)s” is not a tag. Write a word or a path.", text=text)}
            )
        if len(steps) == 1:
            found.append(_by_label(session, by, steps[0], language))
        else:
            found.append(_by_path(session, by, steps, language))
    return list(dict.fromkeys(found))


def existing(session: Session, text: str, language: str) -> Tag:
    """The tag that a label or a path names; refuses what names none.

    Raises:
        Invalid: field "parent".
    """
    steps = [schemes.tidy(step) for step in _steps(text)]
    scheme = schemes.named(session, steps[0]) if len(steps) > 1 else None
    query = select(TagLabel.tag_id).where(TagLabel.folded == words.fold(steps[-1]))
    if scheme:
        query = query.join(Tag).where(Tag.scheme_id == scheme.id)
    survivors = set(hierarchy.resolved(session, session.exec(query).all()).values())
    if len(survivors) > 1:
        raise Invalid({"parent": _ambiguous(session, text, survivors, language)})
    if not survivors:
        raise Invalid(
            {"parent": say("There is no tag “%(text)s”. Choose one that exists.", text=text)}
        )
    return session.get_one(Tag, survivors.pop())


def is_seen(by: Person) -> ColumnElement[bool]:
    """Condition on `Tag`: a candidate is known to curators, its author and who sees an atom with it."""
    if access.may_govern(by):
        return true()
    merged = hierarchy.redirects()
    on_a_seen_atom = exists().where(
        merged.c.survivor_id == col(Tag.id),
        col(AtomTag.tag_id) == merged.c.tag_id,
        col(AtomTag.atom_id).in_(select(Atom.id).where(access.sees_atom(by))),
    )
    return or_(col(Tag.status) != "candidate", col(Tag.person_id) == by.id, on_a_seen_atom)


def unseen(session: Session, by: Person) -> set[int]:
    """The tags that do not exist for this person."""
    return set(session.exec(select(Tag.id).where(~is_seen(by))))


def recent(session: Session, by: Person, limit: int = 10) -> list[int]:
    """The tags that the person put on atoms last, newest first."""
    rows = session.exec(
        select(AtomTag.tag_id)
        .where(AtomTag.person_id == by.id)
        .order_by(col(AtomTag.created_at).desc(), col(AtomTag.atom_id).desc())
        .limit(limit * 5)
    ).all()
    ends = hierarchy.resolved(session, rows)
    return list(dict.fromkeys(ends[tag_id] for tag_id in rows))[:limit]


def _steps(text: str) -> list[str]:
    for mark in STEPS:
        text = text.replace(mark, "\n")
    return text.split("\n")


def _by_label(session: Session, by: Person, text: str, language: str) -> int:
    owners = set(session.exec(select(TagLabel.tag_id).where(TagLabel.folded == words.fold(text))))
    survivors = set(hierarchy.resolved(session, owners).values())
    if len(survivors) > 1:
        # What does not exist for this person cannot be in doubt for them.
        survivors = survivors - unseen(session, by) or {min(survivors)}
    if len(survivors) > 1:
        raise Invalid({"tags": _ambiguous(session, text, survivors, language)})
    if survivors:
        return survivors.pop()
    scheme = schemes.free(session, by)
    return _made(session, by, scheme, text, [])


def _by_path(session: Session, by: Person, steps: list[str], language: str) -> int:
    scheme = schemes.named(session, steps[0])
    if scheme is None:
        raise Invalid(
            {
                "tags": say(
                    "There is no tag group “%(group)s”. Begin the path with one that exists.",
                    group=steps[0],
                )
            }
        )
    here: int | None = None
    for step in steps[1:]:
        owners = session.exec(
            select(TagLabel.tag_id)
            .join(Tag)
            .where(TagLabel.folded == words.fold(step), Tag.scheme_id == scheme.id)
        ).all()
        survivors = sorted(set(hierarchy.resolved(session, owners).values()))
        under = set(hierarchy.children(session, [here]).get(here, [])) if here else None
        below = [tag_id for tag_id in survivors if under is None or tag_id in under]
        if not below and survivors:
            raise Invalid({"tags": _elsewhere(session, step, survivors[0], language)})
        if len(below) > 1:
            raise Invalid({"tags": _ambiguous(session, step, set(below), language)})
        here = below[0] if below else _made(session, by, scheme, step, [here] if here else [])
    if here is None:
        raise Invalid({"tags": say("A path needs a tag after its group.")})
    return here


def _made(session: Session, by: Person, scheme: Scheme, text: str, under: list[int]) -> int:
    spoken = words.language_of(text)
    parent_keys = [session.get_one(Tag, tag_id).key for tag_id in under]
    try:
        return tags.create(
            session, by, scheme.key, tags.TagWords(pref={spoken: text}), parent_keys
        ).id
    except Invalid as refusal:
        raise Invalid({"tags": next(iter(refusal.problems.values()))}) from refusal


def _ambiguous(session: Session, text: str, tag_ids: set[int], language: str) -> Message:
    cards = hierarchy.cards(session, tag_ids, language)
    paths = "; ".join(sorted(" › ".join((card.scheme, *card.path)) for card in cards.values()))
    return say("“%(text)s” names several tags. Write a path: %(paths)s.", text=text, paths=paths)


def _elsewhere(session: Session, text: str, owner: int, language: str) -> Message:
    card = hierarchy.cards(session, [owner], language)[owner]
    return say(
        "“%(text)s” is in another place: %(path)s. Write that path.",
        text=text,
        path=" › ".join((card.scheme, *card.path)),
    )


def _refuse_retired(session: Session, tag_ids: Collection[int]) -> None:
    retired = session.exec(
        select(Tag.id).where(col(Tag.id).in_(tag_ids), Tag.status == "deprecated")
    ).first()
    if retired is not None:
        label = hierarchy.labels_of(session, [retired], "en")[retired][0]
        raise Invalid({"tags": say("The tag “%(tag)s” is retired. Choose another one.", tag=label)})
