"""StatusRecorder writes the status of tasks for the engine; nothing else here does.

Firing never waits for it: attempts leave their records in the task's state and mark
the task; workers write what the state holds by then, so that many records of one task
cost one write. Nothing is taken out of the state before the API server has accepted
it, so an outage only delays.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from crontask_kube.errors import (
    ApiError,
    ConflictError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)
from crontask_operator.engine.burst import HOLD_SECONDS
from crontask_operator.engine.first_statuses import FirstStatuses
from crontask_operator.engine.shards import Shards
from crontask_operator.kube.status_store import StoredTask
from crontask_operator.process.metrics import RECORD_LATENCY
from crontask_operator.sharing.fair_queue import FairQueue
from crontask_operator.task.run_history import slim_history, slim_record
from crontask_operator.task.state import Lease, SentWrite, TaskState
from crontask_operator.task.status_patch import advance, late_status, merge_patch, next_status
from crontask_operator.task.watch_event import newer, same_status

logger = logging.getLogger(__name__)

FIRST_BACKOFF_SECONDS = 0.25
LAST_BACKOFF_SECONDS = 8.0

REFUSED_BACKOFF_SECONDS = 30.0
"""A write that breaks the schema does not pass by trying hard, but it does once the
CRD of this version is installed."""

FLUSH_SECONDS = 10.0
"""How long a hand-over waits for the API server to take the last records. While it is
away nobody else can take the shards either, but a pod that ends has to end in time."""

CONFLICT_ROUNDS = 5
"""Rounds of reading and merging before a task goes back to the end of the queue."""


class Store(Protocol):
    """Where status is kept; see `crontask_operator.kube.status_store.StatusStore`."""

    async def write(self, namespace: str, name: str, patch: bytes) -> str:
        """Apply a merge patch; return the new resource version."""

    async def read(self, namespace: str, name: str, uid: str) -> StoredTask:
        """Return the object as it is now."""


class StatusRecorder:
    """Writes the status of marked tasks with a bounded number of workers.

    Parameters
    ----------
    caught_up
        Waits until no due run waits to be started.
    shards
        Asked right before each write whether this process still owns the task.
    workers
        Writes in flight. The API server is the limit, not this number.
    """

    def __init__(
        self,
        store: Store,
        caught_up: Callable[[], Awaitable[None]],
        shards: Shards,
        *,
        workers: int,
    ) -> None:
        self._store = store
        self._caught_up = caught_up
        self._shards = shards
        self._workers = workers
        # In turns of namespaces: thousands of writes of one must not delay another's.
        self._turns = FairQueue[TaskState]()
        self._marked: set[str] = set()
        self._writing: set[str] = set()
        self._again: set[str] = set()
        self._delayed: dict[str, asyncio.TimerHandle] = {}
        self._marked_at: dict[str, float] = {}
        self._backoff = 0.0
        self._work = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._first = FirstStatuses(self.mark)
        self.latest_version = ""
        """Highest resource version of all writes, which a successor has to wait for."""

    @property
    def waiting(self) -> int:
        """Tasks whose status has yet to be written."""
        return self._unsettled + len(self._first)

    @property
    def _unsettled(self) -> int:
        return len(self._marked) + len(self._writing) + len(self._delayed)

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
            return
        self._settled.clear()
        self._marked_at.setdefault(state.uid, time.monotonic())
        if state.uid in self._writing:
            self._again.add(state.uid)
        elif state.uid not in self._delayed and state.uid not in self._marked:
            self._marked.add(state.uid)
            self._turns.put(state.namespace, state)
            self._work.set()

    async def flush(self) -> None:
        """Wait until everything marked so far is written, for `FLUSH_SECONDS` at most."""
        self._first.clear()
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._settled.wait()
        except TimeoutError:
            logger.warning("%d tasks are handed over unrecorded.", self._unsettled)

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._write_in_turn())

    async def _write_in_turn(self) -> None:
        while True:
            await self._work.wait()
            await self._hold_back()
            state = self._turns.take()
            if state is None:
                self._work.clear()
                continue
            uid = state.uid
            self._marked.discard(uid)
            self._writing.add(uid)
            try:
                await self._write(state)
            finally:
                self._writing.discard(uid)
                self._turns.give_back(state.namespace)
                if uid in self._again:
                    self._again.discard(uid)
                    self.mark(state)
                if not self._unsettled:
                    self._settled.set()

    async def _hold_back(self) -> None:
        try:
            async with asyncio.timeout(HOLD_SECONDS):
                await self._caught_up()
        except TimeoutError:
            pass
        if self._backoff:
            await asyncio.sleep(self._backoff * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    async def _write(self, state: TaskState) -> None:
        try:
            for _ in range(CONFLICT_ROUNDS):
                try:
                    if not self._shards.still_owns(state):
                        await self._refresh(state)
                    await self._write_once(state)
                    return
                except ConflictError:
                    await self._refresh(state)
            self._again.add(state.uid)
        except NotFoundError:
            state.gone = True
            self._marked_at.pop(state.uid, None)
            if state.unsaved:
                logger.info("The task is gone; its last %d records with it.", len(state.unsaved))
            state.unsaved.clear()
        except TooLargeError as error:
            self._cut(state, error)
        except RefusedError as error:
            logger.error("The API server refuses a status: %s", error, extra=state.log_fields)
            self._delay(state, REFUSED_BACKOFF_SECONDS)
        except UnavailableError as error:
            self._slow_down(state, error)
        except Exception:
            # A fault with one task's status must not keep the others' from being written.
            logger.exception("A status could not be written.", extra=state.log_fields)
            self._delay(state, REFUSED_BACKOFF_SECONDS)

    async def _write_once(self, state: TaskState) -> None:
        records = tuple(state.unsaved)
        status = next_status(state, records) if state.owned else late_status(state, records)
        write = SentWrite(status, records)
        if status == state.stored:
            self._accepted(state, write)
            return
        patch = merge_patch(status, state.resource_version)
        state.sent.append(write)
        try:
            version = await self._store.write(state.namespace, state.name, patch)
        except ApiError as error:
            if not error.sent:
                state.sent[:] = [other for other in state.sent if other is not write]
            raise
        self._backoff = 0.0
        state.resource_version = version
        # Answers to writes in flight together come in any order.
        self.latest_version = newer(self.latest_version, version)
        self._accepted(state, write)

    def _accepted(self, state: TaskState, write: SentWrite) -> None:
        now = time.monotonic()
        RECORD_LATENCY.observe(now - self._marked_at.pop(state.uid, now))
        # By identity: while the write was under way, others may have been dropped.
        written = set(map(id, write.records))
        state.unsaved[:] = [record for record in state.unsaved if id(record) not in written]
        status = state.stored = write.status
        state.sent.clear()
        if state.owned:
            state.update(
                runs=status.runs, active=status.active, pending_retries=status.pending_retries
            )
        elif state.lease is Lease.LOST:
            state.update(runs=status.runs)
        else:
            state.draft = status

    async def _refresh(self, state: TaskState) -> None:
        """Take over what somebody else wrote, and keep what is ours on top of it."""
        fresh = await self._store.read(state.namespace, state.name, state.uid)
        state.resource_version = fresh.metadata.resource_version
        for write in state.sent:
            if same_status(fresh.status, write.status):
                # It was our own write, and only the answer was lost.
                self._accepted(state, write)
                return
        if state.owned:
            draft, stored = state.draft.counters, state.stored.counters
            counters = advance(fresh.status.counters, draft, stored)
            state.update(runs=fresh.status.runs, counters=counters)
            state.stored = fresh.status
        elif not (state.lease is Lease.LOST and same_status(fresh.status, state.stored)):
            state.give_way(fresh.status)

    def _cut(self, state: TaskState, error: ApiError) -> None:
        """Give up texts, oldest records first, rather than the fact that a run was made."""
        slim_records = [slim_record(record) for record in state.unsaved]
        slim_runs = slim_history(state.draft.runs)
        if slim_records == state.unsaved and slim_runs == state.draft.runs:
            logger.error("The status of %s does not fit the API: %s", state.name, error)
            self._delay(state, REFUSED_BACKOFF_SECONDS)
            return
        logger.warning("The status of %s is too large; its records lose texts.", state.name)
        state.unsaved[:] = slim_records
        state.update(runs=slim_runs)
        self._again.add(state.uid)

    def _delay(self, state: TaskState, seconds: float) -> None:
        def put_back() -> None:
            del self._delayed[state.uid]
            self.mark(state)

        self._again.discard(state.uid)
        self._delayed[state.uid] = asyncio.get_running_loop().call_later(seconds, put_back)

    def _slow_down(self, state: TaskState, error: ApiError) -> None:
        if not self._backoff:
            logger.warning("Records wait, because %s", error)
        self._backoff = min(max(self._backoff * 2, FIRST_BACKOFF_SECONDS), LAST_BACKOFF_SECONDS)
        self._again.add(state.uid)
