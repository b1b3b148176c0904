"""Reading and writing the status of CronTasks, with the API server's answers sorted.

::

    StoreError
    ├── GoneError         the object does not exist any more
    ├── ConflictError     it is not the version that the write was computed for
    ├── TooLargeError     it would outgrow what etcd accepts
    ├── RefusedError      it breaks the schema or an admission rule, or we have no right to it
    └── UnavailableError  everything else, which later or elsewhere may pass
"""

from typing import Any

import msgspec

from crontask_operator.kube.client import MERGE_PATCH, ApiError, KubeApi, task_path
from crontask_operator.task.state import EMPTY_STATUS, StoredStatus, read_stored_status


class StoreError(Exception):
    """Base of all faults of a status read or write."""


class GoneError(StoreError):
    """The object does not exist any more."""


class ConflictError(StoreError):
    """The object is not the version that the write was computed for."""


class TooLargeError(StoreError):
    """The object would outgrow what the API server or etcd accepts."""


class RefusedError(StoreError):
    """The write breaks the schema or an admission rule, or the operator has no right to it.

    Rights may lack in one namespace alone, whose owner took them away: no reason to write
    to the others more slowly.
    """


class UnavailableError(StoreError):
    """Nobody answered, or with a fault that may pass.

    `in_doubt` is whether the request may have been carried out nevertheless.
    """

    def __init__(self, message: str, *, in_doubt: bool = False) -> None:
        super().__init__(message)
        self.in_doubt = in_doubt


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


_decode_written = msgspec.json.Decoder(_Written).decode
_decode_task = msgspec.json.Decoder(_Task).decode


def read_task(answer: bytes) -> StoredTask:
    """Return the task that the API server answered; see `read_stored_status`."""
    task = _decode_task(answer)
    return StoredTask(task.metadata, read_stored_status(task.status)[0])


class StatusStore:
    """The status subresource of CronTasks, over one connection."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api

    async def write(self, namespace: str, name: str, patch: bytes) -> str:
        """Apply a merge patch to the status; return the new resource version.

        Raises
        ------
        StoreError
            One of its five kinds.
        """
        try:
            answer = await self._api.request(
                "PATCH",
                task_path(namespace, name, "status"),
                operation="status",
                body=patch,
                content_type=MERGE_PATCH,
            )
        except ApiError as error:
            raise _sorted(error) from error
        return _decode_written(answer).metadata.resource_version

    async def read(self, namespace: str, name: str, uid: str) -> StoredTask:
        """Return the object as it is now; `GoneError` if the name has another uid by now."""
        try:
            answer = await self._api.request("GET", task_path(namespace, name), operation="status")
        except ApiError as error:
            raise _sorted(error) from error
        task = read_task(answer)
        if task.metadata.uid != uid:
            raise GoneError(f"{namespace}/{name} was deleted and created anew")
        return task


def _sorted(error: ApiError) -> StoreError:
    match error.status:
        case 404:
            return GoneError(str(error))
        case 409:
            return ConflictError(str(error))
        case 413:
            return TooLargeError(str(error))
        case 400 | 403 | 422:
            return RefusedError(str(error))
        case 500 if "too large" in error.message:
            # etcd refuses what exceeds --max-request-bytes; the API server calls it a 500.
            return TooLargeError(str(error))
        case _:
            return UnavailableError(str(error), in_doubt=error.sent)
