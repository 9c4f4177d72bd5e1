"""Alembic's entry: applies the revisions that `ops.migrate` chose; opens no connection and reads no setting."""

from alembic import context

from shared.tables import metadata

context.configure(target_metadata=metadata, **context.config.attributes["options"])
with context.begin_transaction():
    context.run_migrations()
