"""Runs revisions on the connection that the caller opened, inside the caller's transaction."""

from alembic import context

from bot.adapters.sql_store import ticket_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ticket_tables.tickets.metadata,  # with every table of the store
    # SQLite alters little in place; Alembic then copies the table.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
