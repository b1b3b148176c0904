"""ApiServerFinder finds the API server's addresses, so that no callback reaches it.

::

    URL that the operator uses ──┬─ address ─────────────────────> any port
                                 └─ name ──> resolver ──> address ──> any port
    KUBERNETES_SERVICE_HOST, kubernetes.default.svc ──────────────> any port
    EndpointSlice default/kubernetes ──> addresses of nodes ──────> its ports alone
    all of these that are loopback ──> all of loopback ───────────> its port alone

An endpoint is a machine, whose other ports may serve everything else of a small cluster, or
of a developer's machine.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

import msgspec

from crontask_core.networks import LOOPBACK
from crontask_kube.errors import ApiError, NotFoundError, decoded
from crontask_kube.paths import Resource, resource_path
from crontask_operator.callbacks.addresses.api_server import AddressRange, ApiServer
from crontask_operator.callbacks.addresses.resolver import Address
from crontask_operator.kube.client import KubeApi

logger = logging.getLogger(__name__)

REFRESH_SECONDS: Final = 60.0
"""Time between two looks. Addresses of API servers change with machines."""

LOOK_SECONDS: Final = 15.0
"""Longest time for one answer. A name server that hangs must not keep a start waiting."""

SERVICE: Final = "kubernetes.default.svc"
ENDPOINTS: Final = resource_path(Resource.ENDPOINT_SLICES, "default", "kubernetes")
"""The slice that API servers keep of themselves."""

Lookup = Callable[[str], Awaitable[Iterable[Address]]]


class _Endpoint(msgspec.Struct):
    addresses: list[str] = []


class _Port(msgspec.Struct):
    port: int | None = None


class _EndpointSlice(msgspec.Struct):
    endpoints: list[_Endpoint] | None = None
    ports: list[_Port] | None = None


_SLICE: Final = msgspec.json.Decoder(_EndpointSlice)


async def system_lookup(name: str) -> list[Address]:
    """Return the addresses of `name`; raise `OSError` if it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [ip_address(sockaddr[0]) for *_, sockaddr in found]


class ApiServerFinder:
    """Tells `tell` where the API server is, and again when that has changed.

    Parameters
    ----------
    url
        The URL by which the operator itself talks to it.
    api
        The connection to it.
    tell
        Is given all that is known.
    environ
        Where a pod finds the Service.
    lookup
        Resolves names.
    """

    def __init__(
        self,
        url: str,
        api: KubeApi,
        tell: Callable[[ApiServer], None],
        *,
        environ: Mapping[str, str] = os.environ,
        lookup: Lookup = system_lookup,
    ) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or (80 if parts.scheme == "http" else 443)
        self._service = environ.get("KUBERNETES_SERVICE_HOST", "")
        self._api = api
        self._tell = tell
        self._lookup = lookup
        self._places: dict[str, list[AddressRange]] = {}
        self._told = ApiServer()
        self._trouble: dict[str, str] = {}

    async def find(self) -> None:
        """Look once. What cannot be found now stays what it was."""
        names = [name for name in (self._host, self._service) if name]
        for host in {*names, SERVICE} if self._service else names:
            await self._keep(host, self._addresses(host))
        await self._keep("its endpoints", self._endpoints())
        hosts = [name.lower().rstrip(".") for name in names]
        places = dict.fromkeys(place for found in self._places.values() for place in found)
        known = ApiServer.of_cluster(hosts, places)
        if known != self._told:
            self._told = known
            self._tell(known)

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await self.find()

    async def _keep(self, what: str, looking: Awaitable[list[AddressRange]]) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                self._places[what] = await looking
            trouble = ""
        except (ApiError, OSError, ValueError) as error:
            trouble = str(error) or f"no answer within {LOOK_SECONDS:g} s"
        if trouble and trouble != self._trouble.get(what):
            logger.warning(
                "The API server's addresses are not all known, so not all of them are denied "
                "to callbacks. Looking for %s: %s",
                what,
                trouble,
            )
        self._trouble[what] = trouble

    async def _addresses(self, host: str) -> list[AddressRange]:
        try:
            addresses: Iterable[Address] = [ip_address(host)]
        except ValueError:
            addresses = await self._lookup(host)
        return [place for address in addresses for place in _places(address, None, self._port)]

    async def _endpoints(self) -> list[AddressRange]:
        try:
            answer = await self._api.request("GET", ENDPOINTS, operation="discovery")
        except NotFoundError:
            # So it is in clusters that are served from outside, and in that of `make dev`.
            return []
        found = decoded(_SLICE, answer)
        ports = frozenset(entry.port for entry in found.ports or () if entry.port)
        return [
            place
            for endpoint in found.endpoints or ()
            for text in endpoint.addresses
            for place in _places(ip_address(text), ports or None, self._port)
        ]


def _places(address: Address, ports: frozenset[int] | None, port: int) -> list[AddressRange]:
    mapped = getattr(address, "ipv4_mapped", None)
    address = address if mapped is None else mapped
    if address.is_loopback:
        # It may listen on every address of the machine.
        return [AddressRange(network, ports or frozenset({port})) for network in LOOPBACK]
    return [AddressRange(ip_network(address), ports)]
