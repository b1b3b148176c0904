"""StatusWriter writes the status of one task for the recorder, on top of what others wrote.

Nothing is taken out of a task's state before the API server has accepted it, so whatever
comes of a write, it can be made again.
"""

import asyncio
import logging
from enum import Enum, auto
from http import HTTPStatus
from math import inf
from typing import Protocol

from crontask_kube.errors import (
    ApiError,
    ConflictError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)
from crontask_operator.engine.historian import Historian
from crontask_operator.engine.shards import Shards
from crontask_operator.engine.status_pace import StatusPace
from crontask_operator.engine.watch_lag import WatchLag
from crontask_operator.kube.status_store import StoredTask
from crontask_operator.task.run_history import MAX_BYTES, slim_history, slim_record
from crontask_operator.task.state import LeaseState, SentWrite, TaskState
from crontask_operator.task.status_patch import advance, late_status, merge_patch, next_status
from crontask_operator.task.watch_event import newer, same_status

logger = logging.getLogger(__name__)

CONFLICT_ROUNDS = 5
"""Rounds of reading and merging before a task goes back to the end of the queue."""

RECENT_SECONDS = 5.0
"""If another task's write was accepted within this time, the API server is there."""


class Store(Protocol):
    """Where status is kept; see `crontask_operator.kube.status_store.StatusStore`."""

    async def write(self, namespace: str, name: str, patch: bytes) -> str:
        """Apply a merge patch; return the new resource version."""

    async def read(self, namespace: str, name: str, uid: str) -> StoredTask:
        """Return the object as it is now."""


class Outcome(Enum):
    """What came of a write."""

    DONE = auto()
    """The API server holds what the state held, or the object is gone."""
    AGAIN = auto()
    """There is more to be written, and nothing speaks against doing it soon."""
    REFUSED = auto()
    """The same would be refused again, until somebody changes what refuses it."""
    FAILED = auto()
    """Writes of this task fail, and those of others do not."""
    AWAY = auto()
    """The API server is away, or has too much to do."""


class StatusWriter:
    """Writes what a task's state holds; one write of a task at a time.

    Parameters
    ----------
    shards
        Asked right before each write whether this process still owns the task.
    history
        While it keeps up, records of `summary_bytes` are enough.
    """

    def __init__(
        self, store: Store, shards: Shards, history: Historian, summary_bytes: int
    ) -> None:
        self._store = store
        self._shards = shards
        self._history = history
        self._summary_bytes = summary_bytes
        self.pace = StatusPace()
        """How many writes the API server takes with ease."""
        self.watch_lag = WatchLag()
        self.accepted_at = -inf
        """When a write was last accepted, by the event loop's clock."""
        self.trouble = ""
        """What was last in the way of a write."""
        self.latest_version = ""
        """Highest resource version of all writes, which a successor has to wait for."""

    async def write(self, state: TaskState) -> Outcome:
        """Have the API agree with `state`, as far as it lets us."""
        begun = _now()
        try:
            return await self._write(state)
        except NotFoundError:
            state.gone = True
            if state.unsaved:
                logger.info("The task is gone; its last %d records with it.", len(state.unsaved))
            state.unsaved.clear()
            return Outcome.DONE
        except TooLargeError as error:
            return self._cut(state, error)
        except RefusedError as error:
            self.trouble = str(error)
            logger.error("The API server refuses a status: %s", error, extra=state.log_fields)
            return Outcome.REFUSED
        except UnavailableError as error:
            self.trouble = str(error)
            if not self._concerns_one(error, begun):
                return Outcome.AWAY
            logger.error("A status cannot be written: %s", error, extra=state.log_fields)
            return Outcome.FAILED
        except Exception:
            # A fault with one task's status must not keep the others' from being written.
            logger.exception("A status could not be written.", extra=state.log_fields)
            return Outcome.REFUSED

    async def _write(self, state: TaskState) -> Outcome:
        for _ in range(CONFLICT_ROUNDS):
            try:
                if not self._shards.still_owns(state):
                    await self._refresh(state)
                await self._write_once(state)
                return Outcome.DONE
            except ConflictError:
                await self._refresh(state)
        return Outcome.AGAIN

    async def _write_once(self, state: TaskState) -> None:
        records = tuple(state.unsaved)
        most_bytes = self._summary_bytes if self._history.keeps_up else MAX_BYTES
        make = next_status if state.owned else late_status
        status = make(state, records, most_bytes)
        write = SentWrite(status, records)
        if status == state.stored:
            self._accepted(state, write)
            return
        patch = merge_patch(status, state.resource_version)
        state.sent.append(write)
        begun, accepted = self.pace.begin(), None
        try:
            version = await self._store.write(state.namespace, state.name, patch)
            accepted = True
        except ApiError as error:
            if isinstance(error, UnavailableError):
                accepted = False
            if not error.sent:
                state.sent[:] = [other for other in state.sent if other is not write]
            raise
        finally:
            self.pace.end(begun, accepted=accepted)
        self.accepted_at, self.trouble = _now(), ""
        state.resource_version = version
        # Answers to writes in flight together come in any order.
        self.latest_version = newer(self.latest_version, version)
        self.watch_lag.written(version, state.seen_version)
        self._accepted(state, write)

    def _accepted(self, state: TaskState, write: SentWrite) -> None:
        state.unsaved.remove(write.records)
        status = state.stored = write.status
        state.sent.clear()
        if state.owned:
            state.update(
                runs=status.runs, active=status.active, pending_retries=status.pending_retries
            )
        elif state.lease is LeaseState.LOST:
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
        elif not (state.lease is LeaseState.LOST and same_status(fresh.status, state.stored)):
            state.give_way(fresh.status)

    def _cut(self, state: TaskState, error: ApiError) -> Outcome:
        """Give up texts, oldest records first, rather than the fact that a run was made."""
        slim_runs = slim_history(state.draft.runs)
        if not state.unsaved.change(slim_record) and slim_runs == state.draft.runs:
            logger.error("The status of %s does not fit the API: %s", state.name, error)
            return Outcome.REFUSED
        logger.warning("The status of %s is too large; its records lose texts.", state.name)
        state.update(runs=slim_runs)
        return Outcome.AGAIN

    def _concerns_one(self, error: UnavailableError, begun: float) -> bool:
        """Tell whether a write failed for a reason that other tasks' writes do not have."""
        if "failed calling webhook" in str(error):
            return True
        had_no_answer = error.sent and isinstance(error.__cause__, TimeoutError)
        is_fault = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if not (had_no_answer or is_fault) or error.status == HTTPStatus.SERVICE_UNAVAILABLE:
            return False
        return self.accepted_at >= min(begun, _now() - RECENT_SECONDS)


def _now() -> float:
    return asyncio.get_running_loop().time()
