"""A writer of rows that runs for as long as a test needs it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from crontask_history.store import Retention
from crontask_operator.history.history_writer import HistoryWriter
from crontask_operator.history.waiting_rows import WaitingRows
from tests.history.rows import NOON
from tests.unit.history.memory import MemoryHistory


@asynccontextmanager
async def writing(
    store: MemoryHistory,
    caught_up: Callable[[], "asyncio.Future[None]"] | None = None,
    waiting: WaitingRows | None = None,
    on_back: Callable[[float], object] = bool,
) -> AsyncIterator[HistoryWriter]:
    """Run a writer for the block, and end it without a farewell."""

    async def at_once() -> None:
        if caught_up is not None:
            await caught_up()

    writer = HistoryWriter(store, Retention(days=3), at_once, lambda: NOON, waiting, on_back)
    running = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
