"""Adding tasks. The API server's own check of names makes a task unique."""

from typing import Any

from crontask_api.codes import Code
from crontask_api.errors import AlreadyExistsError, ItemError, UnavailableError
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.task import ADD_REQUEST_ANNOTATION, to_manifest
from crontask_api.results import TaskResult
from crontask_api.schemas.items import AddItem
from crontask_api.schemas.parsing import parse_item
from crontask_api.service.context import Context

CREATE_ATTEMPTS = 3
"""Tries to create one task: it may vanish between the refusal and the look at it, and an
answer may be lost on the way."""


async def add_task(context: Context, index: int, fields: Any) -> TaskResult:
    """Create the task that `fields`, item number `index` of the request, describes.

    Raises
    ------
    ItemError
        If a field is wrong, or if a task of this name exists.
    KubernetesError
        If the API server refuses or is away.
    """
    item = parse_item(AddItem, fields)
    request = f"{context.request_id}.{index}"
    manifest = to_manifest(item, time_zone=context.time_zone, now=context.now(), request=request)
    task_id = manifest["metadata"]["name"]
    await _create(context, manifest, request)
    return TaskResult(task_id=task_id, name=item.name)


async def _create(context: Context, manifest: dict[str, Any], request: str) -> None:
    for attempt in range(1, CREATE_ATTEMPTS + 1):
        try:
            await context.client.create(context.namespace, manifest)
            return
        except AlreadyExistsError:
            there = await context.client.get(context.namespace, manifest["metadata"]["name"])
            if there is not None:
                _check_own(there, manifest["spec"]["taskName"], request)
                return
        except UnavailableError:
            # The answer is lost, not necessarily the task: a repetition tells which.
            if attempt == CREATE_ATTEMPTS:
                raise
    raise UnavailableError(
        "a task of this name comes and goes faster than it can be looked at", sent=False
    )


def _check_own(there: CronTask, name: str, request: str) -> None:
    if there.task_name != name:
        raise ItemError(
            Code.NAME_EXISTS,
            f"name: its id {there.metadata.name} is taken by the task {there.task_name!r}, "
            "whose name has the same hash; choose another name",
        )
    if there.metadata.annotations.get(ADD_REQUEST_ANNOTATION) != request:
        raise ItemError(
            Code.NAME_EXISTS,
            f"name: a task of this name exists, with task_id {there.metadata.name}",
        )
