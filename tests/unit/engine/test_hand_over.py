"""Giving shards away in order: nothing new begins, everything known is written."""

import asyncio

import pytest

from tests.unit.engine.world import Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def test_a_run_asked_for_during_the_hand_over_is_the_successors(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *")
    world.targets.answers["task"] = [Answer(seconds=5), Answer()]
    async with world.operator() as engine:
        await world.until(11)
        draining = asyncio.create_task(engine.drain([0], 30))
        await world.until(12)
        world.api.request_run("task", "please")
        await draining
        assert world.targets.times() == ["Scheduled 1 at 10"]
    async with world.operator():
        await world.until(19)
    assert world.targets.times() == ["Scheduled 1 at 10", "Manual 1 at 15.005"]
    assert world.api.status()["handledRunRequest"] == "please"


async def test_a_shard_that_comes_during_the_hand_over_is_not_begun(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *")
    async with world.operator() as engine:
        engine.on_lost(0)
        engine.stop_firing([0])
        engine.on_acquired(0, "")
        await world.until(25)
        assert world.targets.times() == []


async def test_what_was_inherited_is_handed_on(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *")
    async with world.operator() as engine:
        engine.on_lost(0)
        # The shard comes and goes before the watch has shown what its last owner wrote.
        engine.on_acquired(0, "4711")
        assert await engine.drain([0], 5) == "4711"


async def test_a_task_that_is_deleted_during_the_hand_over_is_forgotten(world: World) -> None:
    world.settings = world.settings.model_copy(update={"call_limit": 1})
    world.api.create("first", schedule="*/10 * * * * *")
    world.api.create("queued", schedule="*/10 * * * * *")
    world.targets.answers["first"] = [Answer(seconds=0.8)]
    async with world.operator() as engine:
        await world.until(10.1)
        draining = asyncio.create_task(engine.drain([0], 30))
        await world.until(10.2)
        del world.api.objects["queued"]
        engine.forget("uid-queued")
        await draining
        assert len(engine) == 1
    assert world.targets.times("queued") == []
    assert world.api.runs("first") == ["Scheduled 1 Succeeded"]


async def test_the_hand_over_does_not_wait_for_an_api_server_that_is_away(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *", missedRunPolicy="All")
    async with world.operator() as engine:
        await world.until(9)
        world.api.away = True
        await world.until(11)
        await asyncio.wait_for(engine.drain([0], 5), 30)
    world.api.away = False
    async with world.operator():
        await world.until(59)
    # It could not be recorded, so it is made again, under the same execution id.
    first, second = world.targets.calls[:2]
    assert first[1].execution_id == second[1].execution_id
    assert world.api.status()["counters"]["succeeded"] == len(world.targets.calls) - 1


async def test_a_call_that_is_not_sent_yet_is_the_successors(world: World) -> None:
    world.api.create(schedule="*/20 * * * * *")
    world.targets.connect_seconds = 3
    async with world.operator() as engine:
        await world.until(21)
        await engine.drain([0], 10)
        assert world.targets.times() == []
        assert [run["attempt"] for run in world.api.status()["active"]] == [1]
        assert world.api.status()["active"][0]["waiting"]
    world.targets.connect_seconds = 0
    async with world.operator():
        await world.until(25)
    # Its last write says that the call is still to begin.
    assert world.targets.times() == ["Scheduled 1 at 23.005"]
    assert world.api.status()["counters"]["succeeded"] == 1
