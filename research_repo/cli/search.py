"""Search, and the index that it reads."""

from __future__ import annotations

import click

from research_repo.cli import door
from research_repo.core import access, tagging, terms
from research_repo.core.db import Session
from research_repo.core.errors import NotFound
from research_repo.core.language import say, say_many
from research_repo.core.models import KINDS, Person
from research_repo.search import Wanted
from research_repo.search.answers import Answer


@click.command(epilog="Example: research-repo search 'delivery date' --tag 'Product area > Basket'")
@click.argument("query")
@click.option(
    "--tag", "tag_names", multiple=True, metavar="PATH|KEY", help="Only what lies under this tag."
)
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True)
@click.option("--study", "studies", multiple=True, metavar="KEY", help="Only this study.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@door.acting
def search(
    query: str,
    tag_names: tuple[str, ...],
    kinds: tuple[str, ...],
    studies: tuple[str, ...],
    limit: int,
    as_json: bool,
    by: str | None,
) -> None:
    """Find atoms: words in Russian or English, «phrases», -without, begin*.

    Several tags must all hold. Without --as everything is searched; with it, what the person sees.
    """
    with door.opened() as house:
        with house.database.reading() as session:
            person = door.actor(session, by)
            keys = tuple(
                tagging.asked(session, person, name, door.language()).key for name in tag_names
            )
            for study in studies:
                _require_study(session, person, study)
        room = house.search
        room.catch_up()
        found = room.find(Wanted(query, keys, kinds, studies, limit=limit), person)
        with house.database.reading() as session:
            shown = Answer(session, person, found, door.language())
            if as_json:
                door.write_json(shown.as_json())
            else:
                _write(shown)


@click.group()
def index() -> None:
    """The search index: a cache that can always be built again."""


@index.command(epilog="Example: research-repo index rebuild")
def rebuild() -> None:
    """Build the index anew from the database; people go on searching in the old one."""
    with (
        door.opened() as house,
        door.progress(say("Rebuild the search index")) as progress,
    ):
        house.search.rebuild(progress)


@index.command(epilog="Example: research-repo index check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(as_json: bool) -> int:
    """Compare the index with the database, document by document; exit 1 when they differ."""
    with door.opened() as house:
        differences = house.search.check()
    if as_json:
        door.write_json(
            {"differences": [{"atom": row.atom_id, "kind": row.kind} for row in differences]}
        )
    elif not differences:
        door.write(say("The index agrees with the database."))
    else:
        door.tell(
            say_many(
                "The index differs from the database in %(count)s atom. "
                "Run `research-repo index rebuild`.",
                "The index differs from the database in %(count)s atoms. "
                "Run `research-repo index rebuild`.",
                len(differences),
            )
        )
    return 1 if differences else 0


def _write(answer: Answer) -> None:
    """Each atom in a line, its tags in the next; what is about the search, on stderr."""
    found = answer.found
    if found.rebuilding is not None:
        door.tell(say("The index is being rebuilt; until then whole words are looked up."))
    for made in found.corrections:
        door.tell(
            say(
                "Searched for “%(used)s” instead of “%(typed)s”.",
                used=made.used,
                typed=made.typed,
            )
        )
    for _, card in answer.hits:
        kind = terms.term("kind", card.kind).put(door.language())
        click.echo("  ".join(filter(None, (card.key, kind, card.study_key, card.title))))
        if card.tags:
            click.echo("    " + "; ".join(tag.full_path for tag in card.tags))
    door.tell(say_many("%(count)s atom found.", "%(count)s atoms found.", found.total))


def _require_study(session: Session, by: Person, key: str) -> None:
    try:
        access.study_to_read(session, by, key)
    except NotFound:
        raise NotFound(say("There is no study %(key)s. Look at its address.", key=key)) from None
