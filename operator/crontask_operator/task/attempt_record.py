"""attempt_record makes the record of an attempt for the status of its task."""

from datetime import datetime
from typing import Final

import msgspec

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_core.identity import scheduled_execution_id
from crontask_core.spec import Callback
from crontask_core.status import RunRecord
from crontask_core.truncate import truncate
from crontask_operator.callbacks.base import CallResult
from crontask_operator.task.state import Job, TaskState

_CANCELLED: Final = {
    Reason.REPLACED: "a newer run of the task took its place",
    Reason.CANCELLED: "the call was cancelled before it ended",
}

MAX_TARGET_BYTES: Final = 8192
"""Bytes of the URL in a record: the CRD's 2048 characters fit, whichever they are."""


def cancelled(reason: Reason) -> CallResult:
    """Return how an attempt ended that we ourselves have ended for `reason`."""
    return CallResult(reason=reason, error=_CANCELLED.get(reason, ""))


def started_record(job: Job, text_bytes: int) -> RunRecord:
    """Return the record of an attempt that is in flight.

    `text_bytes` bounds each text that the record keeps.
    """
    attempt = job.attempt
    url, body = _target(attempt.spec.callback)
    return RunRecord(
        execution_id=attempt.execution_id,
        run_type=attempt.run_type,
        attempt=attempt.attempt,
        status=RunStatus.STARTED,
        scheduled_time=attempt.scheduled_time,
        begin_time=job.begin,
        url=url,
        body=truncate(body, text_bytes),
        redrive_of=attempt.redrive_of,
    )


def final_record(job: Job, result: CallResult, end: datetime, text_bytes: int) -> RunRecord:
    """Return the record of an attempt that has ended at `end`."""
    return msgspec.structs.replace(
        started_record(job, text_bytes),
        status=RunStatus.SUCCEEDED if result.ok else RunStatus.FAILED,
        end_time=end,
        response=truncate(
            result.response, text_bytes, more=result.truncated, size=result.response_bytes
        ),
        code=result.code,
        reason=result.reason,
        error=truncate(result.error, text_bytes),
    )


def missed_record(state: TaskState, moment: datetime, error: str, now: datetime) -> RunRecord:
    """Return the record of a one-shot task whose `moment` was given up: no call was made."""
    execution_id = scheduled_execution_id(state.uid, moment)
    return _unmade(state, execution_id, moment, error, now, RunType.SCHEDULED, Reason.MISSED)


def dropped_record(state: TaskState, execution_id: str, error: str, now: datetime) -> RunRecord:
    """Return the record of a run that was asked for and not made."""
    return _unmade(state, execution_id, now, error, now, RunType.MANUAL, Reason.REPLACED)


def _unmade(
    state: TaskState,
    execution_id: str,
    moment: datetime,
    error: str,
    now: datetime,
    run_type: RunType,
    reason: Reason,
) -> RunRecord:
    return RunRecord(
        execution_id=execution_id,
        run_type=run_type,
        attempt=1,
        status=RunStatus.FAILED,
        scheduled_time=moment,
        begin_time=now,
        end_time=now,
        url=_target(state.spec.callback)[0] if state.spec is not None else "",
        reason=reason,
        error=error,
    )


def _target(callback: Callback) -> tuple[str, str]:
    if callback.http is not None:
        return truncate(callback.http.url, MAX_TARGET_BYTES), callback.http.body
    if callback.grpc is not None:
        grpc = callback.grpc
        target = f"{grpc.address}/{grpc.service}/{grpc.method}"
        return truncate(target, MAX_TARGET_BYTES), grpc.body
    return "", ""
