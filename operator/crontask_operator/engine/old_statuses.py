"""OldStatuses completes statuses that an earlier version wrote, for the recorder, bit by bit.

After an upgrade this may be every task, and nothing has happened to any of them. To write
them all at once would keep records waiting for what nobody asked for. A task that runs or
is edited meanwhile is completed by that write.
"""

import asyncio
from collections.abc import Callable
from itertools import islice
from typing import Final

from crontask_operator.task.state import LeaseState, TaskState

PER_SECOND: Final = 10
"""About one in a hundred of the writes that an API server takes; ten thousand tasks are
done in a quarter of an hour."""


class OldStatuses:
    """Tasks whose status is to be completed.

    Parameters
    ----------
    write
        Has the status of a task written.
    """

    def __init__(self, write: Callable[[TaskState], None]) -> None:
        self._write = write
        self._held: dict[str, TaskState] = {}
        self._timer: asyncio.TimerHandle | None = None

    def hold(self, state: TaskState) -> None:
        """Complete the status of `state` when its turn comes."""
        self._held[state.uid] = state
        if self._timer is None:
            self._wait()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(1, self._complete_some)

    def _complete_some(self) -> None:
        self._timer = None
        for uid in list(islice(self._held, PER_SECOND)):
            state = self._held.pop(uid)
            # One that was handed over meanwhile, its next owner completes.
            if state.lease is LeaseState.HELD and state.draft != state.stored:
                self._write(state)
        if self._held:
            self._wait()
