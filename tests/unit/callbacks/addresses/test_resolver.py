"""Names to addresses."""

import asyncio
from contextlib import closing
from ipaddress import ip_address

import pytest

from crontask_core.enums import Reason
from crontask_operator.callbacks.addresses.resolver import (
    RESOLVED_SECONDS,
    UNRESOLVED_SECONDS,
    Address,
    Resolver,
    SystemLookup,
)
from crontask_operator.callbacks.errors import CallError
from tests.unit.callbacks.calls import Clock, Names


async def test_an_answer_is_used_for_a_while() -> None:
    clock, names = Clock(), Names({"shop.example": [["10.0.0.1"], ["10.0.0.2"]]})
    resolver = Resolver(names, clock=clock)
    assert await resolver.addresses("shop.example") == (ip_address("10.0.0.1"),)
    clock.now += RESOLVED_SECONDS - 0.1
    assert await resolver.addresses("shop.example") == (ip_address("10.0.0.1"),)
    clock.now += 0.2
    assert await resolver.addresses("shop.example") == (ip_address("10.0.0.2"),)
    assert names.asked == ["shop.example"] * 2


async def test_a_failure_is_used_for_a_shorter_while() -> None:
    clock, names = Clock(), Names({})
    resolver = Resolver(names, clock=clock)
    for _ in range(2):
        with pytest.raises(CallError, match="Name or service not known") as caught:
            await resolver.addresses("nowhere.example")
        assert caught.value.reason is Reason.CONNECTION_ERROR
    assert len(names.asked) == 1
    clock.now += UNRESOLVED_SECONDS + 0.1
    with pytest.raises(CallError):
        await resolver.addresses("nowhere.example")
    assert len(names.asked) == 2


async def test_a_name_without_addresses_does_not_resolve() -> None:
    with pytest.raises(CallError, match="it has no address"):
        await Resolver(Names({"empty.example": [[]]})).addresses("empty.example")


async def test_a_burst_asks_once() -> None:
    answer: asyncio.Future[tuple[Address, ...]] = asyncio.get_running_loop().create_future()
    asked = 0

    async def slow(_: str) -> tuple[Address, ...]:
        nonlocal asked
        asked += 1
        return await answer

    resolver = Resolver(slow)
    burst = [asyncio.create_task(resolver.addresses("shop.example")) for _ in range(100)]
    await asyncio.sleep(0)
    answer.set_result((ip_address("10.0.0.1"),))
    assert await asyncio.gather(*burst) == [(ip_address("10.0.0.1"),)] * 100
    assert asked == 1


async def test_one_who_gives_up_does_not_spoil_it_for_the_others() -> None:
    answer: asyncio.Future[tuple[Address, ...]] = asyncio.get_running_loop().create_future()
    resolver = Resolver(lambda _: answer)
    impatient = asyncio.create_task(resolver.addresses("shop.example"))
    patient = asyncio.create_task(resolver.addresses("shop.example"))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    answer.set_result((ip_address("10.0.0.1"),))
    assert await patient == (ip_address("10.0.0.1"),)


class TestSystem:
    """The system's own resolver, on names that need no name server."""

    async def test_localhost_resolves(self) -> None:
        with closing(SystemLookup(threads=1)) as lookup:
            addresses = await lookup("localhost")
        assert all(address.is_loopback for address in addresses)
        assert len(addresses) == len(set(addresses)) > 0

    @pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example"])
    async def test_a_name_that_cannot_be_one_is_an_os_error(self, name: str) -> None:
        message = "it is no valid name"
        with closing(SystemLookup(threads=1)) as lookup, pytest.raises(OSError, match=message):
            await lookup(name)
