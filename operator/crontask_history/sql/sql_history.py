"""SqlHistory is the `HistoryStore` in PostgreSQL or SQLite."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from crontask_history.errors import HistoryAwayError, HistoryBusyError
from crontask_history.filters import Page, RunFilter
from crontask_history.merging import MergedPages
from crontask_history.row import RunId, RunRow, TaskKey
from crontask_history.sql.database import BEGIN, close_database, connections_of, open_database
from crontask_history.sql.errors import told_as_ours
from crontask_history.sql.migrate import migrate
from crontask_history.sql.partitions import known_days, lock_tables, make_days
from crontask_history.sql.reading import (
    attempts_statement,
    page_statement,
    recent,
    since_statement,
    to_page,
    to_row,
)
from crontask_history.sql.retention import prune_postgresql, prune_sqlite
from crontask_history.sql.statistics import spans_statement, tasks_statement, to_stats
from crontask_history.sql.time_limit import broken_off_after
from crontask_history.sql.writing import latest_by_key, write_rows
from crontask_history.statistics import Per, RunStats
from crontask_history.store import Retention
from crontask_history.url import HistoryUrl

ANSWER_SECONDS: Final = 10.0
"""Longest time for one question or one batch. A database that hangs is as good as away."""

STATS_SECONDS: Final = 8.0
"""Longest time for the two statements of `SqlHistory.stats`, the only ones that look at any
number of rows: the database itself breaks them off."""

TURN_SECONDS: Final = 2.0
"""Longest wait for `SqlHistory.stats` to be begun. Each holds a connection for seconds, so no
more than half of them serve it: lists and logs of all tenants use the others."""

PREPARE_SECONDS: Final = 60.0
"""The same for changes of the tables, which may have to wait for another replica's."""

PRUNE_SECONDS: Final = 600.0

SLICE: Final = 500
"""Rows that are made at a time, in about 4 ms."""


class SqlHistory:
    """The history at `url`; see `opening.open_history` for the parameters."""

    def __init__(self, url: HistoryUrl, *, connections: int, reads_only: bool) -> None:
        self._engine = open_database(url, connections=connections, reads_only=reads_only)
        self._connections = connections_of(self._engine)
        self._counting = asyncio.Semaphore(max(1, connections // 2))
        self._is_sqlite = bool(url.path)
        self._days: set[date] = set()
        """Days of which it is known that PostgreSQL has parts."""

    async def prepare(self) -> None:
        """Bring the tables up to this version."""
        async with _bounded(PREPARE_SECONDS), self._writing() as connection:
            await connection.run_sync(migrate)

    async def append(self, rows: Sequence[RunRow]) -> None:
        """Keep `rows`, all or none."""
        latest = latest_by_key(rows)
        if not latest:
            return
        async with _bounded(ANSWER_SECONDS):
            if not self._is_sqlite:
                await self._have_days({row.day for row in latest})
            try:
                async with self._writing() as connection:
                    await write_rows(connection, latest)
            except Exception:
                # Another program may have dropped one of them meanwhile.
                self._days.clear()
                raise

    async def query(self, wanted: RunFilter) -> Page:
        """Return a page of what is wanted."""
        async with _bounded(ANSWER_SECONDS), self._engine.connect() as connection:
            if not self._is_sqlite and (first := recent(wanted, datetime.now(UTC))):
                found = await connection.execute(page_statement(first))
                page = to_page(found.all(), first)
                if page.next is not None:
                    return page
            found = await connection.execute(page_statement(wanted))
            return to_page(found.all(), wanted)

    async def query_tasks(self, wanted: RunFilter, tasks: Sequence[TaskKey]) -> Page:
        """Return a page of what is wanted, newest first, of `tasks`."""
        merged = MergedPages(wanted)
        async with _bounded(ANSWER_SECONDS), self._engine.connect() as connection:
            for task in tasks:
                each = merged.wanted_of(task)
                found = await connection.execute(page_statement(each))
                merged.add(to_page(found.all(), each))
        return merged.page()

    async def attempts_of(self, runs: Sequence[RunId]) -> list[RunRow]:
        """Return all attempts of `runs`."""
        if not runs:
            return []
        async with _bounded(ANSWER_SECONDS), self._engine.connect() as connection:
            found = await connection.execute(attempts_statement(runs))
            return [to_row(row._asdict()) for row in found.all()]

    async def stats(self, wanted: RunFilter, per: Per) -> RunStats:
        """Return the figures of what is wanted."""
        spans = spans_statement(wanted, per, self._engine.dialect.name)
        async with (
            self._turn_to_count(),
            _bounded(ANSWER_SECONDS),
            self._engine.connect() as connection,
            broken_off_after(connection, STATS_SECONDS),
        ):
            found = await connection.execute(spans)
            tasks = await connection.execute(tasks_statement(wanted))
            return to_stats(found.all(), tasks.all())

    async def since(self, shard: int, moment: datetime) -> list[RunRow]:
        """Return the ended attempts of `shard` that began at `moment` or later."""
        async with _bounded(ANSWER_SECONDS), self._engine.connect() as connection:
            found = (await connection.execute(since_statement(shard, moment))).all()
            rows: list[RunRow] = []
            for number, row in enumerate(reversed(found)):
                rows.append(to_row(row._asdict()))
                if number % SLICE == 0:
                    # Other shards are served meanwhile.
                    await asyncio.sleep(0)
            return rows

    async def prune(self, retention: Retention, now: datetime) -> int:
        """Drop what is to be kept no longer, and make room for the days to come."""
        async with _bounded(PRUNE_SECONDS):
            if self._is_sqlite:
                return await prune_sqlite(self._engine, retention, now)
            return await prune_postgresql(self._engine, retention, now)

    async def close(self) -> None:
        """Release the connections, whether or not the database answers."""
        await close_database(self._engine, self._connections)

    async def _have_days(self, days: set[date]) -> None:
        if days <= self._days:
            return
        async with self._engine.begin() as connection:
            await lock_tables(connection)
            known = await known_days(connection)
            await make_days(connection, sorted(days - known.keys()))
        self._days = days | known.keys()

    @asynccontextmanager
    async def _turn_to_count(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._counting.acquire()
        except TimeoutError:
            raise HistoryBusyError(
                "the history is busy with counting runs for others; try again in a moment"
            ) from None
        try:
            yield
        finally:
            self._counting.release()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        engine = self._engine
        if self._is_sqlite:
            engine = engine.execution_options(**{BEGIN: "IMMEDIATE"})
        async with engine.begin() as connection:
            yield connection


@asynccontextmanager
async def _bounded(seconds: float) -> AsyncIterator[None]:
    async with told_as_ours():
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            raise HistoryAwayError(
                f"the database of the history gave no answer within {seconds:g} s"
            ) from None
