"""FirstStatuses holds the first status of new tasks back for the recorder, while many come in.

To create a task costs the API server about as much as its first status. Thousands that
are created at a time come in twice as fast if those follow afterwards; a few at a time
have theirs at once.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from crontask_operator.task.state import TaskState

AT_ONCE: Final = 20
"""New tasks within `QUIET_SECONDS` of each other that are not held back."""

QUIET_SECONDS: Final = 0.5
"""No new task for so long: that was all of them."""

MOST_SECONDS: Final = 10.0
"""Nobody waits longer than this for the first status of a task."""


class FirstStatuses:
    """Tasks whose first status waits.

    Parameters
    ----------
    write
        Has the status of a task written.
    """

    def __init__(self, write: Callable[[TaskState], None]) -> None:
        self._write = write
        self._held: dict[str, TaskState] = {}
        self._came = 0
        self._since = self._latest = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return how many tasks wait."""
        return len(self._held)

    def hold(self, state: TaskState) -> bool:
        """Hold back the status of `state`, a new task, if many came in; return whether."""
        now = asyncio.get_running_loop().time()
        if now - self._latest > QUIET_SECONDS:
            self._came = 0
        self._latest = now
        self._came += 1
        if self._came <= AT_ONCE:
            return False
        self._held[state.uid] = state
        if self._timer is None:
            self._since = now
            self._look_later(QUIET_SECONDS)
        return True

    def drop(self, uid: str) -> None:
        """Hold the task `uid` back no longer: there is more to be written of it."""
        self._held.pop(uid, None)

    def _look_later(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        left = min(self._latest + QUIET_SECONDS, self._since + MOST_SECONDS) - now
        if left > 0:
            self._look_later(left)
            return
        self._timer = None
        held, self._held = self._held, {}
        for state in held.values():
            self._write(state)
