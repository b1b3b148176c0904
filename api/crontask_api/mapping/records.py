"""records makes entries of ``log_list`` of ``status.runs``, for the log of runs."""

from typing import Final

from crontask_api.codes import RunStatusNumber, RunTypeNumber
from crontask_api.schemas.responses import LogEntry
from crontask_core.enums import RunStatus, RunType
from crontask_core.status import RunRecord
from crontask_core.times import rfc3339

RUN_TYPES: Final = {
    RunType.SCHEDULED: RunTypeNumber.SCHEDULED,
    # To the document's clients a run that came late is a normal one.
    RunType.CATCH_UP: RunTypeNumber.SCHEDULED,
    RunType.RETRY: RunTypeNumber.RETRY,
    RunType.MANUAL: RunTypeNumber.MANUAL,
}
STATUSES: Final = {
    RunStatus.STARTED: RunStatusNumber.STARTED,
    RunStatus.SUCCEEDED: RunStatusNumber.SUCCEEDED,
    RunStatus.FAILED: RunStatusNumber.FAILED,
}


def to_log_entry(record: RunRecord, task_id: str, name: str) -> LogEntry:
    """Return `record` in the document's words, with its further fields after them."""
    return LogEntry(
        task_id=task_id,
        name=name,
        run_type=RUN_TYPES[record.run_type],
        status=STATUSES[record.status],
        begin_time=rfc3339(record.begin_time),
        end_time="" if record.end_time is None else rfc3339(record.end_time),
        url=record.url,
        body=record.body,
        resp=record.response,
        execution_id=record.execution_id,
        attempt=record.attempt,
        scheduled_time=rfc3339(record.scheduled_time),
        code=record.code,
        reason=record.reason or "",
        error=record.error,
    )
