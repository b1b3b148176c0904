"""session sends requests to the API server for the operator and the facade.

The kubernetes package supplies the configuration: address, certificates, and the token
with its renewal. Its generated client costs two to three times the CPU of a bare session
for each request (``docs/design/facade.md``).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from yarl import URL

from crontask_kube.configuration import (
    ConfigException,
    Configuration,
    load_configuration,
    tls_context,
)
from crontask_kube.connector import ClosingConnector
from crontask_kube.errors import UnavailableError, refusal
from crontask_kube.urls import request_url
from crontask_logs import describe

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"

REREAD_SECONDS: Final = 1.0
"""Between two readings of the configuration because of refused tokens."""

LONGEST_LINE: Final = 8 * 1024 * 1024
"""Bytes of one event of a watch; etcd keeps no object as large."""

_FAULTS: Final = (aiohttp.ClientError, ConfigException, OSError, TimeoutError)

Reload = Callable[[], Awaitable[Configuration]]

logger = logging.getLogger(__name__)


class Credentials:
    """The token of the operator or the facade, as it is when a request leaves.

    A token that was refused is read again from where the configuration came from, and the
    request is sent once more if it is another one by now: pods get new tokens in time, but
    a clock that was set or a key that was changed makes one invalid at once.
    """

    def __init__(self, configuration: Configuration, reload: Reload = load_configuration) -> None:
        self._configuration = configuration
        self._server_name = configuration.tls_server_name or None
        self._reload = reload
        self._reading = asyncio.Lock()
        self._read_at: float | None = None

    async def token(self) -> str | None:
        """Return the value of the header ``Authorization``; None if there is no token.

        Raises
        ------
        ConfigException
            If it cannot be read.
        """
        try:
            return await self._configuration.get_api_key_with_prefix(
                "BearerToken", alias="authorization"
            )
        except OSError as error:
            raise ConfigException(f"the token: {describe(error)}") from error

    async def renewed(self, refused: str) -> str | None:
        """Return another token than the one that was `refused`, None if there is none."""
        async with self._reading:
            if not self._was_just_read():
                self._read_at = asyncio.get_running_loop().time()
                await self._read_again()
            token = await self.token()
        return None if token == refused else token

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send `request` with the token; an aiohttp middleware."""
        request.server_hostname = self._server_name
        token = await self.token()
        if not token:
            return await handler(request)
        request.headers["Authorization"] = token
        response = await handler(request)
        if response.status != HTTPStatus.UNAUTHORIZED:
            return response
        # With its body read, it holds no connection.
        await response.read()
        renewed = await self.renewed(token)
        if not renewed:
            return response
        request.headers["Authorization"] = renewed
        return await handler(request)

    async def _read_again(self) -> None:
        try:
            configuration = await self._reload()
        except Exception as error:
            # Whatever is wrong with it, the caller gets the refusal.
            logger.warning("The token was refused and cannot be read again: %s", describe(error))
            return
        # This server must not see another server's token.
        if configuration.host == self._configuration.host:
            self._configuration = configuration

    def _was_just_read(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._read_at is not None and now - self._read_at < REREAD_SECONDS


def open_session(
    configuration: Configuration, *, connections: int, **more: Any
) -> aiohttp.ClientSession:
    """Return an aiohttp session with the API server that `configuration` names.

    The caller adds the token, as by the middleware `Credentials`.

    Parameters
    ----------
    connections
        Most connections at a time, 0 for any number; further requests wait for one.
    more
        Other parameters of `aiohttp.ClientSession`.
    """
    secure = configuration.host.startswith("https:")
    return aiohttp.ClientSession(
        connector=ClosingConnector(
            limit=connections, ssl=tls_context(configuration) if secure else True
        ),
        proxy=configuration.proxy or None,
        **more,
    )


class KubeSession:
    """A pool of connections to the API server, an async context manager.

    Parameters
    ----------
    configuration
        Where the API server is and how to authenticate.
    connections
        Most connections at a time; further requests wait for one.
    timeout
        Bounds of one request, in seconds.
    user_agent
        Name of the program, for the API server's audit log.
    reload
        Reads the configuration again, for a new token in the place of one that is refused.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        connections: int,
        timeout: aiohttp.ClientTimeout,
        user_agent: str,
        reload: Reload = load_configuration,
    ) -> None:
        self._base = configuration.host.rstrip("/")
        self._server_name = configuration.tls_server_name or None
        self._credentials = Credentials(configuration, reload)
        self._http = open_session(
            configuration,
            connections=connections,
            timeout=timeout,
            headers={"Accept": JSON, "User-Agent": user_agent},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> bytes:
        """Return the body of the answer; `path` is a `resource_path`.

        Raises
        ------
        ApiError
            If the API server refuses, or does not answer.
        """
        # Without the middleware, which takes as long as all else that is ours.
        headers = {} if body is None else {"Content-Type": content_type}
        if accept != JSON:
            headers["Accept"] = accept
        url = request_url(self._base, path, query)
        try:
            token = await self._credentials.token()
            if token:
                headers["Authorization"] = token
            status, answer = await self._send(method, url, headers, body)
            if status == HTTPStatus.UNAUTHORIZED and token:
                renewed = await self._credentials.renewed(token)
                if renewed:
                    headers["Authorization"] = renewed
                    status, answer = await self._send(method, url, headers, body)
        except _FAULTS as error:
            raise _unavailable(error) from error
        # The API server does not redirect, and the token is for nobody else.
        if status >= 300:
            raise refusal(status, answer)
        return answer

    async def lines(self, path: str, query: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """Yield the lines of the answer to a GET as they come, for a watch.

        Nothing bounds the time to the next line: a watch is silent while nothing happens.

        Raises
        ------
        ApiError
            If the API server refuses, or does not answer, or the connection breaks.
        """
        url = request_url(self._base, path, query)
        unbounded = aiohttp.ClientTimeout(total=None)
        begun = b""
        try:
            async with self._http.get(
                url, timeout=unbounded, allow_redirects=False, middlewares=(self._credentials,)
            ) as response:
                if response.status >= 300:
                    raise refusal(response.status, await response.read())
                async for chunk in response.content.iter_any():
                    *lines, begun = (begun + chunk).split(b"\n")
                    for line in lines:
                        yield line
                    if len(begun) > LONGEST_LINE:
                        raise UnavailableError("the API server sends an event without an end")
            if begun:
                yield begun
        except _FAULTS as error:
            raise _unavailable(error) from error

    async def _send(
        self, method: str, url: URL, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        async with self._http.request(
            method,
            url,
            data=body,
            headers=headers,
            allow_redirects=False,
            server_hostname=self._server_name,
        ) as response:
            return response.status, await response.read()


def _unavailable(error: Exception) -> UnavailableError:
    match error:
        case ConfigException():
            return UnavailableError(
                f"the credentials for the API server cannot be read: {describe(error)}"
            )
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return UnavailableError(f"the API server cannot be reached: {describe(error)}")
        case TimeoutError():
            return UnavailableError("the API server gave no answer in time", sent=True)
        case _:
            what = describe(error)
            return UnavailableError(f"the connection to the API server broke: {what}", sent=True)
