"""HistoryWriter writes rows of attempts to the history, in batches and beside firing.

::

    engine ── put ──> WaitingRows ── 500 rows or 50 ms ──> one transaction ──> database
              (takes no time)         (after what is due)

Nothing waits for it. While the database is away, hangs, is full or read-only, rows wait
within a bound, and the statuses are written as ever. Writing a row twice is right, so what
may or may not have been written is written again.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, TypeVar

from crontask_core.status import RunRecord
from crontask_history.errors import (
    HistoryAwayError,
    HistoryError,
    RowsRefusedError,
    SchemaError,
)
from crontask_history.row import RunRow
from crontask_history.store import HistoryStore, Retention
from crontask_operator.engine.burst import HOLD_SECONDS
from crontask_operator.history.past_runs import PastRuns
from crontask_operator.history.punctuality import Punctuality
from crontask_operator.history.waiting_rows import WaitingRow, WaitingRows
from crontask_operator.process.metrics import (
    HISTORY_DROPPED,
    HISTORY_LATENCY,
    HISTORY_ROWS,
    Gauges,
)

T = TypeVar("T")

logger = logging.getLogger(__name__)

BATCH_ROWS: Final = 500
"""Rows of one transaction. More make it no faster for each, and keep more in doubt."""

BATCH_BYTES: Final = 4 * 1024 * 1024
BATCH_SECONDS: Final = 0.05
"""How long the first row of a batch waits for others."""

FIRST_BACKOFF_SECONDS: Final = 0.25
LAST_BACKOFF_SECONDS: Final = 8.0

FLUSH_SECONDS: Final = 5.0
"""How long the end of the process waits for the database to take the last rows."""

UPKEEP_SECONDS: Final = 3600.0
"""Between two looks for what is to be kept no longer."""


class HistoryWriter:
    """Takes rows at once and writes them by and by.

    Parameters
    ----------
    caught_up
        Waits until no due run waits to be started.
    now
        Returns this moment.
    on_back
        Called with the seconds for which the database took nothing, once it does again.
    """

    def __init__(
        self,
        store: HistoryStore,
        retention: Retention,
        caught_up: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
        waiting: WaitingRows | None = None,
        on_back: Callable[[float], object] = bool,
    ) -> None:
        self._store = store
        self._retention = retention
        self._caught_up = caught_up
        self._now = now
        self._on_back = on_back
        self._waiting = WaitingRows() if waiting is None else waiting
        self._loop = asyncio.get_running_loop()
        self._writing = 0
        self._punctuality = Punctuality()
        self._is_prepared = False
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._backoff = 0.0
        self._away_since: float | None = None
        self._past = PastRuns(store, lambda: self._away_since is not None)

    @property
    def gauges(self) -> Gauges:
        """What can be measured of it at any moment."""
        return {
            "crontask_history_rows_waiting": (
                "Attempts that the history has yet to take; only where one is kept, as the next"
                " two.",
                lambda: len(self),
            ),
            "crontask_history_bytes_waiting": (
                "Bytes of these attempts.",
                lambda: self._waiting.bytes,
            ),
            "crontask_history_away_seconds": (
                "For how long the database of the history has taken nothing; 0 if it does.",
                lambda: 0.0 if self._away_since is None else self._loop.time() - self._away_since,
            ),
        }

    @property
    def keeps_up(self) -> bool:
        """Whether each row is in the database a moment after it was put."""
        return self._is_prepared and self._away_since is None and bool(self._punctuality)

    async def since(self, shard: int, moment: datetime) -> Mapping[str, Sequence[RunRecord]]:
        """Return what ended of `shard` and began at `moment` or later; see `PastRuns`."""
        return await self._past.since(shard, moment)

    def __len__(self) -> int:
        """Return how many rows have yet to be written."""
        return len(self._waiting) + self._writing

    def put(self, row: RunRow) -> None:
        """Have `row` written. It takes no time, whatever the database does."""
        dropped = self._waiting.put(WaitingRow(row, self._loop.time(), row.size))
        if dropped:
            self._count_dropped(dropped, "full")
        self._settled.clear()
        self._arrived.set()
        if len(self._waiting) >= BATCH_ROWS:
            self._full.set()

    async def run(self) -> None:
        """Write until cancelled."""
        await self._prepare()
        while True:
            await self._arrived.wait()
            await self._gather()
            batch = self._waiting.take(BATCH_ROWS, BATCH_BYTES)
            if len(self._waiting) < BATCH_ROWS:
                self._full.clear()
            if not self._waiting:
                self._arrived.clear()
            if batch:
                self._punctuality.begin(_first_of(batch))
                self._writing = len(batch)
                await self._write(batch)
                self._punctuality.end(rows_wait=bool(self._waiting))
            if not self._waiting:
                self._settled.set()

    async def keep_up(self) -> None:
        """Drop what is to be kept no longer, now and then, until cancelled."""
        while True:
            try:
                dropped = await self._asked(self._store.prune(self._retention, self._now()))
                if dropped:
                    logger.info("Of the history %d days or rows were dropped, being over.", dropped)
                seconds = UPKEEP_SECONDS
            except HistoryError as error:
                level = logging.DEBUG if isinstance(error, SchemaError) else logging.WARNING
                logger.log(level, "The history cannot be tidied up: %s", error)
                seconds = LAST_BACKOFF_SECONDS
            await asyncio.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    async def flush(self) -> None:
        """Wait until all rows are written, for `FLUSH_SECONDS` at most.

        What is left is counted as dropped: the statuses hold the newest of it.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(0 if self._away_since is not None else FLUSH_SECONDS):
                await self._settled.wait()
        if left := len(self):
            logger.warning("%d rows are lost to the history: its database is away.", left)
            HISTORY_DROPPED.labels("stopped").inc(left)

    async def _prepare(self) -> None:
        while True:
            try:
                await self._asked(self._store.prepare())
            except HistoryError as error:
                await self._wait_for(error)
            else:
                self._back()
                self._is_prepared = True
                return

    async def _make_tables_again(self) -> None:
        """Make tables that have vanished meanwhile, such as with a database that was made anew."""
        # The next write tells whether it was of use.
        with suppress(HistoryError):
            await self._asked(self._store.prepare())

    async def _gather(self) -> None:
        """Let a batch become full, for a moment, and let what is due go first.

        Under a load that never ends there is always something due: each batch would wait for it
        again, and rows would come in faster than they leave.
        """
        if self._punctuality.is_late and len(self._waiting) >= BATCH_ROWS:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(BATCH_SECONDS):
                await self._full.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(HOLD_SECONDS):
                await self._caught_up()

    async def _write(self, batch: list[WaitingRow]) -> None:
        while True:
            try:
                await self._asked(self._store.append([waiting.row for waiting in batch]))
            except RowsRefusedError as error:
                await self._write_apart(batch, error)
                return
            except HistoryAwayError as error:
                await self._wait_for(error)
                if isinstance(error, SchemaError):
                    await self._make_tables_again()
                continue
            break
        self._back()
        written = self._loop.time()
        for waiting in batch:
            HISTORY_LATENCY.observe(written - waiting.since)
        HISTORY_ROWS.inc(len(batch))
        self._writing -= len(batch)

    async def _write_apart(self, batch: list[WaitingRow], error: RowsRefusedError) -> None:
        """Write the halves of a batch of which the database refuses a row."""
        if len(batch) == 1:
            row = batch[0].row
            told = {"namespace": row.namespace, "task": row.name, "execution_id": row.execution_id}
            logger.error("A run is lost to the history: %s", error, extra=told)
            self._count_dropped([row], "refused")
            self._writing -= 1
            return
        middle = len(batch) // 2
        await self._write(batch[:middle])
        await self._write(batch[middle:])

    async def _asked(self, doing: Awaitable[T]) -> T:
        """Return what `doing` does; a fault nobody foresaw must not end the operator."""
        try:
            return await doing
        except HistoryError:
            raise
        except Exception as error:
            logger.exception("The history failed within the operator.")
            raise HistoryAwayError(f"of {type(error).__name__}, of which the log tells") from None

    async def _wait_for(self, error: HistoryError) -> None:
        if self._away_since is None:
            self._away_since = self._loop.time()
            logger.warning("Rows of the history wait, because %s", error)
        self._backoff = min(max(self._backoff * 2, FIRST_BACKOFF_SECONDS), LAST_BACKOFF_SECONDS)
        await asyncio.sleep(self._backoff * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    def _back(self) -> None:
        if self._away_since is not None:
            seconds = self._loop.time() - self._away_since
            logger.warning("The history takes rows again, after %.0f s.", seconds)
            if self._is_prepared:
                self._on_back(seconds)
        self._away_since, self._backoff = None, 0.0

    def _count_dropped(self, rows: list[RunRow], reason: str) -> None:
        HISTORY_DROPPED.labels(reason).inc(len(rows))


def _first_of(batch: list[WaitingRow]) -> float:
    """Return when the first row of `batch` came that had not to let others go first."""
    ended = [waiting.since for waiting in batch if waiting.row.is_final]
    return min(ended or (waiting.since for waiting in batch))
