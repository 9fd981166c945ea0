"""Tag groups (SKOS ConceptSchemes): the top-level sets that tags live in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import func
from sqlmodel import Session, col, select

from research_repo.core import access, history, indexing, typed, words
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import KINDS, WHO_MAY_ADD, Person, Scheme, SchemeLabel, Tag
from research_repo.settings import LANGUAGES

LABEL_MAX = 100
KEY_MAX = 64
SEPARATORS = "›>;|\n"
FREE = "free"
FREE_LABELS = {"en": "Free tags", "ru": "Свободные теги"}


@dataclass(frozen=True)
class Rules:
    """How a group's tags are put on atoms, who makes new ones, and who answers for the group.

    No kind named means all kinds.
    """

    is_single: bool = False
    kinds: tuple[str, ...] = ()
    is_required: bool = False
    who_may_add: str = "anyone"
    steward_id: int | None = None

    def is_for(self, kind: str) -> bool:
        """Whether an atom of this kind takes the group's tags."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True)
class SchemePage:
    """A group with what its own page shows."""

    id: int
    key: str
    label: str
    labels: dict[str, str]
    rules: Rules
    steward: str
    """The name of who is responsible; empty where nobody is."""
    tag_count: int


@dataclass(frozen=True)
class SchemeCard:
    """A scheme as people see it."""

    id: int
    key: str
    label: str
    labels: dict[str, str]
    tag_count: int


def add(
    session: Session, by: Person, labels: Mapping[str, str], *, key: str = "", guid: str = ""
) -> Scheme:
    """Make a scheme. Its key is a slug of its label unless one is given."""
    access.require_govern(by)
    labels = {language: tidy(text) for language, text in labels.items() if tidy(text)}
    problems = _problems(session, labels, None)
    key = slug(key or next(iter(labels.values()), ""))
    if not problems and not key:
        problems["labels"] = say("Name the tag group with letters or digits.")
    elif not problems and session.exec(select(Scheme.id).where(Scheme.key == key)).first():
        problems["labels"] = say("There is a tag group with the key %(key)s already.", key=key)
    if problems:
        raise Invalid(problems)
    position = session.exec(select(func.count(col(Scheme.id)))).one()
    scheme = Scheme(key=key, guid=guid or str(uuid4()), position=position)
    session.add(scheme)
    session.flush()
    _write_labels(session, scheme, labels)
    indexing.raise_edition(session)
    history.record(session, by, "added", "scheme", scheme.id, after={"labels": labels})
    return scheme


def rename(session: Session, by: Person, key: str, labels: Mapping[str, str]) -> Scheme:
    """Give a scheme other labels; its key stays."""
    access.require_govern(by)
    scheme = get(session, key)
    labels = {language: tidy(text) for language, text in labels.items() if tidy(text)}
    problems = _problems(session, labels, scheme.id)
    if problems:
        raise Invalid(problems)
    before = dict(
        session.exec(
            select(SchemeLabel.language, SchemeLabel.text).where(SchemeLabel.scheme_id == scheme.id)
        ).all()
    )
    _write_labels(session, scheme, labels)
    indexing.raise_edition(session)
    history.record(
        session, by, "renamed", "scheme", scheme.id, {"labels": before}, {"labels": labels}
    )
    return scheme


def set_rules(session: Session, by: Person, key: str, rules: Rules) -> Scheme:
    """Lay down a scheme's rules. They bind when an atom is published: what is published stays.

    Raises:
        Invalid: a kind or a person that is not there.
    """
    access.require_govern(by)
    scheme = get(session, key)
    problems = _rule_problems(session, rules)
    if problems:
        raise Invalid(problems)
    before = rules_of(scheme)
    if before == rules:
        return scheme
    for name, value in vars(rules).items():
        setattr(scheme, name, list(value) if name == "kinds" else value)
    session.flush()
    # Which kinds inherit a study's tags hangs on the rules.
    indexing.raise_edition(session)
    history.record(session, by, "ruled", "scheme", scheme.id, _plain(before), _plain(rules))
    return scheme


def rules_of(scheme: Scheme) -> Rules:
    """The rules that a scheme has now."""
    return Rules(
        is_single=scheme.is_single,
        kinds=tuple(kind for kind in KINDS if kind in scheme.kinds),
        is_required=scheme.is_required,
        who_may_add=scheme.who_may_add,
        steward_id=scheme.steward_id,
    )


def admitted(session: Session, by: Person, scheme: Scheme, *, is_to_review: bool = False) -> str:
    """The status with which a new tag of `by` comes into the scheme.

    A tag in whose words nobody here had a part waits for review, whoever brings it.

    Raises:
        Invalid: only curators add tags here; says whom to ask (field "group").
    """
    if scheme.who_may_add == "curators" and (is_to_review or not access.may_govern(by)):
        raise Invalid({"group": _closed(session, by, scheme)})
    if is_to_review:
        return "candidate"
    is_free = access.may_govern(by) or scheme.who_may_add == "anyone"
    return "approved" if is_free else "candidate"


def steward_of(session: Session, scheme: Scheme) -> Person | None:
    """Who answers for the scheme, while they work here."""
    person = session.get(Person, scheme.steward_id) if scheme.steward_id else None
    return person if person and person.is_active else None


def possible_stewards(session: Session, by: Person) -> list[Person]:
    """Whom a group can be given to: everybody who works here, by name."""
    access.require_govern(by)
    query = select(Person).where(col(Person.is_active), ~col(Person.is_system))
    return list(session.exec(query.order_by(col(Person.name), col(Person.id))))


def page(session: Session, key: str, language: str, hidden: Collection[int] = ()) -> SchemePage:
    """A group's own page, or NotFound."""
    scheme = get(session, key)
    card = next(one for one in listed(session, language, hidden) if one.id == scheme.id)
    steward = steward_of(session, scheme)
    return SchemePage(
        id=card.id,
        key=card.key,
        label=card.label,
        labels=card.labels,
        rules=rules_of(scheme),
        steward=steward.name if steward else "",
        tag_count=card.tag_count,
    )


def get(session: Session, key: str) -> Scheme:
    """The scheme with this key, or NotFound."""
    scheme = session.exec(select(Scheme).where(Scheme.key == key)).first()
    if scheme is None:
        raise NotFound
    return scheme


def key_of(session: Session, scheme_id: int) -> str:
    """The key of a scheme."""
    return session.get_one(Scheme, scheme_id).key


def named(session: Session, text: str) -> Scheme | None:
    """The scheme whose key or any of whose labels this is, in any case."""
    folded = words.fold(text)
    by_key = session.exec(select(Scheme).where(Scheme.key == folded)).first()
    return (
        by_key
        or session.exec(
            select(Scheme).join(SchemeLabel).where(SchemeLabel.folded == folded)
        ).first()
    )


def free(session: Session, by: Person) -> Scheme:
    """The scheme of tags that nobody has placed yet, made when first needed."""
    found = session.exec(select(Scheme).where(Scheme.key == FREE)).first()
    if found:
        return found
    position = session.exec(select(func.count(col(Scheme.id)))).one()
    scheme = Scheme(key=FREE, guid=str(uuid4()), position=position)
    session.add(scheme)
    session.flush()
    _write_labels(session, scheme, FREE_LABELS)
    indexing.raise_edition(session)
    history.record(session, by, "added", "scheme", scheme.id, after={"labels": FREE_LABELS})
    return scheme


def listed(session: Session, language: str, hidden: Collection[int] = ()) -> list[SchemeCard]:
    """All schemes in their order, with how many tags each holds, the `hidden` ones not counted."""
    counts = dict(
        session.exec(
            select(Tag.scheme_id, func.count(col(Tag.id)))
            .where(col(Tag.replaced_by).is_(None), col(Tag.id).not_in(hidden))
            .group_by(col(Tag.scheme_id))
        ).all()
    )
    labels: dict[int, dict[str, str]] = {}
    for row in session.exec(select(SchemeLabel)):
        labels.setdefault(row.scheme_id, {})[row.language] = row.text
    schemes = session.exec(select(Scheme).order_by(col(Scheme.position), col(Scheme.id)))
    return [
        SchemeCard(
            id=scheme.id,
            key=scheme.key,
            label=_spoken(labels.get(scheme.id, {}), language) or scheme.key,
            labels=labels.get(scheme.id, {}),
            tag_count=counts.get(scheme.id, 0),
        )
        for scheme in schemes
    ]


def tidy(text: str) -> str:
    """A label without spare spaces."""
    return typed.line(text)


def label_problem(text: str) -> Message | None:
    """Why a text cannot be a label; None when it can."""
    if len(text) > LABEL_MAX:
        return say("A label has at most %(count)s characters.", count=LABEL_MAX)
    if any(mark in text for mark in SEPARATORS):
        return say("A label cannot hold › > ; or |: they part labels from each other.")
    if typed.has_unseen(text):
        return say(
            "There are signs in the label that nobody sees, or that turn the line around. "
            "Type it by hand instead of pasting it."
        )
    if not any(sign.isalnum() for sign in text):
        return say("A label needs a letter or a digit: signs and pictures alone cannot be found.")
    return None


def slug(text: str) -> str:
    """A key made from a label: lower-cased letters and digits with hyphens."""
    return re.sub(r"[^\w]+", "-", words.fold(text)).strip("-_")[:KEY_MAX]


def _problems(
    session: Session, labels: Mapping[str, str], own_id: int | None
) -> dict[str, Message]:
    if not labels:
        return {"labels": say("Name the tag group in at least one language.")}
    for language, text in labels.items():
        if language not in LANGUAGES:
            return {"labels": say("Choose one of the languages in the list.")}
        problem = label_problem(text)
        if problem:
            return {"labels": problem}
        owner = named(session, text)
        if owner and owner.id != own_id:
            return {"labels": say("There is a tag group called “%(label)s” already.", label=text)}
    return {}


def _rule_problems(session: Session, rules: Rules) -> dict[str, Message]:
    problems: dict[str, Message] = {}
    if not set(rules.kinds) <= set(KINDS):
        problems["kinds"] = say("Choose fact, insight or recommendation.")
    if rules.who_may_add not in WHO_MAY_ADD:
        problems["who_may_add"] = say("Choose one of the list.")
    if rules.steward_id is not None:
        person = session.get(Person, rules.steward_id)
        if person is None or person.is_system or not person.is_active:
            problems["steward"] = say("Choose somebody who works here.")
    return problems


def _plain(rules: Rules) -> dict[str, object]:
    return {**vars(rules), "kinds": list(rules.kinds)}


def _closed(session: Session, by: Person, scheme: Scheme) -> Message:
    labels = session.exec(
        select(SchemeLabel.language, SchemeLabel.text).where(SchemeLabel.scheme_id == scheme.id)
    )
    group = _spoken(dict(labels.all()), by.language or "en") or scheme.key
    steward = steward_of(session, scheme)
    if steward is None:
        return say(
            "Only tag curators add tags to “%(group)s”. Choose one that exists, or ask a curator.",
            group=group,
        )
    return say(
        "Only tag curators add tags to “%(group)s”. Choose one that exists, or ask %(name)s, "
        "who is responsible for the group.",
        group=group,
        name=steward.name,
    )


def _write_labels(session: Session, scheme: Scheme, labels: Mapping[str, str]) -> None:
    for old in session.exec(select(SchemeLabel).where(SchemeLabel.scheme_id == scheme.id)):
        session.delete(old)
    session.flush()
    for language, text in labels.items():
        session.add(
            SchemeLabel(scheme_id=scheme.id, language=language, text=text, folded=words.fold(text))
        )
    session.flush()


def _spoken(labels: Mapping[str, str], language: str) -> str:
    return labels.get(language) or next(iter(labels.values()), "")
