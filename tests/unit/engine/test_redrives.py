"""Runs that are made again: each once, due when the first was, whatever happens to an operator."""

from datetime import timedelta

import pytest

from crontask_core.constants import MAX_ACTIVE_RUNS
from crontask_core.redrive import Redrive, redrive_execution_id
from tests.unit.engine.world import FAIL, START, Answer, World
from tests.unit.history.memory import MemoryHistory

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

NEVER = "0 0 1 1 *"
DUE = START - timedelta(days=3)


def failed_run(number: int = 0) -> Redrive:
    """Return one of the runs that failed."""
    return Redrive(f"{number:032x}", DUE + timedelta(seconds=number))


def made(world: World) -> list[str]:
    """Return the runs that were made again, in the order of the calls."""
    return [attempt.redrive_of for _, attempt in world.targets.calls]


async def test_a_run_that_is_made_again_tells_which_and_when_it_was_due(world: World) -> None:
    world.api.create(schedule=NEVER)
    async with world.operator():
        world.api.redrive("task", failed_run(7))
        await world.until(1)
    ((_, attempt),) = world.targets.calls
    assert attempt.redrive_of == failed_run(7).execution_id
    assert attempt.scheduled_time == failed_run(7).scheduled_time
    assert attempt.execution_id == redrive_execution_id("uid-task", failed_run(7).execution_id)
    (record,) = world.api.status()["runs"]
    assert record["redriveOf"] == failed_run(7).execution_id
    assert (record["runType"], record["scheduledTime"]) == ("Manual", "2026-02-26T12:00:07Z")
    assert world.api.status()["handledRedrives"] == [failed_run(7).execution_id]


async def test_each_is_made_once_whatever_the_object_says_again(world: World) -> None:
    world.api.create(schedule=NEVER)
    async with world.operator():
        world.api.redrive("task", failed_run(1))
        await world.until(1)
        world.api.redrive("task", failed_run(1), failed_run(2))
        await world.until(2)
        world.api.change("task", timeoutSeconds=7)
        await world.until(3)
    async with world.operator():
        await world.until(5)
    assert made(world) == [failed_run(1).execution_id, failed_run(2).execution_id]


async def test_what_is_not_asked_for_any_more_is_forgotten(world: World) -> None:
    world.api.create(schedule=NEVER)
    async with world.operator():
        for number in range(30):
            world.api.redrive("task", failed_run(number))
            await world.until(number + 0.9)
    assert len(made(world)) == 30
    assert world.api.status()["handledRedrives"] == [failed_run(29).execution_id]


async def test_a_run_whose_entry_was_removed_can_be_asked_for_anew(world: World) -> None:
    world.api.create(schedule=NEVER)
    async with world.operator():
        world.api.redrive("task", failed_run(1))
        await world.until(1)
        world.api.redrive("task")
        await world.until(3)
        assert world.api.status().get("handledRedrives", []) == []
        world.api.redrive("task", failed_run(1))
        await world.until(5)
    assert made(world) == [failed_run(1).execution_id] * 2


async def test_one_whose_retry_waits_is_not_begun_anew(world: World) -> None:
    world.api.create(schedule=NEVER, retry={"delaysSeconds": [20]})
    world.targets.answers["task"] = [Answer(FAIL), Answer()]
    async with world.operator():
        world.api.redrive("task", failed_run(1))
        await world.until(1)
        world.api.redrive("task")
        await world.until(3)
        world.api.redrive("task", failed_run(1))
        await world.until(40)
    assert [attempt.attempt for _, attempt in world.targets.calls] == [1, 2]


async def test_ten_are_under_way_together_with_other_runs_on_request(world: World) -> None:
    world.api.create(schedule=NEVER, historyLimit=100)
    world.targets.answers["task"] = [Answer(seconds=5)]
    async with world.operator() as engine:
        world.api.request_run("task", "now")
        await world.until(1)
        world.api.redrive("task", *map(failed_run, range(MAX_ACTIVE_RUNS)))
        await world.until(2)
        assert engine.gauges["crontask_calls_in_flight"][1]() == MAX_ACTIVE_RUNS
        # One has not begun. The status does not claim it, and a successor will begin it.
        begun = [each.execution_id for each in map(failed_run, range(MAX_ACTIVE_RUNS - 1))]
        assert world.api.status()["handledRedrives"] == begun
        assert len(world.api.status()["active"]) == MAX_ACTIVE_RUNS
        await world.until(20)
    assert sorted(made(world)[1:]) == [each.execution_id for each in map(failed_run, range(10))]


async def test_a_retry_belongs_to_the_run_that_is_made_again_over_a_restart(world: World) -> None:
    world.api.create(schedule=NEVER, retry={"delaysSeconds": [5, 5]})
    world.targets.answers["task"] = [Answer(FAIL)]
    async with world.operator():
        world.api.redrive("task", failed_run())
        await world.until(2)
    async with world.operator():
        await world.until(30)
    run = failed_run().execution_id
    assert [(each.redrive_of, each.attempt) for _, each in world.targets.calls] == [
        (run, 1),
        (run, 2),
        (run, 3),
    ]


async def test_one_in_flight_is_made_again_by_a_successor_as_what_it_is(world: World) -> None:
    world.api.create(schedule=NEVER)
    world.targets.answers["task"] = [Answer(seconds=60), Answer()]
    async with world.operator():
        world.api.redrive("task", failed_run())
        await world.until(5)
    async with world.operator():
        await world.until(10)
    assert made(world) == [failed_run().execution_id] * 2
    assert len({attempt.execution_id for _, attempt in world.targets.calls}) == 1


async def test_a_task_that_is_suspended_makes_them_as_it_does_runs_on_request(
    world: World,
) -> None:
    world.api.create(schedule=NEVER, suspend=True)
    async with world.operator():
        world.api.redrive("task", failed_run())
        await world.until(1)
    assert made(world) == [failed_run().execution_id]


async def test_a_moment_that_has_not_come_is_taken_for_now(world: World) -> None:
    world.api.create(schedule=NEVER)
    async with world.operator():
        world.api.redrive("task", Redrive("ab", START + timedelta(days=400)))
        await world.until(1)
    ((called, attempt),) = world.targets.calls
    assert attempt.scheduled_time <= called


async def test_a_one_shot_task_is_not_finished_by_it(world: World) -> None:
    world.api.create(type="Single", at="2026-03-01T13:00:00Z")
    async with world.operator():
        world.api.redrive("task", failed_run())
        await world.until(1)
    assert world.api.status()["phase"] == "Active"


async def test_a_successor_knows_from_the_history_what_was_made_again(world: World) -> None:
    history = world.history = MemoryHistory()
    world.api.create(schedule=NEVER)
    async with world.operator():
        await world.until(1)
        world.api.away = True
        world.api.redrive("task", failed_run())
        await world.until(4)
    assert [row.redrive_of for row in history.rows.values()] == [failed_run().execution_id]
    world.api.away = False
    assert world.api.status().get("handledRedrives", []) == []
    async with world.operator() as engine:
        await world.until(8)
        await engine.drain([0], 1)
    assert made(world) == [failed_run().execution_id]
    assert world.api.status()["handledRedrives"] == [failed_run().execution_id]
    assert world.api.status()["counters"]["succeeded"] == 1
