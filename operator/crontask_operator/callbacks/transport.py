"""The httpx transport of callbacks: checks where a request goes, and goes just there.

`httpx.AsyncClient` and its own transport cost more than a call itself, with redirects,
cookies, auth flows and hooks that a callback does not use. So requests go straight to
this transport (`docs/design/calls.md` has the measurements).

The response's ``stream`` yields decoded content, of which a reader takes as much as it
wants; leaving early drops the rest together with the connection.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Final

import httpx

from crontask_operator.callbacks.connections import ConnectionPool, Route
from crontask_operator.callbacks.decoding import Inflater, inflater_for
from crontask_operator.callbacks.netguard import AddressGuard, parse_host
from crontask_operator.callbacks.proxies import Proxy
from crontask_operator.callbacks.tls import SYSTEM_ROOTS, TLS_EXTENSION
from crontask_operator.callbacks.urls import port_of
from crontask_operator.callbacks.wire import Connection

MAX_ADDRESSES: Final = 3
"""Addresses of a name which are tried in turn while the connection is refused."""

BODILESS_METHODS: Final = frozenset({"GET", "HEAD"})

BEFORE_SENDING: Final = "crontask_before_sending"
"""Request extension: a function to call when there is a connection to send over. If it
raises, nothing is sent."""


class WireTransport(httpx.AsyncBaseTransport):
    """Sends requests over connections of its own.

    Behind a `proxy` it is the proxy which resolves and connects, so only a host that is
    written as an address is checked here; names are the proxy's to refuse.
    """

    def __init__(self, guard: AddressGuard, *, proxy: Proxy | None = None) -> None:
        self._guard = guard
        self._proxy = proxy
        self._pool = ConnectionPool(proxy=proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` to a checked address of its host.

        The answer's head is complete on return, its body is not read yet. The caller
        reads ``stream`` and must close it.

        Raises
        ------
        CallError
            If the host is denied, does not resolve, or its CA cannot be used.
        httpx.TransportError
            As any httpx transport.
        """
        message = _serialize(request, self._proxy)
        routes = await self._routes(request)
        for route in routes[:-1]:
            try:
                return await self._exchange(route, message, request)
            except httpx.ConnectError:
                # Nothing was sent yet, and the name has another address.
                continue
        return await self._exchange(routes[-1], message, request)

    async def aclose(self) -> None:
        """Close all connections that are not in use."""
        self._pool.close()

    async def _routes(self, request: httpx.Request) -> list[Route]:
        url = request.url
        host = url.host
        port = port_of(url)
        if self._proxy is not None and isinstance(parse_host(host), str):
            addresses = [host]
        else:
            checked = await self._guard.addresses(host)
            addresses = [str(address) for address in checked[:MAX_ADDRESSES]]
        if url.scheme == "http":
            return [Route(address, port) for address in addresses]
        policy = request.extensions.get(TLS_EXTENSION, SYSTEM_ROOTS)
        return [Route(address, port, host, policy) for address in addresses]

    async def _exchange(
        self, route: Route, message: bytes, request: httpx.Request
    ) -> httpx.Response:
        connection = await self._pool.acquire(route)
        try:
            return await self._send(connection, route, message, request)
        except httpx.ReadError:
            if connection.answered or connection.uses == 1:
                raise
        # The server closed a kept connection just as it was used again, most likely
        # without seeing the request. It goes out once more, on a new connection.
        connection = await self._pool.connect(route)
        return await self._send(connection, route, message, request)

    async def _send(
        self, connection: Connection, route: Route, message: bytes, request: httpx.Request
    ) -> httpx.Response:
        try:
            if before_sending := request.extensions.get(BEFORE_SENDING):
                before_sending()
            connection.send(message, bodiless=request.method == "HEAD")
            head = await connection.head()
        except BaseException:
            connection.abort()
            raise
        body = _Body(connection, route, self._pool)
        response = httpx.Response(head.status, headers=head.headers, stream=body, request=request)
        # Every byte is a character of it, as RFC 9110 has it for what is not ASCII; httpx
        # would find this out by trying others first.
        response.headers.encoding = "iso-8859-1"
        body.inflater = inflater_for(response.headers.get("content-encoding"))
        return response


class _Body(httpx.AsyncByteStream):
    """An answer's content, decoded. Closing it gives the connection back, or up."""

    def __init__(self, connection: Connection, route: Route, pool: ConnectionPool) -> None:
        self.inflater: Inflater | None = None
        self._connection = connection
        self._route = route
        self._pool = pool
        self._parts: Iterator[bytes] = iter(())

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while True:
            for part in self._parts:
                return part
            data = await self._connection.read()
            if data is None:
                if self.inflater is not None:
                    self.inflater.finish()
                raise StopAsyncIteration
            if self.inflater is None:
                return data
            self._parts = self.inflater.feed(data)

    async def aclose(self) -> None:
        self._pool.release(self._route, self._connection)


def _serialize(request: httpx.Request, proxy: Proxy | None) -> bytes:
    """Return `request` as it goes over the wire (RFC 9112), or to a proxy."""
    url = request.url
    target = url.raw_path
    content = request.read()
    headers = request.headers.raw
    if proxy is not None and url.scheme == "http":
        target = b"http://%b%b" % (url.netloc, target)
        if proxy.authorization is not None:
            headers.append((b"Proxy-Authorization", proxy.authorization))
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), target)]
    lines += [b"%b: %b" % header for header in headers]
    if content or request.method not in BODILESS_METHODS:
        lines.append(b"Content-Length: %d" % len(content))
    head = b"\r\n".join(lines)
    # Whoever made the request should have refused such values. One that slips through
    # must not become a header, or a request, of its own.
    if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1:
        raise httpx.LocalProtocolError("expected no line breaks in method, URL and headers")
    return b"%b\r\n\r\n%b" % (head, content)
