"""What the shipped settings keep callbacks from, by real sockets and over both protocols."""

from ipaddress import IPv4Network, ip_address

import pytest

from crontask_core.enums import Reason
from crontask_core.spec import GrpcCallback, HttpCallback
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.resolver import Resolver
from crontask_operator.callbacks.base import CallResult
from crontask_operator.callbacks.errors import CallError
from tests.support.targets import Exchange, target
from tests.unit.callbacks.calls import SHIPPED, Caller, Names, calling

UNSPECIFIED = [
    "0.0.0.0",
    "0.1.2.3",
    "[::]",
    "[0:0:0:0:0:0:0:0]",
    "[::ffff:0:0]",
    "[::ffff:0.0.0.0]",
    "[0000:0000:0000:0000:0000:ffff:0000:0000]",
    "[::0.1.2.3]",
    "[::ffff:0:0:0]",
    "[64:ff9b::]",
    "[64:ff9b:1::]",
    "[2002::1]",
    "[2001:0:808:808::ffff:ffff]",
    "[2001:db8::5efe:0.0.0.0]",
    "unspecified.example",
    "mapped.example",
]
"""Addresses that mean the machine itself. Some of them reach it, depending on the kernel."""

OTHERS_OF_LOOPBACK = [
    "127.0.0.1",
    "127.9.9.9",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "localhost",
    "LOCALHOST",
]

NO_ADDRESSES = [
    "0",
    "00",
    "0x0",
    "0.0",
    "0.0.0.0.",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "017700000001",
    "2130706433",
]
"""What some systems read as an address, and others as a name."""

METADATA = [
    "169.254.169.254",
    "fe80::a9fe:a9fe",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fd00:c1::a9fe:a9fe",
    "fd00:42::42",
    "::ffff:100.100.100.200",
    "64:ff9b::168.63.129.16",
    "2002:c000:c0::1",
]

NO_TARGETS = ["224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1", "::ffff:224.0.0.1"]

NAMES = {"unspecified.example": [["0.0.0.0"]], "mapped.example": [["::ffff:0:0"]]}


async def call(caller: Caller, protocol: str, authority: str) -> CallResult:
    """Call `authority` by HTTP or gRPC."""
    if protocol == "http":
        return await caller(HttpCallback(url=f"http://{authority}/"), timeout_seconds=5)
    callback = GrpcCallback(address=authority, service="a.B", method="C")
    return await caller(callback, timeout_seconds=5)


@pytest.mark.parametrize("host", UNSPECIFIED + OTHERS_OF_LOOPBACK + NO_ADDRESSES)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
async def test_the_operators_own_machine_is_not_reached(protocol: str, host: str) -> None:
    async with calling(denied=SHIPPED, names=NAMES) as caller, target() as server:
        result = await call(caller, protocol, f"{host}:{server.port}")
        assert result.reason in (Reason.ADDRESS_DENIED, Reason.INVALID_REQUEST), result.error
        assert server.connections == 0


@pytest.mark.parametrize("host", UNSPECIFIED)
@pytest.mark.parametrize("protocol", ["http", "grpc"])
async def test_no_setting_allows_the_unspecified_address(protocol: str, host: str) -> None:
    async with calling(denied=(), names=NAMES) as caller, target() as server:
        result = await call(caller, protocol, f"{host}:{server.port}")
        assert result.reason is Reason.ADDRESS_DENIED, result.error
        assert "which no setting allows" in result.error
        assert server.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_loopback_is_reached_where_the_settings_allow_it(host: str) -> None:
    async with calling(denied=(), names=NAMES) as caller, target() as server:
        result = await call(caller, "http", f"{host}:{server.port}")
        assert result.ok, result.error


@pytest.mark.parametrize("host", ["0.0.0.0", "[::ffff:0:0]", "127.0.0.1", "mapped.example"])
async def test_a_redirect_leads_nowhere_else(host: str) -> None:
    async with target() as inside:

        async def inwards(exchange: Exchange) -> None:
            where = f"http://{host}:{inside.port}/"
            await exchange.answer(302, headers={"Location": where})

        # The first target is on loopback too, so only that of the redirect is denied.
        loopback, first = IPv4Network("127.0.0.0/8"), IPv4Network("127.0.0.2/32")
        denied = {*SHIPPED, *loopback.address_exclude(first)} - {loopback}
        async with (
            target(inwards, host="127.0.0.2") as outside,
            calling(denied=tuple(denied), names=NAMES) as caller,
        ):
            callback = HttpCallback(url=outside.url, follow_redirects=3)
            result = await caller(callback, timeout_seconds=5)
        assert result.reason is Reason.ADDRESS_DENIED, result.error
        assert inside.connections == 0


@pytest.mark.parametrize("host", METADATA + NO_TARGETS)
async def test_neither_are_credentials_of_clouds_nor_groups(host: str) -> None:
    guard = AddressGuard(SHIPPED, Resolver(Names({})))
    with pytest.raises(CallError) as caught:
        await guard.addresses(host, 80)
    assert caught.value.reason is Reason.ADDRESS_DENIED


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8",
        "10.0.0.1",
        "192.168.1.1",
        "100.100.100.201",
        "1.0.0.0",
        "2606:4700::1111",
        "fd00:ec2::22",
        "64:ff9b::808:808",
        # Local NAT64 (RFC 8215) with a prefix of 96, 64, 56 and 48 bits.
        "64:ff9b:1::808:808",
        "64:ff9b:1:0:8:808:800:0",
        "64:ff9b:1:8:8:808::",
        "64:ff9b:1:808:8:800::",
    ],
)
async def test_whatever_else_there_is_may_be_called(host: str) -> None:
    guard = AddressGuard(SHIPPED, Resolver(Names({})))
    assert await guard.addresses(host, 80) == (ip_address(host),)
