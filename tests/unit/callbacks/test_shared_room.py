"""What all calls share: threads that match, and room for long answers."""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import cast

import pytest

from crontask_core.expect import ACCEPTED, CompiledExpect, Verdict
from crontask_operator.callbacks.answer_memory import SHARES, AnswerMemory, Room
from crontask_operator.callbacks.matcher import AT_ONCE_BYTES, THREADS, Matcher

LONG = bytearray(AT_ONCE_BYTES + 1)


@dataclass
class SlowExpect:
    """An expression that takes until a test says so."""

    go_on: threading.Event = field(default_factory=threading.Event)
    begun: int = 0
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def reads_body(self, code: int) -> bool:
        """Say that the body matters."""
        return True

    def judge(self, code: int, body: bytearray, truncated: bool) -> Verdict:
        """Wait."""
        self.begun += 1
        self.go_on.wait(10)
        self.ended.release()
        return ACCEPTED


async def test_one_namespace_does_not_take_all_threads() -> None:
    matcher, slow, quick = Matcher(), SlowExpect(), SlowExpect()
    quick.go_on.set()
    expect, other = cast(CompiledExpect, slow), cast(CompiledExpect, quick)
    hanging = [
        asyncio.create_task(matcher.judge("team-a", expect, 200, LONG, False))
        for _ in range(3 * THREADS)
    ]
    try:
        async with asyncio.timeout(5):
            assert await matcher.judge("team-b", other, 200, LONG, False) is ACCEPTED
        assert 0 < slow.begun < THREADS
    finally:
        slow.go_on.set()
    assert await asyncio.gather(*hanging) == [ACCEPTED] * len(hanging)
    matcher.close()


async def test_a_match_that_is_given_up_keeps_its_share_until_it_ends() -> None:
    matcher, slow = Matcher(), SlowExpect()
    expect = cast(CompiledExpect, slow)
    for _ in range(2 * THREADS):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await matcher.judge("team-a", expect, 200, LONG, False)
    assert slow.begun < THREADS
    slow.go_on.set()
    async with asyncio.timeout(5):
        assert await matcher.judge("team-a", expect, 200, LONG, False) is ACCEPTED
    matcher.close()


async def test_a_short_answer_needs_no_thread() -> None:
    matcher, quick = Matcher(), SlowExpect()
    quick.go_on.set()
    matcher.close()
    expect = cast(CompiledExpect, quick)
    assert await matcher.judge("a", expect, 200, bytearray(AT_ONCE_BYTES), False) is ACCEPTED


MEBIBYTE = 1024 * 1024


async def test_room_is_waited_for_and_given_back() -> None:
    memory = AnswerMemory(16 * MEBIBYTE)
    rooms = [Room(memory, f"team-{number}") for number in range(5)]
    for room in rooms[:4]:
        await room.take(16 * MEBIBYTE)
    waiting = asyncio.create_task(rooms[4].take(16 * MEBIBYTE))
    await asyncio.sleep(0)
    assert not waiting.done()
    rooms[0].release()
    rooms[0].release()
    await waiting
    for room in rooms:
        room.release()


async def test_a_namespace_has_its_share_of_the_room() -> None:
    memory = AnswerMemory(1)
    size = 64 * MEBIBYTE // SHARES // 2
    first, second, third = (Room(memory, "team-a") for _ in range(3))
    await first.take(size)
    await second.take(size)
    waiting = asyncio.create_task(third.take(size))
    other = Room(memory, "team-b")
    await other.take(size)
    await asyncio.sleep(0)
    assert not waiting.done()
    second.release()
    await waiting


@pytest.mark.parametrize("granted", [False, True])
async def test_who_gives_up_waiting_takes_no_room(granted: bool) -> None:
    memory = AnswerMemory(64 * MEBIBYTE)
    rooms = [Room(memory, "team-a") for _ in range(3)]
    await rooms[0].take(64 * MEBIBYTE)
    waiting = asyncio.create_task(rooms[1].take(64 * MEBIBYTE))
    await asyncio.sleep(0)
    if granted:
        rooms[0].release()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    rooms[0].release()
    async with asyncio.timeout(5):
        await rooms[2].take(64 * MEBIBYTE)
