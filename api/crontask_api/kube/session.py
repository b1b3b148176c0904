"""session sends the facade's requests to the API server, and repeats and measures them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from functools import partial
from math import inf
from types import TracebackType
from typing import Final, Self

import aiohttp
from prometheus_client import Histogram

from crontask_kube.configuration import Configuration
from crontask_kube.errors import ApiError, SilentError, UnauthorizedError, UnavailableError
from crontask_kube.session import JSON, KubeSession

USER_AGENT: Final = "crontask-api"

ATTEMPTS: Final = 4
"""Tries of one request that the API server turned away or that never reached it."""
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 2.0


class RetryingSession:
    """A pool of connections to the API server, an async context manager.

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
        self._observe = observe
        self._answered_at = -inf
        self._session = KubeSession(
            configuration,
            connections=connections,
            timeout=aiohttp.ClientTimeout(sock_connect=timeout_seconds, sock_read=timeout_seconds),
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
        query: dict[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
        repeatable: bool = True,
    ) -> bytes:
        """Return the body of the answer; `path` is a ``resource_path``.

        What was turned away is tried again after a pause; what broke on the way is
        tried again only if `repeatable`: the server may have carried it out. Where nobody is
        answered, no answer is waited for twice.

        Raises
        ------
        ApiError
            If the API server refuses or cannot be reached: `SilentError` if nobody was
            answered meanwhile.
        """
        send = partial(
            self._session.request, method, path, query=query, body=body, content_type=content_type
        )
        pause = FIRST_PAUSE_SECONDS
        began = asyncio.get_running_loop().time()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._observed(method, send)
            except UnauthorizedError:
                raise
            except UnavailableError as error:
                in_vain = attempt == ATTEMPTS or isinstance(error.__cause__, TimeoutError)
                if in_vain and self._answered_at < began:
                    raise SilentError(str(error), sent=error.sent) from error
                if attempt == ATTEMPTS or (error.sent and not repeatable):
                    raise
                await asyncio.sleep(min(error.retry_after or pause, LONGEST_PAUSE_SECONDS))
                pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def lines(self, path: str, query: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """Yield the lines of a watch; see `KubeSession.lines`. Whoever watches begins anew."""
        return self._session.lines(path, query)

    async def _observed(self, method: str, send: Callable[[], Awaitable[bytes]]) -> bytes:
        begin = time.perf_counter()
        outcome = "Cancelled"
        try:
            answer = await send()
            outcome = "OK"
            self._answered_at = asyncio.get_running_loop().time()
            return answer
        except ApiError as error:
            if error.status:
                self._answered_at = asyncio.get_running_loop().time()
            outcome = type(error).__name__.removesuffix("Error")
            raise
        finally:
            self._observe.labels(method, outcome).observe(time.perf_counter() - begin)
