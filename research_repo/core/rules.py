"""The rules of tag groups, kept when an atom is published: pages, the API and imports ask here.

A group may take one tag an atom, be for some kinds of atom only, or need a tag, or the word that
none applies. What an atom has is what was put on it and what its study lends it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from sqlalchemy import ColumnElement, and_, delete, exists, false, func, or_
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history, schemes, study_tags, tagging
from research_repo.core.clock import now
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import KINDS, Atom, AtomNotApplicable, Person, Scheme, Tag
from research_repo.core.schemes import Rules

KIND_NAMES = {
    "fact": say("facts"),
    "insight": say("insights"),
    "recommendation": say("recommendations"),
}


@dataclass(frozen=True)
class Carries:
    """What is to be judged: the effective tags of an atom, and the groups marked as not applicable."""

    kind: str
    own: Collection[int]
    lent: Collection[int] = ()
    marked: Collection[int] = ()


@dataclass(frozen=True)
class Offence:
    """A rule of a scheme that an atom breaks, and the tags by which it does.

    `kind` is several (tags where one is taken), kind (not for this kind of atom), missing (no tag
    and no mark) or both (a tag and a mark).
    """

    scheme_id: int
    kind: str
    tag_ids: tuple[int, ...] = ()
    lent_ids: tuple[int, ...] = ()
    """Those of the tags that only the study lends."""


@dataclass(frozen=True)
class Asked:
    """A scheme that has rules for a kind of atom, for the form of such an atom."""

    key: str
    label: str
    rules: Rules
    steward: str


def in_force(session: Session) -> dict[int, Rules]:
    """The schemes whose rules can be broken."""
    rows = session.exec(select(Scheme).order_by(col(Scheme.position), col(Scheme.id)))
    ruled = {row.id: schemes.rules_of(row) for row in rows}
    return {
        scheme_id: rules
        for scheme_id, rules in ruled.items()
        if rules.is_single or rules.is_required or rules.kinds
    }


def judge(
    ruled: Mapping[int, Rules], carries: Carries, scheme_of: Mapping[int, int]
) -> list[Offence]:
    """Which rules are broken. `scheme_of` knows the scheme of every tag that is carried."""
    return [
        offence
        for scheme_id, rules in ruled.items()
        if (offence := _broken(scheme_id, rules, carries, scheme_of))
    ]


def _broken(
    scheme_id: int, rules: Rules, carries: Carries, scheme_of: Mapping[int, int]
) -> Offence | None:
    own = tuple(sorted({one for one in carries.own if scheme_of[one] == scheme_id}))
    if not rules.is_for(carries.kind):
        return Offence(scheme_id, "kind", own) if own else None
    here = tuple(sorted({*own, *(one for one in carries.lent if scheme_of[one] == scheme_id)}))
    is_marked = scheme_id in carries.marked
    if rules.is_single and len(here) > 1:
        return Offence(scheme_id, "several", here, tuple(one for one in here if one not in own))
    if rules.is_required and not here and not is_marked:
        return Offence(scheme_id, "missing")
    return Offence(scheme_id, "both", own) if rules.is_required and own and is_marked else None


def of_atom(session: Session, atom: Atom) -> list[Offence]:
    """The rules that an atom breaks as it stands in the database."""
    return of_atoms(session, [atom.id]).get(atom.id, [])


def of_atoms(session: Session, atom_ids: Collection[int]) -> dict[int, list[Offence]]:
    """Atom → the rules that it breaks; those that break none are left out."""
    ruled = in_force(session)
    if not ruled:
        return {}
    found = carried(session, atom_ids)
    scheme_of = schemes_of(session, tags_of(found.values()))
    judged = {atom_id: judge(ruled, carries, scheme_of) for atom_id, carries in found.items()}
    return {atom_id: broken for atom_id, broken in judged.items() if broken}


def carried(session: Session, atom_ids: Collection[int]) -> dict[int, Carries]:
    """Atom → what is to be judged of it, as it stands in the database."""
    kinds = hierarchy.in_chunks(session, select(Atom.id, Atom.kind), Atom.id, atom_ids)
    puts = tagging.of_atoms(session, atom_ids)
    lent = study_tags.lent(session, atom_ids)
    marks = marks_of_many(session, atom_ids)
    return {
        atom_id: Carries(
            kind,
            own=[put.tag_id for put in puts.get(atom_id, ())],
            lent=lent.get(atom_id, ()),
            marked=marks.get(atom_id, ()),
        )
        for atom_id, kind in kinds
    }


def tags_of(carried: Iterable[Carries]) -> set[int]:
    """All tags that are carried by any of these."""
    return {tag_id for one in carried for tag_id in (*one.own, *one.lent)}


def unknown(offences: Sequence[Offence], known: Sequence[Offence]) -> list[Offence]:
    """The rules that forbid an atom to be published.

    One that was published already may be changed while it breaks none but the `known` rules: they
    were laid down after it.
    """
    broken = {(one.scheme_id, one.kind) for one in known}
    return [one for one in offences if (one.scheme_id, one.kind) not in broken]


def require(session: Session, by: Person, atom: Atom, known: Sequence[Offence] = ()) -> None:
    """Refuse to publish an atom that breaks a rule, other than those `known` before."""
    broken = unknown(of_atom(session, atom), known) if atom.status == "published" else []
    if broken:
        raise Invalid({"tags": said(session, broken, by.language or "en")})


def said(session: Session, offences: Sequence[Offence], language: str) -> Message:
    """What to do about all of these, in one message."""
    return reduce(joined, advice(session, offences, language))


def kept_back(session: Session, offences: Sequence[Offence], language: str) -> Message:
    """Why an import keeps a row as a draft, and what to do about it."""
    return say("Kept as a draft. %(advice)s", advice=said(session, offences, language))


def advice(session: Session, offences: Sequence[Offence], language: str) -> list[Message]:
    """What to do about each of these."""
    groups = hierarchy.scheme_labels(session, language)
    tag_ids = {tag_id for one in offences for tag_id in one.tag_ids}
    names = hierarchy.labels_of(session, tag_ids, language)
    ruled = in_force(session)
    return [
        _advice(
            one,
            groups.get(one.scheme_id, ""),
            ", ".join(
                _called(names[tag_id][0], tag_id in one.lent_ids, language)
                for tag_id in one.tag_ids
            ),
            ruled[one.scheme_id],
        )
        for one in offences
    ]


def _called(label: str, is_lent: bool, language: str) -> str:
    return say("%(tag)s (from the study)", tag=label).put(language) if is_lent else label


def _advice(offence: Offence, group: str, tags: str, rules: Rules) -> Message:
    if offence.kind == "several":
        return say(
            "“%(group)s” takes one tag, and here are several: %(tags)s. Leave one.",
            group=group,
            tags=tags,
        )
    if offence.kind == "kind":
        return say(
            "“%(group)s” is for %(kinds)s only. Take off: %(tags)s.",
            group=group,
            kinds=kinds_in_words(rules.kinds),
            tags=tags,
        )
    if offence.kind == "missing":
        return say(
            "“%(group)s” needs a tag. Choose one, or say that the group does not apply.",
            group=group,
        )
    return say(
        "“%(group)s” is said not to apply, and has a tag: %(tags)s. Take one of the two back.",
        group=group,
        tags=tags,
    )


def kinds_in_words(kinds: Sequence[str]) -> Message:
    """Facts; facts and insights."""
    first, *rest = (KIND_NAMES[kind] for kind in kinds or KINDS)
    if not rest:
        return first
    if len(rest) == 1:
        return say("%(one)s and %(other)s", one=first, other=rest[0])
    return say("atoms of any kind")


def joined(one: Message, more: Message) -> Message:
    """Both, one after the other."""
    return Message("%(one)s %(more)s", values={"one": one, "more": more})


def schemes_of(session: Session, tag_ids: Iterable[int]) -> dict[int, int]:
    """Tag → its scheme."""
    rows = hierarchy.in_chunks(session, select(Tag.id, Tag.scheme_id), Tag.id, set(tag_ids))
    return dict(rows)


def marks_of(session: Session, atom_id: int) -> set[int]:
    """The schemes of which somebody said that they do not apply to the atom."""
    return marks_of_many(session, [atom_id]).get(atom_id, set())


def marks_of_many(session: Session, atom_ids: Collection[int]) -> dict[int, set[int]]:
    """Atom → the schemes that do not apply to it."""
    columns = select(AtomNotApplicable.atom_id, AtomNotApplicable.scheme_id)
    rows = hierarchy.in_chunks(session, columns, AtomNotApplicable.atom_id, atom_ids)
    found: dict[int, set[int]] = {}
    for atom_id, scheme_id in rows:
        found.setdefault(atom_id, set()).add(scheme_id)
    return found


def marked_keys(session: Session, atom_ids: Collection[int]) -> dict[int, list[str]]:
    """Atom → the keys of the schemes that do not apply to it."""
    rows = hierarchy.in_chunks(
        session,
        select(AtomNotApplicable.atom_id, Scheme.key)
        .join(Scheme, col(Scheme.id) == AtomNotApplicable.scheme_id)
        .order_by(col(Scheme.position)),
        AtomNotApplicable.atom_id,
        atom_ids,
    )
    found: dict[int, list[str]] = {}
    for atom_id, key in rows:
        found.setdefault(atom_id, []).append(key)
    return found


def named(session: Session, texts: Iterable[str]) -> list[int]:
    """The schemes with these keys or labels.

    Raises:
        Invalid: there is no such scheme (field "not_applicable").
    """
    found = []
    for text in texts:
        scheme = schemes.named(session, text)
        if scheme is None:
            told = say("There is no tag group “%(group)s”. Choose one that exists.", group=text)
            raise Invalid({"not_applicable": told})
        found.append(scheme.id)
    return list(dict.fromkeys(found))


def mark(session: Session, by: Person, atom: Atom, scheme_ids: Collection[int]) -> bool:
    """Say of exactly these schemes that they do not apply to the atom; whether that was new.

    Part of a larger change of the atom, which raises its version.
    """
    stored = marks_of(session, atom.id)
    if stored == set(scheme_ids):
        return False
    before = marked_keys(session, [atom.id]).get(atom.id, [])
    gone = col(AtomNotApplicable.scheme_id).in_(stored - set(scheme_ids))
    session.execute(
        delete(AtomNotApplicable).where(col(AtomNotApplicable.atom_id) == atom.id, gone)
    )
    session.add_all(
        AtomNotApplicable(atom_id=atom.id, scheme_id=one, person_id=by.id)
        for one in sorted(set(scheme_ids) - stored)
    )
    session.flush()
    after = marked_keys(session, [atom.id]).get(atom.id, [])
    told = ({"not_applicable": before}, {"not_applicable": after})
    history.record(session, by, "marked", "atom", atom.id, *told)
    return True


def mark_new(session: Session, by: Person, marks: Mapping[int, Collection[int]]) -> None:
    """Mark atoms that were made in this transaction: atom → the schemes that do not apply."""
    session.add_all(
        AtomNotApplicable(atom_id=atom_id, scheme_id=scheme_id, person_id=by.id)
        for atom_id, scheme_ids in marks.items()
        for scheme_id in set(scheme_ids)
    )


def retag(
    session: Session,
    by: Person,
    atom: Atom,
    tag_ids: Iterable[int],
    scheme_ids: Collection[int] | None = None,
) -> None:
    """Make these the atom's tags, and these the schemes that do not apply, where any are named.

    Raises:
        Invalid: the atom is published and would break a rule that it did not break before.
    """
    known = of_atom(session, atom) if atom.status == "published" else []
    version = atom.version
    tagging.put(session, by, atom, tag_ids)
    if scheme_ids is not None and mark(session, by, atom, scheme_ids):
        atom.version = version + 1
        atom.updated_at = now()
        session.flush()
    require(session, by, atom, known)


def asked_of(session: Session, kind: str, language: str, also: Collection[str] = ()) -> list[Asked]:
    """The groups with rules for a kind of atom; `also` those with these keys."""
    labels = hierarchy.scheme_labels(session, language)
    rows = session.exec(select(Scheme).order_by(col(Scheme.position), col(Scheme.id)))
    found = []
    for row in rows:
        rules = schemes.rules_of(row)
        is_told = rules.is_single or rules.is_required or rules.who_may_add == "curators"
        if (is_told and rules.is_for(kind)) or row.key in also or not rules.is_for(kind):
            steward = schemes.steward_of(session, row)
            name = steward.name if steward else ""
            found.append(Asked(row.key, labels.get(row.id, row.key), rules, name))
    return found


def offends(scheme_id: int, rules: Rules) -> ColumnElement[bool]:
    """Condition on `Atom`: it breaks one of these rules of a scheme."""
    has = tagging.carried(scheme_id)
    own = select(has.c.atom_id).where(has.c.is_own == 1)
    several = (
        select(has.c.atom_id)
        .group_by(has.c.atom_id)
        .having(func.count(has.c.tag_id.distinct()) > 1)
    )
    is_marked = exists().where(
        col(AtomNotApplicable.atom_id) == Atom.id, col(AtomNotApplicable.scheme_id) == scheme_id
    )
    is_own = col(Atom.id).in_(own)
    is_missing = and_(col(Atom.id).not_in(select(has.c.atom_id)), ~is_marked)
    here: list[ColumnElement[bool]] = [false()]
    if rules.is_single:
        here.append(col(Atom.id).in_(several))
    if rules.is_required:
        here += [is_missing, and_(is_own, is_marked)]
    if not rules.kinds:
        return or_(*here)
    is_for = col(Atom.kind).in_(rules.kinds)
    return or_(and_(is_for, or_(*here)), and_(~is_for, is_own))


def offender_count(session: Session, by: Person, scheme_id: int, rules: Rules) -> int:
    """How many published atoms that `by` sees would break these rules of a scheme."""
    query = select(func.count(col(Atom.id))).where(
        Atom.status == "published", access.sees_atom(by), offends(scheme_id, rules)
    )
    return session.exec(query).one()


def offenders(
    session: Session, by: Person, scheme_id: int, rules: Rules, limit: int = 50, offset: int = 0
) -> list[int]:
    """Published atoms that `by` sees and that break these rules of a scheme, the newest first."""
    query = (
        select(Atom.id)
        .where(Atom.status == "published", access.sees_atom(by), offends(scheme_id, rules))
        .order_by(col(Atom.id).desc())
    )
    return list(session.exec(query.limit(limit).offset(offset)))
