"""Saved searches on the command line."""

from __future__ import annotations

from dataclasses import fields, replace
from urllib.parse import urlencode

import click

from research_repo.cli import door
from research_repo.core import follows, saved_searches
from research_repo.core.db import Session
from research_repo.core.errors import NotFound
from research_repo.core.language import say, say_many
from research_repo.core.models import Person
from research_repo.search import Wanted
from research_repo.search.keeping import from_pairs


@click.command(epilog="Example: research-repo searches --as anna@example.org")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@door.acting
def searches(as_json: bool, by: str | None) -> None:
    """List saved searches: those that are shared, and with --as the person's own, too.

    `research-repo search --saved KEY` runs one.
    """
    with door.opened() as house, house.database.reading() as session:
        person = door.actor(session, by)
        found = saved_searches.listed(session, person)
        news = {one.search.id: one.new for one in follows.listed(session, person)}
    if as_json:
        door.write_json(
            {
                "searches": [
                    {
                        "key": one.key,
                        "name": one.name,
                        "search": urlencode(one.wanted),
                        "shared": one.is_shared,
                        "owner": one.who,
                        "followed": one.id in news,
                        "new": news.get(one.id, 0),
                    }
                    for one in found
                ]
            }
        )
        return
    for one in found:
        click.echo(f"{one.key}  {one.name}  ({one.who})")
    door.tell(say_many("%(count)s saved search.", "%(count)s saved searches.", len(found)))


def with_kept(kept: Wanted, asked: Wanted) -> Wanted:
    """The saved search, where what is asked beside it takes the place of what it says."""
    usual = Wanted()
    said = {field.name: getattr(asked, field.name) for field in fields(Wanted)}
    changed = {name: value for name, value in said.items() if value != getattr(usual, name)}
    return replace(kept, **{**changed, "limit": asked.limit})


def kept(session: Session, by: Person, key: str) -> Wanted:
    """What a saved search looks for.

    Raises:
        NotFound: nobody shares such a search, and it is not the person's own.
    """
    try:
        return from_pairs(saved_searches.read(session, by, key).wanted)
    except NotFound:
        raise NotFound(
            say(
                "There is no saved search %(key)s here. `research-repo searches` lists them; one's own "
                "ones need --as.",
                key=key,
            )
        ) from None
