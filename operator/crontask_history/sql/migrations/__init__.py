"""migrations brings the tables of the history from one version to the next, by Alembic."""
