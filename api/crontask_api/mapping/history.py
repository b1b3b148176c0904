"""history maps requests to filters of the history, and its rows to entries and records."""

from dataclasses import replace
from typing import Final

from crontask_api.codes import RunStatusNumber, RunTypeNumber
from crontask_api.mapping.records import RUN_TYPES, STATUSES
from crontask_api.schemas.requests import QueryOptions
from crontask_api.schemas.run_requests import RunChoice, RunsRequest
from crontask_api.schemas.run_responses import RunEntry
from crontask_core.enums import RunStatus, RunType
from crontask_core.times import rfc3339
from crontask_history.filters import Position, RunFilter
from crontask_history.row import RunRow

_OF_STATUS: Final = {number: status for status, number in STATUSES.items()}


def to_log_filter(
    options: QueryOptions, namespace: str, after: Position | None, limit: int
) -> RunFilter:
    """Return what `options` ask for of a log, with the texts of all attempts."""
    return RunFilter(
        namespace=namespace,
        statuses=_statuses(options.status),
        run_types=_run_types(options.run_type),
        begin=max(filter(None, (options.begin, options.since)), default=None),
        end=options.end,
        limit=limit,
        after=after,
        texts=True,
    )


def to_choice(request: RunChoice, namespace: str) -> RunFilter:
    """Return which runs `request` means, of `namespace` alone."""
    return RunFilter(
        namespace=namespace,
        name=request.task_id,
        task_name=request.name,
        module=request.module,
        statuses=_statuses(request.status),
        run_types=_run_types(request.run_type),
        reasons=() if request.reason is None else (request.reason,),
        code=request.code,
        execution_id=request.execution_id,
        is_redriven=request.redriven,
        begin=request.begin,
        end=request.end,
    )


def to_filter(request: RunsRequest, namespace: str, after: Position | None) -> RunFilter:
    """Return what `request` asks for, of `namespace` alone."""
    return replace(
        to_choice(request, namespace),
        text=request.text or "",
        limit=request.limit,
        after=after,
        newest_first=not request.oldest_first,
        texts=request.texts,
    )


def to_run_entry(row: RunRow) -> RunEntry:
    """Return `row` in the document's words, with its further fields after them."""
    return RunEntry(
        task_id=row.name,
        name=row.task_name,
        run_type=RUN_TYPES[row.run_type],
        status=STATUSES[row.status],
        begin_time=rfc3339(row.begin_time),
        end_time="" if row.end_time is None else rfc3339(row.end_time),
        url=row.url,
        body=row.body,
        resp=row.response,
        execution_id=row.execution_id,
        attempt=row.attempt,
        scheduled_time=rfc3339(row.scheduled_time),
        code=row.code,
        reason=row.reason or "",
        error=row.error or row.summary,
        namespace=row.namespace,
        module=row.module,
        lag_seconds=row.lag_seconds,
        replica=row.replica,
        redrive_of=row.redrive_of,
        redriven_by=row.redriven_by,
    )


def _statuses(number: RunStatusNumber | None) -> tuple[RunStatus, ...]:
    return () if number is None else (_OF_STATUS[number],)


def _run_types(number: RunTypeNumber | None) -> tuple[RunType, ...]:
    return tuple(kind for kind, each in RUN_TYPES.items() if each is number)
