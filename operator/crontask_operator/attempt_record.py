"""From an attempt and its result to the record of it."""

from datetime import datetime

import msgspec

from crontask_core.enums import RunStatus
from crontask_core.excerpt import excerpt
from crontask_core.status import RunRecord
from crontask_core.times import to_milliseconds
from crontask_operator.callbacks.base import Attempt, CallResult
from crontask_operator.dispatcher import Job


def started_record(job: Job, text_bytes: int) -> RunRecord:
    """Return the record of an attempt that is in flight.

    `text_bytes` bounds each text that the record keeps.
    """
    attempt = job.attempt
    url, body = _target(attempt)
    return RunRecord(
        execution_id=attempt.execution_id,
        run_type=attempt.run_type,
        attempt=attempt.attempt,
        status=RunStatus.STARTED,
        scheduled_time=attempt.scheduled_time,
        begin_time=to_milliseconds(job.begin),
        url=url,
        body=excerpt(body, text_bytes),
    )


def final_record(job: Job, result: CallResult, end: datetime, text_bytes: int) -> RunRecord:
    """Return the record of an attempt that has ended at `end`."""
    return msgspec.structs.replace(
        started_record(job, text_bytes),
        status=RunStatus.SUCCEEDED if result.ok else RunStatus.FAILED,
        end_time=end,
        response=excerpt(result.response, text_bytes, more=result.truncated),
        code=result.code,
        reason=result.reason,
        error=excerpt(result.error, text_bytes),
    )


def _target(attempt: Attempt) -> tuple[str, str]:
    callback = attempt.spec.callback
    if callback.http is not None:
        return callback.http.url, callback.http.body
    if callback.grpc is not None:
        grpc = callback.grpc
        return f"{grpc.address}/{grpc.service}/{grpc.method}", grpc.body
    return "", ""
