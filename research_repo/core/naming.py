"""What people write for a tag: a label, or a path `Group > Parent > Child`.

Any label in any language serves at each step. What several tags own is refused with their paths.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlmodel import Session, col, select

from research_repo.core import hierarchy, schemes, words
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import Scheme, Tag, TagLabel

STEPS = (">", "›")

Make = Callable[[Scheme | None, str, int | None], int]
"""Makes a tag that is not there: its scheme (None: nobody said), its label, its parent."""


def existing(session: Session, text: str, language: str, hidden: Collection[int] = ()) -> Tag:
    """The tag that a label or a path names; refuses what names none, or a hidden one ("parent")."""
    tag_id = find(session, text, language, hidden=hidden)
    if tag_id in hidden:
        _missing(schemes.tidy(steps_of(text)[-1]), None, None, None)
    return session.get_one(Tag, tag_id)


def find(
    session: Session,
    text: str,
    language: str,
    *,
    hidden: Collection[int] = (),
    make: Make | None = None,
) -> int:
    """The id of the tag that `text` names, made by `make` when there is none.

    `hidden` tags do not exist for whoever asks: they put nothing in doubt.

    Raises:
        Invalid: field "parent": nothing or several tags are called so.
    """
    steps = [schemes.tidy(step) for step in steps_of(text)]
    if not all(steps):
        raise _refusal(say("“%(text)s” is not a tag. Write a word or a path.", text=text))
    if len(steps) > 1:
        return _by_path(session, steps, language, make)
    owners = _owners(session, steps[0], None)
    if len(owners) > 1:
        owners = owners - set(hidden) or {min(owners)}
    if len(owners) > 1:
        raise _refusal(_ambiguous(session, text, owners, language))
    return owners.pop() if owners else _missing(text, None, None, make)


def _by_path(session: Session, steps: list[str], language: str, make: Make | None) -> int:
    scheme = schemes.named(session, steps[0])
    if scheme is None:
        raise _refusal(
            say(
                "There is no tag group “%(group)s”. Begin the path with one that exists.",
                group=steps[0],
            )
        )
    here: int | None = None
    for step in steps[1:]:
        here = _next(session, scheme, here, step, language, make)
    if here is None:
        raise _refusal(say("A path needs a tag after its group."))
    return here


def _next(
    session: Session,
    scheme: Scheme,
    here: int | None,
    step: str,
    language: str,
    make: Make | None,
) -> int:
    owners = _owners(session, step, scheme.id)
    below = owners
    if here is not None:
        below = owners & set(hierarchy.children(session, [here]).get(here, ()))
    if owners and not below:
        raise _refusal(_elsewhere(session, step, min(owners), language))
    if len(below) > 1:
        raise _refusal(_ambiguous(session, step, below, language))
    return below.pop() if below else _missing(step, scheme, here, make)


def _owners(session: Session, text: str, scheme_id: int | None) -> set[int]:
    query = select(TagLabel.tag_id).where(TagLabel.folded == words.fold(text))
    if scheme_id is not None:
        query = query.join(Tag, col(Tag.id) == TagLabel.tag_id).where(Tag.scheme_id == scheme_id)
    owners = set(hierarchy.resolved(session, session.exec(query).all()).values())
    if len(owners) < 2:
        return owners
    # A retired tag puts none in doubt that can still be put on atoms.
    retired = select(Tag.id).where(col(Tag.id).in_(owners), Tag.status == "deprecated")
    return owners - set(session.exec(retired).all()) or owners


def _missing(text: str, scheme: Scheme | None, under: int | None, make: Make | None) -> int:
    if make is None:
        raise _refusal(say("There is no tag “%(text)s”. Choose one that exists.", text=text))
    return make(scheme, text, under)


def steps_of(text: str) -> list[str]:
    """What a path is made of; a label alone is one step."""
    for mark in STEPS:
        text = text.replace(mark, "\n")
    return text.split("\n")


def _refusal(message: Message) -> Invalid:
    return Invalid({"parent": message})


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
