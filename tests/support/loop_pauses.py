"""LoopPauses measures the longest time for which one piece of work kept an event loop.

What is measured is the CPU time of the loop's thread between two turns, so a machine
that is busy with something else changes nothing. What the process held before is out
of the garbage collector's sight meanwhile, as in the operator: a worker that has run
thousands of tests would otherwise measure how long a collection of all their objects takes.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class LoopPauses:
    """The pauses of the running loop so far. `longest` is in seconds of CPU time."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        self._before = time.thread_time()
        self._handle: asyncio.Handle | None = self._loop.call_soon(self._turn)

    def stop(self) -> None:
        """Measure no more."""
        self._note()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _turn(self) -> None:
        self._note()
        self._handle = self._loop.call_soon(self._turn)

    def _note(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._before)
        self._before = now


@asynccontextmanager
async def measured_pauses() -> AsyncIterator[LoopPauses]:
    """Measure the pauses of the loop until the end of the block.

    The loop never sleeps meanwhile: every turn is looked at, so that no two pieces of
    work are taken for one.
    """
    gc.freeze()
    pauses = LoopPauses()
    try:
        yield pauses
    finally:
        pauses.stop()
        gc.unfreeze()
