"""Work passes a gate in turns of tenants, a bounded number at a time."""

import asyncio

import pytest

from crontask_operator.sharing.fair_gate import FairGate, GateError


async def test_a_place_is_held_for_the_length_of_a_block() -> None:
    gate = FairGate(1, 1.0)
    passed: list[int] = []

    async def work(number: int) -> None:
        async with gate.turn("a"):
            passed.append(number)
            await asyncio.sleep(0)
            passed.append(number)

    await asyncio.gather(*(work(number) for number in range(3)))
    assert passed == [0, 0, 1, 1, 2, 2]


async def test_one_who_gives_up_waiting_leaves_no_gap() -> None:
    gate = FairGate(1, 1.0)
    await gate.enter("a")
    waiting = [asyncio.create_task(gate.enter("a")) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    gate.leave("a")
    await waiting[1]


async def test_one_who_gives_up_as_it_is_let_in_gives_its_place_back() -> None:
    gate = FairGate(1, 1.0)
    await gate.enter("a")
    late = asyncio.create_task(gate.enter("b"))
    await asyncio.sleep(0)
    gate.leave("a")
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late
    async with asyncio.timeout(1):
        await gate.enter("c")


async def test_what_waits_is_bounded_for_each() -> None:
    gate = FairGate(1, 1.0, waiting=1)
    await gate.enter("a")
    waiting = [asyncio.create_task(gate.enter(name)) for name in ("a", "b")]
    await asyncio.sleep(0)
    with pytest.raises(GateError, match="1 of its namespace wait already"):
        await gate.enter("a")
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
