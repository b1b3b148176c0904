"""Which addresses the operator refuses to call, in whatever form they come."""

from ipaddress import ip_address, ip_network

import pytest

from crontask_core.enums import Reason
from crontask_core.networks import LOOPBACK, Network
from crontask_core.spec import HttpCallback
from crontask_operator.callbacks.addresses.address_guard import AddressGuard
from crontask_operator.callbacks.addresses.hosts import parse_host
from crontask_operator.callbacks.addresses.resolver import Resolver
from crontask_operator.callbacks.errors import CallError
from tests.support.targets import target
from tests.unit.callbacks.calls import SHIPPED, Names, calling

PRIVATE: tuple[Network, ...] = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
DENIED = SHIPPED + PRIVATE


def guard(answers: dict[str, list[list[str]]] | None = None) -> AddressGuard:
    return AddressGuard(DENIED, Resolver(Names(answers or {})))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "169.254.169.254",
        "10.1.2.3",
        "100.100.100.200",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1:7f00:0:100::",
        "64:ff9b:1:7f:0:1::",
        "64:ff9b:1:0:7f:0:100:0",
        "64:ff9b:1::10.0.0.1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:7f00:1::",
        "2001:0:808:808:0:0:80ff:fffe",
        "2001:db8::5efe:127.0.0.1",
        "2001:db8::200:5efe:127.0.0.1",
    ],
)
async def test_denied_addresses_are_denied_in_every_spelling(host: str) -> None:
    with pytest.raises(CallError, match=r"is in the (denied )?network") as caught:
        await guard().addresses(host, 80)
    assert caught.value.reason is Reason.ADDRESS_DENIED


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8",
        "11.0.0.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2001:db8::5eff:127.0.0.1",
    ],
)
async def test_other_addresses_are_not(host: str) -> None:
    assert await guard().addresses(host, 80) == (ip_address(host),)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.01",
        "127.0.0.1.",
        "127.0.0.0x1",
        "256.1.1.1",
        "fe80::1%eth0",
        "%31%32%37.0.0.1",
        "127。0。0。1",
        "localhost\x00.example",
        "a b",
        "-a",
        "",
    ],
)
def test_what_systems_read_differently_is_refused(host: str) -> None:
    with pytest.raises(CallError) as caught:
        parse_host(host)
    assert caught.value.reason is Reason.INVALID_REQUEST
    assert repr(host) in caught.value.message


@pytest.mark.parametrize(
    "host",
    [
        "shop.example",
        "SHOP",
        "a_b.svc",
        "shop.default.svc.cluster.local.",
        "1.2.3.4.example",
        "1e3",
    ],
)
def test_names_are_names(host: str) -> None:
    assert parse_host(host) == host.lower()


async def test_a_name_is_denied_for_its_address() -> None:
    names = guard({"evil.example": [["127.0.0.1"]]})
    with pytest.raises(CallError) as caught:
        await names.addresses("evil.example", 80)
    assert caught.value.message == (
        "the address 127.0.0.1 of 'evil.example' is in the denied network 127.0.0.0/8"
    )


@pytest.mark.parametrize(
    "answer",
    [["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["8.8.8.8", "::ffff:10.0.0.1"]],
)
async def test_one_denied_address_denies_the_name(answer: list[str]) -> None:
    with pytest.raises(CallError, match="denied"):
        await guard({"mixed.example": [answer]}).addresses("mixed.example", 80)


async def test_a_name_with_a_number_for_a_top_level_is_not_resolved() -> None:
    resolver = Names({"evil.1": [["8.8.8.8"]]})
    with pytest.raises(CallError, match="four decimal numbers"):
        await AddressGuard(DENIED, Resolver(resolver)).addresses("evil.1", 80)
    assert resolver.asked == []


class TestCalls:
    """The same, seen from a target that must not be called."""

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "evil.example", "2130706433"]
    )
    @pytest.mark.parametrize("scheme", ["http", "https"])
    async def test_a_denied_target_is_not_called(self, scheme: str, host: str) -> None:
        names = {"evil.example": [["127.0.0.1"]]}
        async with calling(denied=LOOPBACK, names=names) as caller, target() as server:
            result = await caller(HttpCallback(url=f"{scheme}://{host}:{server.port}/"))
            assert result.reason in (Reason.ADDRESS_DENIED, Reason.INVALID_REQUEST)
            assert result.code is None
            assert server.connections == 0

    async def test_an_answer_that_changes_after_the_check_changes_nothing(self) -> None:
        # The first answer passes and is the one that is called; the second would not.
        names = {"rebind.example": [["127.0.0.1"], ["127.0.0.2"]]}
        denied = (ip_network("127.0.0.2/32"),)
        async with calling(denied=denied, names=names) as caller, target() as server:
            url = f"http://rebind.example:{server.port}/"
            assert (await caller(HttpCallback(url=url))).ok
            # Remembered, not asked again within the time that an answer is used.
            assert (await caller(HttpCallback(url=url))).ok
            assert len(server.requests) == 2

    async def test_a_name_that_turns_inside_is_denied_once_it_is_asked_again(self) -> None:
        names = {"rebind.example": [["8.8.8.8"], ["127.0.0.1"]]}
        clock_free = Resolver(Names(names), clock=iter(range(0, 1000, 100)).__next__)
        checked = AddressGuard(LOOPBACK, clock_free)
        assert await checked.addresses("rebind.example", 80) == (ip_address("8.8.8.8"),)
        with pytest.raises(CallError, match=r"127\.0\.0\.1"):
            await checked.addresses("rebind.example", 80)
