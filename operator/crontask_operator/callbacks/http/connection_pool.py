"""ConnectionPool keeps connections open between calls for a short time, for the transport."""

import asyncio
import errno
import ssl
from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

import httpx

from crontask_operator.callbacks.connection.connection import Connection
from crontask_operator.callbacks.connection.proxies import Proxy, open_tunnel
from crontask_operator.callbacks.connection.tls import TlsContexts, TlsPolicy
from crontask_operator.callbacks.connection.tls_stream import TlsHandshakes
from crontask_operator.callbacks.errors import describe

IDLE_SECONDS: Final = 4.0
"""How long a connection without a call is kept. Node.js, uvicorn and Apache close theirs
after 5 seconds; a client that keeps longer sends into connections that are being closed."""

IDLE_PER_ROUTE: Final = 128
IDLE_TOTAL: Final = 1024
"""Idle connections kept, to one target and in all: each is a file descriptor."""


class TlsError(httpx.NetworkError):
    """The connection was made, but the target is not who it should be, or speaks no TLS.

    Not a `httpx.ConnectError`, after which another address of the name is tried.
    """


class Route(NamedTuple):
    """Where a connection goes; connections of one route are interchangeable.

    `address` is the checked address, or a name for the proxy to resolve. With TLS,
    `server_name` is what the certificate must be for; without, it and `tls` are None.
    """

    address: str
    port: int
    server_name: str | None = None
    tls: TlsPolicy | None = None


class ConnectionPool:
    """Opens connections, and keeps those that can be used again."""

    def __init__(
        self, *, proxy: Proxy | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        self._proxy = proxy
        self._clock = clock
        self._contexts = TlsContexts()
        self._handshakes = TlsHandshakes()
        self._idle: dict[Route, list[tuple[float, Connection]]] = {}
        self._idle_count = 0
        self._closed = False
        self._sweeper: asyncio.TimerHandle | None = None

    async def acquire(self, route: Route) -> Connection:
        """Return the connection to `route` that was used last, or a new one.

        Raises
        ------
        CallError
            If the CA certificate of the route's policy does not load.
        httpx.TransportError
            If a new connection cannot be made.
        """
        kept = self._idle.get(route)
        while kept:
            since, connection = kept.pop()
            self._idle_count -= 1
            if not connection.is_closing and self._clock() - since < IDLE_SECONDS:
                return connection
            connection.abort()
        return await self.connect(route)

    async def connect(self, route: Route) -> Connection:
        """Return a new connection to `route`; raises as `acquire`."""
        context = None if route.tls is None else self._contexts.get(route.tls)
        try:
            try:
                return await self._dial(route, context)
            except OSError as error:
                if error.errno != errno.EMFILE or not self._idle:
                    raise
            # Connections that are kept for later are in the way of one that is due.
            self._drop_idle()
            # An aborted connection is closed by the event loop's next turn.
            await asyncio.sleep(0)
            return await self._dial(route, context)
        except ssl.SSLCertVerificationError as error:
            raise TlsError(f"the certificate is not accepted: {error.verify_message}") from error
        except ssl.SSLError as error:
            raise TlsError(f"TLS failed: {error.reason or error}") from error
        except OSError as error:
            raise httpx.ConnectError(
                f"cannot connect to {route.address} port {route.port}: {describe(error)}"
            ) from error

    def release(self, route: Route, connection: Connection) -> None:
        """Take `connection` back after its exchange: keep it if it can carry another."""
        if not (connection.rest() and self._has_room(route)):
            connection.abort()
            return
        self._idle.setdefault(route, []).append((self._clock(), connection))
        self._idle_count += 1
        if self._sweeper is None:
            self._sweep_later()

    def close(self) -> None:
        """Close the connections that are not in use, and keep none from now on."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._drop_idle()

    def _drop_idle(self) -> None:
        for kept in self._idle.values():
            for _, connection in kept:
                connection.abort()
        self._idle.clear()
        self._idle_count = 0

    def _has_room(self, route: Route) -> bool:
        return (
            not self._closed
            and self._idle_count < IDLE_TOTAL
            and len(self._idle.get(route, ())) < IDLE_PER_ROUTE
        )

    async def _dial(self, route: Route, context: ssl.SSLContext | None) -> Connection:
        loop = asyncio.get_running_loop()
        if context is None:
            host, port = route.address, route.port
            if self._proxy is not None:
                host, port = self._proxy.host, self._proxy.port
            _, connection = await loop.create_connection(Connection, host, port)
            return connection
        name = route.server_name or ""
        if self._proxy is None:
            return await self._handshakes.connect(route.address, route.port, context, name)
        destination = route.address, route.port
        return await open_tunnel(self._proxy, destination, context, name, self._handshakes)

    def _sweep_later(self) -> None:
        self._sweeper = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close what was idle too long; runs only while something is idle."""
        expired = self._clock() - IDLE_SECONDS
        for route, kept in list(self._idle.items()):
            young = [entry for entry in kept if entry[0] > expired and not entry[1].is_closing]
            for since, connection in kept:
                if since <= expired:
                    connection.abort()
            self._idle_count -= len(kept) - len(young)
            if young:
                self._idle[route] = young
            else:
                del self._idle[route]
        self._sweeper = None
        if self._idle:
            self._sweep_later()
