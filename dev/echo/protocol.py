"""HTTP/1.1 with keep-alive on httptools: one object a connection, no task a request.

A web framework costs several times more a request than this (which matters when the
benchmarks measure the caller on the same two cores). Requests on one connection are
answered one by one; pipelining is not supported, as no HTTP client of today uses it.
"""

import asyncio
import http
from typing import cast

import httptools

from dev.echo.behaviour import Answer, Behaviour
from dev.echo.received import Received

_REASONS = {status.value: status.phrase for status in http.HTTPStatus}


class EchoProtocol(asyncio.Protocol):
    """Parse requests and write the answers of a `Behaviour`.

    The protocol is in `open_connections` from its connection's begin to its end.
    """

    def __init__(self, behaviour: Behaviour, open_connections: "set[EchoProtocol]") -> None:
        self._behaviour = behaviour
        self._open_connections = open_connections
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._request = Received()
        self._body: list[bytes] = []
        self._delayed: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        # uvloop's transports are none of asyncio's classes, only like them.
        self._transport = cast(asyncio.Transport, transport)
        self._open_connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, which calls the ``on_`` methods below."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget an answer that nobody waits for any more."""
        self._open_connections.discard(self)
        if self._delayed is not None:
            self._delayed.cancel()

    def close(self) -> None:
        """Close the connection, answered or not."""
        self._transport.abort()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._request = Received()
        self._body = []

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._request.target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._request.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Answer the request, now or when it asks to be answered."""
        request = self._request
        request.method = self._parser.get_method().decode("latin-1")
        request.body = b"".join(self._body)
        answer = self._behaviour.answer(request)
        if answer.delay:
            loop = asyncio.get_running_loop()
            self._delayed = loop.call_later(answer.delay, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: Answer) -> None:
        if not answer.status:
            self._transport.close()
            return
        keep_alive = self._parser.should_keep_alive()
        self._transport.write(encode(answer, self._request.method, keep_alive))
        if not keep_alive:
            self._transport.close()


def encode(answer: Answer, method: str, keep_alive: bool) -> bytes:
    """Return the bytes of `answer`; one to HEAD says how long a body would have been."""
    head = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}"]
    # An answer without content has neither a type nor a length (RFC 9110, 8.6).
    if answer.status >= 200 and answer.status not in (204, 304):
        head += [f"content-type: {answer.content_type}", f"content-length: {len(answer.body)}"]
        body = answer.body if method != "HEAD" else b""
    else:
        body = b""
    head += [f"{name}: {value}" for name, value in answer.headers.items()]
    if not keep_alive:
        head.append("connection: close")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
