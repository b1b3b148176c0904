"""connector opens connections to the API server for every session with it.

They end when their session does, and soon after the network stops to carry them.
"""

import asyncio
import socket
from functools import partial
from ssl import SSLContext
from typing import Any, Final

import aiohttp
from aiohttp.client import ClientRequest, ClientTimeout
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

SILENT_SECONDS: Final = 10
"""Without an acknowledgement for so long, a connection is given up: a firewall or a node
may have forgotten it, and a request over it would wait for its whole time-out."""

PROBE_SECONDS: Final = 3
"""Between two probes of a connection that is idle."""


def open_socket(address: tuple[Any, ...]) -> socket.socket:
    """Return a socket for `address`, as getaddrinfo tells it, that notices a dead peer."""
    family, kind, protocol, *_ = address
    opened = socket.socket(family=family, type=kind, proto=protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", PROBE_SECONDS),
        ("TCP_KEEPINTVL", PROBE_SECONDS),
        ("TCP_KEEPCNT", SILENT_SECONDS // PROBE_SECONDS),
        ("TCP_USER_TIMEOUT", SILENT_SECONDS * 1000),
    ):
        # Not every system has all of them; what is missing keeps the system's default.
        if hasattr(socket, option):
            opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return opened


class ClosingConnector(aiohttp.TCPConnector):
    """A connector of which no connection is left once it is closed.

    A connection that is given up before its answer has ended, as those of a watch and of a
    cancelled request are, closes TLS with its peer in the background, for up to 30 s.
    aiohttp does not wait for that: whether the socket is closed before the event loop is
    depends on how fast the peer answers.
    """

    def __init__(self, *, limit: int, ssl: SSLContext | bool) -> None:
        super().__init__(limit=limit, ssl=ssl, socket_factory=open_socket)
        self._tracked: dict[asyncio.Transport, asyncio.Future[None]] = {}

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - the signature is aiohttp's
    ) -> Connection:
        """Return a connection of the pool or a new one, and keep track of it."""
        connection = await super().connect(req, traces, timeout)
        protocol, transport = connection.protocol, connection.transport
        if protocol is not None and transport is not None:
            closed = protocol.closed
            if closed is not None and transport not in self._tracked:
                self._tracked[transport] = closed
                closed.add_done_callback(partial(self._forget, transport))
        return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Close every connection, those included that are closing in the background."""
        await super().close(abort_ssl=abort_ssl)
        left = dict(self._tracked)
        for transport in left:
            transport.abort()
        if left:
            await asyncio.wait(left.values())

    def _forget(self, transport: asyncio.Transport, closed: asyncio.Future[None]) -> None:
        self._tracked.pop(transport, None)
        if not closed.cancelled():
            # The request tells how its connection ended. An exception that nobody
            # retrieves would be logged besides.
            closed.exception()
