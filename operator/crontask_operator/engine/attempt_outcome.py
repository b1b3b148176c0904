"""attempt_outcome turns the end of an attempt into a record, counts and a retry, for decisions.

It is bookkeeping in a task's state. It takes no time and cannot fail half-way, so a record
exists from the moment an end is looked at, whatever becomes of the API server, the task,
or this process's lease.
"""

from datetime import datetime

from crontask_core.enums import Phase
from crontask_core.retries import retry_delay
from crontask_core.status import MAX_NUMBER, LastRun, PendingRetry, RunRecord
from crontask_operator.callbacks.base import CallResult
from crontask_operator.engine.actions import Actions
from crontask_operator.task.attempt_record import final_record
from crontask_operator.task.conditions import finish
from crontask_operator.task.counters import count, grown
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import Job, JobStage, LeaseState, TaskState


def take_in_ended(state: TaskState, text_bytes: int, actions: Actions) -> None:
    """Record each attempt that has ended, and plan what follows from it.

    `text_bytes` bounds each text that a record keeps.
    """
    for job in list(state.jobs.values()):
        if job.stage is JobStage.ENDED and job.result is not None and job.ended is not None:
            del state.jobs[job.key]
            _take_in(job, job.result, job.ended, text_bytes, actions)


def _take_in(
    job: Job, result: CallResult, ended: datetime, text_bytes: int, actions: Actions
) -> None:
    actions.ended.append(job)
    take_in_record(job, final_record(job, result, ended, text_bytes), result, ended, actions)


def take_in_record(
    job: Job, record: RunRecord, result: CallResult, ended: datetime, actions: Actions
) -> None:
    """Keep `record` of an attempt that has ended, and plan what follows from it."""
    state, attempt = job.state, job.attempt
    keep_record(state, record, ended)
    actions.write = True
    if state.lease is LeaseState.OTHERS:
        # The owner makes this run again, and counts it.
        return
    retry = None if result.ok else _plan_retry(job, result, ended)
    _count(job, result, ended, actions, retrying=retry is not None)
    if retry is not None:
        state.retries[retry.execution_id] = retry
    elif state.ends_one_shot(attempt.execution_id, attempt.scheduled_time):
        finish(state, Phase.SUCCEEDED if result.ok else Phase.FAILED, result.error, ended)
        notice = Notice.SUCCEEDED if result.ok else Notice.FAILED
        actions.notices.append((notice, result.error or "The task ran once, as it was meant to."))


def keep_record(state: TaskState, record: RunRecord, now: datetime) -> None:
    """Have `record` written with the next status."""
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
        state.unsaved.keep_newest(keep)


def _plan_retry(job: Job, result: CallResult, now: datetime) -> PendingRetry | None:
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
        redrive_of=attempt.redrive_of,
    )


def _count(
    job: Job, result: CallResult, now: datetime, actions: Actions, *, retrying: bool
) -> None:
    """Count one attempt, and its run if this was the last one."""
    state = job.state
    again = int(job.attempt.attempt > 1)
    failures = state.draft.consecutive_failures
    if result.ok:
        state.update(
            counters=grown(state.draft.counters, succeeded=1, retries=again),
            last_success_time=now,
            consecutive_failures=0,
        )
        if failures:
            message = f"A run succeeded after {failures} that failed."
            actions.notices.append((Notice.RECOVERED, message))
    elif retrying:
        count(state, retries=again)
    else:
        count(state, failed=1, retries=again)
        state.update(last_failure_time=now, consecutive_failures=min(failures + 1, MAX_NUMBER))
        if not failures:
            message = f"A run failed at attempt {job.attempt.attempt}: {result.error}"
            actions.notices.append((Notice.RUN_FAILED, message))
