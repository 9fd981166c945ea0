"""The doctor: whether everything in the repository is as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from research_repo.cli import door
from research_repo.cli.door import House
from research_repo.core import doctor as check_up
from research_repo.core.language import say, say_many
from research_repo.core.troubles import Examined, Trouble

SHOWN = 20
DIFFERS = say("The index says something else of the atom than the database.")
NO_INDEX = say("There is no index yet: the server builds it when it starts.")

TITLES = {
    "database": say("Database"),
    "quotes": say("Quotes"),
    "passages": say("Passages of sources"),
    "files": say("Files"),
    "index": say("Search index"),
}


@click.command(epilog="Example: research-repo doctor --fix")
@click.option("--fix", is_flag=True, help="Put right what loses nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(fix: bool, as_json: bool) -> int:
    """Look through the repository: database, quotes, files and index; exit 1 when something is wrong.

    Every quote that was cut from a source must stand there, word for word; every attached file must
    be whole, and none left over; the search index must say what the database says. With --fix quotes
    get their place back, or none when their words are gone; files that nothing uses go after a day;
    the index is built anew. Nothing that somebody wrote is changed.
    """
    examined = []
    with door.opened() as house, door.progress(say("Look through")) as advance:
        for place, one in enumerate(_examined(house, fix), start=1):
            examined.append(one)
            advance(place, len(TITLES))
    if as_json:
        door.write_json({"ok": not _left(examined), "checks": [_as_json(one) for one in examined]})
    else:
        for one in examined:
            _write(one)
        if _left(examined) and not fix:
            door.tell(say("`research-repo doctor --fix` puts right what loses nothing."))
    return 1 if _left(examined) else 0


def _examined(house: House, fix: bool) -> Iterator[Examined]:
    for one in check_up.examine(house.database, fix=fix):
        yield one
        if one.left and one.name == "database":
            return
    search = house.search
    if search.live.view() is None:
        yield Examined("index", 0, notes=(NO_INDEX,))
        return
    wrong = [one.atom_id for one in search.check()]
    left = set(wrong)
    if wrong and fix:
        search.rebuild()
        left = {one.atom_id for one in search.check()}
    troubles = [Trouble(str(one), DIFFERS, one not in left) for one in wrong]
    yield Examined("index", check_up.atoms(house.database), tuple(troubles))


def _left(examined: list[Examined]) -> int:
    return sum(one.left for one in examined)


def _as_json(one: Examined) -> dict[str, Any]:
    return {
        "name": one.name,
        "looked_at": one.looked_at,
        "wrong": one.left,
        "mended": len(one.troubles) - one.left,
        "troubles": [
            {"where": it.where, "what": str(it.what), "mended": it.is_mended}
            for it in one.troubles[: check_up.TROUBLES_MAX]
        ],
        "notes": [str(note) for note in one.notes],
    }


def _write(one: Examined) -> None:
    language = door.language()
    found = len(one.troubles)
    # What could not be looked at is told by its note alone.
    told = say("sound") if one.looked_at or not one.notes else one.notes[0]
    if found:
        told = say_many(
            "%(count)s thing was wrong, %(mended)s put right",
            "%(count)s things were wrong, %(mended)s put right",
            found,
            mended=found - one.left,
        )
    click.echo(f"{TITLES[one.name].put(language)}: {told.put(language)}")
    for it in one.troubles[:SHOWN]:
        what = say("put right") if it.is_mended else it.what
        click.echo(f"  {it.where}: {what.put(language)}", err=True)
    if found > SHOWN:
        door.tell(say("and %(count)s more", count=found - SHOWN))
    for note in one.notes if one.looked_at else ():
        door.tell(note)
