"""Alembic's entry: upgrades run on the connection that `core.instance` hands over."""

from typing import Literal

from alembic import context
from sqlmodel import AutoString

from research_repo.core.models import UtcDateTime, metadata


def _plain_type(kind: str, item: object) -> str | Literal[False]:
    # A migration outlives the classes of today: it names the database's types, not ours.
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=lambda kind, item, _context: _plain_type(kind, item),
)
with context.begin_transaction():
    context.run_migrations()
