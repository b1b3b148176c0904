"""The measures that tests of bounds rely on: pauses of the loop and memory."""

import asyncio
import gc
import time

from tests.support.loop_pauses import measured_pauses
from tests.support.memory import grown_bytes

MIB = 1024 * 1024

kept: list[bytes] = []


def _work(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def keep_fifty_mebibytes() -> None:
    """Allocate and keep memory, as a cache without a bound does."""
    kept.append(bytes(range(256)) * (50 * MIB // 256))


def free_fifty_mebibytes() -> None:
    """Allocate memory and let go of it."""
    bytearray(50 * MIB)[::4096] = b"x" * (50 * MIB // 4096)


async def test_the_longest_pause_is_the_longest_piece_of_work() -> None:
    async with measured_pauses() as pauses:
        for _ in range(20):
            _work(0.01)
            await asyncio.sleep(0)
        _work(0.1)
        await asyncio.sleep(0)
    assert 0.1 <= pauses.spent < 0.2
    assert 0.02 < pauses.longest <= pauses.spent


async def test_what_was_there_before_is_not_collected_in_a_pause() -> None:
    async with measured_pauses():
        assert len(gc.get_objects()) < 1000 < gc.get_freeze_count()
    assert gc.get_freeze_count() == 0


def test_memory_that_is_kept_is_counted() -> None:
    assert 45 * MIB < grown_bytes(keep_fifty_mebibytes) < 60 * MIB


def test_memory_that_is_freed_is_not_counted() -> None:
    assert grown_bytes(free_fifty_mebibytes) < 5 * MIB
