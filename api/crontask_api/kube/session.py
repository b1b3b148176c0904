"""One HTTP request to the API server.

The kubernetes package supplies the connection: address, certificates, and the token
with its renewal. Its generated client is not used for the requests themselves, as it
costs two to three times the CPU of a bare session, and the API server shares the
machine's cores with the facade (``docs/design/facade.md``).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from types import TracebackType
from typing import Self

import aiohttp
from kubernetes.aio.client import Configuration
from kubernetes.aio.config import ConfigException
from prometheus_client import Histogram

from crontask_api.errors import KubernetesError, UnavailableError
from crontask_api.kube.answers import refusal
from crontask_api.kube.connection import authorization, tls_context
from crontask_kube.paths import request_url
from crontask_logs import describe

ATTEMPTS = 4
"""Tries of one request that the API server turned away or that never reached it."""
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0


class KubeSession:
    """A pool of connections to the API server.

    Parameters
    ----------
    configuration
        Where the API server is and how to authenticate.
    connections
        Most connections at a time; further requests wait for one.
    timeout_seconds
        Longest time for one answer, the wait for a connection not included.
    observe
        Histogram of the time that each try takes, by method and outcome.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        connections: int,
        timeout_seconds: float,
        observe: Histogram,
    ) -> None:
        self._configuration = configuration
        self._timeout_seconds = timeout_seconds
        self._observe = observe
        self._base = configuration.host.rstrip("/")
        self._server_hostname = configuration.tls_server_name or None
        self._proxy = configuration.proxy or None
        secure = self._base.startswith("https:")
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections, ssl=tls_context(configuration) if secure else True
            ),
            timeout=aiohttp.ClientTimeout(sock_connect=timeout_seconds, sock_read=timeout_seconds),
            headers={"Accept": "application/json", "User-Agent": "crontask-api"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        repeatable: bool = True,
    ) -> bytes:
        """Return the body of the answer; `path` is a ``resource_path``.

        What was turned away is tried again after a pause; what broke on the way is
        tried again only if `repeatable`: the server may have carried it out.

        Raises
        ------
        KubernetesError
            If the API server refuses or cannot be reached.
        """
        send = partial(self._send, method, path, query, body, content_type)
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._observed(method, send)
            except UnavailableError as error:
                if attempt == ATTEMPTS or (error.sent and not repeatable):
                    raise
                await asyncio.sleep(min(error.retry_after or pause, LONGEST_PAUSE_SECONDS))
                pause *= 2
        raise AssertionError("the last attempt returns or raises")

    async def _observed(self, method: str, send: Callable[[], Awaitable[bytes]]) -> bytes:
        begin = time.perf_counter()
        outcome = "Cancelled"
        try:
            answer = await send()
            outcome = "OK"
            return answer
        except KubernetesError as error:
            outcome = type(error).__name__.removesuffix("Error")
            raise
        finally:
            self._observe.labels(method, outcome).observe(time.perf_counter() - begin)

    async def _send(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None,
        body: bytes | None,
        content_type: str,
    ) -> bytes:
        try:
            headers = await authorization(self._configuration)
            if body is not None:
                headers["Content-Type"] = content_type
            async with self._http.request(
                method,
                request_url(self._base, path, query),
                data=body,
                headers=headers,
                server_hostname=self._server_hostname,
                proxy=self._proxy,
                allow_redirects=False,
            ) as response:
                answer = await response.read()
                if response.status < 300:
                    return answer
                raise refusal(response.status, answer)
        except ConfigException as error:
            raise UnavailableError(
                f"the facade's own credentials cannot be read: {describe(error)}", sent=False
            ) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UnavailableError(
                f"the API server cannot be reached: {describe(error)}", sent=False
            ) from error
        except TimeoutError as error:
            raise UnavailableError(
                f"the API server gave no answer within {self._timeout_seconds:g} s", sent=True
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise UnavailableError(
                f"the connection to the API server broke: {describe(error)}",
                sent=True,
            ) from error
