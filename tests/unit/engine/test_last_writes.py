"""What is written at a hand-over is fixed when it begins, and nobody's trouble holds it up."""

import asyncio
from contextlib import suppress

import pytest

from crontask_kube.errors import ApiError, ForbiddenError, InvalidError, UnavailableError
from crontask_operator.engine.status_recorder import FLUSH_SECONDS, TROUBLED_SECONDS
from tests.unit.engine.world import World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

EVERY_SECOND = "* * * * * *"


async def drain_seconds(world: World, draining: asyncio.Future[str] | None) -> float:
    assert draining is not None
    begun = world.clock.now()
    await draining
    return (world.clock.now() - begun).total_seconds()


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(ForbiddenError("a policy denied it", status=403), id="forbidden"),
        pytest.param(InvalidError("it breaks the schema", status=422), id="invalid"),
        pytest.param(
            UnavailableError("failed calling webhook: refused", status=500, sent=True),
            id="webhook",
        ),
        pytest.param(UnavailableError("storage fault", status=500, sent=True), id="fault"),
    ],
)
async def test_one_tasks_trouble_holds_no_other_up(world: World, trouble: ApiError) -> None:
    for name in ("troubled", "one", "other"):
        world.api.create(name, schedule=EVERY_SECOND)
    world.api.refusals["troubled"] = trouble
    async with world.operator() as engine:
        await world.until(5.1)
        seconds = await drain_seconds(world, asyncio.ensure_future(engine.drain([0], 5)))
    assert seconds <= TROUBLED_SECONDS + 0.2
    async with world.operator():
        await world.until(10.5)
    for name in ("one", "other"):
        calls = [attempt.execution_id for _, attempt in world.targets.calls if attempt.name == name]
        assert len(set(calls)) == len(calls) == 10


async def test_a_write_that_hangs_for_one_task_is_its_trouble_alone(world: World) -> None:
    for name in ("troubled", "healthy"):
        world.api.create(name, schedule=EVERY_SECOND)
    silence = UnavailableError("the API server gave no answer in time", sent=True)
    silence.__cause__ = TimeoutError()
    world.api.refusals["troubled"] = silence
    async with world.operator() as engine:
        await world.until(5.1)
        seconds = await drain_seconds(world, asyncio.ensure_future(engine.drain([0], 5)))
        # Records of the healthy one were not held back by it either.
        assert len(world.api.runs("healthy")) == 5
    assert seconds <= TROUBLED_SECONDS + 0.2


async def test_an_api_server_that_has_just_started_forbids_for_a_moment_alone(
    world: World,
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(2.5)
        world.api.refusals["task"] = ForbiddenError("RBAC is not read yet", status=403)
        await world.until(4.2)
        del world.api.refusals["task"]
        await world.until(8.5)
        assert len(world.api.runs()) == 8


async def test_a_task_that_may_be_written_again_is(world: World) -> None:
    world.api.create(schedule=EVERY_SECOND)
    world.api.refusals["task"] = ForbiddenError("a quota denied it", status=403)
    async with world.operator() as engine:
        await world.until(5.1)
        del world.api.refusals["task"]
        await engine.drain([0], 5)
    assert world.api.runs() == ["Scheduled 1 Succeeded"] * 5


async def test_an_api_server_that_restarts_is_waited_for(world: World) -> None:
    for number in range(5):
        world.api.create(f"task-{number}", schedule=EVERY_SECOND)
    async with world.operator() as engine:
        await world.until(5.1)
        world.api.away = True
        draining = asyncio.ensure_future(engine.drain([0], 5))
        await world.until(5 + FLUSH_SECONDS / 3)
        world.api.away = False
        await draining
        for number in range(5):
            assert world.api.runs(f"task-{number}") == ["Scheduled 1 Succeeded"] * 5


async def test_the_records_of_other_shards_are_not_waited_for(world: World) -> None:
    world.settings = world.settings.model_copy(update={"shards": 2, "writers": 4})
    world.api.write_seconds = 0.15
    names = [world.api.create(f"task-{n}", schedule=EVERY_SECOND) for n in range(40)]
    async with world.operator() as engine:
        engine.on_acquired(1, "")
        await world.until(7.5)
        assert engine.recorder.waiting > 10
        seconds = await drain_seconds(world, asyncio.ensure_future(engine.drain([0], 5)))
        await world.until(13.5)
        # The other shard has gone on all the time.
        counts = sorted(len(world.targets.times(name)) for name in names)
    assert seconds < 1.5
    assert counts[0] in (7, 8)
    assert counts[-1] == 13


async def test_first_statuses_of_other_shards_are_written(world: World) -> None:
    world.settings = world.settings.model_copy(update={"shards": 2})
    async with world.operator() as engine:
        engine.on_acquired(1, "")
        await world.until(1)
        names = [world.api.create(f"task-{n}", schedule="30 * * * *") for n in range(60)]
        await world.until(1.1)
        await engine.drain([0], 5)
        await world.until(5)
    written = [name for name in names if world.api.status(name)]
    # Those at once, and of the others those of the shard that stays.
    assert len(written) > 30


async def test_what_a_hand_over_leaves_unwritten_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    world.api.refusals["task"] = ForbiddenError("a policy denied it", status=403)
    async with world.operator() as engine:
        await world.until(3.1)
        with suppress(TimeoutError):
            await engine.drain([0], 5)
    assert "1 tasks are handed over with news that could not be written" in caplog.text


async def test_what_is_refused_for_a_moment_is_handed_over_written(world: World) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator() as engine:
        await world.until(5.001)
        # As by an API server that has just started, and has not read who may do what.
        world.api.refusals["task"] = ForbiddenError("RBAC is not read yet", status=403)
        draining = asyncio.ensure_future(engine.drain([0], 5))
        await world.until(5.6)
        del world.api.refusals["task"]
        await draining
    async with world.operator():
        await world.until(8.5)
    calls = [attempt.execution_id for _, attempt in world.targets.calls]
    assert len(set(calls)) == len(calls) == 8
