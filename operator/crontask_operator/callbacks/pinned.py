"""The transport which checks where a request goes and connects to just that address."""

from ipaddress import IPv6Address
from typing import Final

import httpx

from crontask_operator.callbacks.clients import SYSTEM_ROOTS, ClientPool, Pin, TlsPolicy
from crontask_operator.callbacks.netguard import AddressGuard, parse_host
from crontask_operator.callbacks.resolve import Address

TLS_EXTENSION: Final = "crontask.tls"
"""Key of the `TlsPolicy` among a request's extensions; absent means the system's roots."""

MAX_ADDRESSES: Final = 3
"""Addresses of a name which are tried in turn while the connection is refused."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class PinnedTransport(httpx.AsyncBaseTransport):
    """Resolves and checks each request's host with `guard`, then sends it from `clients`.

    Behind a proxy it is the proxy which resolves and connects, so only a host that is
    written as an address is checked here; names are the proxy's to refuse.
    """

    def __init__(self, guard: AddressGuard, clients: ClientPool, *, proxied: bool = False) -> None:
        self._guard = guard
        self._clients = clients
        self._proxied = proxied

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` to a checked address of its host.

        Raises
        ------
        CallError
            If the host is denied, does not resolve, or its CA cannot be used.
        httpx.RequestError
            As any httpx transport.
        """
        host = request.url.host
        if self._proxied and isinstance(parse_host(host), str):
            policy = request.extensions.get(TLS_EXTENSION, SYSTEM_ROOTS)
            return await self._clients.get(None, policy).send(request, _target(request.url, host))
        addresses = (await self._guard.addresses(host))[:MAX_ADDRESSES]
        for address in addresses[:-1]:
            try:
                return await self._send(request, address)
            except httpx.ConnectError:
                # Nothing was sent yet, and the name has another address.
                continue
        return await self._send(request, addresses[-1])

    async def aclose(self) -> None:
        """Close all connections."""
        await self._clients.close()

    async def _send(self, request: httpx.Request, address: Address) -> httpx.Response:
        url = request.url
        policy: TlsPolicy = request.extensions.get(TLS_EXTENSION, SYSTEM_ROOTS)
        pin = None
        host = url.host
        if url.scheme == "http" or parse_host(host) == address:
            host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
        else:
            pin = Pin(host, str(address), _port(url))
        return await self._clients.get(pin, policy).send(request, _target(url, host))


def _port(url: httpx.URL) -> int:
    return url.port or DEFAULT_PORTS[url.scheme]


def _target(url: httpx.URL, host: str) -> str:
    # Put together from parts that were checked, so that the engine's own URL parser has
    # nothing left to understand differently.
    return f"{url.scheme}://{host}:{_port(url)}{url.raw_path.decode('ascii')}"
