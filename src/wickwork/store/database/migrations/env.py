"""Run by Alembic, with the connection that `schema` passes."""

from __future__ import annotations

from alembic import context

from wickwork.store.database.tables import Table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    transaction_per_migration=False,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
