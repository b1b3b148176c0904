"""The cache under names, Secrets and descriptors: bounded in bytes, and shared fairly."""

import asyncio

import pytest

from crontask_operator.callbacks.grpc.side_thread import SideThread
from crontask_operator.sharing.loading_cache import LoadingCache
from crontask_operator.sharing.namespace_slots import NamespaceSlots
from tests.unit.callbacks.calls import Clock

SIZE = 10_000
"""Bytes of a value, with what its key takes."""


def weightless(_key: str, _value: object) -> int:
    return 0


class Loads:
    """Loads each key's own name, and keeps what was asked for and dropped."""

    def __init__(self, *, share: int, limit: int) -> None:
        self.clock = Clock()
        self.loaded: list[str] = []
        self.dropped = 0
        self.cache = LoadingCache[str, str](
            self._load,
            lambda _: 30.0,
            weigh=lambda key, _: int(key.partition("x")[2] or 1) * SIZE,
            share=share,
            limit=limit,
            dropped=self._note,
            clock=self.clock,
        )

    async def get(self, *keys: tuple[str, str]) -> list[str]:
        """Get values in turn; return the names of those that had to be loaded."""
        before = len(self.loaded)
        for namespace, key in keys:
            assert await self.cache.get(namespace, key) == key
        return self.loaded[before:]

    async def _load(self, key: str) -> str:
        self.loaded.append(key)
        return key

    def _note(self, _: str, size: int) -> None:
        self.dropped += size


async def test_a_namespace_loses_what_it_used_least_itself() -> None:
    loads = Loads(share=3 * SIZE, limit=100 * SIZE)
    await loads.get(("b", "b1"))
    await loads.get(("a", "a1"), ("a", "a2"), ("a", "a3"), ("a", "a1"), ("a", "a4"))
    assert await loads.get(("b", "b1"), ("a", "a1"), ("a", "a3"), ("a", "a4")) == []
    assert await loads.get(("a", "a2")) == ["a2"]
    assert loads.cache.kept_bytes("a") == 3 * SIZE
    assert loads.dropped == 2 * SIZE


async def test_whoever_keeps_the_most_makes_room_for_others() -> None:
    loads = Loads(share=4 * SIZE, limit=6 * SIZE)
    await loads.get(*(("a", f"a{index}") for index in range(4)))
    await loads.get(("b", "b1"), ("c", "c1"), ("d", "d1"))
    assert await loads.get(("b", "b1"), ("c", "c1"), ("d", "d1"), ("a", "a3")) == []
    assert loads.cache.kept_bytes("a") == 3 * SIZE


async def test_one_that_asks_for_ever_more_evicts_nobody_else() -> None:
    loads = Loads(share=4 * SIZE, limit=6 * SIZE)
    await loads.get(("b", "b1"), ("c", "c1"))
    await loads.get(*(("a", f"a{index}") for index in range(100)))
    assert await loads.get(("b", "b1"), ("c", "c1")) == []


async def test_what_is_larger_than_the_share_is_used_and_not_kept() -> None:
    loads = Loads(share=4 * SIZE, limit=6 * SIZE)
    assert await loads.get(("a", "ax5"), ("a", "ax5")) == ["ax5", "ax5"]
    assert loads.cache.kept_bytes("a") == 0


async def test_what_has_expired_or_was_forgotten_is_loaded_again() -> None:
    loads = Loads(share=4 * SIZE, limit=6 * SIZE)
    await loads.get(("a", "a1"))
    loads.clock.now += 30
    assert await loads.get(("a", "a1")) == ["a1"]
    loads.cache.forget("a", "a1")
    assert await loads.get(("a", "a1")) == ["a1"]
    assert loads.cache.kept_bytes("a") == SIZE


async def test_a_value_says_how_long_it_holds() -> None:
    clock = Clock()
    values = iter([1, 100])

    async def load(_: str) -> int:
        return next(values)

    cache = LoadingCache[str, int](load, float, weigh=weightless, limit=1, clock=clock)
    assert await cache.get("a", "x") == 1
    clock.now += 1
    assert await cache.get("a", "x") == 100
    clock.now += 99
    assert await cache.get("a", "x") == 100


async def test_an_exception_reaches_all_and_is_not_kept() -> None:
    begun, attempts = asyncio.Event(), 0

    async def load(_: str) -> str:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            await begun.wait()
            raise LookupError("not yet")
        return "now"

    cache = LoadingCache[str, str](load, lambda _: 60.0, weigh=weightless, limit=1)
    waiting = [asyncio.create_task(cache.get("a", "x")) for _ in range(2)]
    await asyncio.sleep(0)
    begun.set()
    failures = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(failure) for failure in failures] == [LookupError, LookupError]
    assert await cache.get("a", "x") == "now"


async def test_closing_ends_what_is_being_loaded() -> None:
    async def load(_: str) -> bool:
        return await asyncio.Event().wait()

    cache = LoadingCache[str, bool](load, lambda _: 1.0, weigh=weightless, limit=1)
    waiting = asyncio.create_task(cache.get("a", "x"))
    await asyncio.sleep(0)
    await cache.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_namespace_waits_for_its_own_slots_alone() -> None:
    slots, order = NamespaceSlots(1), []
    held = asyncio.Event()

    async def use(namespace: str, release: asyncio.Event | None = None) -> None:
        async with slots.slot(namespace):
            order.append(namespace)
            if release is not None:
                await release.wait()

    first = asyncio.create_task(use("a", held))
    await asyncio.sleep(0)
    second = asyncio.create_task(use("a"))
    await use("b")
    assert order == ["a", "b"]
    held.set()
    await asyncio.gather(first, second)
    assert order == ["a", "b", "a"]


async def test_a_slot_is_given_back_by_a_failure() -> None:
    slots = NamespaceSlots(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            async with slots.slot("a"):
                raise ValueError("broken")


async def test_work_aside_gives_what_it_returns_or_raises() -> None:
    thread = SideThread()
    assert await thread.run("a", lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await thread.run("a", lambda: 1 // 0)
    thread.close()
