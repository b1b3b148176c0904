"""What calls can be spared when they are due: done before, while nothing is due.

Laying out a request costs half as much as making the call, and is done once for each
task. Of a thousand tasks that are due at one instant for the first time since a start,
the last would wait for all of it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

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


class RequestPreparer:
    """Prepares the calls that come next.

    Parameters
    ----------
    coming
        Returns the tasks that will be due within so many seconds.
    prepare
        Prepares a call; see `Callback.prepare`.
    quiet_seconds
        Returns for how long nothing will be due; 0 while something is.
    """

    def __init__(
        self,
        coming: Callable[[float], Iterable[TaskState]],
        prepare: Callable[[Attempt], None],
        quiet_seconds: Callable[[], float],
    ) -> None:
        self._coming = coming
        self._prepare = prepare
        self._quiet_seconds = quiet_seconds

    async def run(self) -> None:
        """Prepare for ever. Returns by cancellation only."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Prepare what is coming and is not prepared, for as long as it is quiet."""
        if self._quiet_seconds() < QUIET_SECONDS:
            return
        coming = [state for state in self._coming(AHEAD_SECONDS) if _is_unprepared(state)]
        for number, state in enumerate(coming, start=1):
            self._prepare_for(state)
            if number % SLICE == 0:
                await asyncio.sleep(0)
                if self._quiet_seconds() < QUIET_SECONDS:
                    return

    def _prepare_for(self, state: TaskState) -> None:
        # Whatever comes of it: to try again would give no other outcome.
        state.prepared = state.spec
        attempt = _attempt(state)
        if attempt is None:
            return
        TENANT.set(state.namespace)
        try:
            self._prepare(attempt)
        except Exception:
            # The call will be made nevertheless, and have its record.
            logger.exception("A call could not be prepared.", extra=state.log_fields)


def _is_unprepared(state: TaskState) -> bool:
    return state.prepared is not state.spec


def _attempt(state: TaskState) -> Attempt | None:
    moment = state.draft.next_run_time
    if state.spec is None or moment is None:
        return None
    return Attempt(
        namespace=state.namespace,
        name=state.name,
        uid=state.uid,
        spec=state.spec,
        execution_id=scheduled_execution_id(state.uid, moment),
        run_type=RunType.SCHEDULED,
        attempt=1,
        scheduled_time=moment,
    )
