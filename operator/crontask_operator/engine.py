"""The engine: watch events and time in, runs out.

It is level-triggered: an event only says what an object looks like now, and a look at
a task (`_look`) does whatever is due by then. So a lost event, a restart, a lease that
moves and a timer that is late all end in the same code.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from crontask_core.enums import Phase
from crontask_core.identity import manual_execution_id
from crontask_core.planning import due_runs, next_plan
from crontask_core.times import to_milliseconds
from crontask_operator.callbacks.base import Callback, CallResult
from crontask_operator.clock import Clock
from crontask_operator.dispatcher import Dispatcher, Job, JobListener
from crontask_operator.observing import (
    Body,
    compile_plan,
    new_state,
    newer,
    run_request,
    same_status,
    stored_status,
    take_spec,
)
from crontask_operator.phase import deletion_time, finish, is_finished, rearm, settle
from crontask_operator.recorder import Recorder, Store
from crontask_operator.runs import Runs, count
from crontask_operator.settings import Settings
from crontask_operator.state import TaskState
from crontask_operator.ticker import Ticker

logger = logging.getLogger(__name__)


class Ownership(Protocol):
    """Says which shards are ours; see `crontask_operator.ownership`."""

    def owns(self, shard: int) -> bool:
        """Tell whether the lease of `shard` is still valid on the monotonic clock."""


HANDOVER_SECONDS = 5.0
"""How long to wait for the watch to bring what the previous owner wrote last. It
normally takes milliseconds; a watch that is stuck for longer must not stop the tasks."""

AGAIN_AFTER_FAULT = timedelta(minutes=1)
"""When to look again at a task whose handling failed for a reason nobody foresaw, or
whose deletion the API server has not confirmed."""


class Engine(JobListener):
    """All tasks of this process. Made and used on one event loop.

    Parameters
    ----------
    delete
        Deletes the object of a finished one-shot task whose time to live is over.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        callback: Callback,
        store: Store,
        ownership: Ownership,
        delete: Callable[[TaskState], None],
    ) -> None:
        self._clock = clock
        self._ownership = ownership
        self._delete = delete
        self._shards = settings.shards
        self._tasks: dict[str, TaskState] = {}
        self._serving: set[int] = set()
        self._awaited: dict[int, str] = {}
        self._seen_version = ""
        self._ticker = Ticker(clock, self._on_due)
        self._dispatcher = Dispatcher(
            callback, clock, self, slots=settings.call_slots, limit=settings.call_limit
        )
        self.recorder = Recorder(store, self._dispatcher.caught_up, workers=settings.writers)
        self._runs = Runs(
            clock,
            self._dispatcher,
            changed=self.recorder.mark,
            timing_changed=self._schedule,
            body_bytes=settings.record_body_bytes,
        )

    def __len__(self) -> int:
        """Return how many tasks are known."""
        return len(self._tasks)

    # What the watch reports.

    def observe(self, body: Body) -> None:
        """Take in the object as it is now."""
        metadata = body["metadata"]
        version = metadata["resourceVersion"]
        state = self._tasks.get(metadata["uid"])
        if state is None:
            state = self._tasks[metadata["uid"]] = new_state(body, self._shards)
            self._take(state, body)
        elif state.owned and metadata["generation"] == state.generation:
            # Nearly every event is the echo of our own status write: it ends here.
            self._follow_version(state, version, body)
            request = run_request(body)
            if request != state.run_request:
                state.run_request = request
                self._look(state)
        else:
            self._take(state, body)
        self._note_version(version)

    def forget(self, uid: str) -> None:
        """Drop a deleted object: nothing of it fires, what is in flight is cancelled."""
        state = self._tasks.pop(uid, None)
        if state is None:
            return
        state.gone = True
        self._ticker.cancel(uid)
        self._runs.abandon(state)

    def _follow_version(self, state: TaskState, version: str, body: Body) -> None:
        """Base the next write on this version, if it left the status as we know it.

        If it did not, somebody else wrote it. Then the next write has to meet the
        conflict, and the recorder merges the two.
        """
        if version == state.resource_version or self.recorder.is_writing(state.uid):
            return
        if newer(version, state.resource_version) == version and same_status(
            stored_status(body), state.stored
        ):
            state.resource_version = version

    def _take(self, state: TaskState, body: Body) -> None:
        version = body["metadata"]["resourceVersion"]
        state.run_request = run_request(body)
        if body["metadata"]["generation"] != state.generation:
            take_spec(state, body)
        if state.owned:
            self._follow_version(state, version, body)
            self._plan(state)
            return
        state.resource_version = newer(state.resource_version, version)
        if not state.unsaved:
            state.stored = state.draft = stored_status(body)
        if state.shard in self._serving:
            self._adopt(state)

    # What the leases report.

    def on_acquired(self, shard: int, flushed_through: str) -> None:
        """Go on with the tasks of `shard` from their status.

        `flushed_through` is the resource version of the previous owner's last write,
        empty if it is not known. Runs begin once the watch has come that far, so that
        no run is made twice which the previous owner recorded.
        """
        if newer(flushed_through, self._seen_version) == self._seen_version:
            self._serve(shard)
            return
        self._awaited[shard] = flushed_through
        asyncio.get_running_loop().call_later(HANDOVER_SECONDS, self._serve_late, shard)

    def on_lost(self, shard: int) -> None:
        """Fire nothing of `shard` any more. What is in flight ends and is recorded."""
        self._serving.discard(shard)
        self._awaited.pop(shard, None)
        for state in self._tasks.values():
            if state.owned and state.shard == shard:
                state.owned = False
                state.retries.clear()
                self._ticker.cancel(state.uid)

    def _note_version(self, version: str) -> None:
        self._seen_version = newer(self._seen_version, version)
        if not self._awaited:
            return
        for shard, awaited in list(self._awaited.items()):
            if newer(awaited, self._seen_version) == self._seen_version:
                self._serve(shard)

    def _serve_late(self, shard: int) -> None:
        if shard in self._awaited:
            logger.warning("The watch is behind; shard %d is served from what it showed.", shard)
            self._serve(shard)

    def _serve(self, shard: int) -> None:
        self._awaited.pop(shard, None)
        self._serving.add(shard)
        for state in list(self._tasks.values()):
            if state.shard == shard and not state.owned:
                self._adopt(state)

    def _adopt(self, state: TaskState) -> None:
        state.owned = True
        state.retries = {retry.execution_id: retry for retry in state.draft.pending_retries}
        for run in state.draft.active:
            self._runs.begin_again(state, run)
        self._plan(state)

    # What time brings.

    def _plan(self, state: TaskState) -> None:
        """Put the spec in force, then do what is due by it."""
        now = to_milliseconds(self._clock.now())
        if state.spec is not None:
            before = state.draft.plan
            plan = next_plan(state.spec, before, created=state.created, now=now)
            if before is not None and before.fingerprint != plan.fingerprint:
                rearm(state)
            state.update(plan=plan)
            compile_plan(state)
        settle(state, now)
        state.update(observed_generation=state.generation)
        self._look(state)
        if state.draft != state.stored:
            self.recorder.mark(state)

    def _on_due(self, uid: str) -> None:
        state = self._tasks.get(uid)
        if state is None or not state.owned:
            return
        if state.gone:
            # A deletion that the watch missed was found out by the recorder.
            self.forget(uid)
            return
        try:
            self._look(state)
        except Exception:
            # A fault in one task must neither stop the others nor end this one for good.
            logger.exception("A task could not be handled.", extra=state.log_fields)
            self._ticker.schedule(uid, self._clock.now() + AGAIN_AFTER_FAULT)

    def _look(self, state: TaskState) -> None:
        """Do whatever is due for this task, and plan the next look."""
        now = self._clock.now()
        request = state.run_request
        if request and request != state.draft.handled_run_request and state.spec is not None:
            state.update(handled_run_request=request)
            self._runs.begin_manual(state, manual_execution_id(state.uid, request))
        for retry in list(state.retries.values()):
            if retry.due_time <= now:
                self._runs.begin_retry(state, retry)
        state.update(next_run_time=self._begin_due_runs(state, now))
        deletion = deletion_time(state)
        if deletion is not None and deletion <= now:
            self._delete(state)
            self._ticker.schedule(state.uid, now + AGAIN_AFTER_FAULT)
            return
        self._schedule(state)

    def _begin_due_runs(self, state: TaskState, now: datetime) -> datetime | None:
        spec, plan = state.spec, state.draft.plan
        if spec is None or plan is None or state.schedule is None or spec.suspend:
            return None
        if is_finished(state) or state.one_shot_under_way():
            return None
        due = due_runs(spec, state.schedule, plan, state.draft.last_scheduled_time, now)
        if due.watermark is not None:
            state.update(last_scheduled_time=due.watermark)
        for run in due.runs:
            self._runs.begin_scheduled(state, run.scheduled_time, run.run_type)
        if due.missed:
            logger.warning("%d runs were missed.", due.missed, extra=state.log_fields)
            count(state, missed=due.missed)
            self.recorder.mark(state)
        if due.expired:
            finish(state, Phase.FAILED, "The only run of the task was missed.", now)
        return due.next_run

    def _schedule(self, state: TaskState) -> None:
        """Have the task looked at when the first thing is due for it."""
        if not state.owned:
            return
        moments = [
            state.draft.next_run_time,
            deletion_time(state),
            *(retry.due_time for retry in state.retries.values()),
        ]
        self._ticker.schedule(state.uid, min(filter(None, moments), default=None))

    # What the dispatcher reports.

    def may_start(self, job: Job) -> bool:
        """Tell whether the task is still ours. Asked right before each call."""
        return not job.state.gone and self._ownership.owns(job.state.shard)

    def on_refused(self, job: Job) -> None:
        """Let go of everything that the lease which ran out stood for."""
        job.state.jobs.pop(job.key, None)
        if job.state.owned:
            self.on_lost(job.state.shard)

    def on_slow(self, job: Job) -> None:
        """Record that the call has begun."""
        self._runs.on_slow(job)

    def on_finished(self, job: Job, result: CallResult) -> None:
        """Record how the call ended."""
        self._runs.on_finished(job, result)

    # The end.

    def close(self) -> None:
        """End at once: break off every call, and hand nothing over."""
        self._stop_firing()
        self._dispatcher.drop_queued()
        self._dispatcher.abandon_running()

    def _stop_firing(self) -> None:
        self._ticker.close()
        self._serving.clear()

    async def drain(self, grace_seconds: float) -> str:
        """Stop firing, let calls in flight end, hand over the rest, write everything.

        Returns the resource version of the last write, for the successor.
        """
        self._stop_firing()
        handed_over = self._dispatcher.drop_queued()
        try:
            async with asyncio.timeout(grace_seconds):
                await self._dispatcher.quiet()
        except TimeoutError:
            handed_over += self._dispatcher.abandon_running()
        for job in handed_over:
            # It stays in the state's jobs, so the next write names it as active, and
            # the successor makes the attempt under the same execution id.
            self.recorder.mark(job.state)
        await self.recorder.settled()
        return self.recorder.latest_version
