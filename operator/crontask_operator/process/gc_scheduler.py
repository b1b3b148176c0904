"""GarbageKeeper has Python collect garbage rarely and in quiet moments, for prompt calls.

CPython looks for reference cycles after every 700 new objects, and from time to time
among all objects. Ten thousand tasks are half a million objects that stay, and a burst
makes tens of thousands more within a second: a third of a burst's CPU went into walks
that found nothing. So the young are looked at in larger numbers, and what has stayed
is frozen, that is left out, until the next tidying. A tidying walks through everything,
frozen or not, so a cycle is found in the end however it came about.
"""

import asyncio
import gc
from collections.abc import Callable
from time import perf_counter
from typing import Final

YOUNG_OBJECTS: Final = 5_000
"""New objects after which the young are looked at. More let what a start leaves behind
take memory: of 10,000 tasks 169 MiB with CPython's 700, 185 with 10,000."""

LOOK_SECONDS: Final = 0.5
TIDY_SECONDS: Final = 600.0
"""A tidying is due after this time, or as soon as the number of tasks has grown enough."""

PATIENCE_SECONDS: Final = 300.0
"""A tidying that is due for so long no longer waits for a quiet moment."""

GROWTH: Final = 1.25
FEW_TASKS: Final = 200


class GarbageKeeper:
    """Tidies while nothing is due.

    Parameters
    ----------
    quiet_seconds
        Returns for how long nothing will be due; 0 while something is.
    tasks
        Returns how many tasks are known.
    clock
        Monotonic seconds.
    """

    def __init__(
        self,
        quiet_seconds: Callable[[], float],
        tasks: Callable[[], int],
        *,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._quiet_seconds = quiet_seconds
        self._tasks = tasks
        self._clock = clock
        self._tidied = clock()
        self._tidied_tasks = self._seen_tasks = 0
        self._due_since: float | None = None
        self._took = 0.0

    async def run(self) -> None:
        """Tidy for ever. Returns by cancellation only, and leaves Python as it was."""
        thresholds = gc.get_threshold()
        gc.set_threshold(YOUNG_OBJECTS, *thresholds[1:])
        try:
            self.tidy()
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                self.look()
        finally:
            gc.unfreeze()
            gc.set_threshold(*thresholds)

    def look(self) -> None:
        """Tidy if it is due and the moment is quiet."""
        now, tasks = self._clock(), self._tasks()
        # While they come in, as at a start, each look would find them grown.
        settled, self._seen_tasks = tasks == self._seen_tasks, tasks
        grown = settled and tasks > self._tidied_tasks * GROWTH + FEW_TASKS
        if not grown and now - self._tidied < TIDY_SECONDS:
            self._due_since = None
            return
        if self._due_since is None:
            self._due_since = now
        if self._quiet_seconds() > 2 * self._took or now - self._due_since >= PATIENCE_SECONDS:
            self.tidy()

    def tidy(self) -> None:
        """Find all garbage, and leave out from now on what is none."""
        begin = self._clock()
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._tidied = self._clock()
        self._took = self._tidied - begin
        self._tidied_tasks = self._tasks()
        self._due_since = None
