"""The connect-time check: which addresses the operator refuses to call.

Whoever may write a CronTask chooses where the operator connects to, from inside the
cluster's network and past its network policies. So the address is checked, not the
name: names are resolved here, every address of an answer is checked, and the
transport connects to the very address that passed. A name server that answers
differently a moment later is not asked again.

::

    url ──> host ──┬─ address ───────────────────────────> check ──> connect to it
                   └─ name ──> resolver ──> addresses ──> check all ──> connect to one
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from crontask_core.enums import Reason
from crontask_operator.callbacks.errors import CallError
from crontask_operator.callbacks.resolve import Address, Resolver

Network = IPv4Network | IPv6Network

LOOPBACK: Final[tuple[Network, ...]] = tuple(
    map(ip_network, ("127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128"))
)
"""The operator's own pod. Linux connects the unspecified address to loopback too."""

LINK_LOCAL: Final[tuple[Network, ...]] = tuple(map(ip_network, ("169.254.0.0/16", "fe80::/10")))
"""The node's link, where cloud providers serve credentials (169.254.169.254)."""

METADATA: Final[tuple[Network, ...]] = tuple(
    map(
        ip_network,
        ("fd00:ec2::254/128", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),
    )
)
"""Instance metadata outside of link-local: AWS over IPv6, Alibaba, Azure, Oracle."""

_NAME: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


class AddressGuard:
    """Resolves hosts and lets through only those outside of the `denied` networks."""

    def __init__(self, denied: Iterable[Network], resolver: Resolver) -> None:
        self._denied = tuple(denied)
        self._resolver = resolver

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """Return the checked addresses of `host`, at least one, preferred first.

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
            self.check(host, target)
            return (target,)
        addresses = await self._resolver.addresses(target)
        for address in addresses:
            self.check(host, address)
        return addresses

    def check(self, host: str, address: Address) -> None:
        """Raise `CallError` if `address`, or one embedded in it, is denied."""
        for form in (address, *_embedded(address)):
            for network in self._denied:
                if form in network:
                    raise CallError(
                        Reason.ADDRESS_DENIED,
                        f"{_described(host, address)} is in the denied network {network}",
                    )

    async def close(self) -> None:
        """Stop resolving."""
        await self._resolver.close()


@lru_cache(maxsize=8192)
def parse_host(host: str) -> Address | str:
    """Return `host` as an address, or as a name in lower case that is safe to resolve.

    Systems disagree on what ``0x7f.1``, ``2130706433`` or ``127.0.0.1.`` is: some see a
    name, some an address. What they disagree on is refused.

    Raises
    ------
    CallError
        InvalidRequest, with what is wrong.
    """
    try:
        address = ip_address(host)
    except ValueError:
        pass
    else:
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            raise _invalid(host, "an address with a zone is only known to one host's links")
        return address
    if not _NAME.fullmatch(host):
        raise _invalid(host, "expected a DNS name or an IP address")
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise _invalid(host, "an IPv4 address is written as four decimal numbers")
    return host.lower()


def _embedded(address: Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that a router or the kernel may take `address` for."""
    if isinstance(address, IPv4Address):
        return ()
    number = int(address)
    low = IPv4Address(number & 0xFFFFFFFF)
    if number >> 32 in (0, 0xFFFF, 0xFFFF0000):
        # IPv4-compatible (RFC 4291 2.5.5.1), mapped (2.5.5.2), translated (RFC 2765).
        return (low,)
    if number >> 32 == 0x0064FF9B << 64:
        return (low,)  # NAT64, RFC 6052
    if number >> 80 == 0x0064FF9B0001:
        return _local_nat64(number)
    if number >> 112 == 0x2002:
        return (IPv4Address(number >> 80 & 0xFFFFFFFF),)  # 6to4, RFC 3056
    if number >> 96 == 0x20010000:
        # Teredo, RFC 4380: the server, and the client with all bits flipped.
        server = IPv4Address(number >> 64 & 0xFFFFFFFF)
        return (server, IPv4Address(number & 0xFFFFFFFF ^ 0xFFFFFFFF))
    if number >> 32 & 0xFCFFFFFF == 0x00005EFE:
        return (low,)  # ISATAP, RFC 5214
    return ()


def _local_nat64(number: int) -> tuple[IPv4Address, ...]:
    """Return what 64:ff9b:1::/48 may embed: RFC 8215 leaves the prefix length open.

    RFC 6052 section 2.2 skips bits 64 to 71 in prefixes that are shorter than 96.
    """
    at_48 = number >> 64 & 0xFFFF, number >> 40 & 0xFFFF
    at_56 = number >> 64 & 0xFF, number >> 32 & 0xFFFFFF
    at_64 = number >> 24 & 0xFFFFFFFF
    return (
        IPv4Address(at_48[0] << 16 | at_48[1]),
        IPv4Address(at_56[0] << 24 | at_56[1]),
        IPv4Address(at_64),
        IPv4Address(number & 0xFFFFFFFF),
    )


def _described(host: str, address: Address) -> str:
    return f"the address {address}" + ("" if host == str(address) else f" of {host!r}")


def _invalid(host: str, expected: str) -> CallError:
    return CallError(Reason.INVALID_REQUEST, f"the host {host!r} cannot be called: {expected}")
