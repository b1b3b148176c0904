"""TlsStream speaks TLS for a connection in small buffers, for targets of which there are many.

The event loops' own TLS reads 256 KiB at a time into a buffer for each connection, and
holds as much again for one that is not read: a thousand targets that send much and hang
took 700 MB. Here all streams read to the one buffer that connections without TLS use, and
what is held for a stream is one such read::

    TCP transport <──> TlsStream <──> Connection
         16 KiB at a time   └─ to the connection, its transport
"""

import asyncio
import ssl
from typing import Any, Final, cast

from crontask_core.tenant import TENANT
from crontask_operator.callbacks.answer_memory import AnswerMemory
from crontask_operator.callbacks.connection.connection import READ_BUFFER, Connection

HANDSHAKE_BYTES: Final = 192 * 1024
"""Memory of a handshake in which the server has begun to answer. OpenSSL makes room for a
chain of certificates as long as the server says, up to 100 KiB, and copies it."""

HANDSHAKES_BYTES: Final = 64 * 1024 * 1024
"""Memory of all those that are under way. A namespace has an eighth."""


class TlsStream(asyncio.Transport, asyncio.BufferedProtocol):
    """TLS over a TCP transport, as a client.

    To the TCP transport this is the protocol, to `connection` the transport.
    """

    def __init__(self, context: ssl.SSLContext, server_name: str) -> None:
        super().__init__()
        self.connection = Connection()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._tcp: asyncio.Transport | None = None
        self._shaken = False
        self._paused = False
        self._lost: Exception | None = None
        self._arrival: asyncio.Future[None] | None = None

    def shake(self) -> bool:
        """Go on with the handshake; return whether it is complete.

        Raises
        ------
        ssl.SSLError
            If it fails.
        """
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError:
            # The alert that tells the server why.
            self._flush()
            raise
        self._flush()
        self._shaken = True
        self.connection.connection_made(self)
        self.resume_reading()
        return True

    async def arrived(self) -> None:
        """Wait until the server has sent more of the handshake.

        Raises
        ------
        OSError
            If it closes the connection instead.
        """
        if self._lost is None and not self._incoming.pending and self._tcp is not None:
            self._arrival = asyncio.get_running_loop().create_future()
            self._tcp.resume_reading()
            await self._arrival
        if self._lost is not None:
            raise self._lost

    # What the connection calls.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send `data`."""
        try:
            self._tls.write(data)
        except ssl.SSLError as error:
            self._break(error)
        else:
            self._flush()

    def pause_reading(self) -> None:
        """Leave what comes to the socket."""
        self._paused = True
        if self._tcp is not None:
            self._tcp.pause_reading()

    def resume_reading(self) -> None:
        """Go on with what has arrived, and then with what comes."""
        self._paused = False
        self._decrypt()
        if not self._paused and self._tcp is not None:
            self._tcp.resume_reading()

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be sent."""
        return 0 if self._tcp is None else self._tcp.get_write_buffer_size()

    def is_closing(self) -> bool:
        """Tell whether the connection is closed or about to be."""
        return self._tcp is None or self._tcp.is_closing()

    def abort(self) -> None:
        """Close at once."""
        if self._tcp is not None:
            self._tcp.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the TLS as ``ssl_object``; the rest is the TCP transport's."""
        if name == "ssl_object":
            return self._tls
        return default if self._tcp is None else self._tcp.get_extra_info(name, default)

    # What the TCP transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._tcp = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to read to."""
        return READ_BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read."""
        self._incoming.write(READ_BUFFER[:nbytes])
        if self._shaken:
            self._decrypt()
            return
        # No more until this much of the handshake was seen to.
        if self._tcp is not None:
            self._tcp.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Let the connection know; the event loop closes the transport."""
        if self._shaken:
            self.connection.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the handshake, or let the connection know."""
        self._tcp = None
        self._lost = exc or OSError("the server closed the connection within the TLS handshake")
        if self._shaken:
            self.connection.connection_lost(exc)
        self._wake()

    def _decrypt(self) -> None:
        try:
            while not (self._paused or self.is_closing()):
                # With a buffer it returns a number, other than typeshed has it.
                size = cast(int, self._tls.read(len(READ_BUFFER), READ_BUFFER))
                if not size:
                    # The server will send no more.
                    self.connection.eof_received()
                    self.abort()
                    return
                self.connection.buffer_updated(size)
        except ssl.SSLWantReadError:
            # An answer to what the server said of the keys, if it did.
            self._flush()
        except ssl.SSLError as error:
            self._break(error)

    def _break(self, error: ssl.SSLError) -> None:
        self._flush()
        self.connection.connection_lost(error)
        self.abort()

    def _flush(self) -> None:
        if self._outgoing.pending and not self.is_closing() and self._tcp is not None:
            self._tcp.write(self._outgoing.read())

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)


class TlsHandshakes:
    """Makes TLS connections. The memory of their handshakes is bounded, and shared."""

    def __init__(self, total: int = HANDSHAKES_BYTES) -> None:
        self._room = AnswerMemory(HANDSHAKE_BYTES, total)

    def taken_by(self, namespace: str) -> int:
        """Return the bytes that handshakes of `namespace` take now."""
        return self._room.taken_by(namespace)

    async def connect(
        self, address: str, port: int, context: ssl.SSLContext, server_name: str
    ) -> Connection:
        """Return a connection to `address` whose TLS `context` accepts.

        Raises
        ------
        OSError
            If there is none; `ssl.SSLError` if it is the TLS that fails.
        """
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(
            lambda: TlsStream(context, server_name), address, port
        )
        return await self._secured(stream)

    async def secure(
        self, transport: asyncio.Transport, context: ssl.SSLContext, server_name: str
    ) -> Connection:
        """Return a connection over `transport`, which nobody else reads any more."""
        stream = TlsStream(context, server_name)
        transport.pause_reading()
        transport.set_protocol(stream)
        stream.connection_made(transport)
        return await self._secured(stream)

    async def _secured(self, stream: TlsStream) -> Connection:
        namespace = TENANT.get()
        held = False
        try:
            while not stream.shake():
                await stream.arrived()
                # A server that is silent costs little; one that speaks may say that much comes.
                if not held:
                    await self._room.take(namespace, HANDSHAKE_BYTES)
                    held = True
        except BaseException:
            stream.abort()
            raise
        finally:
            if held:
                self._room.give_back(namespace, HANDSHAKE_BYTES)
        return stream.connection
