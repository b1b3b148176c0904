"""What an earlier version left out of a status is added, and no storm of writes comes of it."""

import pytest

from crontask_operator.engine.old_statuses import PER_SECOND
from tests.support.crontasks import new_status
from tests.unit.engine.world import OK, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

MANY = 5 * PER_SECOND
NEVER_SOON = "0 0 1 1 *"


async def upgraded(world: World, count: int, schedule: str = NEVER_SOON) -> None:
    """Have `count` tasks with a status as the version before Ready wrote it."""
    for number in range(count):
        world.api.create(f"task-{number}", schedule=schedule)
    async with world.operator():
        await world.until(5)
    for name in world.api.objects:
        status = world.api.status(name)
        status["conditions"] = [
            condition
            for condition in status["conditions"]
            if condition["type"] in ("Accepted", "Finished")
        ]
    world.api.writes = 0


def are_ready(world: World) -> int:
    """Return of how many tasks the status is complete."""
    return sum(
        any(condition["type"] == "Ready" for condition in world.api.status(name)["conditions"])
        for name in world.api.objects
    )


async def test_statuses_of_an_earlier_version_are_completed_bit_by_bit(world: World) -> None:
    await upgraded(world, MANY)
    async with world.operator():
        for second in range(1, 5):
            await world.until(5.9 + second)
            assert world.api.writes == second * PER_SECOND
        await world.until(60)
    assert world.api.writes == are_ready(world) == MANY


async def test_so_is_that_of_an_invalid_task(world: World) -> None:
    await upgraded(world, 1, schedule="61 * * * *")
    async with world.operator():
        await world.until(7)
    assert {item["type"] for item in world.api.status("task-0")["conditions"]} == {
        "Accepted", "Ready", "Stalled",
    }  # fmt: skip


async def test_so_is_one_that_still_says_that_nobody_took_it_up(world: World) -> None:
    # The definition was upgraded before the operator, which left alone what it did not know.
    await upgraded(world, MANY)
    for name in world.api.objects:
        world.api.status(name)["conditions"] += new_status()["conditions"]
    async with world.operator():
        await world.until(6.1)
        assert world.api.writes == PER_SECOND
        await world.until(60)
    for name in world.api.objects:
        conditions = world.api.status(name)["conditions"]
        assert [(item["type"], item["status"]) for item in conditions] == [
            ("Accepted", "True"), ("Ready", "True"),
        ]  # fmt: skip


async def test_a_task_that_runs_meanwhile_needs_no_write_of_its_own(world: World) -> None:
    await upgraded(world, 1, schedule="6 * * * * *")
    world.targets.answers["task-0"] = [Answer(OK)]
    async with world.operator():
        await world.until(5.5)
        world.api.request_run("task-0", "now")
        await world.until(5.9)
        assert are_ready(world) == 1
        writes = world.api.writes
        await world.until(5.99)
        assert world.api.writes == writes
        await world.until(10)
    # The record of the run that was asked for, and that of the one at six seconds.
    assert world.api.writes == 2


async def test_a_hand_over_waits_for_none_of_them(world: World) -> None:
    await upgraded(world, MANY)
    async with world.operator() as engine:
        await world.until(6.2)
        assert world.api.writes == PER_SECOND
        await engine.drain([0], 1)
        await world.until(60)
        assert engine.recorder.waiting == 0
    assert world.api.writes == PER_SECOND


async def test_a_status_of_this_version_is_complete(world: World) -> None:
    for number in range(MANY):
        world.api.create(f"task-{number}", schedule=NEVER_SOON)
    async with world.operator():
        await world.until(15)
    writes = world.api.writes
    async with world.operator():
        await world.until(60)
    assert world.api.writes == writes
