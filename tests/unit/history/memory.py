"""A history in memory, with faults on demand."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crontask_history.errors import HistoryAwayError, HistoryError, RowsRefusedError
from crontask_history.filters import Page, RunFilter
from crontask_history.row import RunId, RunKey, RunRow, TaskKey
from crontask_history.statistics import Per, RunStats
from crontask_history.store import Retention


class MemoryHistory:
    """Keeps rows by their keys; `batches` holds the sizes of what was appended."""

    def __init__(self) -> None:
        self.rows: dict[RunKey, RunRow] = {}
        self.batches: list[int] = []
        self.fault: Exception | None = None
        """Raised in the place of everything."""
        self.refused: set[str] = set()
        """Names of tasks whose rows it will never take."""
        self.seconds = 0.005
        self.prepared = 0
        self.asked: list[datetime] = []
        """The moments since which rows were asked for."""
        self.pruned: list[Retention] = []
        self.is_closed = False

    def be_away(self) -> None:
        """Do nothing from now on."""
        self.fault = HistoryAwayError("the database is away")

    async def prepare(self) -> None:
        await self._work()
        self.prepared += 1

    async def append(self, rows: Sequence[RunRow]) -> None:
        await self._work()
        if any(row.name in self.refused for row in rows):
            raise RowsRefusedError("the database refuses rows")
        self.batches.append(len(rows))
        self.rows.update((row.key, row) for row in rows)

    async def query(self, wanted: RunFilter) -> Page:
        raise HistoryError("nobody asks here")

    async def query_tasks(self, wanted: RunFilter, tasks: Sequence[TaskKey]) -> Page:
        raise HistoryError("nobody asks here")

    async def attempts_of(self, runs: Sequence[RunId]) -> list[RunRow]:
        raise HistoryError("nobody asks here")

    async def stats(self, wanted: RunFilter, per: Per) -> RunStats:
        raise HistoryError("nobody asks here")

    async def since(self, shard: int, moment: datetime) -> list[RunRow]:
        self.asked.append(moment)
        await self._work()
        found = [
            replace(row, summary=row.error, body="", response="", error="")
            for row in self.rows.values()
            if row.shard == shard and row.begin_time >= moment and row.is_final
        ]
        return sorted(found, key=lambda row: row.begin_time)

    async def prune(self, retention: Retention, now: datetime) -> int:
        await self._work()
        self.pruned.append(retention)
        return 0

    async def close(self) -> None:
        self.is_closed = True

    async def _work(self) -> None:
        await asyncio.sleep(self.seconds)
        if self.fault is not None:
            raise self.fault
