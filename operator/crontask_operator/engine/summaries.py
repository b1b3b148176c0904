"""Summaries holds back, for the recorder, statuses of which the history has the runs already.

::

    written 5 s ago or before ──┬── few of them ────> at once
                                └── many ───────────> evenly within 5 s ──┐  as many a second
    written since ──────────────── waits until 5 s after that write ──────┴> as StatusPace says

The status of a task is thus written once in an interval at most, and as old as that at most
while the API server keeps up. When the history does not keep up, no status waits for more than
its turn: all of them may go, as many a second as StatusPace says.
"""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count
from math import ceil, inf
from typing import Final

from crontask_operator.engine.historian import Historian
from crontask_operator.engine.status_pace import StatusPace
from crontask_operator.engine.urgency import is_urgent
from crontask_operator.sharing.fair_queue import FairQueue
from crontask_operator.task.state import TaskState

TICK_SECONDS: Final = 0.05
"""Between two looks at what may go."""

AT_ONCE: Final = 20
"""Writes a second that are not spread: where little happens, a status follows its run."""

LEAST_NUMBER: Final = 1
"""Writes at a look, whatever the API server takes, while the history does not keep up."""

_Held = tuple[int, TaskState]


class Summaries:
    """Tasks whose status waits.

    Parameters
    ----------
    write
        Has the status of a task written.
    seconds
        A task's status is written once in so many seconds; 0 holds nothing back.
    waiting
        How many statuses are to be written as soon as possible.
    """

    def __init__(
        self,
        write: Callable[[TaskState], None],
        history: Historian,
        pace: StatusPace,
        seconds: float,
        waiting: Callable[[], int] = int,
    ) -> None:
        self._write = write
        self._pace = pace
        self._waiting = waiting
        self._history = history
        self._seconds = seconds
        # By a number that is another each time, so that none goes by an earlier place.
        self._held: dict[str, int] = {}
        # Those that may go, in turns of namespaces, and how many of them are at their end.
        self._ready = FairQueue[_Held]()
        self._due = 0
        self._spread_until = 0.0
        # Those that were written not long ago, by when they may go.
        self._later: list[tuple[float, int, TaskState]] = []
        self._numbers = count()
        # When each task was written, oldest first, as far as that is of interest.
        self._written: dict[str, float] = {}
        self._free = float(AT_ONCE)
        self._credit = 0.0
        self._ticked = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return how many tasks wait."""
        return len(self._held)

    def __contains__(self, uid: str) -> bool:
        """Tell whether the task `uid` waits."""
        return uid in self._held

    def hold(self, state: TaskState) -> bool:
        """Hold back the status of `state` if it may wait; return whether it does."""
        if not self._seconds or is_urgent(state):
            self.drop(state.uid)
            self._credit = max(self._credit - 1, 0.0)
            return False
        if state.uid in self._held:
            return True
        now = _now()
        if self._timer is None:
            self._refill(now)
        written = self._written.get(state.uid)
        if not self._history.keeps_up:
            if self._credit >= 1 and self._room and not self._ready:
                self._credit -= 1
                return False
            self._due += 1
            self._ready.put(state.namespace, self._hold(state))
        elif written is None or written + self._seconds <= now:
            if self._free >= 1 and not self._ready:
                self._free -= 1
                return False
            self._spread(self._hold(state), now)
        else:
            heapq.heappush(self._later, (written + self._seconds, *self._hold(state)))
        if self._timer is None:
            self._arm()
        return True

    def drop(self, uid: str) -> bool:
        """Hold the task `uid` back no longer; return whether it was."""
        # Where it waits it is passed over when its turn comes.
        return self._held.pop(uid, None) is not None

    def note_written(self, uid: str) -> None:
        """Take note that the API server has the status of the task `uid`."""
        if not self._seconds:
            return
        now = _now()
        self._written.pop(uid, None)
        self._written[uid] = now
        while (oldest := next(iter(self._written))) and (
            self._written[oldest] + self._seconds <= now
        ):
            del self._written[oldest]

    def _hold(self, state: TaskState) -> _Held:
        number = self._held[state.uid] = next(self._numbers)
        return number, state

    def _spread(self, held: _Held, now: float) -> None:
        if not self._ready:
            self._spread_until = now + self._seconds
        self._ready.put(held[1].namespace, held)

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        now = _now()
        elapsed = self._refill(now)
        # While the history does not keep up, what is held back may be nowhere yet: all of it may
        # go, and some goes whatever else is to be written.
        end, least = (now, 0) if self._history.keeps_up else (inf, LEAST_NUMBER)
        while self._later and self._later[0][0] <= end:
            _, number, state = heapq.heappop(self._later)
            if self._held.get(state.uid) == number:
                self._ready.put(state.namespace, (number, state))
                self._due += 1
        if least:
            self._due = len(self._ready)
        self._release(self._number_to_go(now, elapsed, least))
        self._timer = None
        if self._ready or self._later:
            self._arm()

    def _refill(self, now: float) -> float:
        """Let time pass since the last look; return how much."""
        elapsed, self._ticked = now - self._ticked, now
        self._free = min(self._free + elapsed * AT_ONCE, AT_ONCE)
        self._credit = min(self._credit + elapsed * self._pace.rate, self._pace.rate)
        return elapsed

    def _number_to_go(self, now: float, elapsed: float, least: int) -> int:
        """Return how many go at this look, and count them as gone."""
        spread = max(len(self._ready) - self._due, 0)
        wanted = self._due + ceil(spread * elapsed / max(self._spread_until - now, elapsed))
        number = min(max(wanted, int(self._free)), int(self._credit), self._room)
        number = min(max(number, least), len(self._ready))
        self._credit = max(self._credit - number, 0.0)
        self._free = max(self._free - number, 0.0)
        self._due = max(self._due - number, 0)
        return number

    @property
    def _room(self) -> int:
        """How many may go: who goes behind news that cannot wait gains nothing."""
        return max(self._pace.queue - self._waiting(), 0)

    def _release(self, number: int) -> None:
        while number and (held := self._ready.take()) is not None:
            self._ready.give_back(held[1].namespace)
            number -= self._let_go(*held)

    def _let_go(self, number: int, state: TaskState) -> bool:
        if self._held.get(state.uid) != number:
            return False
        del self._held[state.uid]
        self._write(state)
        return True


def _now() -> float:
    return asyncio.get_running_loop().time()
