"""What Alembic runs: it gets its connection, and with it the transaction, from `upgrade`."""

from __future__ import annotations

from alembic import context

from mixdesk_control.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    render_as_batch=True,
)
context.run_migrations()
