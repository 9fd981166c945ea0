"""What tags put on many atoms, and taken off them, would do to each: who may, and what rules forbid."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from sqlmodel import Session, select

from research_repo.core import access, hierarchy, rules, tagging
from research_repo.core.language import Message, say
from research_repo.core.models import Atom, Person
from research_repo.core.rules import Carries

Then = Callable[[int, Carries], Carries]
"""What an atom would carry: its id and what it carries now → what it would."""


@dataclass(frozen=True)
class Weighed:
    """Atoms by what would become of them. Those that the person does not see are nowhere in it."""

    changing: tuple[int, ...] = ()
    same: tuple[int, ...] = ()
    """They are so already."""
    not_yours: tuple[int, ...] = ()
    """Seen, and not theirs to tag."""
    refused: dict[int, Message] = field(default_factory=dict)
    """A rule stands against it: atom → what to do."""


def weighed(session: Session, by: Person, atom_ids: Collection[int], then: Then) -> Weighed:
    """What would become of those atoms that the person sees at this moment, in the order given."""
    rows = hierarchy.in_chunks(
        session, select(Atom.id, Atom.status).where(access.sees_atom(by)), Atom.id, atom_ids
    )
    status_of = dict(rows)
    seen = [atom_id for atom_id in atom_ids if atom_id in status_of]
    own = mine(session, by, seen)
    before = rules.carried(session, [one for one in seen if one in own])
    after = {atom_id: then(atom_id, carries) for atom_id, carries in before.items()}
    changed = {one for one in after if _differ(before[one], after[one])}
    published = {one for one in changed if status_of[one] == "published"}
    refused = _broken(session, by, before, {one: after[one] for one in published}) | {
        one: say("It would have over %(max)s tags.", max=tagging.TAGS_MAX)
        for one in changed
        if len(set(after[one].own)) > max(tagging.TAGS_MAX, len(set(before[one].own)))
    }
    return Weighed(
        changing=tuple(one for one in seen if one in changed and one not in refused),
        same=tuple(one for one in seen if one in own and one not in changed),
        not_yours=tuple(one for one in seen if one not in own),
        refused={one: refused[one] for one in seen if one in refused},
    )


def retagged(
    session: Session, added: Collection[int], removed: Collection[int]
) -> Callable[[int, Carries], Carries]:
    """What an atom carries when these tags were put on and those were taken off."""
    schemes = rules.schemes_of(session, added)

    def then(_atom_id: int, carries: Carries) -> Carries:
        own = set(carries.own)
        lacking = set(added) - own
        # Whoever puts a tag of a group on an atom says that the group applies after all.
        applies = {schemes[tag_id] for tag_id in lacking}
        return replace(
            carries,
            own=sorted(own - set(removed) | lacking),
            marked=sorted(set(carries.marked) - applies),
        )

    return then


def mine(session: Session, by: Person, atom_ids: Collection[int]) -> set[int]:
    """Those of these atoms that the person sees and may tag, confirm or archive."""
    query = select(Atom.id).where(access.sees_atom(by))
    if not access.may_govern(by):
        query = query.where(access.edits_atom(by))
    return set(hierarchy.in_chunks(session, query, Atom.id, atom_ids))


def _differ(before: Carries, after: Carries) -> bool:
    return set(before.own) != set(after.own) or set(before.marked) != set(after.marked)


def _broken(
    session: Session, by: Person, before: Mapping[int, Carries], after: Mapping[int, Carries]
) -> dict[int, Message]:
    """The published atoms that would break a rule which they do not break now."""
    ruled = rules.in_force(session)
    scheme_of = rules.schemes_of(session, rules.tags_of((*before.values(), *after.values())))
    found = {}
    for atom_id, carries in after.items():
        was = rules.judge(ruled, before[atom_id], scheme_of)
        known = {(one.scheme_id, one.kind) for one in was}
        will_be = rules.judge(ruled, carries, scheme_of)
        fresh = [one for one in will_be if (one.scheme_id, one.kind) not in known]
        if fresh:
            found[atom_id] = rules.said(session, fresh, by.language or "en")
    return found
