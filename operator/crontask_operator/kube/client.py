"""client sends the operator's requests to the API server, and counts those that fail."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Final, Self

import aiohttp
import msgspec

from crontask_core.constants import GROUP, PLURAL
from crontask_kube.configuration import Configuration
from crontask_kube.errors import ApiError, decoded
from crontask_kube.paths import Resource, resource_path
from crontask_kube.session import JSON, KubeSession
from crontask_operator.process.metrics import count_api_error

logger = logging.getLogger(__name__)

REQUEST_TIMEOUT_SECONDS: Final = 15.0
CONNECTIONS: Final = 64

USER_AGENT: Final = "crontask-operator"

SERVED_POLL_SECONDS: Final = 2.0
"""Between two questions whether the CRD is there by now."""


class _Resource(msgspec.Struct):
    name: str


class _Resources(msgspec.Struct):
    resources: list[_Resource] = []


_RESOURCES: Final = msgspec.json.Decoder(_Resources)


def task_path(namespace: str, name: str, subresource: str | None = None) -> str:
    """Return the URL path of a CronTask or one of its subresources."""
    return resource_path(Resource.CRON_TASKS, namespace, name, subresource)


class KubeApi:
    """A session of its own with the API server, an async context manager.

    Parameters
    ----------
    connections
        Most requests at a time; others wait for one to end.
    timeout_seconds
        Bound of one request, with its wait for a connection.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        connections: int = CONNECTIONS,
        timeout_seconds: float = REQUEST_TIMEOUT_SECONDS,
    ) -> None:
        self._session = KubeSession(
            configuration,
            connections=connections,
            timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            user_agent=USER_AGENT,
        )

    async def __aenter__(self) -> Self:
        await self._session.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.__aexit__(kind, error, traceback)

    async def request(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        body: bytes | None = None,
        content_type: str = JSON,
        query: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> bytes:
        """Return the body of the answer; see `KubeSession.request`.

        `operation` is what the metrics call the request, should it fail.
        """
        try:
            return await self._session.request(
                method, path, query=query, body=body, content_type=content_type, accept=accept
            )
        except ApiError as error:
            count_api_error(operation, error)
            raise

    async def lines(
        self, path: str, *, operation: str, query: Mapping[str, str]
    ) -> AsyncGenerator[bytes, None]:
        """Yield the lines of a watch; see `KubeSession.lines`."""
        try:
            async with aclosing(self._session.lines(path, query)) as lines:
                async for line in lines:
                    yield line
        except ApiError as error:
            count_api_error(operation, error)
            raise


async def wait_until_served(api: KubeApi, tell: Callable[[str], None]) -> None:
    """Wait until the API server serves CronTasks; `tell` is called with what is waited for.

    kopf looks for the resource once, when it starts, and would wait in silence for a
    CRD that is installed a moment later.
    """
    told = ""
    while True:
        try:
            answer = await api.request("GET", Resource.CRON_TASKS.group_path, operation="discovery")
            names = {resource.name for resource in decoded(_RESOURCES, answer).resources}
            trouble = "" if PLURAL in names else "it is not among the group's resources"
        except ApiError as error:
            trouble = str(error)
        if not trouble:
            return
        if trouble != told:
            logger.warning("Waiting for the CRD of %s.%s: %s", PLURAL, GROUP, trouble)
            tell(f"Waiting for the CRD of {PLURAL}.{GROUP}: {trouble}")
            told = trouble
        await asyncio.sleep(SERVED_POLL_SECONDS)
