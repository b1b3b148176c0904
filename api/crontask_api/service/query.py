"""Reading the log of runs."""

from typing import Any

from crontask_api.mapping.records import to_log_entry
from crontask_api.results import TaskResult
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.parsing import parse_item
from crontask_api.service.batch import answer_each
from crontask_api.service.context import Context
from crontask_api.service.lookup import find_task
from crontask_core.status import RunRecord


async def query_tasks(
    context: Context, items: list[Any]
) -> tuple[list[TaskResult], list[dict[str, Any]]]:
    """Return how the look-up of each item went, and the records of all, newest first.

    A task that is asked for twice has its records in the list once.
    """
    found: dict[str, tuple[str, tuple[RunRecord, ...]]] = {}

    async def read(index: int, fields: Any) -> TaskResult:
        del index
        task = await find_task(context.client, context.namespace, parse_item(TaskRef, fields))
        found[task.metadata.name] = (task.task_name, task.typed_status().runs)
        return TaskResult(task_id=task.metadata.name, name=task.task_name)

    results = await answer_each(items, read, key=id, timeout_seconds=context.timeout_seconds)
    runs = [
        (record, task_id, name) for task_id, (name, records) in found.items() for record in records
    ]
    runs.sort(key=lambda run: (run[0].begin_time, run[0].attempt), reverse=True)
    return results, [to_log_entry(task_id, name, record) for record, task_id, name in runs]
