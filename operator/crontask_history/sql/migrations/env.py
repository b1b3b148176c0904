"""env runs the migrations on the connection that `migrate` hands over, for Alembic."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="history_version",
)
# The caller has begun the transaction, and holds the lock in it.
context.run_migrations()
