"""Search, and the index that it reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from research_repo.cli import door
from research_repo.cli.saved_searches import kept, with_kept
from research_repo.core import access, strength_words, tagging, terms
from research_repo.core.db import Database, Session
from research_repo.core.errors import NotFound
from research_repo.core.language import say, say_many
from research_repo.core.models import ATOM_STATUSES, KINDS, METHODS, Person
from research_repo.noting import MissKeeper
from research_repo.search import Found, Meant, Search, Wanted, meant, narrowed_by, study_answers
from research_repo.search.answers import LOOKED_UP, Answer
from research_repo.search.asking import HAS, MATCHES, SORTS
from research_repo.settings import LANGUAGES


@click.command(epilog="Example: research-repo search 'delivery date' --tag 'Product area > Basket'")
@click.argument("query", required=False)
@click.option("--saved", metavar="KEY", help="Run this saved search.")
@click.option("--tag", multiple=True, metavar="PATH|KEY", help="Only what lies under this tag.")
@click.option("--exact", multiple=True, metavar="PATH|KEY", help="Only this tag itself.")
@click.option("--kind", type=click.Choice(KINDS), multiple=True)
@click.option("--study", multiple=True, metavar="KEY", help="Only this study.")
@click.option("--method", type=click.Choice(METHODS), multiple=True, help="Of the study.")
@click.option("--by", "author", multiple=True, metavar="NAME", help="Who logged it.")
@click.option("--lang", type=click.Choice(LANGUAGES), multiple=True)
@click.option("--has", type=click.Choice(HAS), multiple=True)
@click.option("--after", default="", metavar="DATE", help="From 2025, 2025-03 or 2025-03-31 on.")
@click.option("--before", default="", metavar="DATE", help="Before such a date.")
@click.option("--status", type=click.Choice(ATOM_STATUSES), multiple=True)
@click.option("--not", "without", multiple=True, metavar="FILTER:VALUE", help="Leave this out.")
@click.option("--match", type=click.Choice(MATCHES), default=MATCHES[0], show_default=True)
@click.option("--sort", type=click.Choice(SORTS), default=SORTS[0], show_default=True)
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@door.acting
def search(
    query: str | None, saved: str | None, as_json: bool, by: str | None, **asked: Any
) -> None:
    """Find atoms: words in Russian or English, «phrases», -without, begin*, kind:fact.

    Of several values of an option any will do; of tags of different groups all must hold. Without
    --as everything is searched; with it, what the person sees. What is said beside --saved takes the
    place of what that search says.
    """
    if query is None and saved is None:
        raise click.UsageError("Missing argument 'QUERY'.")
    with door.opened() as house:
        with house.database.reading() as session:
            person = door.actor(session, by)
            understood = _asked(session, person, query or "", asked)
            if saved is not None:
                asked_too = with_kept(kept(session, person, saved), understood.wanted)
                understood = replace(understood, wanted=asked_too)
        room = house.search
        room.catch_up()
        found = room.find(understood.wanted, person)
        with house.database.reading() as session:
            shown = Answer(session, person, found, door.language())
            if as_json:
                studies = room.studies(understood.wanted, person)
                about = [LOOKED_UP] * found.is_looked_up + [*understood.told]
                told = [message.put(door.language()) for message in about]
                listed = study_answers.as_json(session, person, studies, door.language())
                door.write_json({**shown.as_json(), "studies": listed, "told": told})
            else:
                for message in understood.told:
                    door.tell(message)
                _write(shown)
        # What is saved is asked again and again by schedules: nobody typed it so often.
        if saved is None:
            _note(house.database, room, understood.wanted, found)


def _note(database: Database, room: Search, wanted: Wanted, found: Found) -> None:
    keeper = MissKeeper(database, room)
    keeper.take(wanted, found)
    keeper.write()


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


def _asked(session: Session, by: Person, query: str, asked: dict[str, Any]) -> Meant:
    tags = (tagging.asked(session, by, name, door.language()).key for name in asked["tag"])
    for study in asked["study"]:
        _require_study(session, by, study)
    wanted = Wanted(
        text=query,
        tags=tuple(tags),
        kinds=asked["kind"],
        studies=asked["study"],
        match=asked["match"],
        sort=asked["sort"],
        limit=asked["limit"],
    )
    filters = {name: asked[name] for name in ("exact", "method", "lang", "has", "status")}
    filters |= {"by": asked["author"], "not": asked["without"]}
    filters |= {"after": [asked["after"]], "before": [asked["before"]]}
    narrowed = narrowed_by(session, by, wanted, filters, door.language())
    return meant(session, by, narrowed, door.language())


def _write(answer: Answer) -> None:
    """Each atom in a line, below it its tags and its strength; what is about the search, on stderr."""
    found = answer.found
    if found.is_looked_up:
        door.tell(LOOKED_UP)
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
        weight = strength_words.line(card.strength, card.kind)
        click.echo("    " + " · ".join(one.put(door.language()) for one in weight))
    door.tell(say_many("%(count)s atom found.", "%(count)s atoms found.", found.total))


def _require_study(session: Session, by: Person, key: str) -> None:
    try:
        access.study_to_read(session, by, key)
    except NotFound:
        raise NotFound(say("There is no study %(key)s. Look at its address.", key=key)) from None
