"""Claims that want a second look, on the command line."""

from __future__ import annotations

import click

from research_repo.cli import door
from research_repo.core import access, claims, terms
from research_repo.core.claims import FIRST, NOBODY, REASONS, Asked, Claim
from research_repo.core.db import Session
from research_repo.core.errors import NotFound
from research_repo.core.language import say, say_many
from research_repo.core.models import KINDS, Person

LIMIT = 50
LIMIT_MAX = 10_000


@click.command(
    "claims", epilog="Example: research-repo claims --owner anna@example.org --reason stale"
)
@click.option("--owner", metavar="EMAIL", help="Only this person's; “nobody” for those of nobody.")
@click.option("--reason", type=click.Choice(REASONS), help="Only for this reason.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    multiple=True,
    help="May be given repeatedly; insights and recommendations without it.",
)
@click.option("--study", metavar="KEY", help="Only of this study.")
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), default=LIMIT, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@door.acting
def listed(
    owner: str | None,
    reason: str | None,
    kind: tuple[str, ...],
    study: str | None,
    limit: int,
    as_json: bool,
    by: str | None,
) -> None:
    """List claims that nobody confirmed in time, or that others contradict.

    Disputed ones come first, then the oldest. Without --as all are listed; with it, what the person
    sees.
    """
    with door.opened() as house, house.database.reading() as session:
        person = door.actor(session, by)
        asked = Asked(
            owner=_owner(session, owner),
            reason=reason or "",
            kinds=kind or FIRST,
            study_id=_study(session, person, study),
        )
        total = claims.waiting(session, person, asked.study_id).count(asked)
        ids = claims.ids(session, person, asked, 0, limit)
        found = claims.of_atoms(session, person, ids, door.language())
    if as_json:
        door.write_json({"total": total, "claims": [_plain(one) for one in found]})
        return
    for one in found:
        click.echo(_line(one))
    door.tell(
        say_many("%(count)s claim to look at again.", "%(count)s claims to look at again.", total)
    )


def _owner(session: Session, email: str | None) -> int | None:
    if email in (None, "nobody"):
        return None if email is None else NOBODY
    return door.person(session, email or "").id


def _study(session: Session, by: Person, key: str | None) -> int | None:
    if key is None:
        return None
    try:
        return access.study_to_read(session, by, key).id
    except NotFound:
        raise NotFound(say("There is no study %(key)s. Look at its address.", key=key)) from None


def _line(one: Claim) -> str:
    language = door.language()
    kind = terms.term("kind", one.card.kind).put(language)
    why = [one.freshness.reason.put(language)] if one.freshness.reason else []
    if one.is_disputed:
        why.insert(0, terms.term("strength", "disputed").put(language))
    parts = (one.card.key, kind, one.owner, "; ".join(why), one.card.title)
    return "  ".join(filter(None, parts))


def _plain(one: Claim) -> dict[str, object]:
    card, told = one.card, one.freshness
    return {
        "id": card.key,
        "kind": card.kind,
        "title": card.title,
        "study": card.study_key or None,
        "owner": one.owner or None,
        "stale": told.is_stale,
        "disputed": one.is_disputed,
        "review_by": told.review_by.isoformat(),
        "confirmed_at": told.confirmed_at.isoformat() if told.confirmed_at else None,
        "confirmed_by": told.confirmed_by or None,
        "note": told.note or None,
    }
