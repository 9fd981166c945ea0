"""The instance: the folder that a team owns. Opens it, makes what is missing, migrates it."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import Session, select

from research_repo.core import people, starters
from research_repo.core.db import Database
from research_repo.core.errors import Refusal
from research_repo.core.language import Message, say
from research_repo.core.models import Repository
from research_repo.core.moments import kept
from research_repo.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"


class InstanceError(Refusal):
    """The instance cannot be used; the message says what to do."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


def open_instance(settings: Settings) -> Database:
    """The database of the instance, made and migrated when needed.

    Raises:
        InstanceError: the folder cannot be made or written, the database is damaged or newer.
    """
    folder = settings.instance
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise InstanceError(
            say(
                "The instance folder %(folder)s cannot be made: %(reason)s. "
                "Set RESEARCH_REPO_INSTANCE to a folder that you can write.",
                folder=str(folder),
                reason=fault.strerror or str(fault),
            )
        ) from fault
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InstanceError(
            say(
                "The instance folder %(folder)s cannot be written. "
                "Change its owner, or set RESEARCH_REPO_INSTANCE to another folder.",
                folder=str(folder),
            )
        )
    database = Database(settings.database, folder)
    try:
        _bring_up(database)
    except DatabaseError as fault:
        raise InstanceError(_what_is_wrong(database, fault)) from fault
    except BaseException:
        database.close()
        raise
    return database


def secret_key(settings: Settings) -> str:
    """The key that signs sessions: the setting, or the instance's own, made at the first start."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.instance / "secret_key"
    try:
        if not path.exists():
            _make_secret_key(path)
        key = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise InstanceError(
            say(
                "The secret key in %(path)s cannot be read: %(reason)s. Change its owner, or set "
                "RESEARCH_REPO_SECRET_KEY.",
                path=str(path),
                reason=getattr(fault, "strerror", None) or str(fault),
            )
        ) from fault
    if len(key) < 32:
        raise InstanceError(
            say(
                "The secret key in %(path)s is too short. Delete the file: a new one is made "
                "at the next start, and everybody signs in again.",
                path=str(path),
            )
        )
    return key


def alembic_config() -> Config:
    """Alembic, pointed at our migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(database: Database) -> None:
    """Bring the schema up to date; one transaction, so a kill in the middle changes nothing."""
    config = alembic_config()
    newest = ScriptDirectory.from_config(config).get_current_head()
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == newest:
        return
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise InstanceError(
            say("This repository was made by a newer version. Update research-repo, then retry.")
        )
    with database.gate(), database.engine.connect() as connection:
        database.take_turn(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _bring_up(database: Database) -> None:
    migrate(database)
    with database.reading() as session:
        if session.get(Repository, 1) is not None:
            return
    with database.saving() as session:
        if session.get(Repository, 1) is None:
            _begin_repository(session)


def _what_is_wrong(database: Database, fault: DatabaseError) -> Message:
    database.close()
    if isinstance(fault, OperationalError):
        return say(
            "The database %(url)s cannot be opened: %(reason)s. Check its address and its owner.",
            url=database.engine.url.render_as_string(hide_password=True),
            reason=str(fault.orig),
        )
    return say(
        "The database is damaged: %(reason)s. Restore the newest backup into an empty "
        "folder with `research-repo restore FILE`.",
        reason=str(fault.orig),
    )


def _make_secret_key(path: Path) -> None:
    # It gets its name when it is whole: of two first starts at once one makes it, both read it.
    handle, fresh = tempfile.mkstemp(prefix=".secret_key-", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        os.unlink(fresh)


def _begin_repository(session: Session) -> None:
    session.add(Repository(guid=str(uuid4()), title=""))
    system = people.make_system(session)
    starters.make_schemes(session, system)


def title(session: Session) -> str:
    """What the team calls its repository; empty while it has no name."""
    return kept(session, "title", lambda: repository(session).title)


def repository(session: Session) -> Repository:
    """The row about the whole."""
    return session.exec(select(Repository)).one()
