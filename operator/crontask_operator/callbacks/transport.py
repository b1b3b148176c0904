"""A lean httpx transport over pyreqwest, for callers that speak to it directly.

`httpx.AsyncClient` costs more than the call itself: redirects, cookies, auth flows and
hooks that a callback does not use. So requests go straight to a transport. Its engine
is pyreqwest, the Rust client, which works outside of the interpreter's lock.

The engine decodes compressed answers while they stream. The response's ``stream``
therefore yields plain content, of which a reader takes as much as it wants; leaving
early drops the rest with the connection.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Final

import httpx
from pyreqwest import exceptions
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import StreamRequest
from pyreqwest.response import BaseResponse, Response

READ_BYTES: Final = 64 * 1024
"""Bytes of one read of an answer. Most answers then need one."""

PYREQWEST_ERRORS: Final[Mapping[type[Exception], type[httpx.RequestError]]] = {
    exceptions.ConnectTimeoutError: httpx.ConnectTimeout,
    exceptions.ReadTimeoutError: httpx.ReadTimeout,
    exceptions.WriteTimeoutError: httpx.WriteTimeout,
    exceptions.PoolTimeoutError: httpx.PoolTimeout,
    exceptions.RequestTimeoutError: httpx.TimeoutException,
    exceptions.ConnectError: httpx.ConnectError,
    exceptions.ReadError: httpx.ReadError,
    exceptions.WriteError: httpx.WriteError,
    exceptions.NetworkError: httpx.NetworkError,
    exceptions.ClientClosedError: httpx.CloseError,
    exceptions.DecodeError: httpx.DecodingError,
    exceptions.BuilderError: httpx.LocalProtocolError,
    exceptions.PyreqwestError: httpx.RemoteProtocolError,
    ValueError: httpx.LocalProtocolError,
}
"""httpx's exception by pyreqwest's; a subclass that is not named follows its base.

A request that cannot be built raises `BuilderError` or a bare `ValueError`. What has no
better name is an answer that the engine could not make sense of.
"""


SEND_FAILED: Final = "client error (SendRequest)"
"""The cause that tells a connection which broke in use from one that was never made:
the engine raises `ConnectError` for both."""


class LeanTransport(httpx.AsyncBaseTransport):
    """Sends requests through one pyreqwest client, which it owns."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` to its own URL; see `send`."""
        return await self.send(request, str(request.url))

    async def send(self, request: httpx.Request, target: str) -> httpx.Response:
        """Send `request` to the URL `target`, whose host may be a resolved address.

        The answer's head is complete on return, its body is not read yet. The caller
        reads ``stream`` and must ``aclose`` the response.

        Raises
        ------
        httpx.RequestError
            As any httpx transport.
        """
        try:
            builder = self._client.request(request.method, target).headers(
                [(name.decode(), value.decode()) for name, value in request.headers.raw]
            )
            content = request.read()
            if content:
                builder = builder.body_bytes(content)
            exchange = builder.build_streamed()
            answer = await exchange.__aenter__()
        except (PyreqwestError, ValueError) as error:
            raise to_httpx(error, request) from error
        return httpx.Response(
            answer.status,
            headers=_headers(answer),
            stream=_Body(exchange, answer, request),
            request=request,
        )

    async def aclose(self) -> None:
        """Close the client and its connections."""
        await self._client.close()


class _Body(httpx.AsyncByteStream):
    """The answer's decoded content; closing it before its end drops the connection."""

    __slots__ = ("_exchange", "_reader", "_request")

    def __init__(self, exchange: StreamRequest, answer: Response, request: httpx.Request) -> None:
        self._exchange = exchange
        self._reader = answer.body_reader
        self._request = request

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._reader.read(READ_BYTES)
        except PyreqwestError as error:
            raise to_httpx(error, self._request) from error
        if chunk is None:
            raise StopAsyncIteration
        return chunk.to_bytes()

    async def aclose(self) -> None:
        await self._exchange.__aexit__(None, None, None)


def to_httpx(error: Exception, request: httpx.Request) -> httpx.RequestError:
    """Return httpx's exception for the engine's `error`, with its cause as the message."""
    causes = _causes(error)
    # Without a cause, the message stands alone; with causes, it is a mere heading, and
    # they go from "error sending request for url" down to what went wrong.
    message = (causes or [str(error)])[-1].partition(" (os error ")[0]
    if SEND_FAILED in causes:
        return httpx.ReadError(message, request=request)
    for kind in type(error).__mro__:
        mapped = PYREQWEST_ERRORS.get(kind)
        if mapped is not None:
            return mapped(message, request=request)
    raise TypeError(f"{type(error).__name__} is no error of pyreqwest") from error


def _causes(error: Exception) -> list[str]:
    if isinstance(error, exceptions.DetailedPyreqwestError):
        return [cause["message"] for cause in error.details["causes"] or ()]
    return []


def _headers(answer: BaseResponse) -> list[tuple[str, str]]:
    try:
        return list(answer.headers.items())
    except ValueError:
        # One value is not ASCII, and the engine refuses the whole map for it.
        return [(name, value) for name in answer.headers for value in _values(answer, name)]


def _values(answer: BaseResponse, name: str) -> list[str]:
    try:
        return answer.get_header_all(name)
    except ValueError:
        return []
