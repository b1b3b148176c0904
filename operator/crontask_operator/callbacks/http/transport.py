"""WireTransport sends requests to addresses that it has checked, for the HTTP callback.

`httpx.AsyncClient` and its own transport cost more than a call itself, with redirects,
cookies, auth flows and hooks that a callback does not use; making an `httpx.Request` and
a response costs as much as the rest of a call. So a callback lays its request out once
and sends it by `WireTransport.exchange`. Whatever happens seldom is an `httpx.Request`, as
each hop of a redirect is, and an `httpx.AsyncClient` may stand on the transport too.
`docs/design/calls.md` has the measurements.
"""

from functools import partial
from typing import Final

import httpx

from crontask_operator.callbacks.addresses.address_guard import MAX_ADDRESSES, AddressGuard
from crontask_operator.callbacks.base import nothing
from crontask_operator.callbacks.connection.connection import Connection
from crontask_operator.callbacks.connection.proxies import Proxy
from crontask_operator.callbacks.connection.tls import SYSTEM_ROOTS, TLS_EXTENSION, TlsPolicy
from crontask_operator.callbacks.http.connection_pool import ConnectionPool, Route
from crontask_operator.callbacks.http.exchange import Exchange
from crontask_operator.callbacks.http.message import Destination, Message, Template, template
from crontask_operator.callbacks.request_headers import RawHeaders

BEFORE_SENDING: Final = "crontask.before_sending"
"""Key of `Message.before_sending` among an `httpx.Request`'s extensions."""


class WireTransport(httpx.AsyncBaseTransport):
    """Sends requests over connections of its own.

    Behind a `proxy` it is the proxy which resolves and connects, so only a host that is
    written as an address is checked here; names but the API server's are the proxy's to
    refuse.
    """

    def __init__(self, guard: AddressGuard, *, proxy: Proxy | None = None) -> None:
        self._guard = guard
        self._proxy = proxy
        self._pool = ConnectionPool(proxy=proxy)

    def template(
        self, method: str, url: httpx.URL, headers: RawHeaders, content: bytes
    ) -> Template:
        """Lay out what several messages have in common; see `message.template`."""
        return template(method, url, headers, content, self._proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`, as httpx asks of a transport; the stream is an `Exchange`.

        Its extensions may hold a `TlsPolicy` and `Message.before_sending`. Raises as
        `exchange`.
        """
        exchange = await self.exchange(self._message(request))
        status, values = exchange.head
        headers = list(values.items())
        return httpx.Response(status, headers=headers, stream=exchange, request=request)

    async def exchange(self, message: Message) -> Exchange:
        """Send `message` to a checked address of its host.

        The answer's head is complete on return, its body is not read yet. The caller
        reads the exchange and must close it.

        Raises
        ------
        CallError
            If the host is denied, does not resolve, or its CA cannot be used.
        httpx.TransportError
            As any httpx transport.
        """
        routes = await self._routes(message.destination, message.tls)
        for route in routes[:-1]:
            try:
                return await self._exchange(route, message)
            except httpx.ConnectError:
                # Nothing was sent yet, and the name has another address.
                continue
        return await self._exchange(routes[-1], message)

    async def aclose(self) -> None:
        """Close all connections that are not in use."""
        self._pool.close()

    def _message(self, request: httpx.Request) -> Message:
        whole = self.template(request.method, request.url, request.headers.raw, request.read())
        return whole.message(
            [],
            tls=request.extensions.get(TLS_EXTENSION, SYSTEM_ROOTS),
            before_sending=request.extensions.get(BEFORE_SENDING, nothing),
        )

    async def _routes(self, destination: Destination, tls: TlsPolicy) -> list[Route]:
        host, port, secure = destination
        name = None if self._proxy is None else self._guard.proxied_name(host)
        if name is not None:
            addresses = [name]
        else:
            checked = await self._guard.addresses(host, port)
            addresses = [str(address) for address in checked[:MAX_ADDRESSES]]
        if not secure:
            return [Route(address, port) for address in addresses]
        return [Route(address, port, host, tls) for address in addresses]

    async def _exchange(self, route: Route, message: Message) -> Exchange:
        connection = await self._pool.acquire(route)
        try:
            return await self._send(connection, route, message)
        except httpx.ReadError:
            if connection.answered or connection.uses == 1:
                raise
        # The server closed a kept connection just as it was used again, most likely
        # without seeing the request. It goes out once more, on a new connection.
        connection = await self._pool.connect(route)
        return await self._send(connection, route, message)

    async def _send(self, connection: Connection, route: Route, message: Message) -> Exchange:
        try:
            message.before_sending()
            connection.send(message.data, message.content, bodiless=message.bodiless)
            head = await connection.head()
        except BaseException:
            connection.abort()
            raise
        return Exchange(head, connection, partial(self._pool.release, route))
