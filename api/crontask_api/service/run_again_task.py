"""Asking for a run now."""

import secrets
from typing import Any

from crontask_api.codes import Code
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.responses import RunResult, TaskResult
from crontask_api.service.batch import answer_parsed
from crontask_api.service.context import Context
from crontask_api.service.lookup import find_task
from crontask_core.constants import RUN_REQUEST_ANNOTATION
from crontask_core.identity import manual_execution_id


async def run_again_tasks(context: Context, items: list[Any]) -> list[RunResult | TaskResult]:
    """Ask for a run of each task that `items` mean; return how each request went."""
    return await answer_parsed(context, items, TaskRef, run_again, key=id)


async def run_again(context: Context, ref: TaskRef) -> RunResult:
    """Ask the operator for a run of the task, and return the id that the run will have.

    Raises
    ------
    ItemError
        If there is no such task.
    ApiError
        If the API server refuses or is away.
    """
    task = await find_task(context.client, context.namespace, ref)
    # The moment is for people; the suffix keeps two requests of one moment apart.
    request = f"{context.now().isoformat()}-{secrets.token_hex(4)}"
    await context.client.merge_patch(
        context.namespace,
        task.metadata.name,
        {
            "metadata": {
                "uid": task.metadata.uid,
                "annotations": {RUN_REQUEST_ANNOTATION: request},
            }
        },
    )
    execution_id = manual_execution_id(task.metadata.uid, request)
    return RunResult(task.metadata.name, task.task_name, "", Code.OK, execution_id)
