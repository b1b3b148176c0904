"""LoopPauses measures the longest time for which one piece of work kept an event loop.

What is measured is the CPU time of the loop's thread between two turns, so a machine
that is busy with something else changes little. What it changes is how fast a processor
is that two programs share; a plain piece of work that is timed beside the block tells
that, and the pauses are given as of a machine at rest. What the process held before is out
of the garbage collector's sight meanwhile, as in the operator: a worker that has run
thousands of tests would otherwise measure how long a collection of all their objects takes.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PLAIN_WORK_SECONDS = 0.0125
"""CPU time of the plain work on a machine at rest."""


def _slowness() -> float:
    """Return how many times as long as at rest plain work takes now; at least once."""
    before = time.thread_time()
    sum(number for number in range(250_000) if number % 2)
    return max(1.0, (time.thread_time() - before) / PLAIN_WORK_SECONDS)


class LoopPauses:
    """The pauses of the running loop so far.

    `longest` is in seconds of CPU time, as of a machine at rest once they have been
    measured; `spent` is what it was here.
    """

    def __init__(self) -> None:
        self.spent = 0.0
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

    def rate(self, slowness: float) -> None:
        """Give the longest pause as of a machine that is not so slow."""
        self.longest = self.spent / slowness

    def _turn(self) -> None:
        self._note()
        self._handle = self._loop.call_soon(self._turn)

    def _note(self) -> None:
        now = time.thread_time()
        self.spent = self.longest = max(self.spent, now - self._before)
        self._before = now


@asynccontextmanager
async def measured_pauses() -> AsyncIterator[LoopPauses]:
    """Measure the pauses of the loop until the end of the block.

    The loop never sleeps meanwhile: every turn is looked at, so that no two pieces of
    work are taken for one.
    """
    gc.freeze()
    slowness = _slowness()
    pauses = LoopPauses()
    try:
        yield pauses
    finally:
        pauses.stop()
        pauses.rate(max(slowness, _slowness()))
        gc.unfreeze()
