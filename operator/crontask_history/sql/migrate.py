"""migrate brings the tables up to this version; whoever comes second waits and finds it done."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from crontask_history.errors import SchemaError

LOCK: Final = 0x63726F6E7461736B
"""Number of the advisory lock in PostgreSQL, ``crontask`` in ASCII. SQLite's transaction is
a lock by itself."""

_STEPS: Final = Path(__file__).parent / "migrations"


def migrate(connection: Connection, to: str = "head") -> None:
    """Run the steps up to `to` that are missing, in the transaction that `connection` is in.

    Raises
    ------
    SchemaError
        If the tables are those of a later version.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    config = Config()
    config.set_main_option("script_location", str(_STEPS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError:
        raise SchemaError(
            "the tables of the history are of a later version than this program"
        ) from None
