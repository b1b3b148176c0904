"""Connection sends requests of one HTTP/1.1 connection, one after the other, for its pool.

::

    idle ──send()──> waiting ──head()──> reading ──read()──> complete ──> idle
                        │                   │                   └─ or closed, if
                        └────── error ──────┘                      either side says so

An exchange that is left early is aborted with its connection, so that cancelling a call
leaves nothing behind on either side.
"""

import asyncio
import errno
import math
import ssl
from typing import Final, cast

import httpx

from crontask_operator.callbacks.connection.response_parser import Head, ResponseParser
from crontask_operator.callbacks.errors import describe

READ_BYTES: Final = 16 * 1024
"""Bytes that are read from a socket at a time. An event loop by itself takes 256 KiB."""

HIGH_WATER_BYTES: Final = READ_BYTES // 2
"""Bytes of a body that wait for the reader before the socket is left to fill up."""

READ_BUFFER: Final = memoryview(bytearray(READ_BYTES))
"""Where all connections read to. The parser is done with it before the event loop goes on
to another connection; there is one loop with connections in a process."""


class Connection(asyncio.BufferedProtocol):
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
        self._parser = ResponseParser()
        self._exchanging = False
        self._paused = False
        self._error: httpx.TransportError | None = None
        self._waiter: asyncio.Future[None] | None = None

    def send(self, data: bytes, content: bytes = b"", *, bodiless: bool = False) -> None:
        """Send a request: `data`, then `content`.

        `bodiless` says that its answer has no body, as to HEAD.
        """
        self.uses += 1
        self.answered = False
        self._exchanging = True
        self._parser.begin(bodiless=bodiless)
        if self._transport is None or self._transport.is_closing():
            self._fail(httpx.ReadError("the connection was closed"))
        else:
            self._transport.write(data)
            if content:
                self._transport.write(content)

    async def head(self) -> Head:
        """Return the answer's head as soon as it is complete.

        Raises
        ------
        httpx.TransportError
            If the connection breaks or the answer is no HTTP.
        """
        while self._parser.head is None:
            await self._progress()
        return self._parser.head

    async def read(self) -> bytes | None:
        """Return the next part of the answer's body, or None after the last.

        Raises
        ------
        httpx.TransportError
            If the connection breaks before the body is complete.
        """
        self._resume()
        while not self._parser.buffered:
            if self._parser.complete:
                return None
            await self._progress()
        return self._parser.take()

    @property
    def in_hand(self) -> float:
        """Bytes of the body if all of it has arrived and none was read, else infinite."""
        return self._parser.buffered if self._parser.complete else math.inf

    def take(self) -> bytes:
        """Return the body that is in hand."""
        self._resume()
        return self._parser.take()

    def pause(self) -> None:
        """Leave what comes to the socket, until the next `read`."""
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def rest(self) -> bool:
        """End the exchange; return whether the connection can carry another."""
        self._exchanging = False
        transport = self._transport
        return (
            self._parser.complete
            and self._parser.keep_alive
            and not self._parser.buffered
            and transport is not None
            and not transport.is_closing()
            # Unless the answer came before the whole request was sent.
            and transport.get_write_buffer_size() == 0
        )

    @property
    def is_closing(self) -> bool:
        """Whether the connection is closed or about to be."""
        return self._transport is None or self._transport.is_closing()

    @property
    def tls(self) -> ssl.SSLObject:
        """The TLS of the connection. Only one that was made with it has this."""
        if self._transport is None:
            raise ConnectionResetError(errno.ECONNRESET, "the connection was closed")
        return cast(ssl.SSLObject, self._transport.get_extra_info("ssl_object"))

    def abort(self) -> None:
        """Close at once, without sending what is buffered."""
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to read to."""
        return READ_BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Parse what was read, and stop reading if the reader does not keep up."""
        if not self._exchanging:
            # Nobody asked: a server that gives up on an idle connection, or one whose
            # extra answer would be taken for that to the next request.
            self.abort()
            return
        self.answered = True
        try:
            self._parser.feed(READ_BUFFER[:nbytes])
        except httpx.RemoteProtocolError as error:
            self._fail(error)
        if self._parser.buffered > HIGH_WATER_BYTES:
            self.pause()
        self._wake()

    def eof_received(self) -> None:
        """Let the parser know; the event loop closes the connection."""
        self._parser.feed_eof()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the exchange that is not complete."""
        self._transport = None
        if exc is None:
            # TLS does not always tell the end of the stream apart.
            self._parser.feed_eof()
        if exc is not None:
            reason = describe(exc)
        elif self._parser.head is None:
            reason = "the server closed the connection without an answer"
        else:
            reason = "the server closed the connection before the answer was complete"
        self._fail(httpx.ReadError(reason))

    def _resume(self) -> None:
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    async def _progress(self) -> None:
        """Wait until there is more to see; raise what ended the exchange."""
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

    def _fail(self, error: httpx.TransportError) -> None:
        if self._error is None and not self._parser.complete:
            self._error = error
        self._wake()
