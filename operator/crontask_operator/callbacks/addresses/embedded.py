"""embedded finds IPv4 addresses inside of IPv6 addresses, for `AddressGuard`."""

from ipaddress import IPv4Address, IPv6Address
from typing import Final

from crontask_core.networks import ALWAYS_DENIED
from crontask_operator.callbacks.addresses.resolver import Address

_THIS_NETWORK: Final = ALWAYS_DENIED[0]
_LOOPBACK: Final = IPv6Address("::1")


def embedded(address: Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that a router or the kernel may take `address` for."""
    if isinstance(address, IPv4Address) or address == _LOOPBACK:
        # RFC 4291 takes ::1 out of the addresses that are compatible with IPv4.
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

    RFC 6052 section 2.2 skips bits 64 to 71 in prefixes that are shorter than 96. A
    reading by a wrong length is mostly zeros; such a one counts only if all of them are.
    """
    at_48 = number >> 64 & 0xFFFF, number >> 40 & 0xFFFF
    at_56 = number >> 64 & 0xFF, number >> 32 & 0xFFFFFF
    readings = (
        IPv4Address(at_48[0] << 16 | at_48[1]),
        IPv4Address(at_56[0] << 24 | at_56[1]),
        IPv4Address(number >> 24 & 0xFFFFFFFF),
        IPv4Address(number & 0xFFFFFFFF),
    )
    return tuple(one for one in readings if one not in _THIS_NETWORK) or readings
