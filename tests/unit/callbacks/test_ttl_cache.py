"""The cache under names, Secrets and descriptors."""

import asyncio

import pytest

from crontask_operator.callbacks.ttl_cache import TtlCache
from tests.unit.callbacks.calls import Clock


async def test_the_entry_that_was_used_least_recently_makes_room() -> None:
    loaded: list[str] = []

    async def load(key: str) -> str:
        loaded.append(key)
        return key.upper()

    cache = TtlCache(load, lambda _: 60.0, size=2)
    for key in ("a", "b", "a", "c", "a", "b"):
        assert await cache.get(key) == key.upper()
    assert loaded == ["a", "b", "c", "b"]


async def test_a_value_says_how_long_it_holds() -> None:
    clock = Clock()
    values = iter([1, 100])

    async def load(_: str) -> int:
        return next(values)

    cache = TtlCache(load, float, size=1, clock=clock)
    assert await cache.get("x") == 1
    clock.now += 1
    assert await cache.get("x") == 100
    clock.now += 99
    assert await cache.get("x") == 100


async def test_an_exception_reaches_all_and_is_not_kept() -> None:
    begun, attempts = asyncio.Event(), 0

    async def load(_: str) -> str:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            await begun.wait()
            raise LookupError("not yet")
        return "now"

    cache = TtlCache(load, lambda _: 60.0, size=1)
    waiting = [asyncio.create_task(cache.get("x")) for _ in range(2)]
    await asyncio.sleep(0)
    begun.set()
    failures = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(failure) for failure in failures] == [LookupError, LookupError]
    assert await cache.get("x") == "now"


async def test_a_forgotten_value_is_loaded_again() -> None:
    values = iter("ab")

    async def load(_: str) -> str:
        return next(values)

    cache = TtlCache(load, lambda _: 60.0, size=1)
    assert await cache.get("x") == "a"
    cache.forget("x")
    assert await cache.get("x") == "b"


async def test_closing_ends_what_is_being_loaded() -> None:
    async def load(_: str) -> bool:
        return await asyncio.Event().wait()

    cache = TtlCache(load, lambda _: 1.0, size=1)
    waiting = asyncio.create_task(cache.get("x"))
    await asyncio.sleep(0)
    await cache.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
