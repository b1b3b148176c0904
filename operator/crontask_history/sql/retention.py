"""retention drops what is to be kept no longer, in the way that suits the database."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    delete,
    func,
    literal_column,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from crontask_history.sql.database import BEGIN
from crontask_history.sql.partitions import drop_day, known_days, make_days, try_lock_tables
from crontask_history.sql.tables import RUNS, TEXTS
from crontask_history.store import Retention

DAYS_AHEAD: Final = 3
"""Days that have their parts before they begin: a database that may not make tables for a
night, or a replica that could not ask for them, stops nothing."""

BATCH_ROWS: Final = 1_000
"""Rows that SQLite deletes at a time: whoever wants to write waits for that long."""

BATCH_PAGES: Final = 1_000
"""Pages of 4 KiB that are given back to the disk at a time."""

_OVER: Final = RUNS.alias("over")
_row_number: Final[ColumnElement[int]] = literal_column("over.rowid", Integer)
"""SQLite numbers rows in the order in which they came."""


async def prune_postgresql(engine: AsyncEngine, retention: Retention, now: datetime) -> int:
    """Drop days that are over and make those to come; return how many were dropped."""
    today = now.astimezone(UTC).date()
    async with engine.begin() as connection:
        if not await try_lock_tables(connection):
            return 0
        known = await known_days(connection)
        coming = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
        await make_days(connection, [day for day in coming if day not in known])
    over = days_over(known, retention, today)
    for day in over:
        # One at a time: while one is dropped nobody reads or writes.
        async with engine.begin() as connection:
            if not await try_lock_tables(connection):
                return 0
            await drop_day(connection, day)
    return len(over)


def days_over(known: Mapping[date, int], retention: Retention, today: date) -> list[date]:
    """Return which of the `known` days, each with its rows, are to be kept no longer.

    Of a number of rows, whole days go: as many as leave at least that number.
    """
    first = today - timedelta(days=retention.days) if retention.days else date.min
    over = [day for day in known if day < first]
    if retention.rows:
        kept = 0
        for day in sorted(known, reverse=True):
            if kept >= retention.rows and day < today:
                over.append(day)
            kept += known[day]
    return sorted(set(over))


async def prune_sqlite(engine: AsyncEngine, retention: Retention, now: datetime) -> int:
    """Delete rows that are over, a few at a time; return how many there were."""
    deleted = 0
    if retention.days:
        first = now.astimezone(UTC).date() - timedelta(days=retention.days)
        deleted += await _delete(engine, _OVER.c.day < first)
    if retention.rows:
        async with engine.connect() as connection:
            newest = await connection.execute(select(func.max(_row_number)).select_from(_OVER))
            # Rows that were deleted have numbers as well: it may be fewer, and none is counted.
            last = (newest.scalar_one() or 0) - retention.rows
        deleted += await _delete(engine, _row_number <= last)
    if deleted:
        await _give_back(engine)
    return deleted


async def _delete(engine: AsyncEngine, is_over: ColumnElement[bool]) -> int:
    writer = engine.execution_options(**{BEGIN: "IMMEDIATE"})
    over = (
        select(_row_number)
        .select_from(_OVER)
        .where(is_over)
        .order_by(_row_number)
        .limit(BATCH_ROWS)
    )
    keys = select(*_OVER.primary_key).where(_row_number.in_(over.correlate(None)))
    number: ColumnElement[int] = literal_column("runs.rowid", Integer)
    deleted = 0
    while True:
        async with writer.begin() as connection:
            await connection.execute(delete(TEXTS).where(tuple_(*TEXTS.primary_key).in_(keys)))
            result = await connection.execute(delete(RUNS).where(number.in_(over)))
        deleted += result.rowcount
        if result.rowcount < BATCH_ROWS:
            return deleted
        await asyncio.sleep(0)


async def _give_back(engine: AsyncEngine) -> None:
    while True:
        async with engine.connect() as connection:
            free = (await connection.execute(text("PRAGMA freelist_count"))).scalar_one()
            if not free:
                return
            await connection.execute(text(f"PRAGMA incremental_vacuum({BATCH_PAGES})"))
            await connection.commit()
            left = (await connection.execute(text("PRAGMA freelist_count"))).scalar_one()
            if left >= free:
                # A file that another program made without it gives nothing back.
                return
