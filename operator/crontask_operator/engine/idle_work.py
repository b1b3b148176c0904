"""IdleWork does for the engine, while nothing is due, what would otherwise delay a burst.

Two things are spared a call that way. What it needs and does not change from attempt to
attempt, its request above all, is laid out before it is due. And Python looks for garbage
less often: CPython looks for reference cycles after every 700 new objects, and from time to
time among all objects. Ten thousand tasks are half a million objects that stay, and a burst
makes tens of thousands more within a second. So the young are looked at in larger numbers,
and what has stayed is frozen, that is left out, until everything is looked through again,
frozen or not: a cycle is found in the end however it came about.
"""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Final, Protocol

from crontask_core.enums import RunType
from crontask_core.identity import scheduled_execution_id
from crontask_core.tenant import TENANT
from crontask_operator.callbacks.base import Attempt
from crontask_operator.task.state import TaskState

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.5

AHEAD_SECONDS: Final = 30.0
"""Calls are prepared no earlier: what a task of next month needs would only take memory."""

QUIET_SECONDS: Final = 0.05
"""Nothing is prepared if something may be due sooner."""

SLICE: Final = 16
"""Calls prepared, in a millisecond or two, before the event loop may do something else."""

YOUNG_OBJECTS: Final = 5_000
"""New objects after which the young are looked at. With CPython's 700 that was 38 % of the
CPU of a burst. More let what a start leaves behind take memory: of 10,000 tasks 169 MiB
with 700, 185 with 10,000."""

TIDY_SECONDS: Final = 600.0
"""All objects are looked through after this time, or as soon as there are so many more tasks."""

PATIENCE_SECONDS: Final = 300.0
"""What is due for so long no longer waits for a quiet moment."""

GROWTH: Final = 1.25
FEW_TASKS: Final = 200


class Surroundings(Protocol):
    """What idle work knows of the engine."""

    def __len__(self) -> int:
        """Return how many tasks are known."""

    def quiet_seconds(self) -> float:
        """Return for how long nothing will be due; 0 while something is."""

    def coming(self, seconds: float) -> Iterable[TaskState]:
        """Return the tasks that will be due within `seconds`."""


class IdleWork:
    """Prepares the calls that come next, and looks for garbage, in quiet moments.

    Parameters
    ----------
    prepare
        Prepares a call; see `Callback.prepare`.
    clock
        Returns monotonic seconds.
    """

    def __init__(
        self,
        engine: Surroundings,
        prepare: Callable[[Attempt], None],
        *,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._engine = engine
        self._prepare = prepare
        self._clock = clock
        self._tidied = clock()
        self._tidied_tasks = self._seen_tasks = 0
        self._due_since: float | None = None
        self._took = 0.0

    async def run(self) -> None:
        """Work for ever. Returns by cancellation only, and leaves Python as it was."""
        thresholds = gc.get_threshold()
        gc.set_threshold(YOUNG_OBJECTS, *thresholds[1:])
        try:
            self._tidy()
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                await self.prepare_coming()
                self.tidy_if_due()
        finally:
            gc.unfreeze()
            gc.set_threshold(*thresholds)

    async def prepare_coming(self) -> None:
        """Prepare what is coming and is not prepared, for as long as it is quiet."""
        if self._engine.quiet_seconds() < QUIET_SECONDS:
            return
        coming = [
            state
            for state in self._engine.coming(AHEAD_SECONDS)
            if state.prepared is not state.spec
        ]
        for number, state in enumerate(coming, start=1):
            self._prepare_for(state)
            if number % SLICE == 0:
                await asyncio.sleep(0)
                if self._engine.quiet_seconds() < QUIET_SECONDS:
                    return

    def _prepare_for(self, state: TaskState) -> None:
        # Whatever comes of it: to try again would give no other outcome.
        state.prepared = state.spec
        moment = state.draft.next_run_time
        if state.spec is None or moment is None:
            return
        attempt = Attempt(
            namespace=state.namespace,
            name=state.name,
            uid=state.uid,
            spec=state.spec,
            execution_id=scheduled_execution_id(state.uid, moment),
            run_type=RunType.SCHEDULED,
            attempt=1,
            scheduled_time=moment,
        )
        TENANT.set(state.namespace)
        try:
            self._prepare(attempt)
        except Exception:
            # The call will be made nevertheless, and have its record.
            logger.exception("A call could not be prepared.", extra=state.log_fields)

    def tidy_if_due(self) -> None:
        """Look through all objects if that is due and the moment is quiet."""
        now, tasks = self._clock(), len(self._engine)
        # While they come in, as at a start, each look would find them grown.
        settled, self._seen_tasks = tasks == self._seen_tasks, tasks
        grown = settled and tasks > self._tidied_tasks * GROWTH + FEW_TASKS
        if not grown and now - self._tidied < TIDY_SECONDS:
            self._due_since = None
            return
        if self._due_since is None:
            self._due_since = now
        quiet = self._engine.quiet_seconds() > 2 * self._took
        if quiet or now - self._due_since >= PATIENCE_SECONDS:
            self._tidy()

    def _tidy(self) -> None:
        """Find all garbage, and leave out from now on what is none."""
        begin = self._clock()
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._tidied = self._clock()
        self._took = self._tidied - begin
        self._tidied_tasks = len(self._engine)
        self._due_since = None
