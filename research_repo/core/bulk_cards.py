"""What pages show of work on many findings: how far it is, what was left out, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from research_repo.core import bulk, cards, hierarchy
from research_repo.core.bulk_weighing import Weighed
from research_repo.core.cards import AtomCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message
from research_repo.core.models import BulkStep, BulkTagging, Person

SHOWN = 20
STEPS_READ = 20


@dataclass(frozen=True)
class LeftOut:
    """Atoms that are left as they are: those of others, and those against which a rule stands."""

    not_yours: tuple[AtomCard, ...]
    refused: tuple[tuple[AtomCard, Message], ...]


@dataclass(frozen=True)
class BulkCard:
    """A work on many atoms, ready to be shown."""

    id: int
    deed: str
    note: str
    status: str
    who: str
    created_at: datetime
    added: tuple[TagCard, ...]
    removed: tuple[TagCard, ...]
    job_id: int | None
    is_at_work: bool
    total: int
    done: int
    """Of how many atoms it was decided so far."""
    changed: int
    same: int
    not_yours: int
    refused: int
    taken_back: int
    left_out: LeftOut


def card(session: Session, by: Person, made: BulkTagging, language: str) -> BulkCard:
    """The card of a work that `by` may look at."""
    counts = _counts(session, made.id)
    return BulkCard(
        id=made.id,
        deed=made.deed,
        note=made.note,
        status=made.status,
        who=session.get_one(Person, made.person_id).name,
        created_at=made.created_at,
        added=tags(session, made.added, language),
        removed=tags(session, made.removed, language),
        job_id=made.job_id,
        is_at_work=bulk.is_at_work(session, made),
        total=made.total,
        left_out=_left_out(session, by, made.id, language),
        **counts,
    )


def left_out(session: Session, by: Person, found: Weighed, language: str) -> LeftOut:
    """The first atoms of each kind that would be left as they are."""
    return _shown(session, by, found.not_yours, found.refused, language)


def tags(session: Session, tag_ids: Iterable[int], language: str) -> tuple[TagCard, ...]:
    """The cards of these tags, each once, whatever was merged since."""
    made = hierarchy.cards(session, tag_ids, language)
    return tuple(dict.fromkeys(made[one] for one in tag_ids if one in made))


def _counts(session: Session, bulk_id: int) -> dict[str, int]:
    names = ("changed", "same", "not_yours", "refused", "taken_back")
    sums = [func.coalesce(func.sum(getattr(BulkStep, name)), 0) for name in names]
    steps = func.coalesce(func.sum(case((col(BulkStep.told).is_not(None), 1), else_=0)), 0)
    *told, done = session.exec(
        select(*sums, steps).where(BulkStep.bulk_id == bulk_id)  # type: ignore[call-overload]
    ).one()
    counts = dict(zip(names, map(int, told), strict=True))
    made = session.get_one(BulkTagging, bulk_id)
    return {**counts, "done": min(int(done) * bulk.STEP_ATOMS, made.total)}


def _left_out(session: Session, by: Person, bulk_id: int, language: str) -> LeftOut:
    wanted = (BulkStep.not_yours > 0) | (BulkStep.refused > 0)
    rows = session.exec(
        select(BulkStep.told)
        .where(BulkStep.bulk_id == bulk_id, wanted)
        .order_by(col(BulkStep.position))
        .limit(STEPS_READ)
    ).all()
    not_yours = [one for told in rows for one in told["not_yours"]]
    refused = {one: Message.from_json(advice) for told in rows for one, advice in told["refused"]}
    return _shown(session, by, not_yours, refused, language)


def _shown(
    session: Session,
    by: Person,
    not_yours: Iterable[int],
    refused: Mapping[int, Message],
    language: str,
) -> LeftOut:
    others, against = list(not_yours)[:SHOWN], list(refused)[:SHOWN]
    made = {one.id: one for one in cards.of_atoms(session, by, [*others, *against], language)}
    return LeftOut(
        tuple(made[one] for one in others if one in made),
        tuple((made[one], refused[one]) for one in against if one in made),
    )
