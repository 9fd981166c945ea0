"""What maps and coverage are drawn of: levels of the vocabulary, and the pairs that research knows by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, select

from research_repo.core import hierarchy, schemes, tagging
from research_repo.core.errors import NotFound
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Scheme
from research_repo.core.schemes import SchemeCard

SEGMENT = "segment"


@dataclass(frozen=True)
class Level:
    """Tags side by side: the top of a group, or what lies under the last tag of `line`."""

    scheme_id: int
    group: str
    label: str
    """What the group is called."""
    line: tuple[TagCard, ...] = ()

    @property
    def under(self) -> str:
        """The key of the tag that they lie under; "" at the top."""
        return self.line[-1].key if self.line else ""

    @property
    def name(self) -> str:
        """What a side of a map is called by."""
        return self.line[-1].label if self.line else self.label

    @property
    def place(self) -> tuple[int, str]:
        """The same as the search asks for it."""
        return self.scheme_id, self.under


@dataclass(frozen=True)
class Start:
    """A map that is known by name, and the groups that it takes."""

    name: Message
    why: Message
    rows: str
    columns: str


STARTS = (
    Start(
        say("Journey map"),
        say("What people think, feel, do and need at each stage of their way."),
        "journey-layer",
        "journey-stage",
    ),
    Start(
        say("Total Experience"),
        say("Where the experience of customers, users and employees meets."),
        "experience",
        "experience",
    ),
    Start(
        say("Empathy map by segment"),
        say("What each segment says, thinks, does and feels."),
        SEGMENT,
        "empathy-map",
    ),
    Start(
        say("What goes wrong where"),
        say("Areas of the product by type of finding."),
        "product-area",
        "finding-type",
    ),
    Start(
        say("How grave it is"),
        say("Types of findings by severity."),
        "finding-type",
        "severity",
    ),
)


def starts(groups: Collection[SchemeCard]) -> list[Start]:
    """The named maps for which both groups are there and hold tags."""
    there = {group.key for group in groups if group.tag_count}
    return [one for one in STARTS if {one.rows, one.columns} <= there]


def missing(groups: Collection[SchemeCard]) -> list[Start]:
    """Those that want a ready-made group to be added or filled first."""
    ready = starts(groups)
    return [one for one in STARTS if one not in ready]


def groups(session: Session, by: Person, language: str) -> list[SchemeCard]:
    """The groups with as many tags as the person may know of."""
    return schemes.listed(session, language, tagging.unseen(session, by))


def level(session: Session, by: Person, group: str, under: str, language: str) -> Level:
    """A level by the key of its group, or by that of the tag `under` which it lies.

    Raises:
        NotFound: there is no such group or tag for this person.
    """
    if not under:
        scheme = schemes.get(session, group)
        return Level(scheme.id, scheme.key, _label(session, scheme.id, language))
    card = hierarchy.cards_of_keys(session, [under], language).get(under)
    if card is None or card.id in tagging.unseen(session, by):
        raise NotFound
    line = hierarchy.line(session, card.id)
    made = hierarchy.cards(session, line, language)
    key = session.exec(select(Scheme.key).where(Scheme.id == card.scheme_id)).one()
    return Level(card.scheme_id, key, card.scheme, tuple(made[one] for one in line))


def with_more_below(session: Session, by: Person, tag_ids: Collection[int]) -> set[int]:
    """Those of the tags under which the person may know of others."""
    hidden = tagging.unseen(session, by)
    found = hierarchy.children(session, tag_ids)
    return {tag_id for tag_id, listed in found.items() if set(listed) - hidden}


def _label(session: Session, scheme_id: int, language: str) -> str:
    return hierarchy.scheme_labels(session, language).get(scheme_id, "")
