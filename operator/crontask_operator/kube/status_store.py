"""status_store reads and writes the status of CronTasks for the recorder."""

from typing import Any, Final

import msgspec

from crontask_kube.errors import NotFoundError, decoded
from crontask_kube.session import MERGE_PATCH
from crontask_operator.kube.client import KubeApi, task_path
from crontask_operator.task.state import EMPTY_STATUS, StoredStatus, read_stored_status


class _Metadata(msgspec.Struct, rename="camel"):
    uid: str
    resource_version: str


class _Written(msgspec.Struct):
    metadata: _Metadata


class _Task(msgspec.Struct):
    metadata: _Metadata
    status: dict[str, Any] = {}


class StoredTask(msgspec.Struct):
    """The part of a CronTask that the recorder needs."""

    metadata: _Metadata
    status: StoredStatus = EMPTY_STATUS


_WRITTEN: Final = msgspec.json.Decoder(_Written)
_TASK: Final = msgspec.json.Decoder(_Task)


def read_task(answer: bytes) -> StoredTask:
    """Return the task that the API server answered; see `read_stored_status`."""
    task = decoded(_TASK, answer)
    return StoredTask(task.metadata, read_stored_status(task.status)[0])


class StatusStore:
    """The status subresource of CronTasks, over one connection.

    Every method raises an `ApiError` if the API server refuses or is away.
    """

    def __init__(self, api: KubeApi) -> None:
        self._api = api

    async def write(self, namespace: str, name: str, patch: bytes) -> str:
        """Apply a merge patch to the status; return the new resource version."""
        answer = await self._api.request(
            "PATCH",
            task_path(namespace, name, "status"),
            operation="status",
            body=patch,
            content_type=MERGE_PATCH,
        )
        return decoded(_WRITTEN, answer).metadata.resource_version

    async def read(self, namespace: str, name: str, uid: str) -> StoredTask:
        """Return the object as it is now; `NotFoundError` if the name has another uid by now."""
        answer = await self._api.request("GET", task_path(namespace, name), operation="status")
        task = read_task(answer)
        if task.metadata.uid != uid:
            raise NotFoundError(f"{namespace}/{name} was deleted and created anew")
        return task
