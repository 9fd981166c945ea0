"""What is known about a question, on the command line."""

from __future__ import annotations

import click

from research_repo.cli import door
from research_repo.core import brief_pages, briefs, strength_words
from research_repo.core.brief_pages import Shown
from research_repo.core.language import Message, say
from research_repo.search.briefing import answered


@click.command(
    "known", epilog="Example: research-repo known 'Why do people call about refunds?' --save"
)
@click.argument("question")
@click.option(
    "--months",
    type=click.IntRange(1, briefs.MONTHS_MAX),
    default=briefs.MONTHS,
    show_default=True,
    help="Tags without a fact for so long are gaps.",
)
@click.option("--save", is_flag=True, help="Keep the answer, and tell its key.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@door.acting
def known(question: str, months: int, save: bool, as_json: bool, by: str | None) -> None:
    """Tell what is known about a research question, in plain words, Russian or English.

    The answer is put together from what people wrote down: claims, what speaks for and against them,
    studies that asked something alike, and where nobody looked lately.
    """
    question = briefs.checked_question(question)
    with door.opened() as house:
        room = house.search
        room.catch_up()
        with house.database.reading() as session:
            person = door.actor(session, by)
            content = answered(room, session, person, question, months).content()
            shown = brief_pages.shown(session, person, content, door.language())
        key = None
        if save:
            with house.database.saving() as session:
                key = briefs.save(session, door.actor(session, by), question, content).key
    if as_json:
        told = brief_pages.plain(shown, door.language())
        door.write_json({"question": question, "key": key, **told})
    else:
        _write(shown, key)


def _write(shown: Shown, key: str | None) -> None:
    language = door.language()
    for message in brief_pages.told(shown.verdict, language):
        door.write(message)
    for number, one in enumerate(shown.claims, 1):
        weight = " · ".join(
            message.put(language) for message in strength_words.line(one.strength, one.kind)
        )
        click.echo(f"\n{number}. {one.title}\n   {weight} · {one.key}")
    _list(say("Studies that asked something alike"), [p.study.title for p in shown.past])
    _list(say("What wants a second look"), [f"{one.title} ({one.key})" for one in shown.stale])
    _list(brief_pages.gap_heading(shown.months), [one.full_path for one in shown.gaps])
    if key:
        door.write(say("Saved as %(key)s.", key=key))


def _list(heading: Message, rows: list[str]) -> None:
    if rows:
        click.echo()
        door.write(heading)
        for row in rows:
            click.echo(f"- {row}")
