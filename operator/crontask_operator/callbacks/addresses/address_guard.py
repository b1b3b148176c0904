"""AddressGuard refuses addresses that the operator may not call, for all transports.

Whoever may write a CronTask chooses where the operator connects to, from inside the
cluster's network and past its network policies. So the address is checked, not the
name: names are resolved here, every address of an answer is checked, and the
transport connects to the very address that passed. A name server that answers
differently a moment later is not asked again.

::

    url ──> host ──┬─ address ───────────────────────────> check ──> connect to it
                   └─ name ──> resolver ──> addresses ──> check all ──> connect to one
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from crontask_core.enums import Reason
from crontask_core.networks import ALWAYS_DENIED, Network
from crontask_operator.callbacks.addresses.api_server import ApiServer
from crontask_operator.callbacks.addresses.embedded import embedded
from crontask_operator.callbacks.addresses.hosts import parse_host
from crontask_operator.callbacks.addresses.resolver import Address, Resolver
from crontask_operator.callbacks.errors import CallError

ADDRESSES_JUDGED: Final = 8192
"""Addresses whose judgement is kept, at about 300 bytes each."""

MAX_ADDRESSES: Final = 3
"""Addresses of a name which are tried in turn while the connection is refused."""


class _Objection(NamedTuple):
    """What speaks against an address, at some ports or, if they are None, at all."""

    ports: frozenset[int] | None
    text: str


class AddressGuard:
    """Resolves hosts and lets through only those outside of the `denied` networks.

    `ALWAYS_DENIED` is denied besides, and so is the API server once it is known.
    """

    def __init__(self, denied: Iterable[Network], resolver: Resolver) -> None:
        self._denied = tuple(denied)
        self._resolver = resolver
        self._api_server = ApiServer()
        self._objections = lru_cache(ADDRESSES_JUDGED)(self._judged)

    def deny_api_server(self, api_server: ApiServer) -> None:
        """Deny the places and the names of `api_server`, and no others as such."""
        self._api_server = api_server
        self._objections.cache_clear()

    async def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """Return the checked addresses of `host`, at least one, preferred first.

        `port` is the one that is to be called.

        All of a name's addresses must be allowed: an answer that mixes a public and a
        denied address is how a name is made to pass a check and then point inside.

        Raises
        ------
        CallError
            AddressDenied if one is denied, ConnectionError if the name does not
            resolve, InvalidRequest if `host` is neither a name nor an address.
        """
        target = parse_host(host)
        if not isinstance(target, str):
            self._check(host, target, port)
            return (target,)
        self._check_name(target)
        addresses = await self._resolver.addresses(target)
        for address in addresses:
            self._check(host, address, port)
        return addresses

    def proxied_name(self, host: str) -> str | None:
        """Return the name that a proxy may be asked for, None if `host` is an address.

        The proxy resolves it, so of what is denied only names can be told.

        Raises
        ------
        CallError
            AddressDenied or InvalidRequest, as `addresses`.
        """
        target = parse_host(host)
        if not isinstance(target, str):
            return None
        self._check_name(target)
        return target

    def _check_name(self, name: str) -> None:
        if self._api_server.is_called(name):
            raise CallError(Reason.ADDRESS_DENIED, f"the name {name!r} is the API server's")

    def _check(self, host: str, address: Address, port: int) -> None:
        """Raise `CallError` if `address`, or one embedded in it, is denied at `port`."""
        for ports, objection in self._objections(address):
            if ports is None or port in ports:
                where = _described(host, address) + ("" if ports is None else f", port {port},")
                raise CallError(Reason.ADDRESS_DENIED, f"{where} {objection}")

    async def close(self) -> None:
        """Stop resolving."""
        await self._resolver.close()

    def _judged(self, address: Address) -> tuple[_Objection, ...]:
        """Return what speaks against `address`; every call asks, so it is kept."""
        found = []
        for form in (address, *embedded(address)):
            found += [
                _Objection(None, f"is in the network {network}, which no setting allows")
                for network in ALWAYS_DENIED
                if form in network
            ]
            found += [
                _Objection(None, f"is in the denied network {network}")
                for network in self._denied
                if form in network
            ]
            found += [
                _Objection(place.ports, "is the API server's")
                for place in self._api_server.places
                if form in place.network
            ]
        return tuple(found)


def _described(host: str, address: Address) -> str:
    return f"the address {address}" + ("" if host == str(address) else f" of {host!r}")
