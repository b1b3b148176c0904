"""Reading the log of runs."""

from dataclasses import dataclass
from typing import Any

from crontask_api.mapping.records import RUN_TYPES, STATUSES, to_log_entry
from crontask_api.results import TaskResult
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.parsing import parse_item
from crontask_api.schemas.requests import QueryOptions
from crontask_api.service.batch import answer_each
from crontask_api.service.context import Context
from crontask_api.service.lookup import find_task
from crontask_api.service.newest import LogLine, Newest, decode_cursor
from crontask_core.status import RunRecord


@dataclass(frozen=True, slots=True)
class Log:
    """The answer to a query."""

    results: list[TaskResult]
    """How the look-up of each item went."""
    entries: list[dict[str, Any]]
    """Records of all tasks, newest first."""
    next_cursor: str
    """Empty if there are no more."""


async def query_tasks(context: Context, options: QueryOptions, items: list[Any]) -> Log:
    """Return the log of the tasks that `items` mean.

    A task that is asked for twice has its records in the log once.

    Raises
    ------
    RequestError
        If the cursor is not one of ours.
    """
    before = decode_cursor(options.cursor) if options.cursor else None
    newest = Newest(options.limit, before)
    seen: set[str] = set()

    async def read(index: int, fields: Any) -> TaskResult:
        task = await find_task(context.client, context.namespace, parse_item(TaskRef, fields))
        task_id, name = task.metadata.name, task.task_name
        runs = task.typed_status().runs
        if task_id not in seen:
            seen.add(task_id)
            newest.add(LogLine(run, task_id, name) for run in runs if _is_wanted(run, options))
        return TaskResult(task_id=task_id, name=name)

    results = await answer_each(items, read, key=id, timeout_seconds=context.timeout_seconds)
    lines, next_cursor = newest.page()
    return Log(results, [to_log_entry(*line) for line in lines], next_cursor)


def _is_wanted(record: RunRecord, options: QueryOptions) -> bool:
    return (
        (options.status is None or STATUSES[record.status] is options.status)
        and (options.run_type is None or RUN_TYPES[record.run_type] is options.run_type)
        and (options.since is None or record.begin_time >= options.since)
    )
