"""The life of a run: begun, attempted, tried again, recorded.

Everything here is bookkeeping in a task's state. It takes no time and cannot fail
half-way, so a record exists from the moment an attempt ends, whatever becomes of the
API server, the task, or this process's lease.
"""

import logging
from collections.abc import Callable
from datetime import datetime

import msgspec

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.enums import ConcurrencyPolicy, Phase, Reason, RunStatus, RunType
from crontask_core.excerpt import excerpt
from crontask_core.identity import scheduled_execution_id
from crontask_core.retries import retry_delay
from crontask_core.status import ActiveRun, LastRun, PendingRetry, RunRecord
from crontask_core.times import to_milliseconds
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.clock import Clock
from crontask_operator.dispatcher import Dispatcher, Job
from crontask_operator.phase import finish
from crontask_operator.state import TaskState

logger = logging.getLogger(__name__)


class Runs:
    """Begins runs, and turns what comes of them into state.

    Parameters
    ----------
    changed
        Called with a task whose status has something new to be written.
    timing_changed
        Called with a task that may have to be looked at earlier or later than planned.
    body_bytes
        Bytes of a request body and of a response that a record keeps.
    """

    def __init__(
        self,
        clock: Clock,
        dispatcher: Dispatcher,
        *,
        changed: Callable[[TaskState], None],
        timing_changed: Callable[[TaskState], None],
        body_bytes: int,
    ) -> None:
        self._clock = clock
        self._dispatcher = dispatcher
        self._changed = changed
        self._timing_changed = timing_changed
        self._body_bytes = body_bytes

    def begin_scheduled(
        self, state: TaskState, scheduled_time: datetime, run_type: RunType
    ) -> None:
        """Begin the run that was due at `scheduled_time`, if the policy lets it."""
        execution_id = scheduled_execution_id(state.uid, scheduled_time)
        if self._admitted(state, execution_id):
            self._submit(state, execution_id, run_type, 1, scheduled_time)

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
            first_begin=run.begin_time,
        )

    def abandon(self, state: TaskState) -> None:
        """End everything that is under way for a task which was deleted."""
        state.retries.clear()
        for job in list(state.jobs.values()):
            self._dispatcher.cancel(job, Reason.CANCELLED)

    def _admitted(self, state: TaskState, execution_id: str) -> bool:
        spec = state.spec
        under_way = state.run_ids()
        if spec is None or execution_id in under_way:
            return False
        match spec.concurrency_policy:
            case ConcurrencyPolicy.FORBID if under_way:
                self._skip(state, "the run before it is still under way (Forbid)")
                return False
            case ConcurrencyPolicy.REPLACE:
                self._replace(state)
            case ConcurrencyPolicy.ALLOW if len(under_way) >= MAX_ACTIVE_RUNS:
                self._skip(state, f"{MAX_ACTIVE_RUNS} runs are under way already")
                return False
        return True

    def _skip(self, state: TaskState, why: str) -> None:
        logger.warning("A run was skipped: %s.", why, extra=state.log_fields)
        count(state, skipped=1)
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
        job = Job(state, attempt, begin=to_milliseconds(self._clock.now()), first_begin=first_begin)
        state.jobs[key] = job
        self._dispatcher.submit(job)

    def on_slow(self, job: Job) -> None:
        """Record that `job` was started; the final record takes this one's place."""
        job.state.unsaved.append(self._record(job, RunStatus.STARTED))
        self._changed(job.state)

    def on_finished(self, job: Job, result: CallResult) -> None:
        """Record how `job` ended, and plan what follows from it."""
        state, now = job.state, to_milliseconds(self._clock.now())
        attempt = job.attempt
        state.jobs.pop(job.key, None)
        record = self._record(job, _status_of(result), result, now)
        state.unsaved.append(record)
        self._forget_superfluous(state)
        retry = None if result.ok or not state.owned else self._plan_retry(job, result, now)
        if state.owned:
            # A run that outlives the lease is made again, and counted, by the new owner.
            self._count(job, result, retrying=retry is not None)
        state.update(
            last_run=LastRun(
                execution_id=record.execution_id,
                status=record.status,
                run_type=record.run_type,
                time=now,
            )
        )
        if retry is not None:
            state.retries[retry.execution_id] = retry
            self._timing_changed(state)
        elif state.ends_one_shot(attempt.execution_id, attempt.scheduled_time):
            finish(state, Phase.SUCCEEDED if result.ok else Phase.FAILED, record.error, now)
            self._timing_changed(state)
        self._changed(state)

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

    def _count(self, job: Job, result: CallResult, *, retrying: bool) -> None:
        state, now = job.state, to_milliseconds(self._clock.now())
        again = int(job.attempt.attempt > 1)
        if result.ok:
            count(state, succeeded=1, retries=again)
            state.update(last_success_time=now, consecutive_failures=0)
        elif retrying:
            count(state, retries=again)
        else:
            count(state, failed=1, retries=again)
            state.update(
                last_failure_time=now, consecutive_failures=state.draft.consecutive_failures + 1
            )

    def _record(
        self,
        job: Job,
        status: RunStatus,
        result: CallResult | None = None,
        end: datetime | None = None,
    ) -> RunRecord:
        attempt = job.attempt
        url, body = _target(attempt)
        record = RunRecord(
            execution_id=attempt.execution_id,
            run_type=attempt.run_type,
            attempt=attempt.attempt,
            status=status,
            scheduled_time=attempt.scheduled_time,
            begin_time=to_milliseconds(job.begin),
            url=url,
            body=excerpt(body, self._body_bytes),
        )
        if result is None:
            return record
        return msgspec.structs.replace(
            record,
            end_time=end,
            response=excerpt(result.response, self._body_bytes, more=result.truncated),
            code=result.code,
            reason=result.reason,
            error=excerpt(result.error, self._body_bytes),
        )

    def _forget_superfluous(self, state: TaskState) -> None:
        # During an outage records pile up. Those that the history would cut off at once
        # when it is written need no memory until then.
        keep = max(state.spec.history_limit if state.spec else 0, 1)
        if len(state.unsaved) > 2 * keep:
            del state.unsaved[: len(state.unsaved) - keep]


def count(state: TaskState, **increments: int) -> None:
    """Add to the counters of `state`'s draft."""
    counters = state.draft.counters
    changed = {name: getattr(counters, name) + amount for name, amount in increments.items()}
    state.update(counters=msgspec.structs.replace(counters, **changed))


def _status_of(result: CallResult) -> RunStatus:
    return RunStatus.SUCCEEDED if result.ok else RunStatus.FAILED


def _target(attempt: Attempt) -> tuple[str, str]:
    callback = attempt.spec.callback
    if callback.http is not None:
        return callback.http.url, callback.http.body
    if callback.grpc is not None:
        grpc = callback.grpc
        return f"{grpc.address}/{grpc.service}/{grpc.method}", grpc.body
    return "", ""
