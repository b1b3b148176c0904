"""One HTTP/1.1 connection: a request goes out, its answer comes in, then the next.

The parser is llhttp, as in Node.js, in its strict mode. What is left to this class is
when an answer is complete, and whether the connection can be used again::

    idle ──send()──> waiting ──head()──> reading ──read()──> complete ──> idle
                        │                   │                   └─ or closed, if
                        └───── error <──────┘                      either side says so

An exchange that is left early is aborted with its connection, so that cancelling a call
leaves nothing behind on either side.
"""

import asyncio
import os
from typing import Final, NamedTuple, cast

import httptools
import httpx

RawHeaders = list[tuple[bytes, bytes]]

MAX_HEAD_BYTES: Final = 64 * 1024
"""Bound of status line and headers. Servers commonly send less than 8 KiB."""

HIGH_WATER_BYTES: Final = 128 * 1024
"""Bytes of a body that wait for the reader before the socket is left to fill up."""


class Head(NamedTuple):
    """Status and headers of an answer, as they arrived."""

    status: int
    headers: RawHeaders


class Connection(asyncio.Protocol):
    """A connection that carries one exchange at a time.

    Attributes
    ----------
    answered
        Whether any byte arrived since the request was sent. If none did and the
        connection was used before, the server may have closed it without seeing the
        request.
    uses
        Number of requests sent.
    """

    def __init__(self) -> None:
        self.answered = False
        self.uses = 0
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._bodiless = False
        self._exchanging = False
        self._complete = False
        self._keep_alive = False
        self._paused = False
        self._error: httpx.TransportError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._status = 0
        self._headers: RawHeaders = []
        self._head: Head | None = None
        self._head_bytes = 0
        self._chunks: list[bytes] = []
        self._buffered = 0

    # What the transport of a call uses.

    def send(self, data: bytes, *, bodiless: bool = False) -> None:
        """Send a request. `bodiless` says that its answer has none, as to HEAD."""
        self.uses += 1
        self.answered = False
        self._bodiless = bodiless
        self._exchanging = True
        self._complete = False
        self._head = None
        self._head_bytes = 0
        if self._transport is None or self._transport.is_closing():
            self._fail(httpx.ReadError("the connection was closed"))
        else:
            self._transport.write(data)

    async def head(self) -> Head:
        """Return the answer's head as soon as it is complete.

        Raises
        ------
        httpx.TransportError
            If the connection breaks or the answer is no HTTP.
        """
        while self._head is None:
            await self._progress()
        return self._head

    async def read(self) -> bytes | None:
        """Return the next part of the answer's body, or None after the last.

        Raises
        ------
        httpx.TransportError
            If the connection breaks before the body is complete.
        """
        while not self._chunks:
            if self._complete:
                return None
            await self._progress()
        chunks = self._chunks
        self._chunks = []
        self._buffered = 0
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def rest(self) -> bool:
        """End the exchange; return whether the connection can carry another."""
        self._exchanging = False
        transport = self._transport
        return (
            self._complete
            and self._keep_alive
            and not self._chunks
            and transport is not None
            and not transport.is_closing()
            # An answer that came before the whole request was sent.
            and transport.get_write_buffer_size() == 0
        )

    @property
    def is_closing(self) -> bool:
        """Whether the connection is closed or about to be."""
        return self._transport is None or self._transport.is_closing()

    def abort(self) -> None:
        """Close at once, without sending what is buffered."""
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse `data`; the parser calls the methods below."""
        if not self._exchanging:
            # Nobody asked: a server that gives up on an idle connection, or one whose
            # extra answer would be taken for that to the next request.
            self.abort()
            return
        self.answered = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._finish(keep_alive=False)
        except httptools.HttpParserError as error:
            self._keep_alive = False
            self._fail(httpx.RemoteProtocolError(f"the answer is no valid HTTP: {error}"))
        if self._head is None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._fail(
                    httpx.RemoteProtocolError(
                        f"the answer's head is longer than {MAX_HEAD_BYTES} bytes"
                    )
                )

    def eof_received(self) -> None:
        """Take the end of the stream for the end of a body that has no length."""
        if self._head is not None and not self._complete and _ends_with_connection(self._head):
            self._finish(keep_alive=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the exchange that is not complete."""
        self._transport = None
        if exc is None:
            # TLS does not always tell the end of the stream apart.
            self.eof_received()
        if exc is not None:
            reason = describe(exc)
        elif self._head is None:
            reason = "the server closed the connection without an answer"
        else:
            reason = "the server closed the connection before the answer was complete"
        self._fail(httpx.ReadError(reason))

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin a head, which may be that of an interim answer."""
        if self._complete:
            self._keep_alive = False
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header. Those after the body (trailers) are not used."""
        if self._head is None:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Complete the head, unless it is an interim one (1xx)."""
        self._status = self._parser.get_status_code()
        if self._complete or _is_interim(self._status):
            return
        self._head = Head(self._status, self._headers)
        if self._bodiless:
            # The parser does not know the method and would wait for the body.
            self._finish(keep_alive=False)
        else:
            self._wake()

    def on_body(self, body: bytes) -> None:
        """Buffer a part of the body, and stop reading if too much is buffered."""
        if self._complete:
            return
        self._chunks.append(body)
        self._buffered += len(body)
        if self._buffered > HIGH_WATER_BYTES and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        """Complete the exchange, unless this was an interim answer."""
        if self._complete or _is_interim(self._status):
            return
        self._finish(keep_alive=self._parser.should_keep_alive())

    # The exchange's own state.

    async def _progress(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _finish(self, *, keep_alive: bool) -> None:
        self._complete = True
        self._keep_alive = keep_alive
        self._wake()

    def _fail(self, error: httpx.TransportError) -> None:
        if self._error is None and not self._complete:
            self._error = error
            self._wake()


def describe(error: Exception) -> str:
    """Return what the system says of `error`; event loops word it differently."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if number is not None and number > 0 else str(error)


def _is_interim(status: int) -> bool:
    # 101 is final: nothing follows it that would be HTTP.
    return 100 <= status < 200 and status != 101


def _ends_with_connection(head: Head) -> bool:
    """Whether a body has neither a length nor chunks (RFC 9112, section 6.3)."""
    return not any(
        name.lower() == b"content-length"
        or (name.lower() == b"transfer-encoding" and value.lower().endswith(b"chunked"))
        for name, value in head.headers
    )
