"""Ticker wakes the engine for each task when its moment comes, by one heap and one timer.

A task has at most one live entry. Rescheduling leaves the old entry in the heap and
marks it stale; stale entries are dropped when they surface, or all at once when they
outnumber the live ones. Ten thousand sleeping tasks cost a list, no coroutines.

What is due is looked at in turns of namespaces: to look at a hundred thousand tasks takes
longer than a moment may be late, and those may be one tenant's.
"""

import asyncio
import heapq
import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

from crontask_operator.engine.burst import GATHERED, SLICE
from crontask_operator.process.clock import Clock
from crontask_operator.sharing.fair_queue import FairQueue

MAX_SLEEP = timedelta(seconds=30)
"""The timer runs on the monotonic clock and schedules mean the wall clock. When an
administrator or NTP steps the wall clock, the error lasts at most this long."""

_Entry = tuple[datetime, int, str]


class Ticker:
    """Calls `on_due` with a task's uid when its moment has come.

    `tenant_of` returns the namespace of a task that has an entry.
    """

    def __init__(
        self,
        clock: Clock,
        on_due: Callable[[str], None],
        tenant_of: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._clock = clock
        self._on_due = on_due
        self._tenant_of = tenant_of
        self._due = FairQueue[tuple[str, _Entry]]()
        self._gathered = SLICE
        self._heap: list[_Entry] = []
        self._live: dict[str, _Entry] = {}
        self._numbers = count()
        self._timer: asyncio.Handle | None = None
        self._armed_for: datetime | None = None
        self._loop = asyncio.get_running_loop()

    def __len__(self) -> int:
        """Return how many tasks have an entry."""
        return len(self._live)

    def seconds_left(self) -> float:
        """Return the seconds until a task may be due, infinite if none is planned."""
        if self._armed_for is None:
            return math.inf
        return max((self._armed_for - self._clock.now()).total_seconds(), 0.0)

    def coming(self, seconds: float) -> Iterator[str]:
        """Return who is to be looked at within `seconds`, in no order.

        Costs what is found, not what is planned.
        """
        until = self._clock.now() + timedelta(seconds=seconds)
        # No entry of a heap comes before the one that it hangs on.
        positions = [0]
        while positions:
            position = positions.pop()
            if position >= len(self._heap) or self._heap[position][0] > until:
                continue
            positions += (2 * position + 1, 2 * position + 2)
            uid = self._heap[position][2]
            if self._live.get(uid) is self._heap[position]:
                yield uid

    def schedule(self, uid: str, moment: datetime | None) -> None:
        """Look at task `uid` at `moment` and no other time; None: not at all."""
        current = self._live.get(uid)
        if moment is None:
            self.cancel(uid)
            return
        if current is not None and current[0] == moment:
            return
        entry = (moment, next(self._numbers), uid)
        self._live[uid] = entry
        heapq.heappush(self._heap, entry)
        if len(self._heap) > 2 * len(self._live) + SLICE:
            self._heap = list(self._live.values())
            heapq.heapify(self._heap)
        if self._armed_for is None or moment < self._armed_for:
            self._arm()

    def cancel(self, uid: str) -> None:
        """Forget task `uid`."""
        self._live.pop(uid, None)

    def close(self) -> None:
        """Stop the timer; nothing is due any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._armed_for = None
        self._heap.clear()
        self._live.clear()
        self._due.keep(lambda _: False)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._armed_for = None
        while self._heap and self._live.get(self._heap[0][2]) is not self._heap[0]:
            heapq.heappop(self._heap)
        if self._due.ready:
            self._armed_for = self._clock.now()
            self._timer = self._loop.call_soon(self._tick)
            return
        if not self._heap:
            return
        self._armed_for = self._heap[0][0]
        delay = min(self._armed_for - self._clock.now(), MAX_SLEEP).total_seconds()
        if delay <= 0:
            self._timer = self._loop.call_soon(self._tick)
        else:
            self._timer = self._loop.call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        # While the slice runs, entries that it adds do not re-arm the timer.
        self._armed_for = now = self._clock.now()
        try:
            self._gather(now)
            for _ in range(SLICE):
                taken = self._due.take()
                if taken is None:
                    break
                tenant, entry = taken
                self._due.give_back(tenant)
                if self._live.get(entry[2]) is entry:
                    del self._live[entry[2]]
                    self._on_due(entry[2])
        finally:
            # A fault in one task's handling must not stop the others' clock.
            self._arm()

    def _gather(self, now: datetime) -> None:
        for _ in range(self._gathered):
            if not self._heap or self._heap[0][0] > now:
                self._gathered = SLICE
                return
            entry = heapq.heappop(self._heap)
            if self._live.get(entry[2]) is entry:
                tenant = self._tenant_of(entry[2])
                self._due.put(tenant, (tenant, entry))
        # The first calls went out before all that is due at the instant was found.
        self._gathered = min(2 * self._gathered, GATHERED)
