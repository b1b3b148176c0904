"""r0001_runs creates the tables of attempts and of their texts, by day in PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None

KEY = ("uid", "execution_id", "attempt", "day")
IN_TIME = ("begin_time", "attempt", "execution_id")
"""The order of lists, in which no two rows are alike."""


def upgrade() -> None:
    """Create everything."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment: sa.types.TypeEngine[Any] = sa.BigInteger() if is_sqlite else sa.DateTime(timezone=True)
    by_day: dict[str, Any] = {} if is_sqlite else {"postgresql_partition_by": "RANGE (day)"}
    op.create_table(
        "runs",
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("execution_id", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        # Of one size together, so that PostgreSQL fills no gaps between them.
        sa.Column("begin_time", moment, nullable=False),
        sa.Column("scheduled_time", moment, nullable=False),
        sa.Column("end_time", moment),
        sa.Column("module", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Integer),
        sa.Column("shard", sa.SmallInteger, nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("task_name", sa.Text, nullable=False),
        sa.Column("run_type", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("replica", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="runs_key"),
        **by_day,
    )
    op.create_table(
        "run_texts",
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("execution_id", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("response", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="run_texts_key"),
        **by_day,
    )
    op.create_index("runs_of_task", "runs", ["namespace", "name", *IN_TIME])
    op.create_index("runs_in_time", "runs", ["namespace", *IN_TIME])
    failed = sa.text("status = 'Failed'")
    op.create_index(
        "runs_failed",
        "runs",
        ["namespace", *IN_TIME],
        postgresql_where=failed,
        sqlite_where=failed,
    )
    op.create_index("runs_of_shard", "runs", ["shard", "begin_time"])
    if is_sqlite:
        op.create_index("runs_of_day", "runs", ["day"])


def downgrade() -> None:
    """Refuse: an older version of the programs cannot read what a newer one has kept."""
    raise NotImplementedError("the history is not brought back to an earlier version")
