"""The first status of many new tasks comes after their creation, that of a few at once."""

import pytest

from crontask_core.identity import shard_of
from crontask_operator.engine.first_statuses import AT_ONCE, MOST_SECONDS, QUIET_SECONDS
from tests.unit.engine.world import World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

MANY = 3 * AT_ONCE
HOURLY = "30 * * * *"
SOON = "*/5 * * * * *"


async def test_a_few_new_tasks_have_their_status_at_once(world: World) -> None:
    async with world.operator():
        await world.until(1)
        for number in range(AT_ONCE):
            world.api.create(f"task-{number}", schedule=HOURLY)
        await world.until(1.1)
        assert world.api.writes == AT_ONCE


async def test_those_of_many_follow_when_no_more_come(world: World) -> None:
    async with world.operator() as engine:
        await world.until(1)
        for number in range(MANY):
            world.api.create(f"task-{number}", schedule=HOURLY)
            await world.until(1 + number * 0.01)
        assert world.api.writes == AT_ONCE
        assert engine.recorder.waiting == MANY - AT_ONCE
        await world.until(1 + MANY * 0.01 + QUIET_SECONDS + 0.1)
        assert world.api.writes == MANY
        assert world.api.status("task-59")["phase"] == "Active"


async def test_nobody_waits_long_while_ever_more_come(world: World) -> None:
    async with world.operator():
        await world.until(1)
        for number in range(int(MOST_SECONDS * 10) + AT_ONCE + 20):
            world.api.create(f"task-{number}", schedule=HOURLY)
            await world.until(1 + number * 0.1)
        assert world.api.writes > MOST_SECONDS * 10


async def test_a_task_that_is_due_soon_waits_for_nothing(world: World) -> None:
    async with world.operator():
        await world.until(1)
        for number in range(MANY):
            world.api.create(f"task-{number}", schedule=HOURLY)
        world.api.create("soon", schedule=SOON)
        await world.until(1.1)
        assert world.api.status("soon")["phase"] == "Active"
        assert world.api.writes == AT_ONCE + 1


async def test_more_to_be_written_of_a_task_ends_its_wait(world: World) -> None:
    async with world.operator():
        await world.until(1)
        for number in range(MANY):
            world.api.create(f"task-{number}", schedule=HOURLY)
        world.api.request_run(f"task-{MANY - 1}", "now")
        await world.until(1.2)
        assert world.api.runs(f"task-{MANY - 1}") == ["Manual 1 Succeeded"]
        assert world.api.writes == AT_ONCE + 1


async def test_a_hand_over_waits_for_none_of_them(world: World) -> None:
    async with world.operator() as engine:
        await world.until(1)
        for number in range(MANY):
            world.api.create(f"task-{number}", schedule=HOURLY)
        await world.until(1.1)
        await engine.drain([0], 1)
        assert engine.recorder.waiting == 0
        assert world.api.writes == AT_ONCE


async def test_a_hand_over_of_one_shard_leaves_those_of_the_others(world: World) -> None:
    world.settings = world.settings.model_copy(update={"shards": 2})
    async with world.operator() as engine:
        engine.on_acquired(1, "")
        await world.until(1)
        for number in range(MANY):
            world.api.create(f"task-{number}", schedule=HOURLY)
        await world.until(1.1)
        await engine.drain([0], 1)
        await world.until(5)
        kept = [name for name in world.api.objects if shard_of(f"uid-{name}", 2) == 1]
        assert len(kept) > AT_ONCE
        assert {world.api.status(name).get("phase") for name in kept} == {"Active"}
