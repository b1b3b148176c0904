"""Deleting tasks."""

from contextlib import suppress

from crontask_api.results import TaskResult
from crontask_api.schemas.items import TaskRef
from crontask_api.service.context import Context
from crontask_api.service.lookup import find_task
from crontask_kube.errors import ConflictError, NotFoundError


async def delete_task(context: Context, ref: TaskRef) -> TaskResult:
    """Delete the task that `ref` means; its log goes with it, and its name is free again.

    Raises
    ------
    ItemError
        If there is no such task.
    ApiError
        If the API server refuses or is away.
    """
    task = await find_task(context.client, context.namespace, ref)
    # Somebody else deleted it, or this did and the answer got lost: it is gone.
    with suppress(NotFoundError, ConflictError):
        await context.client.delete(context.namespace, task.metadata.name, uid=task.metadata.uid)
    return TaskResult(task_id=task.metadata.name, name=task.task_name)
