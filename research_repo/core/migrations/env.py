"""Alembic's entry: upgrades run on the connection that `core.instance` hands over."""

from alembic import context

from research_repo.core.models import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    # A batch rebuild of a table would otherwise lose AUTOINCREMENT, and with it unique ids.
    user_module_prefix="models.",
)
with context.begin_transaction():
    context.run_migrations()
