"""No namespace keeps another from its calls, however many it wants to make."""

import asyncio
import logging

import pytest

from crontask_operator.process.metrics import REGISTRY
from tests.unit.engine.world import START, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

HANGS = [Answer(seconds=3600)]


def used_up(pool: str) -> float:
    return REGISTRY.get_sample_value("crontask_share_used_up_total", {"pool": pool}) or 0.0


def limited(world: World, **settings: object) -> None:
    world.settings = world.settings.model_copy(update={"namespace_share": 0.5} | settings)


def hang(world: World, namespace: str, number: int) -> None:
    """Create tasks of every second whose target never answers."""
    for each in range(number):
        name = world.api.create(
            f"{namespace}-{each}",
            namespace=namespace,
            schedule="* * * * * *",
            timeoutSeconds=3600,
        )
        world.targets.answers[name] = HANGS


def calls_of(world: World, namespace: str) -> int:
    return sum(call.namespace == namespace for _, call in world.targets.calls)


async def test_a_namespace_whose_targets_hang_keeps_no_other_from_its_moments(
    world: World,
) -> None:
    limited(world, call_limit=100, call_slots=16)
    hang(world, "greedy", 30)
    world.api.create("victim", namespace="other", schedule="* * * * * *")
    async with world.operator() as engine:
        await world.until(25.5)
        assert engine.gauges["crontask_calls_waiting"][1]() == 250
    assert calls_of(world, "greedy") == 50
    times = [when for when, call in world.targets.calls if call.name == "victim"]
    assert len(times) == 25
    assert max((when - START).total_seconds() % 1 for when in times) <= 0.11
    assert world.api.status("victim")["counters"]["skipped"] == 0
    assert world.api.status("victim")["counters"]["succeeded"] == 25


async def test_many_greedy_namespaces_leave_room_for_one_more(world: World) -> None:
    limited(world, call_limit=100, call_slots=16)
    for number in range(9):
        hang(world, f"greedy-{number}", 10)
    world.api.create("victim", namespace="other", schedule="* * * * * *")
    async with world.operator():
        await world.until(15.5)
    assert [calls_of(world, f"greedy-{number}") for number in range(9)] == [10] * 9
    assert len(world.targets.times("victim")) == 15


async def test_a_share_that_is_used_up_is_told_and_so_is_what_it_costs(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    limited(world, call_limit=20)
    hang(world, "greedy", 5)
    before = used_up("calls")
    with caplog.at_level(logging.WARNING):
        async with world.operator():
            await world.until(30.5)
    assert used_up("calls") > before
    told = [notice for notice in world.notices if notice.startswith("ShareUsedUp")]
    assert told == [
        "ShareUsedUp: Calls of this namespace wait for others of it to end: 10 are in flight, "
        "which is its share while other namespaces are to have theirs."
    ]
    lines = [line for line in caplog.records if "has used up its share" in line.getMessage()]
    assert [line.__dict__["namespace"] for line in lines] == ["greedy"]
    skipped = sum(world.api.status(f"greedy-{n}")["counters"]["skipped"] for n in range(5))
    assert skipped == 5 * 30 - 50
    reason = "RunSkipped: A run was due and not begun: 10 runs are under way already, 8 of which"
    assert any(notice.startswith(reason) for notice in world.notices)


async def test_what_waits_for_its_share_keeps_nothing_else_back(world: World) -> None:
    limited(world, call_limit=4)
    hang(world, "greedy", 2)
    async with world.operator() as engine:
        await world.until(5)
        assert engine.gauges["crontask_calls_waiting"][1]() == 8
        async with asyncio.timeout(0.001):
            await engine.caught_up()
        assert engine.quiet_seconds() > 0


async def test_a_deletion_makes_room(world: World) -> None:
    limited(world, call_limit=4)
    hang(world, "greedy", 2)
    async with world.operator() as engine:
        await world.until(2.5)
        engine.forget("uid-greedy-0")
        await world.until(3.5)
        assert engine.gauges["crontask_calls_in_flight"][1]() == 2
        assert {call.name for _, call in world.targets.calls[2:]} == {"greedy-1"}


async def test_a_share_of_one_holds_nothing_back(world: World) -> None:
    limited(world, call_limit=10, namespace_share=1.0)
    hang(world, "greedy", 2)
    async with world.operator():
        await world.until(15)
    assert calls_of(world, "greedy") == 10
