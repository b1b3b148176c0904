"""Objects reads Secrets and ConfigMaps and deletes finished tasks, for callbacks and engine."""

import base64
import logging
from collections.abc import Mapping
from typing import Final

import msgspec

from crontask_core.enums import Reason
from crontask_kube.errors import ApiError, NotFoundError, UnavailableError, decoded
from crontask_kube.names import IllegalNameError
from crontask_kube.paths import Resource, resource_path
from crontask_operator.callbacks.errors import CallError, UnansweredError
from crontask_operator.callbacks.secrets.secret_reader import SecretUnavailableError
from crontask_operator.kube.client import KubeApi, task_path
from crontask_operator.sharing.fair_gate import FairGate, GateError
from crontask_operator.sharing.share_watch import ShareWatch
from crontask_operator.task.state import TaskState

logger = logging.getLogger(__name__)


class _Secret(msgspec.Struct):
    data: dict[str, str] = {}


class _ConfigMap(msgspec.Struct, rename="camel"):
    binary_data: dict[str, str] = {}


_SECRET: Final = msgspec.json.Decoder(_Secret)
_CONFIG_MAP: Final = msgspec.json.Decoder(_ConfigMap)

READS: Final = 16
"""Reads in flight. The connections are shared with the writes of status, which a thousand
tasks of a namespace that need a Secret each must not keep waiting."""


class Objects:
    """Objects around the tasks, over one connection.

    `share` is the part of the reads in flight that one namespace may have.
    """

    def __init__(self, api: KubeApi, share: float = 1.0) -> None:
        self._api = api
        self._reads = FairGate(READS, share, ShareWatch("reads").full)

    async def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """Return the decoded data of a Secret, None if there is none.

        Raises
        ------
        SecretUnavailableError
            If it may not or cannot be read now.
        """
        try:
            answer = await self._read(Resource.SECRETS, namespace, name, operation="secret")
            return None if answer is None else _values(decoded(_SECRET, answer).data)
        except ApiError as error:
            message = f"Secret {namespace}/{name} cannot be read: {error}"
            raise SecretUnavailableError(message, unanswered=_is_unanswered(error)) from error
        except IllegalNameError as error:
            raise SecretUnavailableError(f"there is no such Secret: {error}") from error

    async def config_map(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """Return the decoded ``binaryData`` of a ConfigMap, None if there is none.

        Raises
        ------
        CallError
            InvalidRequest, if it may not or cannot be read now; `UnansweredError` if nobody
            answers.
        """
        try:
            answer = await self._read(Resource.CONFIG_MAPS, namespace, name, operation="configmap")
            return None if answer is None else _values(decoded(_CONFIG_MAP, answer).binary_data)
        except ApiError as error:
            message = f"ConfigMap {namespace}/{name} cannot be read: {error}"
            kind = UnansweredError if _is_unanswered(error) else CallError
            raise kind(Reason.INVALID_REQUEST, message) from error
        except IllegalNameError as error:
            message = f"there is no such ConfigMap: {error}"
            raise CallError(Reason.INVALID_REQUEST, message) from error

    async def delete_task(self, state: TaskState) -> None:
        """Delete a task, unless its name is another object's by now."""
        options = {"preconditions": {"uid": state.uid}, "propagationPolicy": "Background"}
        path = task_path(state.namespace, state.name)
        try:
            await self._api.request(
                "DELETE", path, operation="deletion", body=msgspec.json.encode(options)
            )
        except NotFoundError:
            pass
        except ApiError as error:
            logger.warning(
                "A finished task could not be deleted: %s", error, extra=state.log_fields
            )

    async def _read(
        self, resource: Resource, namespace: str, name: str, *, operation: str
    ) -> bytes | None:
        path = resource_path(resource, namespace, name)
        try:
            async with self._reads.turn(namespace):
                return await self._api.request("GET", path, operation=operation)
        except GateError as error:
            raise UnavailableError(f"reads are refused: {error}") from error
        except NotFoundError:
            return None


def _is_unanswered(error: ApiError) -> bool:
    return isinstance(error, UnavailableError)


def _values(data: Mapping[str, str]) -> Mapping[str, bytes]:
    return {key: base64.b64decode(value) for key, value in data.items()}
