"""StatusRecorder has the status of tasks written for the engine, in turns of namespaces.

Firing never waits for it: attempts leave their records in the task's state and mark
the task; workers write what the state holds by then, so that many records of one task
cost one write. An outage only delays, and one task's trouble is that task's alone.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable

from crontask_operator.engine.burst import HOLD_SECONDS
from crontask_operator.engine.first_statuses import FirstStatuses
from crontask_operator.engine.historian import Historian
from crontask_operator.engine.status_writer import Outcome, StatusWriter
from crontask_operator.engine.summaries import Summaries
from crontask_operator.process.metrics import RECORD_LATENCY
from crontask_operator.process.settings import Settings
from crontask_operator.sharing.fair_queue import FairQueue
from crontask_operator.task.state import TaskState

logger = logging.getLogger(__name__)

FIRST_BACKOFF_SECONDS = 0.25
LAST_BACKOFF_SECONDS = 8.0

REFUSED_BACKOFF_SECONDS = 30.0
"""A write that breaks the schema does not pass by trying hard, but it does once the
CRD of this version is installed. It comes to that step by step: an API server that has
just started forbids everything for a moment, until it has read who may do what."""

FLUSH_SECONDS = 10.0
"""How long a hand-over waits for the API server to take the last records. While it is
away nobody else can take the shards either, but a pod that ends has to end in time."""

TROUBLED_SECONDS = 1.0
"""The same for a task whose writes have failed while others' did not: all tasks of its
shard wait for it, and it has little hope."""


class StatusRecorder:
    """Writes the status of marked tasks with a bounded number of workers.

    Parameters
    ----------
    caught_up
        Waits until no due run waits to be started.
    history
        While it keeps up, a status only sums up what it has.
    settings
        How many writes are in flight, and how often a summary is written.
    """

    def __init__(
        self,
        writer: StatusWriter,
        caught_up: Callable[[], Awaitable[None]],
        history: Historian,
        settings: Settings,
    ) -> None:
        self._writer = writer
        self.watch_lag = writer.watch_lag
        self._caught_up = caught_up
        self._workers = settings.writers
        # In turns of namespaces: thousands of writes of one must not delay another's.
        self._turns = FairQueue[TaskState]()
        self._marked: set[str] = set()
        self._writing: set[str] = set()
        self._again: set[str] = set()
        self._delayed: dict[str, asyncio.TimerHandle] = {}
        self._marked_at: dict[str, float] = {}
        # Tasks whose last write failed for a reason of their own, and the wait after it.
        self._troubled: dict[str, float] = {}
        self._backoff = 0.0
        self._work = asyncio.Event()
        # Those who wait for any write in flight to end.
        self._ended = asyncio.Event()
        self._first = FirstStatuses(self.mark)
        seconds = settings.status_interval_seconds if history.is_kept else 0.0
        self._summaries = Summaries(
            self._put, history, writer.pace, seconds, lambda: len(self._marked) + len(self._writing)
        )

    @property
    def waiting(self) -> int:
        """Tasks whose status is to be written as soon as possible."""
        return len(self._marked) + len(self._writing) + len(self._delayed) + len(self._first)

    @property
    def held_back(self) -> int:
        """Tasks whose status may be written a little later, since the history has their runs."""
        return len(self._summaries)

    @property
    def latest_version(self) -> str:
        """Highest resource version of all writes."""
        return self._writer.latest_version

    def is_writing(self, uid: str) -> bool:
        """Tell whether a write of this task's status is in flight."""
        return uid in self._writing

    def mark_new(self, state: TaskState) -> None:
        """Have the first status of `state`, which nobody waits for, written."""
        if not self._first.hold(state):
            self.mark(state)

    def mark(self, state: TaskState) -> None:
        """Have the status of `state` written, as it is when its turn comes."""
        if self._first:
            self._first.drop(state.uid)
        if state.gone:
            self._forget(state.uid)
            return
        self._marked_at.setdefault(state.uid, time.monotonic())
        if state.uid in self._writing:
            self._again.add(state.uid)
        elif not self._waits(state.uid) and not self._summaries.hold(state):
            self._put(state)

    async def flush(self, states: Iterable[TaskState]) -> None:
        """Write what `states` hold by now, for `FLUSH_SECONDS` at most.

        The first status of a task that was held back is left to whoever owns it next. A
        task whose own trouble keeps it from being written has `TROUBLED_SECONDS`.
        """
        last = []
        for state in states:
            self._first.drop(state.uid)
            if self._is_unwritten(state.uid):
                last.append(state)
        gate = asyncio.Semaphore(self._workers)
        written = await asyncio.gather(*(self._write_out(state, gate) for state in last))
        if not all(written):
            trouble = self._writer.trouble
            logger.warning(
                "%d tasks are handed over with news that could not be written%s; what they did "
                "last is done again by the next owner, under the same execution ids.",
                written.count(False),
                f", because {trouble}" if trouble else "",
            )

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._write_in_turn())

    def _put(self, state: TaskState) -> None:
        """Have `state` wait for its turn."""
        if state.gone:
            self._forget(state.uid)
        elif not self._waits(state.uid):
            self._marked.add(state.uid)
            self._turns.put(state.namespace, state)
            self._work.set()

    def _forget(self, uid: str) -> None:
        self._troubled.pop(uid, None)
        self._marked_at.pop(uid, None)
        self._summaries.drop(uid)

    def _waits(self, uid: str) -> bool:
        return uid in self._marked or uid in self._delayed

    def _is_unwritten(self, uid: str) -> bool:
        return self._waits(uid) or uid in self._writing or uid in self._summaries

    async def _write_in_turn(self) -> None:
        while True:
            await self._work.wait()
            await self._hold_back()
            state = self._turns.take()
            if state is None:
                self._work.clear()
                continue
            try:
                await self._write(state)
            finally:
                self._turns.give_back(state.namespace)

    async def _hold_back(self) -> None:
        try:
            async with asyncio.timeout(HOLD_SECONDS):
                await self._caught_up()
        except TimeoutError:
            pass
        await self._back_off()

    async def _back_off(self) -> None:
        if self._backoff:
            await asyncio.sleep(self._backoff * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    async def _write_out(self, state: TaskState, gate: asyncio.Semaphore) -> bool:
        """Write `state` before anything that is not flushed; return whether that was done."""
        uid, begun = state.uid, asyncio.get_running_loop().time()
        # An API server that has just started refuses everything, but for a moment.
        is_old = self._troubled.get(uid, 0) > TROUBLED_SECONDS
        try:
            async with asyncio.timeout_at(begun + self._patience(uid)) as bound:
                while self._is_unwritten(uid):
                    if uid in self._writing:
                        await self._ended.wait()
                        continue
                    async with gate:
                        if not self._take_out(state):
                            continue
                        outcome = await self._write(state)
                    if outcome is Outcome.REFUSED and is_old:
                        return False
                    bound.reschedule(begun + self._patience(uid))
                    await asyncio.sleep(min(self._troubled.get(uid, 0), FIRST_BACKOFF_SECONDS))
                    await self._back_off()
        except TimeoutError:
            self.mark(state)
            return False
        return True

    def _patience(self, uid: str) -> float:
        return TROUBLED_SECONDS if uid in self._troubled else FLUSH_SECONDS

    def _take_out(self, state: TaskState) -> bool:
        """Have `state` wait for no turn; tell whether it did."""
        if handle := self._delayed.pop(state.uid, None):
            handle.cancel()
            return True
        if self._summaries.drop(state.uid):
            return True
        if state.uid not in self._marked:
            return False
        self._turns.remove(state.namespace, state)
        return True

    async def _write(self, state: TaskState) -> Outcome:
        uid, outcome = state.uid, Outcome.AGAIN
        self._marked.discard(uid)
        self._writing.add(uid)
        try:
            begun = asyncio.get_running_loop().time()
            outcome = await self._writer.write(state)
            if self._writer.accepted_at >= begun:
                self._backoff = 0.0
            self._take_note(state, outcome)
            return outcome
        finally:
            self._writing.discard(uid)
            self._ended.set()
            self._ended.clear()
            if uid in self._again:
                self._again.discard(uid)
                if outcome is Outcome.DONE:
                    self.mark(state)
                else:
                    self._put(state)

    def _take_note(self, state: TaskState, outcome: Outcome) -> None:
        # Whatever came before: one that fails for a reason of its own is noted below.
        wait = self._troubled.pop(state.uid, 0.0)
        match outcome:
            case Outcome.DONE:
                now = time.monotonic()
                since = self._marked_at.pop(state.uid, now)
                self._summaries.note_written(state.uid)
                if not state.gone:
                    RECORD_LATENCY.observe(now - since)
            case Outcome.AGAIN:
                self._again.add(state.uid)
            case Outcome.AWAY:
                if not self._backoff:
                    logger.warning("Records wait, because %s", self._writer.trouble)
                self._backoff = _longer(self._backoff)
                self._again.add(state.uid)
            case Outcome.REFUSED:
                self._delay(state, _longer(wait, REFUSED_BACKOFF_SECONDS))
            case Outcome.FAILED:
                self._delay(state, _longer(wait))

    def _delay(self, state: TaskState, seconds: float) -> None:
        def put_back() -> None:
            del self._delayed[state.uid]
            self.mark(state)

        self._troubled[state.uid] = seconds
        self._again.discard(state.uid)
        self._delayed[state.uid] = asyncio.get_running_loop().call_later(seconds, put_back)


def _longer(wait: float, last: float = LAST_BACKOFF_SECONDS) -> float:
    return min(max(wait * 2, FIRST_BACKOFF_SECONDS), last)
