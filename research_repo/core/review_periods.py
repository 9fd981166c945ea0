"""After how many months a claim wants a second look: by the tags that it carries, else as all others.

What a tag asks for holds for all that lies under it, down to a tag with a period of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history, tags
from research_repo.core.errors import Invalid
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import Person, Policy, ReviewPeriod, Tag
from research_repo.core.moments import kept

MONTHS_MAX = 120
OTHERS = 18
SHIPPED = {
    "behaviour": 24,
    "need": 24,
    "expectation": 24,
    "problem": 9,
    "barrier": 9,
    "works-well": 9,
}
"""For the types of findings of a new repository: what people do changes more slowly than a product."""

_OTHERS = "review_months"
_GUID = "research-repo:finding-type:"
_LIKE_OTHERS = 0


@dataclass(frozen=True)
class Periods:
    """What holds now: the months of claims without any of the tags, and tag → months."""

    others: int
    by_tag: Mapping[int, int]
    """With all that lies under the tags, and all that was merged into them."""

    def months(self, tag_ids: Iterable[int]) -> int:
        """For a claim with these tags: the shortest that one of them asks for."""
        asked = [self.by_tag[one] for one in tag_ids if one in self.by_tag]
        return min(asked, default=self.others)

    @cached_property
    def by_months(self) -> dict[int, list[int]]:
        """Months → the tags that ask for them, the shortest period first."""
        found: dict[int, list[int]] = {}
        for tag_id, months in sorted(self.by_tag.items(), key=lambda one: (one[1], one[0])):
            found.setdefault(months, []).append(tag_id)
        return found


def periods(session: Session) -> Periods:
    """The periods as they hold at this moment."""
    return kept(session, "review periods", lambda: _periods(session))


def listed(session: Session, language: str) -> list[tuple[TagCard, int]]:
    """The tags with a period of their own, the longest first."""
    own = {one: months for one, months in _own(session).items() if months != _LIKE_OTHERS}
    made = hierarchy.cards(session, own, language)
    rows = [(made[tag_id], months) for tag_id, months in own.items() if tag_id in made]
    return sorted(rows, key=lambda row: (-row[1], row[0].full_path))


def set_others(session: Session, by: Person, months: int) -> None:
    """Settle it for claims of which no tag says otherwise.

    Raises:
        NotAllowed: for all but administrators.
        Invalid: the number is none that can be used (field: others).
    """
    access.require_admin(by)
    _check(months, "others")
    before = periods(session).others
    if months == before:
        return
    session.merge(Policy(name=_OTHERS, value=months))
    session.flush()
    history.record(session, by, "settled", "repository", 1, {_OTHERS: before}, {_OTHERS: months})


def set_period(session: Session, by: Person, tag_key: str, months: int | None) -> None:
    """Settle it for a tag and what lies under it; None: its claims are as all others.

    Raises:
        NotFound: there is no such tag.
        NotAllowed: for all but administrators.
        Invalid: the number is none that can be used (field: months).
    """
    access.require_admin(by)
    tag_id = tags.standing(session, tag_key).id
    if months is not None:
        _check(months, "months")
    wanted, before = months or _LIKE_OTHERS, _own(session).get(tag_id, _LIKE_OTHERS)
    if wanted == before:
        return
    session.merge(ReviewPeriod(tag_id=tag_id, months=wanted))
    session.flush()
    told = ({"review_months": before or None}, {"review_months": months})
    history.record(session, by, "settled", "tag", tag_id, *told)


def _check(months: int, field: str) -> None:
    if not 1 <= months <= MONTHS_MAX:
        advice = say("Write a number of months from 1 to %(most)s.", most=MONTHS_MAX)
        raise Invalid({field: advice})


def _own(session: Session) -> dict[int, int]:
    """Survivor → months, as people settled it, else as shipped."""
    guids = {f"{_GUID}{name}": months for name, months in SHIPPED.items()}
    shipped = session.exec(select(Tag.id, Tag.guid).where(col(Tag.guid).in_(guids)))
    asked = {tag_id: guids[guid] for tag_id, guid in shipped}
    asked |= dict(session.exec(select(ReviewPeriod.tag_id, ReviewPeriod.months)).all())
    ends = hierarchy.resolved(session, asked)
    found: dict[int, int] = {}
    # What was settled for the survivor itself comes before what it took over.
    for tag_id in sorted(asked, key=lambda one: (ends[one] != one, one)):
        found.setdefault(ends[tag_id], asked[tag_id])
    return found


def _periods(session: Session) -> Periods:
    settled = session.get(Policy, _OTHERS)
    own = _own(session)
    reach: dict[int, int] = {}
    for tag_id, months in own.items():
        if months == _LIKE_OTHERS:
            continue
        for under in _under(session, tag_id, own):
            reach[under] = min(months, reach.get(under, months))
    merged = hierarchy.merged_into(session, reach)
    return Periods(
        others=settled.value if settled else OTHERS,
        by_tag={tag_id: reach[survivor] for tag_id, survivor in merged.items()},
    )


def _under(session: Session, tag_id: int, own: Collection[int]) -> set[int]:
    found, frontier = {tag_id}, {tag_id}
    while frontier:
        below = hierarchy.children(session, frontier)
        frontier = {one for some in below.values() for one in some if one not in own} - found
        found |= frontier
    return found
