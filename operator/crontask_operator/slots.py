"""How long a call is our work, and when it is its target's.

::

    started ───── SLOT_SECONDS ──────────── STARTED_RECORD_SECONDS ────── ended
       │  has a slot   │   waits for its target       │  is slow: has a Started record

Slots are for calls on which there is something to do here: more of them at a time only
make each slower. A call that has had no answer for a while waits for its target, so it
gives its slot to the next. Two thousand targets that hang from one instant on hold the
others up for less than a second, and not for as long as they hang.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Generic, Protocol, TypeVar

from crontask_core.constants import STARTED_RECORD_SECONDS

SLOT_SECONDS: Final = 0.03
"""Several times what a call takes from a full set of slots to a target that answers."""

SHORTEST_WAIT_SECONDS: Final = 0.01
"""Between two looks at the calls, so that thousands of them do not cost one each."""


class InFlight(Protocol):
    """What a call knows of its slot. `started` is None while it is not in flight."""

    started: float | None
    has_slot: bool


CallT = TypeVar("CallT", bound=InFlight)


class Slots(Generic[CallT]):
    """Hands out `number` slots, and follows each call until it is slow.

    Parameters
    ----------
    on_free
        Called when calls have given up their slots because of their age.
    on_slow
        Called with a call that has been in flight for `STARTED_RECORD_SECONDS`.
    """

    def __init__(
        self, number: int, *, on_free: Callable[[], None], on_slow: Callable[[CallT], None]
    ) -> None:
        self.free = number
        self._on_free = on_free
        self._on_slow = on_slow
        # In the order in which they were started, so only the first can be due. A call
        # that has ended stays until its turn comes.
        self._young: deque[tuple[float, CallT]] = deque()
        self._waiting: deque[tuple[float, CallT]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def take(self, call: CallT) -> None:
        """Give `call` a slot; it is in flight from now on."""
        self.free -= 1
        call.started = now = self._loop.time()
        call.has_slot = True
        self._young.append((now, call))
        if len(self._young) == 1:
            # The timer, if there is one, is set to a call that waits.
            self._arm()

    def leave(self, call: CallT) -> None:
        """Take note that `call` has ended."""
        if call.has_slot:
            self.free += 1
        call.started = None
        call.has_slot = False

    def _look(self) -> None:
        now = self._loop.time()
        free = self.free
        for started, call in _due(self._young, SLOT_SECONDS, now):
            if call.started == started:
                call.has_slot = False
                self.free += 1
                self._waiting.append((started, call))
        for started, call in _due(self._waiting, STARTED_RECORD_SECONDS, now):
            if call.started == started:
                self._on_slow(call)
        self._arm()
        if self.free > free:
            self._on_free()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        moments = [
            queue[0][0] + seconds
            for queue, seconds in (
                (self._young, SLOT_SECONDS),
                (self._waiting, STARTED_RECORD_SECONDS),
            )
            if queue
        ]
        if moments:
            wait = max(min(moments) - self._loop.time(), SHORTEST_WAIT_SECONDS)
            self._timer = self._loop.call_later(wait, self._look)


def _due(
    queue: deque[tuple[float, CallT]], seconds: float, now: float
) -> Iterator[tuple[float, CallT]]:
    while queue and queue[0][0] + seconds <= now:
        yield queue.popleft()
