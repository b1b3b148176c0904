"""broken_off_after has the database itself end a question that takes too long."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_STEPS: Final = 10_000
"""Steps of SQLite's machine, some of a millisecond, after which it looks at the time."""


@asynccontextmanager
async def broken_off_after(connection: AsyncConnection, seconds: float) -> AsyncIterator[None]:
    """Have each statement of the block broken off after `seconds`, in SQLite all together.

    Whoever stops waiting for an answer does not stop the database: SQLite would go on in its
    thread and keep the connection.
    """
    if connection.dialect.name == "postgresql":
        milliseconds = str(int(seconds * 1000))
        limit = text("SELECT set_config('statement_timeout', :limit, true)")
        # Until the transaction ends.
        await connection.execute(limit, {"limit": milliseconds})
        yield
        return
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    end = time.monotonic() + seconds
    await driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        await driver.set_progress_handler(None, 0)
