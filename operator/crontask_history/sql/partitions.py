"""partitions makes and drops the parts that PostgreSQL has of the tables, one for each day.

A part is made as a table of its own and then attached, which keeps nobody from reading or
writing the others. Dropping one takes a moment, however many rows it has.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from crontask_history.sql.migrate import LOCK
from crontask_history.sql.tables import PARTITIONED, RUNS

LOCK_MILLISECONDS: Final = 2_000
"""Longest wait for others to let go of a table. Whoever asks for it next waits behind us."""

_PARTS: Final = text(
    "SELECT c.relname, GREATEST(c.reltuples, s.n_live_tup, 0)::bigint AS rows"
    " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid"
    " WHERE i.inhparent = to_regclass(:parent)"
)


async def lock_tables(connection: AsyncConnection) -> None:
    """Wait until nobody else makes or drops parts, until the transaction ends."""
    await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"))
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


async def try_lock_tables(connection: AsyncConnection) -> bool:
    """Do the same, unless somebody else does; return whether the lock is ours."""
    await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"))
    taken = await connection.execute(
        text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}
    )
    return bool(taken.scalar_one())


async def known_days(connection: AsyncConnection) -> dict[date, int]:
    """Return the days that have parts, oldest first, with about how many rows each has.

    The number is what PostgreSQL knows without counting.
    """
    found = await connection.execute(_PARTS, {"parent": RUNS.name})
    days = {_day(name): int(rows) for name, rows in found}
    return dict(sorted(days.items()))


async def make_days(connection: AsyncConnection, days: Iterable[date]) -> None:
    """Make the parts of `days`, which have none; the tables are locked."""
    for day in days:
        for table in PARTITIONED:
            part = _part(table, day)
            following = date.fromordinal(day.toordinal() + 1)
            await connection.execute(text(f"CREATE TABLE {part} (LIKE {table} INCLUDING ALL)"))
            await connection.execute(
                text(
                    f"ALTER TABLE {table} ATTACH PARTITION {part}"
                    f" FOR VALUES FROM ('{day.isoformat()}') TO ('{following.isoformat()}')"
                )
            )


async def drop_day(connection: AsyncConnection, day: date) -> None:
    """Drop the parts of `day` with all their rows; the tables are locked."""
    for table in PARTITIONED:
        await connection.execute(text(f"DROP TABLE IF EXISTS {_part(table, day)}"))


def _part(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def _day(part: str) -> date:
    return datetime.strptime(part.rpartition("_")[2], "%Y%m%d").date()  # noqa: DTZ007 - a day
