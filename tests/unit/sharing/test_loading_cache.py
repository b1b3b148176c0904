"""That what is kept for namespaces is bounded in bytes, and shared fairly."""

import asyncio
from typing import NamedTuple

import pytest

from crontask_operator.callbacks.grpc.side_thread import SideThread
from crontask_operator.sharing.namespace_cache import KEY_BYTES, NamespaceCache, Room
from crontask_operator.sharing.namespace_slots import NamespaceSlots
from tests.unit.callbacks.calls import Clock

SIZE = 10_000
"""Bytes of a value, with what its key takes."""


class Key(NamedTuple):
    """Whose value it is, and which."""

    namespace: str
    name: str


class Loads:
    """Loads each key's own name, and keeps what was asked for and dropped."""

    def __init__(self, room: Room) -> None:
        self.clock = Clock()
        self.loaded: list[str] = []
        self.evicted = 0
        self.cache: NamespaceCache[Key, str] = NamespaceCache(
            self._load,
            lambda _: 30.0,
            size=lambda key, _: int(key.name.partition("x")[2] or 1) * SIZE - KEY_BYTES,
            room=room,
            evicted=self._note,
            clock=self.clock,
        )

    async def get(self, *keys: tuple[str, str]) -> list[str]:
        """Get values in turn; return the names of those that had to be loaded."""
        before = len(self.loaded)
        for namespace, name in keys:
            assert await self.cache.get(Key(namespace, name)) == name
        return self.loaded[before:]

    async def _load(self, key: Key) -> str:
        self.loaded.append(key.name)
        return key.name

    def _note(self, size: int) -> None:
        self.evicted += size


async def test_a_namespace_loses_what_it_used_least_itself() -> None:
    loads = Loads(Room(share=3 * SIZE, total=100 * SIZE))
    await loads.get(("b", "b1"))
    await loads.get(("a", "a1"), ("a", "a2"), ("a", "a3"), ("a", "a1"), ("a", "a4"))
    assert await loads.get(("b", "b1"), ("a", "a1"), ("a", "a3"), ("a", "a4")) == []
    assert await loads.get(("a", "a2")) == ["a2"]
    assert loads.cache.kept_bytes("a") == 3 * SIZE
    assert loads.evicted == 2 * SIZE


async def test_whoever_keeps_the_most_makes_room_for_others() -> None:
    loads = Loads(Room(share=4 * SIZE, total=6 * SIZE))
    await loads.get(*(("a", f"a{index}") for index in range(4)))
    await loads.get(("b", "b1"), ("c", "c1"), ("d", "d1"))
    assert await loads.get(("b", "b1"), ("c", "c1"), ("d", "d1"), ("a", "a3")) == []
    assert loads.cache.kept_bytes("a") == 3 * SIZE


async def test_one_that_asks_for_ever_more_evicts_nobody_else() -> None:
    loads = Loads(Room(share=4 * SIZE, total=6 * SIZE))
    await loads.get(("b", "b1"), ("c", "c1"))
    await loads.get(*(("a", f"a{index}") for index in range(100)))
    assert await loads.get(("b", "b1"), ("c", "c1")) == []


async def test_what_is_larger_than_the_share_is_used_and_not_kept() -> None:
    loads = Loads(Room(share=4 * SIZE, total=6 * SIZE))
    assert await loads.get(("a", "ax5"), ("a", "ax5")) == ["ax5", "ax5"]
    assert loads.cache.kept_bytes("a") == 0


async def test_what_has_expired_or_was_forgotten_is_loaded_again() -> None:
    loads = Loads(Room(share=4 * SIZE, total=6 * SIZE))
    await loads.get(("a", "a1"))
    loads.clock.now += 30
    assert await loads.get(("a", "a1")) == ["a1"]
    loads.cache.forget(Key("a", "a1"))
    assert await loads.get(("a", "a1")) == ["a1"]
    assert loads.cache.kept_bytes("a") == SIZE


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
