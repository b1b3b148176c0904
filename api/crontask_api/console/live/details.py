"""Details reads one task whole for its page, once for all who look at the same version.

The board tells which version is the newest, so a page costs the API server one read for
each change of the task, however many people look.
"""

import asyncio
from typing import Final

from crontask_api.console.live.board import Board
from crontask_api.console.live.row import Key
from crontask_api.kube.client import CronTaskClient
from crontask_api.kube.objects import CronTask
from crontask_core.fair_cache import FairCache

MOST_BYTES: Final = 8 * 1024 * 1024
"""Of tasks that were read; with long histories some dozens of them."""

KEPT_SECONDS: Final = 60.0

BYTES_OF_SPEC: Final = 16 * 1024
"""About what a decoded spec takes besides the status, which is counted as it is."""


class Details:
    """Tasks as they were read last."""

    def __init__(self, client: CronTaskClient, board: Board) -> None:
        self._client = client
        self._board = board
        self._read = FairCache[tuple[Key, str], CronTask](MOST_BYTES)
        self._reading: dict[tuple[Key, str], asyncio.Task[CronTask | None]] = {}

    async def get(self, key: Key) -> CronTask | None:
        """Return the task, None if it is gone.

        Raises
        ------
        ApiError
            If the API server refuses or is away, and this version was not read before.
        """
        row = self._board.rows.get(key)
        version = (key, row.version if row else "")
        now = asyncio.get_running_loop().time()
        known = self._read.get(key[0], version, now) if row else None
        if known is not None:
            return known
        reading = self._reading.get(version)
        if reading is None:
            reading = asyncio.ensure_future(self._client.get(*key))
            self._reading[version] = reading
            reading.add_done_callback(lambda done: self._keep(version, done))
        # One viewer who goes away does not take the answer from the others.
        return await asyncio.shield(reading)

    def _keep(self, version: tuple[Key, str], done: asyncio.Task[CronTask | None]) -> None:
        del self._reading[version]
        if done.cancelled() or done.exception() is not None:
            return
        task = done.result()
        if task is not None and task.metadata.resource_version == version[1]:
            size = BYTES_OF_SPEC + len(bytes(task.status))
            until = asyncio.get_running_loop().time() + KEPT_SECONDS
            self._read.put(version[0][0], version, task, size, until)
