"""That a successor counts once what the history has of a former owner."""

import pytest

from crontask_operator.process.metrics import REGISTRY
from tests.unit.engine.made import repeated, succeeded
from tests.unit.engine.world import FAIL, Answer, World
from tests.unit.history.memory import MemoryHistory

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

EVERY_SECOND = "* * * * * *"


async def test_it_is_counted_once_however_many_successors_fail(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND, missedRunPolicy="All")
    async with world.operator():
        await world.until(9.5)
    for moment in (10.5, 11.5, 12.5):
        world.api.away = True
        async with world.operator():
            world.api.away = False
            await world.until(moment - 0.3)
            world.api.away = True
            await world.until(moment)
    world.api.away = False
    async with world.operator() as engine:
        await world.until(13.5)
        await engine.drain([0], 1)
    assert repeated(world) == 0
    assert succeeded(world) == 13


async def test_it_is_counted_once_if_the_task_is_suspended(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(9.5)
    world.api.change(suspend=True)
    for moment in (12, 14):
        async with world.operator():
            await world.until(moment)
    assert succeeded(world) == 9
    world.api.change(suspend=False)
    async with world.operator() as engine:
        await world.until(16.5)
        await engine.drain([0], 1)
    assert succeeded(world) == len(world.targets.calls)
    assert repeated(world) == 0


async def test_moments_that_were_met_are_not_counted_as_missed(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND, missedRunPolicy="Skip")
    async with world.operator():
        await world.until(9.5)
    await world.until(39.5)
    async with world.operator() as engine:
        await world.until(40.5)
        await engine.drain([0], 1)
    # Those of 10 to 29: a moment is late up to ten seconds.
    assert world.api.status()["counters"]["missed"] == 20
    assert succeeded(world) == 20
    assert repeated(world) == 0


async def test_a_metric_counts_what_this_process_made(world: World, history: MemoryHistory) -> None:
    name, labels = "crontask_runs_total", {"result": "succeeded"}
    world.api.create(schedule=EVERY_SECOND)
    before = REGISTRY.get_sample_value(name, labels) or 0
    async with world.operator():
        await world.until(9.5)
    async with world.operator():
        await world.until(14.5)
    assert REGISTRY.get_sample_value(name, labels) == before + 14


async def test_an_attempt_that_the_status_has_counted_is_not_counted_again(
    world: World, history: MemoryHistory
) -> None:
    # The other one has the history asked.
    world.api.create("often", schedule=EVERY_SECOND)
    world.api.create(at="2026-03-01T12:00:05Z", retry={"delaysSeconds": [3, 30]})
    world.targets.answers["task"] = [Answer(FAIL)]
    async with world.operator():
        await world.until(12)
    async with world.operator():
        await world.until(50)
    assert len(world.targets.times()) == 3
    assert world.api.status()["counters"]["retries"] == 2
