"""The `research-repo` command: the product's verbs for shells and schedules.

It works beside a running server. Exit codes: 0 done; 1 refused, because of what was asked; 2 nothing
was done, because of how it was asked or where. What went wrong is one sentence on stderr.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

import click
from click.exceptions import NoArgsIsHelpError

from research_repo.cli import (
    briefs,
    claims,
    demo,
    doctor,
    exporting,
    importing,
    keeping,
    participants,
    people,
    saved_searches,
    search,
    serving,
    sources,
    studies,
    tag_lists,
    transfer,
)
from research_repo.cli.door import language, tell
from research_repo.core.errors import Invalid, Refusal, Unavailable
from research_repo.core.instance import InstanceError
from research_repo.core.language import say
from research_repo.settings import SettingError

DONE, REFUSED, NOTHING_DONE = 0, 1, 2
INTERRUPTED = 130

log = logging.getLogger(__name__)


@click.group()
@click.version_option(package_name="research-repo")
def commands() -> None:
    """An atomic research repository: one claim, its evidence, its tags.

    The instance is the folder RESEARCH_REPO_INSTANCE (default: instance). Every command makes and
    updates it when needed, and acts as the built-in person "system" unless --as names somebody.
    """


for command in (
    serving.serve,
    demo.demo,
    people.people,
    people.token,
    studies.study,
    sources.source,
    participants.participants,
    importing.importing,
    exporting.exporting,
    search.search,
    saved_searches.searches,
    briefs.known,
    claims.listed,
    search.index,
    keeping.backup,
    keeping.restore,
    doctor.doctor,
):
    commands.add_command(command)
importing.importing.add_command(tag_lists.import_tags)
importing.importing.add_command(transfer.import_all)


def main() -> None:
    """Run one command and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; say on stderr what to do when it fails; return the exit code."""
    try:
        code = commands.main(list(arguments), prog_name="research-repo", standalone_mode=False)
        return code or DONE
    except click.Abort:
        return INTERRUPTED
    except NoArgsIsHelpError as help_page:
        help_page.show()
    except click.UsageError as fault:
        where = fault.ctx.command_path if fault.ctx else "research-repo"
        tell(say("%(fault)s See `%(where)s --help`.", fault=fault.format_message(), where=where))
    except SettingError as fault:
        click.echo(str(fault), err=True)
    except Refusal as refusal:
        click.echo(sentence(refusal), err=True)
        return NOTHING_DONE if isinstance(refusal, (InstanceError, Unavailable)) else REFUSED
    except Exception as fault:
        log.debug("%s", arguments, exc_info=True)
        tell(
            say(
                "Something broke on our side (%(kind)s: %(fault)s). Report it with the command "
                "that you ran.",
                kind=type(fault).__name__,
                fault=str(fault),
            )
        )
    return NOTHING_DONE


def sentence(refusal: Refusal) -> str:
    """A refusal in the instance's language; the advice on each value of an `Invalid` in a row."""
    if isinstance(refusal, Invalid):
        return " ".join(advice.put(language()) for advice in refusal.problems.values())
    message = getattr(refusal, "message", None)
    return message.put(language()) if message else str(refusal)
