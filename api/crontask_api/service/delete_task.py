"""Deleting tasks."""

from contextlib import suppress
from typing import Any

from crontask_api.results import done
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.responses import TaskResult
from crontask_api.service.batch import answer_parsed
from crontask_api.service.context import Context
from crontask_api.service.lookup import find_task, reference_key
from crontask_kube.errors import ConflictError, NotFoundError


async def delete_tasks(context: Context, items: list[Any]) -> list[TaskResult]:
    """Delete the tasks that `items` mean; return how each went."""
    return await answer_parsed(context, items, TaskRef, delete_task, key=reference_key)


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
    return done(task)
