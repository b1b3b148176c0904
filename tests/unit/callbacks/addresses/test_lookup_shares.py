"""Names that take long keep no other namespace's calls waiting."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from ipaddress import ip_address
from typing import Any

import pytest
import pytest_asyncio

from crontask_core.tenant import TENANT
from crontask_operator.callbacks.addresses.hosts import parse_host
from crontask_operator.callbacks.addresses.resolver import (
    ADDRESSES_KEPT,
    LONGEST_NAME,
    LOOKUP_THREADS,
    Resolver,
    SystemLookup,
)
from crontask_operator.callbacks.errors import CallError
from crontask_operator.process.metrics import REGISTRY

SOME = ip_address("10.0.0.1")


class SilentNameServer:
    """Names that begin with ``slow`` are answered when `answers` is set, others at once."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked: list[str] = []
        self._loop = asyncio.get_running_loop()
        self._was_asked = asyncio.Event()

    async def asked_for(self, number: int) -> None:
        """Wait until `number` names were asked for."""
        while len(self.asked) < number:
            self._was_asked.clear()
            if len(self.asked) < number:
                await self._was_asked.wait()

    def __call__(self, name: str, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        self.asked.append(name)
        self._loop.call_soon_threadsafe(self._was_asked.set)
        if name.startswith("slow"):
            self.answers.wait(30)
        many = 4000 if name.startswith("many") else 1
        found = (f"10.0.{number // 256}.{number % 256}" for number in range(1, many + 1))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]


@pytest_asyncio.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SilentNameServer]:
    silent = SilentNameServer()
    monkeypatch.setattr(socket, "getaddrinfo", silent)
    yield silent
    silent.answers.set()


def for_tenant(tenant: str, work: Callable[[], Awaitable[Any]]) -> asyncio.Task[Any]:
    """Do `work` in a task that works for `tenant`."""

    async def run() -> Any:
        TENANT.set(tenant)
        return await work()

    return asyncio.create_task(run())


async def begin(resolver: Resolver, server: SilentNameServer, number: int) -> list[Any]:
    """Ask for slow names in the namespace ``greedy``, until no more are asked for."""
    tasks = [
        for_tenant("greedy", lambda n=n: resolver.addresses(f"slow-{n}"))  # type: ignore[misc]
        for n in range(number)
    ]
    await server.asked_for(LOOKUP_THREADS * 3 // 4)
    return tasks


async def test_slow_names_of_one_namespace_delay_no_other(server: SilentNameServer) -> None:
    with closing(SystemLookup()) as lookup:
        resolver = Resolver(lookup)
        slow = await begin(resolver, server, 64)
        for number in range(20):
            name = f"quick-{number}"
            found = await for_tenant("other", lambda n=name: resolver.addresses(n))  # type: ignore[misc]
            assert found == (SOME,)
        assert len(server.asked) == LOOKUP_THREADS * 3 // 4 + 20
        server.answers.set()
        assert await asyncio.gather(*slow) == [(SOME,)] * 64


async def test_a_name_that_waits_for_one_namespace_waits_for_no_other(
    server: SilentNameServer,
) -> None:
    with closing(SystemLookup()) as lookup:
        resolver = Resolver(lookup)
        slow = await begin(resolver, server, 64)
        behind = for_tenant("greedy", lambda: resolver.addresses("shared"))
        await asyncio.sleep(0)
        assert await for_tenant("other", lambda: resolver.addresses("shared")) == (SOME,)
        assert not behind.done()
        server.answers.set()
        await asyncio.gather(*slow, behind)


async def test_look_ups_that_wait_are_counted_and_bounded(server: SilentNameServer) -> None:
    before = REGISTRY.get_sample_value("crontask_share_used_up_total", {"pool": "lookups"}) or 0
    with closing(SystemLookup()) as lookup:
        resolver = Resolver(lookup)
        slow = await begin(resolver, server, 4200)
        server.answers.set()
        results = await asyncio.gather(*slow, return_exceptions=True)
    refused = [result for result in results if isinstance(result, CallError)]
    assert 0 < len(refused) <= 4200 - 4096
    assert "look-ups are refused: 4096 of its namespace wait already" in refused[0].message
    after = REGISTRY.get_sample_value("crontask_share_used_up_total", {"pool": "lookups"})
    assert after is not None
    assert after > before


async def test_a_call_that_gives_up_leaves_its_thread_counted(server: SilentNameServer) -> None:
    with closing(SystemLookup(threads=2, share=0.5)) as lookup:
        impatient = for_tenant("greedy", lambda: lookup("slow-1"))
        await server.asked_for(1)
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
        waiting = for_tenant("greedy", lambda: lookup("slow-2"))
        assert await for_tenant("other", lambda: lookup("quick")) == (SOME,)
        assert server.asked == ["slow-1", "quick"]
        server.answers.set()
        assert await waiting == (SOME,)


async def test_of_thousands_of_addresses_a_few_are_kept(server: SilentNameServer) -> None:
    with closing(SystemLookup()) as lookup:
        assert len(await lookup("many")) == ADDRESSES_KEPT


@pytest.mark.parametrize("name", ["x" * 300, ".".join(["x" * 60] * 1000)])
async def test_a_name_that_is_too_long_is_refused_and_not_kept(
    name: str, server: SilentNameServer
) -> None:
    kept = parse_host.cache_info().currsize
    with closing(SystemLookup()) as lookup:
        with pytest.raises(CallError, match=f"{len(name)} characters") as caught:
            await Resolver(lookup).addresses(name)
        assert len(caught.value.message) < 600
        with pytest.raises(CallError, match=f"{len(name)} characters") as caught:
            parse_host(name)
        assert len(caught.value.message) < 2 * LONGEST_NAME
    assert parse_host.cache_info().currsize == kept
    assert server.asked == []
