"""admission begins runs for decisions, in order and as many as the task's policy allows."""

from collections.abc import Iterable, Set
from datetime import datetime
from typing import Final

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.enums import ConcurrencyPolicy, Reason, RunType
from crontask_core.identity import scheduled_execution_id
from crontask_core.planning import DueRun
from crontask_operator.callbacks.base import Attempt
from crontask_operator.engine.actions import Actions
from crontask_operator.task.attempt_record import cancelled
from crontask_operator.task.counters import count
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import Job, JobStage, TaskState

_BUSY: Final = (JobStage.QUEUED, JobStage.RUNNING)


def begin_due(
    state: TaskState,
    runs: Iterable[DueRun],
    now: datetime,
    actions: Actions,
    *,
    reached: datetime | None,
) -> None:
    """Begin the runs that are due now, as far as the policy lets them.

    Several at once are a backlog, as after an outage. They do not overlap by
    themselves, so the policy does not skip any for the sake of another: they wait
    for each other. `reached` is the watermark before: the only run of a one-shot task
    that was skipped is due until it is made, and told of once.
    """
    before = state.run_ids()
    for run in runs:
        execution_id = scheduled_execution_id(state.uid, run.scheduled_time)
        if state.spec is None or execution_id in before or execution_id in state.made_ahead:
            continue
        if obstacle := _obstacle(state, state.spec.concurrency_policy, before):
            if reached is None or run.scheduled_time > reached:
                count(state, skipped=1)
                message = f"A run was due and not begun: {obstacle}."
                actions.notices.append((Notice.RUN_SKIPPED, message))
                actions.write = True
            continue
        if state.spec.concurrency_policy is ConcurrencyPolicy.REPLACE:
            _replace(state, now, actions)
        begin(state, execution_id, run.run_type, 1, run.scheduled_time, now, actions)


def begin(
    state: TaskState,
    execution_id: str,
    run_type: RunType,
    number: int,
    scheduled_time: datetime,
    now: datetime,
    actions: Actions,
    *,
    first_begin: datetime | None = None,
    redrive_of: str = "",
) -> None:
    """Begin attempt `number` of a run, at once if the task has room or it is a retry.

    `first_begin` is when the first attempt of the run began, if that was another, and
    `redrive_of` the run that this one makes again.
    """
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
        redrive_of=redrive_of,
    )
    job = Job(state, attempt, begin=now, first_begin=first_begin)
    if number > 1 or _has_room(state, run_type):
        _start(job, actions)
    state.jobs[key] = job


def start_waiting(state: TaskState, actions: Actions) -> None:
    """Start the jobs that waited for this moment, as many as may run at a time."""
    for job in state.jobs.values():
        if job.stage is JobStage.WAITING:
            if not _has_room(state):
                return
            _start(job, actions)


def cancel_jobs(
    state: TaskState,
    reason: Reason,
    now: datetime,
    actions: Actions,
    *,
    spared: Set[str] = frozenset(),
) -> None:
    """End every attempt that is under way. One whose call is not made has ended by this.

    Runs whose execution ids are `spared` go on.
    """
    for job in state.jobs.values():
        if job.stage is JobStage.ENDED or job.attempt.execution_id in spared:
            continue
        if job in actions.start:
            actions.start.remove(job)
        elif job.stage is not JobStage.WAITING:
            actions.cancel.append((job, reason))
        if job.stage is not JobStage.RUNNING:
            job.end(cancelled(reason), now)


def _obstacle(state: TaskState, policy: ConcurrencyPolicy, under_way: Set[str]) -> str:
    """Return why no further run may begin beside those `under_way`; empty if one may."""
    if policy is ConcurrencyPolicy.FORBID and under_way:
        return "the run before it is still under way (Forbid)"
    if policy is ConcurrencyPolicy.ALLOW and len(under_way) >= MAX_ACTIVE_RUNS:
        unsent = sum(job.stage is not JobStage.RUNNING for job in state.jobs.values())
        waiting = f", {unsent} of which wait to be called" if unsent else ""
        return f"{MAX_ACTIVE_RUNS} runs are under way already{waiting}"
    return ""


def _replace(state: TaskState, now: datetime, actions: Actions) -> None:
    asked_for = state.requested_ids()
    ended = state.retries.keys() - asked_for
    if ended:
        # Their failed attempts are recorded; what ends is only the wish to go on.
        count(state, failed=len(ended))
        for execution_id in ended:
            del state.retries[execution_id]
    cancel_jobs(state, Reason.REPLACED, now, actions, spared=asked_for)


def _start(job: Job, actions: Actions) -> None:
    job.queue()
    actions.start.append(job)


def _has_room(state: TaskState, run_type: RunType = RunType.SCHEDULED) -> bool:
    """Tell whether one more run of this task may be more than waiting."""
    if run_type is RunType.MANUAL:
        return state.manual_runs() < MAX_ACTIVE_RUNS
    spec = state.spec
    forbids = spec is not None and spec.concurrency_policy is ConcurrencyPolicy.FORBID
    busy = len(state.retries) + sum(job.stage in _BUSY for job in state.jobs.values())
    return busy < (1 if forbids else MAX_ACTIVE_RUNS)
