"""Where Alembic enters: `ivr.store.schema` hands it a connection with a transaction begun."""

from alembic import context

from ivr.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
)
with context.begin_transaction():
    context.run_migrations()
