"""Adding tasks. The API server's own check of names makes a task unique."""

import hashlib
from dataclasses import dataclass
from typing import Any

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.task import to_manifest
from crontask_api.schemas.items import AddItem
from crontask_api.schemas.parsing import parse_item
from crontask_api.schemas.responses import TaskResult
from crontask_api.service.batch import answer_each
from crontask_api.service.context import Context
from crontask_api.service.lookup import name_key
from crontask_core.constants import ADD_REQUEST_ANNOTATION
from crontask_kube.errors import AlreadyExistsError, SilentError, UnavailableError

CREATE_ATTEMPTS = 3
"""Tries to create one task: it may vanish between the refusal and the look at it, and an
answer may be lost on the way."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a task comes from: `place` is the request and the item's number in it."""

    place: str
    fingerprint: str
    """Hash of the item's values."""

    def __str__(self) -> str:
        return f"{self.place}.{self.fingerprint}"


async def add_tasks(context: Context, request: str, items: list[Any]) -> list[TaskResult]:
    """Create the tasks that `items` of `request` describe; return how each went."""
    return await answer_each(
        items,
        lambda index, fields: add_task(context, request, index, fields),
        key=name_key,
        timeout_seconds=context.timeout_seconds,
    )


async def add_task(context: Context, request: str, index: int, fields: Any) -> TaskResult:
    """Create the task that `fields`, item number `index` of `request`, describes.

    If this very item of this very request made a task before, that is a success too: an
    answer got lost, or the client repeats the request under its Idempotency-Key.

    Raises
    ------
    ItemError
        If a field is wrong, or if a task of this name exists.
    ApiError
        If the API server refuses or is away.
    """
    item = parse_item(AddItem, fields)
    manifest = to_manifest(item, time_zone=context.time_zone, now=context.now())
    origin = Origin(f"{request}.{index}", _fingerprint(item))
    manifest["metadata"]["annotations"] = {ADD_REQUEST_ANNOTATION: str(origin)}
    await _create(context, manifest, origin)
    return TaskResult(manifest["metadata"]["name"], item.name, "", Code.OK)


async def _create(context: Context, manifest: dict[str, Any], origin: Origin) -> None:
    for attempt in range(1, CREATE_ATTEMPTS + 1):
        try:
            await context.client.create(context.namespace, manifest)
            return
        except AlreadyExistsError:
            there = await context.client.get(context.namespace, manifest["metadata"]["name"])
            if there is not None:
                _check_own(there, manifest["spec"]["taskName"], origin)
                return
        except SilentError:
            raise
        except UnavailableError as error:
            # The answer is lost, not necessarily the task: a repetition tells which.
            if attempt == CREATE_ATTEMPTS or not error.sent:
                raise
    raise UnavailableError(
        "a task of this name comes and goes faster than it can be looked at", sent=False
    )


def _check_own(there: CronTask, name: str, origin: Origin) -> None:
    if there.task_name != name:
        raise ItemError(
            Code.NAME_EXISTS,
            f"name: its id {there.metadata.name} is taken by the task {there.task_name!r}, "
            "whose name has the same hash; choose another name",
        )
    made_by = there.metadata.annotations.get(ADD_REQUEST_ANNOTATION, "")
    if made_by == str(origin):
        return
    if made_by.startswith(f"{origin.place}."):
        raise ItemError(
            Code.NAME_EXISTS,
            "name: this Idempotency-Key added the task before, with other values; "
            f"its task_id is {there.metadata.name}",
        )
    raise ItemError(
        Code.NAME_EXISTS, f"name: a task of this name exists; its task_id is {there.metadata.name}"
    )


def _fingerprint(item: AddItem) -> str:
    return hashlib.blake2b(item.model_dump_json().encode(), digest_size=8).hexdigest()
