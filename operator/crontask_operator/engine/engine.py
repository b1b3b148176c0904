"""The engine: watch events, leases and time in, runs and records out."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Protocol

from crontask_operator.callbacks.base import Callback, CallResult
from crontask_operator.engine.call_shares import CallShares
from crontask_operator.engine.dispatcher import Dispatcher
from crontask_operator.engine.job_listener import JobListener
from crontask_operator.engine.planner import Planner
from crontask_operator.engine.runs import Runs
from crontask_operator.engine.shards import Shards
from crontask_operator.engine.status_recorder import StatusRecorder, Store
from crontask_operator.engine.ticker import Ticker
from crontask_operator.process.clock import Clock
from crontask_operator.process.metrics import Gauges
from crontask_operator.process.settings import Settings
from crontask_operator.task.notices import Notify
from crontask_operator.task.state import Job, TaskState, read_stored_status
from crontask_operator.task.watch_event import (
    Body,
    forget_expression,
    new_state,
    newer,
    run_request,
    same_status,
    stored_status,
    take_spec,
)


class Ownership(Protocol):
    """Says which shards are ours; see `crontask_operator.ownership`."""

    def owns(self, shard: int) -> bool:
        """Tell whether the lease of `shard` is still valid on the monotonic clock."""


class Engine(JobListener):
    """All tasks of this process. Made and used on one event loop.

    It is level-triggered: an event only says what an object looks like now.

    Parameters
    ----------
    delete
        Deletes the object of a finished one-shot task whose time to live is over.
    notify
        Called with what a person should be told about a task.
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
        notify: Notify,
    ) -> None:
        self._ownership = ownership
        self._shard_count = settings.shards
        self._tasks: dict[str, TaskState] = {}
        self._ticker = Ticker(clock, self._on_due, lambda uid: self._tasks[uid].namespace)
        self._dispatcher = Dispatcher(
            callback,
            clock,
            self,
            slots=settings.call_slots,
            limit=settings.call_limit,
            share=settings.namespace_share,
        )
        self._call_shares = CallShares(clock, notify)
        self.caught_up = self._dispatcher.caught_up
        self.recorder = StatusRecorder(
            store, self.caught_up, ours=self._is_ours, workers=settings.writers
        )
        self._runs = Runs(
            clock,
            self._dispatcher,
            changed=self.recorder.mark,
            timing_changed=lambda state: self._planner.schedule(state),
            notify=notify,
            text_bytes=settings.record_body_bytes,
        )
        self._planner = Planner(
            clock,
            self._ticker,
            self._runs,
            changed=self.recorder.mark,
            delete=delete,
            notify=notify,
        )
        self._shards = Shards(
            self._tasks,
            planner=self._planner,
            runs=self._runs,
            ticker=self._ticker,
            dispatcher=self._dispatcher,
            recorder=self.recorder,
        )
        self.hide = self._shards.hide

    def __len__(self) -> int:
        """Return how many tasks are known."""
        return len(self._tasks)

    @property
    def gauges(self) -> Gauges:
        """What can be measured of the engine at any moment."""
        return {
            "crontask_calls_in_flight": (
                "Calls that are being made.",
                lambda: self._dispatcher.in_flight,
            ),
            "crontask_calls_waiting": (
                "Calls that are due and wait for a slot or for their namespace's share.",
                lambda: self._dispatcher.waiting,
            ),
            "crontask_records_waiting": (
                "Tasks whose status has yet to be written.",
                lambda: self.recorder.waiting,
            ),
            "crontask_tasks_scheduled": (
                "Tasks of this replica for which a moment is planned.",
                lambda: len(self._ticker),
            ),
        }

    def quiet_seconds(self) -> float:
        """Return for how long nothing will be due; 0 while something is to be done."""
        busy = self._dispatcher.busy or self.recorder.waiting
        return 0.0 if busy else self._ticker.seconds_left()

    def coming(self, seconds: float) -> list[TaskState]:
        """Return the tasks that will be due within `seconds`, in no order."""
        return [self._tasks[uid] for uid in self._ticker.coming(seconds)]

    def phases(self) -> Counter[str]:
        """Return how many tasks there are in each phase."""
        return Counter(state.draft.phase or "Unknown" for state in self._tasks.values())

    # What the watch reports.

    def observe(self, body: Body) -> None:
        """Take in the object as it is now."""
        metadata = body["metadata"]
        version = metadata["resourceVersion"]
        state = self._tasks.get(metadata["uid"])
        if state is None:
            state = self._tasks[metadata["uid"]] = new_state(body, self._shard_count)
            self._take(state, body)
        elif state.owned and metadata["generation"] == state.generation:
            # Nearly every event is the echo of our own status write: it ends here.
            self._follow_version(state, version, body)
            request = run_request(body)
            if request != state.run_request:
                state.run_request = request
                self._planner.look(state)
        else:
            state.hidden = False
            self._take(state, body)
        self._shards.note_version(version)

    def forget(self, uid: str, version: str = "") -> None:
        """Drop a deleted object: nothing of it fires, what is in flight is cancelled.

        `version` is the resource version of its deletion, if the watch has shown it.
        """
        state = self._tasks.pop(uid, None)
        if state is not None:
            state.gone = True
            forget_expression(state)
            self._ticker.cancel(uid)
            self._runs.abandon(state)
        self._shards.note_version(version)

    def _take(self, state: TaskState, body: Body) -> None:
        version = body["metadata"]["resourceVersion"]
        state.run_request = run_request(body)
        if body["metadata"]["generation"] != state.generation:
            take_spec(state, body)
        if state.owned:
            self._follow_version(state, version, body)
            self._planner.plan(state)
            return
        self._follow_owner(state, version, body)
        if self._shards.serves(state):
            self._shards.adopt(state)

    def _follow_owner(self, state: TaskState, version: str, body: Body) -> None:
        """Take over what the owner wrote, unless nobody but ourselves has written."""
        if version == state.resource_version or newer(version, state.resource_version) != version:
            return
        status, state.foreign = read_stored_status(body.get("status"))
        if state.kept:
            if any(same_status(status, write.status) for write in state.sent):
                return
            if same_status(status, state.stored):
                state.resource_version = version
                return
        state.resource_version = version
        state.give_way(status)

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

    # What the leases report.

    def on_acquired(self, shard: int, flushed_through: str) -> None:
        """Go on with the tasks of `shard`; see `Shards.acquire`."""
        self._shards.acquire(shard, flushed_through)

    def on_lost(self, shard: int) -> None:
        """Fire nothing of `shard` any more."""
        self._shards.lose(shard)

    def stop_firing(self, shards: Collection[int]) -> None:
        """Begin no more runs of `shards`, which are about to be drained."""
        self._shards.stop_firing(shards)

    def _is_ours(self, state: TaskState) -> bool:
        """Tell whether the task is ours at this moment, and lose it if it is not."""
        shard = state.shard
        if state.owned and not self._shards.is_draining(shard) and not self._ownership.owns(shard):
            # The lease ran out unnoticed, and everything that it stood for with it.
            self._shards.lose(shard)
        return state.owned

    async def drain(self, shards: Collection[int], grace_seconds: float) -> str:
        """Hand over `shards` to whom will own them; see `Shards.drain`."""
        return await self._shards.drain(shards, grace_seconds)

    # What time brings.

    def _on_due(self, uid: str) -> None:
        state = self._tasks.get(uid)
        if state is None or not state.owned:
            return
        if state.gone:
            # A deletion that the watch missed was found out by the recorder.
            self.forget(uid)
        else:
            self._planner.look(state)

    # What the dispatcher reports.

    def may_start(self, job: Job) -> bool:
        """Tell whether the task is still ours. Asked right before each call."""
        state = job.state
        return (
            not (state.gone or state.hidden)
            and not self._shards.is_draining(state.shard)
            and self._ownership.owns(state.shard)
        )

    def on_refused(self, job: Job) -> None:
        """Leave the job to the successor.

        As long as it can become ours again, it stays among the state's jobs. So it does
        during a hand-over, whose last write names it as active.
        """
        state = job.state
        if state.gone or not (self._is_ours(state) or state.kept):
            state.jobs.pop(job.key, None)
        elif self.may_start(job):
            # The lease came back while the call was being given up.
            self._runs.release(state)

    def on_slow(self, job: Job) -> None:
        """Record that the call has begun."""
        self._runs.on_slow(job)

    def on_finished(self, job: Job, result: CallResult) -> None:
        """Record how the call ended."""
        self._runs.on_finished(job, result)

    def on_share_full(self, job: Job, held: int) -> None:
        """Tell that the namespace of `job` makes as many calls as it may."""
        self._call_shares.full(job.state, held)

    # The end.

    def close(self) -> None:
        """End at once: break off every call, and hand nothing over."""
        self._ticker.close()
        self._dispatcher.break_off()
