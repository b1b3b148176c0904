"""The life of a run: begun, attempted, tried again, recorded.

Everything here is bookkeeping in a task's state. It takes no time and cannot fail
half-way, so a record exists from the moment an attempt ends, whatever becomes of the
API server, the task, or this process's lease.
"""

import logging
from collections.abc import Callable, Iterable, Set
from datetime import datetime

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.enums import ConcurrencyPolicy, Phase, Reason, RunType
from crontask_core.identity import scheduled_execution_id
from crontask_core.planning import DueRun
from crontask_core.retries import retry_delay
from crontask_core.status import ActiveRun, LastRun, PendingRetry, RunRecord
from crontask_core.times import to_milliseconds
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.engine.dispatcher import Dispatcher
from crontask_operator.process.clock import Clock
from crontask_operator.process.metrics import MISSED, SKIPPED
from crontask_operator.task.attempt_record import (
    dropped_record,
    final_record,
    missed_record,
    started_record,
)
from crontask_operator.task.conditions import finish
from crontask_operator.task.counters import account, count, measure
from crontask_operator.task.notices import Notice, Notify
from crontask_operator.task.state import Job, TaskState

logger = logging.getLogger(__name__)


class Runs:
    """Begins runs, and turns what comes of them into state.

    Parameters
    ----------
    changed
        Called with a task whose status has something new to be written.
    timing_changed
        Called with a task that may have to be looked at earlier or later than planned.
    notify
        Called with what a person should be told about a task.
    text_bytes
        Bytes of a request body and of a response that a record keeps.
    """

    def __init__(
        self,
        clock: Clock,
        dispatcher: Dispatcher,
        *,
        changed: Callable[[TaskState], None],
        timing_changed: Callable[[TaskState], None],
        notify: Notify,
        text_bytes: int,
    ) -> None:
        self._clock = clock
        self._dispatcher = dispatcher
        self._changed = changed
        self._timing_changed = timing_changed
        self._notify = notify
        self._text_bytes = text_bytes

    def begin_due(self, state: TaskState, runs: Iterable[DueRun]) -> None:
        """Begin the runs that are due now, as far as the policy lets them.

        Several at once are a backlog, as after an outage. They do not overlap by
        themselves, so the policy does not skip any for the sake of another: they wait
        for each other.
        """
        # A run that has ended is in nobody's way.
        self.report_ended(state)
        before = state.run_ids()
        for run in runs:
            execution_id = scheduled_execution_id(state.uid, run.scheduled_time)
            if execution_id not in before and self._admitted(state, before):
                self._submit(state, execution_id, run.run_type, 1, run.scheduled_time)

    def report_ended(self, state: TaskState) -> None:
        """Take note of calls that have ended, which under load is done late."""
        self._dispatcher.report_ended(state.jobs.values())

    def begin_manual(self, state: TaskState, execution_id: str) -> None:
        """Begin a run that somebody asked for. Asking twice is no overlap by accident."""
        self._submit(state, execution_id, RunType.MANUAL, 1, to_milliseconds(self._clock.now()))

    def begin_retry(self, state: TaskState, retry: PendingRetry) -> None:
        """Make the attempt that `retry` announced."""
        del state.retries[retry.execution_id]
        self._submit(
            state,
            retry.execution_id,
            RunType.RETRY,
            retry.attempt,
            retry.scheduled_time,
            first_begin=retry.first_begin_time,
        )

    def begin_again(self, state: TaskState, run: ActiveRun) -> None:
        """Make an attempt again whose outcome an earlier owner did not get to record."""
        self._submit(
            state,
            run.execution_id,
            run.run_type,
            run.attempt,
            run.scheduled_time,
            first_begin=run.first_begin_time or run.begin_time,
        )

    def abandon(self, state: TaskState) -> None:
        """End everything that is under way for a task which was deleted."""
        state.retries.clear()
        for job in list(state.jobs.values()):
            self._dispatcher.cancel(job, Reason.CANCELLED)

    def record_missed(self, state: TaskState, moment: datetime, error: str) -> None:
        """Record that the only run of a one-shot task was given up."""
        now = to_milliseconds(self._clock.now())
        self._keep(state, missed_record(state, moment, error, now), now)

    def record_dropped(self, state: TaskState, execution_id: str, error: str) -> None:
        """Record that a run that was asked for is not made."""
        now = to_milliseconds(self._clock.now())
        SKIPPED.inc()
        count(state, skipped=1)
        self._keep(state, dropped_record(state, execution_id, error, now), now)
        self._changed(state)

    def release(self, state: TaskState) -> None:
        """Have the jobs made that waited for this moment, as many as may run at a time."""
        for job in state.held_jobs():
            if not _has_room(state):
                return
            job.held = False
            self._dispatcher.submit(job)

    def give_up_waiting(self, state: TaskState) -> None:
        """Give up a backlog that is not begun: the task is suspended or means other times."""
        waiting = state.held_jobs()
        for job in waiting:
            del state.jobs[job.key]
        if waiting:
            MISSED.inc(len(waiting))
            count(state, missed=len(waiting))
            self._changed(state)

    def _admitted(self, state: TaskState, under_way: Set[str]) -> bool:
        spec = state.spec
        if spec is None:
            return False
        match spec.concurrency_policy:
            case ConcurrencyPolicy.FORBID if under_way:
                self._skip(state, "the run before it is still under way (Forbid)")
                return False
            case ConcurrencyPolicy.REPLACE:
                self._replace(state)
            case ConcurrencyPolicy.ALLOW if len(under_way) >= MAX_ACTIVE_RUNS:
                self._skip(state, _crowded(state))
                return False
        return True

    def _skip(self, state: TaskState, why: str) -> None:
        SKIPPED.inc()
        count(state, skipped=1)
        self._notify(state, Notice.RUN_SKIPPED, f"A run was due and not begun: {why}.")
        self._changed(state)

    def _replace(self, state: TaskState) -> None:
        for retry in list(state.retries.values()):
            # Its failed attempt is recorded; what ends here is only the wish to go on.
            del state.retries[retry.execution_id]
            count(state, failed=1)
        for job in list(state.jobs.values()):
            self._dispatcher.cancel(job, Reason.REPLACED)

    def _submit(
        self,
        state: TaskState,
        execution_id: str,
        run_type: RunType,
        number: int,
        scheduled_time: datetime,
        first_begin: datetime | None = None,
    ) -> None:
        key = (execution_id, number)
        if state.spec is None or key in state.jobs:
            return
        attempt = Attempt(
            namespace=state.namespace,
            name=state.name,
            uid=state.uid,
            spec=state.spec,
            execution_id=execution_id,
            run_type=run_type,
            attempt=number,
            scheduled_time=scheduled_time,
        )
        job = Job(
            state,
            attempt,
            begin=to_milliseconds(self._clock.now()),
            first_begin=first_begin,
            held=number == 1 and not _has_room(state, run_type),
        )
        state.jobs[key] = job
        if not job.held:
            self._dispatcher.submit(job)

    def on_slow(self, job: Job) -> None:
        """Record that `job` was started; the final record takes this one's place."""
        job.state.unsaved.append(started_record(job, self._text_bytes))
        self._changed(job.state)

    def on_finished(self, job: Job, result: CallResult) -> None:
        """Record how `job` ended, and plan what follows from it."""
        state, now = job.state, to_milliseconds(job.ended or self._clock.now())
        state.jobs.pop(job.key, None)
        record = final_record(job, result, now, self._text_bytes)
        self._keep(state, record, now)
        measure(job, result, now)
        if not result.ok:
            told = {**state.log_fields, "execution_id": record.execution_id}
            logger.info("Attempt %d failed: %s", record.attempt, result.error, extra=told)
        if state.owned or state.kept:
            # A run that another owner makes again is counted there.
            self._go_on(job, result, now)
        if state.owned:
            self.release(state)
            if state.waiting_request:
                self._timing_changed(state)
        self._changed(state)

    def _go_on(self, job: Job, result: CallResult, now: datetime) -> None:
        state, attempt = job.state, job.attempt
        retry = None if result.ok else self._plan_retry(job, result, now)
        account(job, result, now, self._notify, retrying=retry is not None)
        if retry is not None:
            state.retries[retry.execution_id] = retry
            self._timing_changed(state)
        elif state.ends_one_shot(attempt.execution_id, attempt.scheduled_time):
            finish(state, Phase.SUCCEEDED if result.ok else Phase.FAILED, result.error, now)
            notice = Notice.SUCCEEDED if result.ok else Notice.FAILED
            self._notify(state, notice, result.error or "The task ran once, as it was meant to.")
            self._timing_changed(state)

    def _plan_retry(self, job: Job, result: CallResult, now: datetime) -> PendingRetry | None:
        state, attempt = job.state, job.attempt
        if state.spec is None or state.gone:
            return None
        first_begin = job.first_begin or job.begin
        delay = retry_delay(
            state.spec.retry, result, attempt=attempt.attempt, first_begin=first_begin, now=now
        )
        if delay is None:
            return None
        return PendingRetry(
            execution_id=attempt.execution_id,
            attempt=attempt.attempt + 1,
            scheduled_time=attempt.scheduled_time,
            due_time=now + delay,
            first_begin_time=first_begin,
        )

    def _keep(self, state: TaskState, record: RunRecord, now: datetime) -> None:
        state.unsaved.append(record)
        state.update(
            last_run=LastRun(
                execution_id=record.execution_id,
                status=record.status,
                run_type=record.run_type,
                time=now,
            )
        )
        # During an outage records pile up. Those that the history would cut off at once
        # when it is written need no memory until then.
        keep = max(state.spec.history_limit if state.spec else 0, 1)
        if len(state.unsaved) > 2 * keep:
            del state.unsaved[: len(state.unsaved) - keep]


def _crowded(state: TaskState) -> str:
    unsent = sum(job.task is None for job in state.jobs.values())
    waiting = f", {unsent} of which wait to be called" if unsent else ""
    return f"{MAX_ACTIVE_RUNS} runs are under way already{waiting}"


def _has_room(state: TaskState, run_type: RunType = RunType.SCHEDULED) -> bool:
    """Tell whether one more run of this task may be more than waiting."""
    if run_type is RunType.MANUAL:
        return state.manual_runs() < MAX_ACTIVE_RUNS
    spec = state.spec
    forbids = spec is not None and spec.concurrency_policy is ConcurrencyPolicy.FORBID
    busy = len(state.retries) + sum(not job.held for job in state.jobs.values())
    return busy < (1 if forbids else MAX_ACTIVE_RUNS)
