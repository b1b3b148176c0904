"""Leases that are lost while something is under way, and those that come back."""

import asyncio
import copy

import pytest

from crontask_operator.callbacks.base import Attempt, BeforeSending, CallResult, nothing
from tests.unit.engine.world import FAIL, OK, Answer, Lease, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def test_a_retry_outlasts_an_outage_that_cost_the_lease(world: World) -> None:
    world.api.create(schedule="*/20 * * * * *", retry={"delaysSeconds": [10]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(OK)]
    async with world.operator() as engine:
        await world.until(19)
        world.api.away = True
        await world.until(22)
        world.lease.valid = False
        engine.on_lost(0)
        await world.until(25)
        world.api.away = False
        world.lease.valid = True
        engine.on_acquired(0, "")
        await world.until(39)
    assert world.targets.times() == ["Scheduled 1 at 20", "Retry 2 at 30.05"]
    assert world.api.runs() == ["Retry 2 Succeeded", "Scheduled 1 Failed"]
    counters = world.api.status()["counters"]
    assert (counters["succeeded"], counters["failed"], counters["retries"]) == (1, 0, 1)


async def test_what_was_recorded_before_the_lease_came_back_is_not_run_again(
    world: World,
) -> None:
    world.api.create(schedule="*/20 * * * * *", missedRunPolicy="All")
    async with world.operator() as engine:
        await world.until(19)
        world.api.away = True
        await world.until(22)
        world.lease.valid = False
        engine.on_lost(0)
        await world.until(25)
        world.api.away = False
        await world.until(34)
        assert world.api.runs() == ["Scheduled 1 Succeeded"]
        world.lease.valid = True
        engine.on_acquired(0, "")
        await world.until(39)
    assert world.targets.times() == ["Scheduled 1 at 20"]
    assert world.api.status()["counters"]["succeeded"] == 1
    assert world.api.status()["lastScheduledTime"] == "2026-03-01T12:00:20Z"


async def test_a_run_that_the_lost_lease_held_back_is_made_when_it_is_back(world: World) -> None:
    world.api.create(schedule="*/20 * * * * *")
    async with world.operator() as engine:
        await world.until(19)
        world.lease.valid = False
        await world.until(25)
        assert world.targets.times() == []
        world.lease.valid = True
        engine.on_acquired(0, "")
        await world.until(30)
    assert world.targets.times() == ["Scheduled 1 at 25"]
    assert world.api.runs() == ["Scheduled 1 Succeeded"]


async def test_a_call_that_ends_without_the_lease_is_followed_up_when_it_is_back(
    world: World,
) -> None:
    world.api.create(at="2026-03-01T12:00:05Z", retry={"delaysSeconds": [10]})
    world.targets.answers["task"] = [Answer(FAIL, seconds=4), Answer(OK)]
    async with world.operator() as engine:
        await world.until(7)
        world.lease.valid = False
        engine.on_lost(0)
        await world.until(12)
        assert world.api.runs() == ["Scheduled 1 Failed"]
        world.lease.valid = True
        engine.on_acquired(0, "")
        await world.until(25)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 19"]
    assert world.api.status()["phase"] == "Succeeded"
    assert world.api.status()["active"] == []


async def test_a_woken_owner_gives_way_to_its_successor(world: World) -> None:
    world.api.create(schedule="*/20 * * * * *", retry={"delaysSeconds": [30]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(OK)]
    async with world.operator() as first:
        await world.until(19)
        world.api.away = True
        await world.until(22)
        # Its lease runs out, and nothing has told it so.
        world.lease.valid = False
        async with world.operator(Lease()):
            world.api.away = False
            await world.until(25)
            first.on_lost(0)
            await world.until(59)
    # The successor could not know of the first call. It went well the second time, so
    # the first owner's plan to try again is void.
    assert world.targets.times() == [
        "Scheduled 1 at 20", "Scheduled 1 at 22", "Scheduled 1 at 40",
    ]  # fmt: skip
    assert world.api.runs() == ["Scheduled 1 Succeeded"] * 2
    assert world.api.status()["counters"]["succeeded"] == 2
    assert world.api.status()["pendingRetries"] == []


async def test_what_the_former_owner_counted_is_not_counted_twice(world: World) -> None:
    world.api.create(schedule="*/20 * * * * *")
    async with world.operator():
        await world.until(19)
        world.api.away = True
        await world.until(22)
        world.lease.valid = False
        async with world.operator(Lease()):
            world.api.away = False
            await world.until(39)
    assert len(world.targets.calls) == 2
    assert len({call.execution_id for _, call in world.targets.calls}) == 1
    assert world.api.status()["counters"]["succeeded"] == 1


async def test_a_task_that_was_found_gone_costs_no_lease(world: World) -> None:
    # The recorder learns of the deletion while the task's next run waits for its slot.
    world.settings = world.settings.model_copy(update={"call_limit": 1})
    world.api.create("doomed", schedule="10,11 * * * * *")
    for number in range(5):
        world.api.create(f"slow-{number}", schedule="*/10 * * * * *")
        world.targets.answers[f"slow-{number}"] = [Answer(seconds=0.9)]
    async with world.operator():
        await world.until(9.5)
        del world.api.objects["doomed"]
        await world.until(29)
    assert world.targets.times("doomed") == ["Scheduled 1 at 10"]
    assert [len(world.targets.times(f"slow-{number}")) for number in range(5)] == [2] * 5


async def test_a_watch_that_is_behind_brings_no_task_back(world: World) -> None:
    world.api.create(schedule="* * * * * *")
    async with world.operator() as engine:
        await world.until(3.5)
        before = copy.deepcopy(world.api.objects["task"])
        # The watch has not shown it yet when a write finds it out.
        del world.api.objects["task"]
        await world.until(6.5)
        engine.observe(before)
        await world.until(9.5)
    assert world.targets.times() == [f"Scheduled 1 at {second}" for second in (1, 2, 3, 4)]


async def test_an_answer_that_was_lost_is_no_second_success(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator():
        await world.until(4)
        world.api.deaf = True
        await world.until(5.1)
        world.api.deaf = False
        await world.until(14)
    assert world.api.runs() == ["Scheduled 1 Succeeded"] * 2
    assert world.api.status()["counters"]["succeeded"] == 2


async def test_a_call_is_not_sent_once_the_lease_is_lost(world: World) -> None:
    world.api.create(schedule="*/20 * * * * *")
    world.targets.connect_seconds = 3
    async with world.operator() as engine:
        await world.until(21)
        world.lease.valid = False
        await world.until(26)
        assert world.targets.times() == []
        world.lease.valid = True
        engine.on_acquired(0, "")
        await world.until(30)
    assert world.targets.times() == ["Scheduled 1 at 29"]
    assert world.api.runs() == ["Scheduled 1 Succeeded"]


async def test_a_call_that_is_slow_to_give_up_is_not_forgotten(world: World) -> None:
    world.api.create(schedule="*/20 * * * * *")
    real = world.targets.call

    async def slow(attempt: Attempt, before_sending: BeforeSending = nothing) -> CallResult:
        try:
            return await real(attempt, before_sending)
        except asyncio.CancelledError:
            await asyncio.sleep(4)
            raise

    world.targets.call = slow  # type: ignore[method-assign]
    world.targets.connect_seconds = 3
    async with world.operator() as engine:
        await world.until(21)
        world.lease.valid = False
        await world.until(25)
        engine.on_lost(0)
        world.lease.valid = True
        engine.on_acquired(0, "")
        await world.until(39)
    assert world.targets.times() == ["Scheduled 1 at 30"]


async def test_a_status_of_another_version_does_not_stop_the_records(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.api.create(schedule="*/10 * * * * *")
    world.api.objects["task"]["status"] = {
        "phase": "Paused",
        "lastRun": {"executionId": "a", "status": "Maybe"},
        "lastSuccessTime": "25:00",
        "runs": [{"executionId": 5}],
    }
    async with world.operator() as engine:
        await world.until(11)
        assert world.api.runs() == ["Scheduled 1 Succeeded"]
        # Somebody writes it again, and the write that meets it is made on top of theirs.
        world.api.objects["task"]["status"]["phase"] = "Paused"
        world.api.change("task")
        await world.until(21)
        assert await engine.drain([0], 5)
    assert world.api.status()["phase"] == "Active"
    assert world.api.runs() == ["Scheduled 1 Succeeded"] * 2
    assert "status.phase: Invalid enum value 'Paused'" in caplog.text
