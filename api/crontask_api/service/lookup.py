"""Finding a task by ``task_id``, and if that leads to none, by ``name``."""

import re
from typing import Any, Final, Protocol

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.kube.objects import CronTask, CronTaskPage
from crontask_api.schemas.items import TaskRef
from crontask_api.shown import cut
from crontask_core.identity import task_id
from crontask_kube.names import is_object_name

_UNSET_ID: Final = ("", "0")
"""What clients in languages without an absent value send for no id."""

_MOST_NAMESAKES: Final = 3


class Reader(Protocol):
    """What a look-up needs of the Kubernetes API; see `CronTaskClient`."""

    async def get(self, namespace: str, name: str) -> CronTask | None:
        """Return the object called `name`, or None."""

    async def page(self, namespace: str, *, field_selector: str, limit: int) -> CronTaskPage:
        """Return the first `limit` objects that match."""


async def find_task(client: Reader, namespace: str, ref: TaskRef) -> CronTask:
    """Return the task that `ref` means.

    Raises
    ------
    ItemError
        If there is none, or if several bear the name, which only kubectl can bring about.
    """
    task = None
    if ref.task_id not in (None, *_UNSET_ID):
        task = await _by_object_name(client, namespace, ref.task_id or "")
    if task is None and ref.name:
        task = await _by_name(client, namespace, ref.name)
    if task is None:
        raise ItemError(Code.NOT_FOUND, _nothing_found(ref))
    return task


def name_key(fields: Any) -> object:
    """Return what two items to add have in common that would make the same task."""
    name = fields.get("name") if isinstance(fields, dict) else None
    return name if isinstance(name, str) else id(fields)


def reference_key(fields: Any) -> object:
    """Return what two items have in common that mean the same task of the facade's."""
    if not isinstance(fields, dict):
        return id(fields)
    given = fields.get("task_id")
    if isinstance(given, int | str) and str(given) not in _UNSET_ID:
        return str(given)
    name = fields.get("name")
    return str(task_id(name)) if isinstance(name, str) else id(fields)


async def _by_object_name(client: Reader, namespace: str, name: str) -> CronTask | None:
    # Anything else cannot be the name of an object and need not be asked for.
    return await client.get(namespace, name) if is_object_name(name) else None


async def _by_name(client: Reader, namespace: str, name: str) -> CronTask | None:
    own = await client.get(namespace, str(task_id(name)))
    if own is not None and own.task_name == name:
        return own
    page = await client.page(
        namespace, field_selector=f"spec.taskName={_escaped(name)}", limit=_MOST_NAMESAKES
    )
    if len(page.items) > 1:
        ids = ", ".join(task.metadata.name for task in page.items)
        raise ItemError(
            Code.NOT_FOUND, f"name: several tasks bear it; choose one by task_id: {ids}"
        )
    if page.items:
        return page.items[0]
    return await _by_object_name(client, namespace, name)


def _escaped(value: str) -> str:
    # Source: k8s.io/apimachinery/pkg/fields, EscapeValue.
    return re.sub(r"([\\,=])", r"\\\1", value)


def _nothing_found(ref: TaskRef) -> str:
    asked = [
        f"{field} {cut(value)!r}"
        for field, value in (("task_id", ref.task_id), ("name", ref.name))
        if value
    ]
    if not asked:
        return "task_id, name: one of them is required"
    return f"no task with {' or '.join(asked)}"
