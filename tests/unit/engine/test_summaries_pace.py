"""That summaries are written as the API server takes them, whatever becomes of the history."""

from itertools import pairwise

import pytest

from tests.unit.engine.world import FAIL, OK, Answer, World
from tests.unit.history.memory import MemoryHistory

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

EVERY_SECOND = "* * * * * *"


async def test_those_of_many_are_spread_over_the_interval(
    world: World, history: MemoryHistory
) -> None:
    for number in range(1000):
        world.api.create(f"task-{number}", schedule="*/20 * * * * *")
    async with world.operator():
        # Their first runs are written at once.
        await world.until(39)
        at = [world.api.writes]
        for tenth in range(1, 61):
            await world.until(40 + tenth / 10)
            at.append(world.api.writes)
    written = [after - before for before, after in pairwise(at)]
    assert sum(written) == 1000
    # A tenth of a second has a fiftieth of them; twice that leaves room for those at once.
    assert max(written) <= 40
    assert sum(written[:53]) == 1000


async def test_news_of_others_does_not_wait_behind_them(
    world: World, history: MemoryHistory
) -> None:
    for number in range(1000):
        world.api.create(f"task-{number}", schedule="*/20 * * * * *")
    world.targets.answers["task-7"] = [Answer(), Answer(FAIL)]
    async with world.operator():
        await world.until(41.2)
        assert world.api.status("task-7")["consecutiveFailures"] == 1
        assert world.api.writes < 2600


async def test_an_api_server_that_has_much_to_do_is_left_to_it(
    world: World, history: MemoryHistory
) -> None:
    for number in range(100):
        world.api.create(f"task-{number}", schedule=EVERY_SECOND)
    world.settings = world.settings.model_copy(update={"status_interval_seconds": 2})
    async with world.operator():
        await world.until(5)
        assert await _writes_within(world, 10) >= 240
        world.api.write_seconds = 0.5
        await world.until(25)
        assert await _writes_within(world, 35) <= 250
        # Nor is it written to by as many as there are once the history is away.
        history.be_away()
        await world.until(40)
        assert await _writes_within(world, 50) <= 250
        world.api.write_seconds = 0.005
        await world.until(65)
        # As many as runs.
        assert await _writes_within(world, 70) >= 450


async def test_what_was_held_back_is_written_when_the_history_hangs(
    world: World, history: MemoryHistory
) -> None:
    for number in range(200):
        world.api.create(f"task-{number}", schedule="*/20 * * * * *")
    world.settings = world.settings.model_copy(update={"status_interval_seconds": 30})
    async with world.operator():
        await world.until(39)
        history.seconds = 1000
        await world.until(42)
        assert all(_succeeded(world, number) == 1 for number in range(200))
        await world.until(44.5)
        assert all(_succeeded(world, number) == 2 for number in range(200))


async def test_none_waits_for_ever_behind_news_while_the_history_is_away(
    world: World, history: MemoryHistory
) -> None:
    world.api.write_seconds = 0.5
    for number in range(100):
        # More news than are written.
        world.api.create(f"task-{number}", schedule=EVERY_SECOND)
        world.targets.answers[f"task-{number}"] = [Answer(OK), Answer(FAIL)] * 20
    world.api.create("quiet", schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(10)
        history.be_away()
        await world.until(15)
        for second in range(20, 35, 5):
            await world.until(second)
            assert world.api.status("quiet")["counters"]["succeeded"] >= second - 5


async def test_without_a_history_nothing_waits_for_a_pace(world: World) -> None:
    world.api.write_seconds = 0.5
    for number in range(100):
        world.api.create(f"task-{number}", schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(20)
        assert await _writes_within(world, 25) >= 300


async def _writes_within(world: World, end: float) -> int:
    before = world.api.writes
    await world.until(end)
    return world.api.writes - before


def _succeeded(world: World, number: int) -> int:
    found: int = world.api.status(f"task-{number}")["counters"]["succeeded"]
    return found
