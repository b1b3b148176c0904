"""r0002_redrives adds which runs were made again, and by which."""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"


def upgrade() -> None:
    """Add the columns; where there is nothing to say they take no room."""
    op.add_column("runs", sa.Column("redrive_of", sa.Text))
    op.add_column("runs", sa.Column("redriven_by", sa.Text))


def downgrade() -> None:
    """Refuse: an older version of the programs cannot read what a newer one has kept."""
    raise NotImplementedError("the history is not brought back to an earlier version")
