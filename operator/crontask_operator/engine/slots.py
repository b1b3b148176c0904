"""Slots bounds the calls that are worked on at a time, for the dispatcher.

::

    started ───── SLOT_SECONDS ──────────── STARTED_RECORD_SECONDS ────── ended
       │  has a slot   │   waits for its target       │  is slow: has a Started record

Slots are for calls on which there is something to do here: more of them at a time only
make each slower. A call that has had no answer for a while waits for its target, so it
gives its slot to the next. When all slots are taken and there is nothing to do, that is
seen sooner. So two thousand targets that hang from one instant on hold the others up for
about a second, most of it our own work on them, and not for as long as they hang.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from crontask_core.constants import STARTED_RECORD_SECONDS
from crontask_operator.engine.burst import (
    BUSY_SHARE,
    BUSY_SLOT_SECONDS,
    SLOT_SECONDS,
    STALL_SECONDS,
)


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
    cpu_seconds
        Returns the CPU time of this thread so far.
    """

    def __init__(
        self,
        number: int,
        *,
        on_free: Callable[[], None],
        on_slow: Callable[[CallT], None],
        cpu_seconds: Callable[[], float] = time.thread_time,
    ) -> None:
        self.free = number
        self._on_free = on_free
        self._on_slow = on_slow
        # In the order in which they were started, so only the first can be due. A call
        # that has ended stays until its turn comes.
        self._young: deque[tuple[float, CallT]] = deque()
        self._waiting: deque[tuple[float, CallT]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = math.inf
        self._loop = asyncio.get_running_loop()
        self._cpu_seconds = cpu_seconds
        self._used, self._looked_at = cpu_seconds(), self._loop.time()
        self._moved = False

    def take(self, call: CallT) -> None:
        """Give `call` a slot; it is in flight from now on."""
        self.free -= 1
        call.started = now = self._loop.time()
        call.has_slot = True
        self._moved = True
        if not self._young:
            # What went on before has nothing to do with this call.
            self._used, self._looked_at = self._cpu_seconds(), now
        self._young.append((now, call))
        if len(self._young) == 1 or (self.free == 0 and self._looks_at > now + STALL_SECONDS):
            # The timer, if there is one, is set to a call that waits, or to a later moment.
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
        for started, call in _due(self._young, self._patience(now), now):
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

    def _patience(self, now: float) -> float:
        """Return for how long a call may have a slot, by what went on since the last look."""
        used = self._cpu_seconds()
        busy = used - self._used >= BUSY_SHARE * (now - self._looked_at)
        moved, self._moved = self._moved, False
        self._used, self._looked_at = used, now
        if busy:
            return BUSY_SLOT_SECONDS
        return SLOT_SECONDS if moved else 0.0

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._loop.time()
        moments = [
            queue[0][0] + seconds
            for queue, seconds in (
                (self._young, SLOT_SECONDS),
                (self._waiting, STARTED_RECORD_SECONDS),
            )
            if queue
        ]
        self._looks_at = math.inf
        if moments:
            wait = STALL_SECONDS if self.free == 0 else max(min(moments) - now, STALL_SECONDS)
            self._looks_at = now + wait
            self._timer = self._loop.call_later(wait, self._look)


def _due(
    queue: deque[tuple[float, CallT]], seconds: float, now: float
) -> Iterator[tuple[float, CallT]]:
    while queue and queue[0][0] + seconds <= now:
        yield queue.popleft()
