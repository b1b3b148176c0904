"""Calls are prepared before they are due, and only while there is nothing else to do."""

import pytest

from crontask_operator.callbacks.base import Attempt
from crontask_operator.engine.engine import Engine
from crontask_operator.engine.idle_work import AHEAD_SECONDS, SLICE, IdleWork
from tests.unit.engine.world import World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

HOURLY = "0 0 * * * *"
EVERY_20_SECONDS = "*/20 * * * * *"


def idle_work(world: World, engine: Engine) -> IdleWork:
    """Return what prepares the calls of `engine`."""
    return IdleWork(engine, world.targets.prepare)


async def test_what_is_due_soon_is_prepared_once(world: World) -> None:
    world.api.create("soon", schedule=EVERY_20_SECONDS)
    world.api.create("later", schedule=HOURLY)
    async with world.operator() as engine:
        idle = idle_work(world, engine)
        for seconds in (1, 2, 22):
            await world.until(seconds)
            await idle.prepare_coming()
        assert world.targets.prepared == ["soon"]
        await world.until(3600 - AHEAD_SECONDS + 1)
        await idle.prepare_coming()
        assert world.targets.prepared == ["soon", "later"]


async def test_a_changed_spec_is_prepared_again(world: World) -> None:
    world.api.create(schedule=EVERY_20_SECONDS)
    async with world.operator() as engine:
        idle = idle_work(world, engine)
        for timeout in (5, 6):
            world.api.change(timeoutSeconds=timeout)
            await world.until(timeout)
            await idle.prepare_coming()
    assert world.targets.prepared == ["task", "task"]


async def test_the_attempt_is_the_one_that_will_be_made(world: World) -> None:
    world.api.create(schedule=EVERY_20_SECONDS)
    prepared: list[Attempt] = []
    async with world.operator() as engine:
        await world.until(1)
        await IdleWork(engine, prepared.append).prepare_coming()
        await world.until(21)
    assert prepared == [attempt for _, attempt in world.targets.calls]


async def test_nothing_is_prepared_while_records_wait(world: World) -> None:
    world.api.create(schedule=EVERY_20_SECONDS)
    async with world.operator() as engine:
        await world.until(1)
        world.api.away = True
        await world.until(21)
        world.api.create("new", schedule=EVERY_20_SECONDS)
        await world.until(22)
        await idle_work(world, engine).prepare_coming()
    assert world.targets.prepared == []


async def test_it_stops_when_something_is_to_be_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3 * SLICE):
        world.api.create(f"task-{number}", schedule=EVERY_20_SECONDS)
    async with world.operator() as engine:
        await world.until(1)
        left = [10.0, 10.0, 0.0]
        monkeypatch.setattr(engine, "quiet_seconds", lambda: left.pop(0))
        idle = idle_work(world, engine)
        await idle.prepare_coming()
    assert len(world.targets.prepared) == 2 * SLICE


async def test_a_fault_with_one_does_not_keep_the_others(world: World) -> None:
    for name in ("one", "other"):
        world.api.create(name, schedule=EVERY_20_SECONDS)
    asked: list[str] = []

    def prepare(attempt: Attempt) -> None:
        asked.append(attempt.name)
        raise RuntimeError("a fault")

    async with world.operator() as engine:
        await world.until(1)
        idle = IdleWork(engine, prepare)
        await idle.prepare_coming()
        await idle.prepare_coming()
        await world.until(21)
    assert sorted(asked) == ["one", "other"]
    assert len(world.targets.calls) == 2
