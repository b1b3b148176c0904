"""What a history holds before a test asks the facade for it."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from crontask_history.opening import open_history
from crontask_history.row import RunRow
from crontask_history.url import parse_history_url

BATCH = 500


def keep(url: str, rows: Sequence[RunRow]) -> None:
    """Have the history at `url` keep `rows`, in tables that are made if there are none."""

    async def write() -> None:
        store = open_history(parse_history_url(url), connections=1)
        await store.prepare()
        for begin in range(0, len(rows), BATCH):
            await store.append(rows[begin : begin + BATCH])
        await store.close()

    # The driver of a browser keeps an event loop running in the test's own thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(write())).result()
