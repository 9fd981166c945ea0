"""What lists and pages show of atoms and studies: plain values, each fetched for all rows at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import case, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    atoms,
    card_rows,
    evidence,
    hierarchy,
    links,
    publishing,
    rules,
    staleness,
    strength,
    studies,
    study_tags,
)
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Evidence, Person, Question, Scheme, Study
from research_repo.core.moments import kept
from research_repo.core.publishing import Lack
from research_repo.core.strength import Strength

Day = date  # in a class that has a date of its own, the name means that one


@dataclass(frozen=True)
class AtomCard:
    """An atom in a list."""

    id: int
    key: str
    external_id: str | None
    kind: str
    status: str
    title: str
    language: str
    study_key: str
    study_title: str
    author: str
    date: date
    tags: tuple[TagCard, ...]
    quote: str
    quote_language: str
    quote_who: str
    quote_count: int
    strength: Strength
    lent: tuple[TagCard, ...] = ()
    """Tags that its study lends it and that it does not have itself."""
    observed_on: Day | None = None
    is_stale: bool = False
    """It wants a second look: nobody confirmed it in time."""
    is_replaced: bool = False
    """A newer claim takes its place."""

    @property
    def standing(self) -> str:
        """Its status; of a published one also that it is replaced, or was not confirmed in time."""
        return card_rows.standing(self.status, self.is_replaced, self.is_stale)


@dataclass(frozen=True)
class AtomTexts:
    """What an atom says besides its title."""

    body_html: str
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class LinkCard:
    """A link on an atom's page: its other end, and whether it may be taken away."""

    id: int
    kind: str
    is_outgoing: bool
    may_remove: bool
    atom: AtomCard


@dataclass(frozen=True)
class AtomPage:
    """An atom with all that its page shows."""

    card: AtomCard
    body: str
    body_html: str
    version: int
    observed_on: date | None
    review_by: date | None
    created_at: datetime
    updated_at: datetime
    evidence: tuple[Evidence, ...]
    questions: tuple[Question, ...]
    links: tuple[LinkCard, ...]
    may_edit: bool
    may_tag: bool
    may_link: bool
    not_applicable: tuple[tuple[str, str], ...] = ()
    """Key and label of the tag groups that do not apply to it."""
    to_do: tuple[Message, ...] = ()
    """What is asked for before it can be published; empty for others' eyes."""
    lack: Lack | None = None
    """That it rests on nothing yet, where the team wants it told."""


@dataclass(frozen=True)
class StudyCard:
    """A study in a list, with how many of its atoms the person sees."""

    id: int
    key: str
    title: str
    method: str
    status: str
    access: str
    starts_on: date | None
    ends_on: date | None
    owner: str
    facts: int
    insights: int
    recommendations: int

    @property
    def atom_count(self) -> int:
        return self.facts + self.insights + self.recommendations


def of_atoms(
    session: Session,
    by: Person,
    atom_ids: Sequence[int],
    language: str,
    weighed: Mapping[int, Strength] | None = None,
) -> list[AtomCard]:
    """The cards of those atoms that the person may see, in the order given.

    `weighed` is the strength of those of which the index has told it; the others are counted.
    """
    return [card for card, _ in _read(session, by, atom_ids, language, weighed)]


def with_texts(
    session: Session,
    by: Person,
    atom_ids: Collection[int],
    language: str,
    weighed: Mapping[int, Strength] | None = None,
) -> dict[int, tuple[AtomCard, AtomTexts]]:
    """Atom → its card and what snippets are cut from, for those that the person may see."""
    made = _read(session, by, atom_ids, language, weighed, has_texts=True)
    return {card.id: (card, texts) for card, texts in made}


def of_atom(session: Session, by: Person, key: str, language: str) -> AtomPage:
    """One atom's page, or NotFound."""
    atom = access.atom_to_read(session, by, key)
    linked = links.of_atom(session, by, atom)
    made = of_atoms(session, by, [atom.id, *(link.other_id for link in linked)], language)
    others = {card.id: card for card in made}
    answered = atoms.question_ids_of(session, atom.id)
    questions = studies.questions_of(session, atom.study_id) if atom.study_id else []
    may_tag = access.may_tag_atom(session, by, atom)
    return AtomPage(
        card=others[atom.id],
        body=atom.body,
        body_html=atom.body_html,
        version=atom.version,
        observed_on=atom.observed_on,
        review_by=atom.review_by,
        created_at=atom.created_at,
        updated_at=atom.updated_at,
        evidence=tuple(evidence.of_atom(session, atom.id)),
        questions=tuple(row for row in questions if row.id in answered),
        links=tuple(
            LinkCard(link.id, link.kind, link.is_outgoing, link.may_remove, others[link.other_id])
            for link in linked
        ),
        may_edit=access.may_edit_atom(session, by, atom),
        may_tag=may_tag,
        may_link=access.may_log(by),
        not_applicable=tuple(_not_applicable(session, atom.id, language)),
        to_do=tuple(publishing.to_do(session, by, atom, language)) if may_tag else (),
        lack=publishing.lack_of(session, by, atom),
    )


def of_studies(
    session: Session, by: Person, study_ids: Collection[int] | None = None
) -> list[StudyCard]:
    """The studies that the person sees, the running first, then the newest."""
    query = _studies(access.is_admin(by), study_ids is None)
    if study_ids is None:
        rows = session.exec(query, params={"me": by.id}).all()
        counts = _published(session)
    else:
        rows = rows_of(session, query, study_ids, me=by.id)
        counts = _by_place(rows_of(session, _counts(False), study_ids))
    return [
        StudyCard(
            **row._mapping,
            facts=counts.get((row.id, "fact"), 0),
            insights=counts.get((row.id, "insight"), 0),
            recommendations=counts.get((row.id, "recommendation"), 0),
        )
        for row in rows
    ]


@cache
def _studies(sees_all: bool, is_every_one: bool) -> Any:
    # Columns, not objects: a study's texts may be long, and the list may hold a thousand.
    named: Any = (Study.id, Study.key, Study.title, Study.method, Study.status, Study.access)
    more: Any = (Study.starts_on, Study.ends_on, col(Person.name).label("owner"))
    query = (
        columns(*named, *more)
        .join(Person, col(Person.id) == Study.owner_id)
        .where(access.study_in_sight(sees_all))
        .order_by(
            case(
                {"running": 0, "analysis": 1, "planned": 2, "completed": 3},
                value=Study.status,
                else_=4,
            ),
            func.coalesce(Study.ends_on, Study.starts_on).desc().nulls_last(),
            col(Study.id).desc(),
        )
    )
    return query if is_every_one else query.where(among(Study.id))


def tags_of_study(session: Session, study_id: int, language: str) -> list[TagCard]:
    """The study's own tags, by path. The study is one that the reader sees."""
    tag_ids = study_tags.of_studies(session, [study_id]).get(study_id, [])
    made = hierarchy.cards(session, tag_ids, language)
    return sorted((made[one] for one in tag_ids), key=lambda card: card.full_path)


def study_names(
    session: Session, by: Person, study_ids: Collection[int]
) -> dict[int, tuple[str, str]]:
    """Study → its key and title, where the person sees it."""
    rows = rows_of(session, _study_names(access.is_admin(by)), study_ids, me=by.id)
    return {study_id: (key, title) for study_id, key, title in rows}


@cache
def _study_names(sees_all: bool) -> Any:
    names = select(Study.id, Study.key, Study.title)
    return names.where(access.study_in_sight(sees_all), among(Study.id))


def recent(session: Session, by: Person, limit: int) -> list[int]:
    """The atoms published last, among those that the person sees."""
    query = (
        select(Atom.id)
        .where(access.sees_atom(by), Atom.status == "published")
        .order_by(col(Atom.created_at).desc(), col(Atom.id).desc())
        .limit(limit)
    )
    return list(session.exec(query))


def drafts(session: Session, by: Person, limit: int = 100) -> list[int]:
    """The person's own drafts, the last touched first."""
    query = (
        select(Atom.id)
        .where(access.sees_atom(by), Atom.status == "draft", Atom.author_id == by.id)
        .order_by(col(Atom.updated_at).desc())
        .limit(limit)
    )
    return list(session.exec(query))


def logged_by(session: Session, by: Person, study_id: int | None, limit: int) -> list[int]:
    """What the person logged last, in one study or anywhere."""
    query = select(Atom.id).where(access.sees_atom(by), Atom.author_id == by.id)
    if study_id is not None:
        query = query.where(Atom.study_id == study_id)
    return list(session.exec(query.order_by(col(Atom.id).desc()).limit(limit)))


def tally(session: Session, by: Person) -> dict[str, int]:
    """How many published atoms of each kind, and how many studies, the person sees."""
    seen = set(session.exec(select(Study.id).where(access.sees_study(by))))
    found: dict[str, int] = {}
    for (study_id, kind), count in _published(session).items():
        if study_id is None or study_id in seen:
            found[kind] = found.get(kind, 0) + count
    return {**found, "study": len(seen)}


def _published(session: Session) -> Mapping[tuple[int | None, str], int]:
    """How many published atoms of each kind there are in each study, whoever may see it.

    Who sees the study sees them all; those in no study are seen by everybody.
    """
    return kept(session, "published", lambda: _by_place(session.exec(_counts(True))))


def _by_place(rows: Iterable[Any]) -> dict[tuple[int | None, str], int]:
    return {(study_id, kind): count for study_id, kind, count in rows}


@cache
def _counts(is_every_one: bool) -> Any:
    query = (
        select(Atom.study_id, Atom.kind, func.count())
        .where(Atom.status == "published", access.is_whole(Atom))
        .group_by(col(Atom.study_id), col(Atom.kind))
    )
    return query if is_every_one else query.where(among(Atom.study_id))


def _not_applicable(session: Session, atom_id: int, language: str) -> Iterable[tuple[str, str]]:
    labels = hierarchy.scheme_labels(session, language)
    rows = select(Scheme.id, Scheme.key).where(col(Scheme.id).in_(rules.marks_of(session, atom_id)))
    for scheme_id, key in session.exec(rows.order_by(col(Scheme.position))):
        yield key, labels.get(scheme_id, key)


def _read(
    session: Session,
    by: Person,
    atom_ids: Collection[int],
    language: str,
    weighed: Mapping[int, Strength] | None = None,
    *,
    has_texts: bool = False,
) -> list[tuple[AtomCard, AtomTexts]]:
    seen = card_rows.of_atoms(session, by, atom_ids, has_texts=has_texts)
    tags, lent = card_rows.tags(session, list(seen), language)
    quotes = card_rows.quotes(session, list(seen))
    known = weighed or {}
    counted = {atom_id: row for atom_id, row in seen.items() if atom_id not in known}
    weight = {**known, **strength.of_rows(session, by, counted)}
    replaced = links.replaced(session, by, seen)
    own = {one: [tag.id for tag in some] for one, some in tags.items()}
    stale = staleness.stale_among(session, seen, own, replaced)
    made = []
    for row in (seen[atom_id] for atom_id in atom_ids if atom_id in seen):
        both = tags.get(row.id, ()), lent.get(row.id, ())
        said = quotes.get(row.id, [])
        texts = AtomTexts(getattr(row, "body_html", ""), tuple(quote.text for quote in said))
        marks = row.id in stale, row.id in replaced
        made.append((_card(row, *both, said, weight[row.id], *marks), texts))
    return made


def _card(
    row: Any,
    tags: tuple[TagCard, ...],
    lent: tuple[TagCard, ...],
    quotes: Sequence[Any],
    weight: Strength,
    is_stale: bool,
    is_replaced: bool,
) -> AtomCard:
    first = quotes[0] if quotes else None
    return AtomCard(
        id=row.id,
        key=row.key,
        external_id=row.external_id,
        kind=row.kind,
        status=row.status,
        title=row.title,
        language=row.language,
        study_key=row.study_key or "",
        study_title=row.study_title or "",
        author=row.author,
        date=row.observed_on or row.created_at.date(),
        tags=tags,
        quote=first.text if first else "",
        quote_language=first.language if first else "",
        quote_who=first.who if first else "",
        quote_count=len(quotes),
        strength=weight,
        lent=lent,
        observed_on=row.observed_on,
        is_stale=is_stale,
        is_replaced=is_replaced,
    )
