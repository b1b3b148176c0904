"""Engine carries out what is decided about tasks, for watch events, leases and moments."""

import logging
from collections import Counter
from collections.abc import Callable, Collection

from crontask_operator.callbacks.base import Callback
from crontask_operator.engine.catching_up import CatchingUp
from crontask_operator.engine.decisions import look
from crontask_operator.engine.dispatcher import Dispatcher
from crontask_operator.engine.gauges import gauges_of
from crontask_operator.engine.historian import Historian
from crontask_operator.engine.job_listener import JobListener
from crontask_operator.engine.measures import measure_attempt, measure_runs
from crontask_operator.engine.old_statuses import OldStatuses
from crontask_operator.engine.revealer import Revealer
from crontask_operator.engine.shards import Ownership, Shards
from crontask_operator.engine.status_recorder import StatusRecorder
from crontask_operator.engine.status_writer import StatusWriter, Store
from crontask_operator.engine.ticker import Ticker
from crontask_operator.engine.view_check import Inventory, ViewCheck
from crontask_operator.process.clock import Clock
from crontask_operator.process.metrics import Gauges
from crontask_operator.process.settings import Settings
from crontask_operator.sharing.share_watch import ShareWatch
from crontask_operator.task.attempt_record import started_record
from crontask_operator.task.notices import Notice, Notify
from crontask_operator.task.state import Job, LeaseState, TaskState
from crontask_operator.task.watch_event import (
    Body,
    follow_owner,
    follow_version,
    forget_expression,
    new_state,
    newer,
    reaches,
    take_requests,
    take_spec,
)

logger = logging.getLogger(__name__)


class Engine(JobListener):
    """All tasks of this process. Made and used on one event loop.

    It is level-triggered: an event only says what an object looks like now.

    Parameters
    ----------
    inventory
        What the API server holds, by which shards that come are checked.
    hand_back
        Called with a shard that cannot be checked.
    delete
        Deletes the object of a finished one-shot task whose time to live is over.
    notify
        Called with what a person should be told about a task.
    history
        Is told of attempts; without one the status is all that is kept.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        callback: Callback,
        store: Store,
        ownership: Ownership,
        inventory: Inventory,
        hand_back: Callable[[int], None],
        delete: Callable[[TaskState], None],
        notify: Notify,
        history: Historian | None = None,
    ) -> None:
        self._clock = clock
        self._delete = delete
        self._notify = notify
        self._history = history or Historian()
        self._text_bytes = settings.record_body_bytes
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
        self._share_watch = ShareWatch("calls", lambda: clock.now().timestamp())
        self._shards = Shards(self._tasks, ownership, self._ticker, self._look)
        self.on_acquired, self.on_lost = self._shards.acquire, self._shards.lose
        self.stop_firing, self.hide = self._shards.stop_firing, self._shards.hide
        self.view_check = ViewCheck(
            inventory,
            self._tasks,
            self._shards,
            catch_up=CatchingUp(self._history, self._tasks, self._shards, clock).read,
            observe=self.observe_read,
            forget=self.forget,
            hand_back=hand_back,
        )
        self.reveal = Revealer(inventory, self._tasks, self._shards, forget=self.forget).reveal
        self.caught_up = self._dispatcher.caught_up
        writer = StatusWriter(store, self._shards, self._history, settings.status_record_bytes)
        self.recorder = StatusRecorder(writer, self.caught_up, self._history, settings)
        self._old_statuses = OldStatuses(self.recorder.mark)

    def __len__(self) -> int:
        """Return how many tasks are known."""
        return len(self._tasks)

    @property
    def gauges(self) -> Gauges:
        """What can be measured of the engine at any moment."""
        return gauges_of(self._tasks, self._dispatcher, self.recorder, self._ticker)

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

    def _look(self, state: TaskState) -> None:
        """Do whatever is due for the task by now. Everything that happens ends here."""
        before = state.draft.counters
        actions = look(state, self._clock.now(), self._text_bytes)
        if actions.fault is not None:
            told = state.log_fields
            logger.error("A task could not be handled.", exc_info=actions.fault, extra=told)
        for job, reason in actions.cancel:
            self._dispatcher.cancel(job, reason)
        for job in actions.start:
            self._dispatcher.submit(job)
        for notice, message in actions.notices:
            self._notify(state, notice, message)
        if actions.write_later:
            self.recorder.mark_new(state)
        elif actions.write_slowly:
            self._old_statuses.hold(state)
        elif actions.write:
            self.recorder.mark(state)
        if actions.delete:
            self._delete(state)
        if not state.gone:
            self._ticker.schedule(state.uid, actions.wake_at)
        for job in actions.ended:
            measure_attempt(job)
            self._history.ended(job)
            if job.result is not None and not job.result.ok:
                told = {**state.log_fields, "execution_id": job.attempt.execution_id}
                logger.info(
                    "Attempt %d failed: %s", job.attempt.attempt, job.result.error, extra=told
                )
        for record in actions.unmade:
            self._history.unmade(state, record)
        if state.draft.counters is not before:
            measure_runs(actions.counted or before, state.draft.counters)

    # What the watch reports.

    def observe(self, body: Body) -> None:
        """Take in the object as it is now."""
        metadata = body["metadata"]
        uid, version = metadata["uid"], metadata["resourceVersion"]
        self.recorder.watch_lag.shown(version)
        state = self._tasks.get(uid)
        if state is None and self._shards.is_gone(uid, metadata["namespace"], version):
            return
        if state is None:
            state = self._tasks[uid] = new_state(body, self._shard_count)
        if state.read_version and not reaches(version, state.read_version):
            return
        state.read_version, state.seen_version = "", newer(state.seen_version, version)
        is_asked = take_requests(state, body)
        if is_edited := metadata["generation"] != state.generation:
            take_spec(state, body)
        if not state.owned:
            state.hidden = False
            follow_owner(state, body)
            self._shards.show(state)
        else:
            # Nearly every event is the echo of our own status write: it ends here.
            if not self.recorder.is_writing(state.uid):
                follow_version(state, body)
            if is_edited or is_asked:
                self._look(state)

    def observe_read(self, body: Body) -> None:
        """Take in a known object as it was read, ahead of the watch."""
        self.observe(body)
        metadata = body["metadata"]
        self._tasks[metadata["uid"]].read_version = metadata["resourceVersion"]

    def forget(self, uid: str) -> None:
        """Drop a deleted object: nothing of it fires, what is in flight is cancelled."""
        state = self._tasks.pop(uid, None)
        if state is not None:
            state.gone = True
            forget_expression(state)
            self._ticker.cancel(uid)
            self._shards.forget(uid)
            self._look(state)

    async def drain(self, shards: Collection[int], grace_seconds: float) -> str:
        """Let calls in flight end, leave the rest to the successor, write everything.

        Returns `flushed_through`. The lease must last until then.
        """
        self.stop_firing(shards)
        await self._dispatcher.drain(
            lambda job: self._shards.is_draining(job.state.shard), grace_seconds
        )
        states = list(self._shards.owned_tasks(shards))
        for state in states:
            if state.jobs:
                # Named as active, the successor makes them again under the same ids.
                self.recorder.mark(state)
        await self.recorder.flush(states)
        self._shards.let_go(shards)
        return self.flushed_through

    @property
    def flushed_through(self) -> str:
        """The highest resource version that this replica and those before it have written."""
        return newer(self.recorder.latest_version, self._shards.inherited_version)

    def doubt(self, shards: Collection[int]) -> None:
        """Fire nothing more of `shards`, which are ours, until their tasks are confirmed anew."""
        self._shards.doubt(shards)
        self._dispatcher.hold(lambda job: job.state.shard in shards)

    def look_at_all(self) -> None:
        """Judge all tasks anew that are ours: the clock was set back."""
        for state in self._tasks.values():
            if state.lease is LeaseState.HELD:
                state.in_force = False
                self._ticker.schedule(state.uid, self._clock.now())

    def _on_due(self, uid: str) -> None:
        state = self._tasks.get(uid)
        if state is None or not state.owned:
            return
        if state.gone:
            # A deletion that the watch missed was found out by the recorder.
            self.forget(uid)
        else:
            self._look(state)

    def may_start(self, job: Job) -> bool:
        """Tell whether the task is still ours. Asked right before each call."""
        return self._shards.may_fire(job.state)

    def on_refused(self, job: Job) -> None:
        """Leave the job to the successor.

        As long as it can become ours again, it stays among the state's jobs. So it does
        during a hand-over, whose last write names it as active.
        """
        state = job.state
        if state.gone or not (self._shards.still_owns(state) or state.lease is LeaseState.LOST):
            state.jobs.pop(job.key, None)
        elif self.may_start(job):
            # The lease came back while the call was being given up.
            self._look(state)

    def on_slow(self, job: Job) -> None:
        """Record that the call has begun."""
        job.state.unsaved.append(started_record(job, self._text_bytes))
        self._history.begun(job)
        self.recorder.mark(job.state)

    def on_finished(self, job: Job) -> None:
        """Record how the call ended, unless a look has done so since."""
        if job.state.jobs.get(job.key) is job:
            self._look(job.state)

    def on_share_full(self, job: Job, held: int) -> None:
        """Tell that the namespace of `job` makes as many calls as it may."""
        if self._share_watch.full(job.state.namespace):
            message = (
                f"Calls of this namespace wait for others of it to end: {held} are in flight, "
                "which is its share while other namespaces are to have theirs."
            )
            self._notify(job.state, Notice.SHARE_USED_UP, message)

    def close(self) -> None:
        """End at once: break off every call, and hand nothing over."""
        self._ticker.close()
        self._dispatcher.break_off()
