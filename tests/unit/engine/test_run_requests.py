"""Runs on request: how many may be under way, and what becomes of more requests."""

import hashlib

import pytest

from crontask_core.constants import MAX_ACTIVE_RUNS, MAX_UNDER_WAY
from crontask_core.identity import MAX_REQUEST_LENGTH, manual_execution_id, request_mark
from tests.unit.engine.world import FAIL, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

NEVER = "0 0 1 1 *"


async def ask(world: World, first: int, last: int) -> None:
    """Ask for runs ``r{first}`` to ``r{last}``, one every 10 ms."""
    for number in range(first, last + 1):
        world.api.request_run("task", f"r{number}")
        await world.until(number / 100)


def told(world: World, reason: str) -> list[str]:
    return [notice for notice in world.notices if notice.startswith(reason)]


async def test_one_task_has_ten_at_a_time_and_a_small_status(world: World) -> None:
    world.api.create(schedule=NEVER, timeoutSeconds=3600)
    world.targets.answers["task"] = [Answer(seconds=3600)]
    async with world.operator() as engine:
        await ask(world, 1, 100)
        assert engine.gauges["crontask_calls_in_flight"][1]() == MAX_ACTIVE_RUNS
        await world.until(10)
    status = world.api.status()
    assert len(world.targets.calls) == len(status["active"]) == MAX_ACTIVE_RUNS
    assert status["handledRunRequest"] == f"r{MAX_ACTIVE_RUNS}"
    assert status["counters"]["skipped"] == 100 - MAX_ACTIVE_RUNS - 1
    assert len(status["runs"]) == 10


async def test_the_latest_request_waits_and_the_ones_before_it_are_told_as_replaced(
    world: World,
) -> None:
    world.api.create(schedule=NEVER, historyLimit=100)
    world.targets.answers["task"] = [Answer(seconds=5)]
    async with world.operator():
        await ask(world, 1, 13)
        await world.until(4)
        dropped = [run for run in world.api.status()["runs"] if run["status"] == "Failed"]
        assert [run["executionId"] for run in dropped] == [
            manual_execution_id("uid-task", f"r{number}") for number in (12, 11)
        ]
        assert {(run["runType"], run["reason"]) for run in dropped} == {("Manual", "Replaced")}
        assert dropped[0]["error"] == (
            "10 runs on request are under way already, and a newer request took the place of "
            "this one"
        )
        assert world.api.status()["counters"]["skipped"] == 2
        await world.until(20)
    assert world.targets.times()[MAX_ACTIVE_RUNS:] == ["Manual 1 at 5.002"]
    assert world.targets.calls[-1][1].execution_id == manual_execution_id("uid-task", "r13")
    assert world.api.status()["handledRunRequest"] == "r13"
    assert told(world, "RunRequestWaits")


async def test_runs_that_wait_for_a_retry_count(world: World) -> None:
    world.api.create(schedule=NEVER, retry={"delaysSeconds": [100]})
    world.targets.answers["task"] = [Answer(FAIL)]
    async with world.operator():
        await ask(world, 1, 50)
        await world.until(50)
        assert len(world.targets.calls) == MAX_ACTIVE_RUNS
        assert len(world.api.status()["pendingRetries"]) == MAX_ACTIVE_RUNS
        await world.until(300)
    assert world.targets.calls[-1][1].execution_id == manual_execution_id("uid-task", "r50")


async def test_a_request_that_waits_is_answered_by_the_successor(world: World) -> None:
    world.api.create(schedule=NEVER)
    world.targets.answers["task"] = [Answer(seconds=3)]
    async with world.operator():
        await ask(world, 1, 11)
        await world.until(2.5)
    async with world.operator():
        await world.until(10)
    ids = {call.execution_id for _, call in world.targets.calls}
    assert len(ids) == 11
    assert manual_execution_id("uid-task", "r11") in ids


async def test_a_request_that_is_withdrawn_is_not_answered(world: World) -> None:
    world.api.create(schedule=NEVER)
    world.targets.answers["task"] = [Answer(seconds=3)]
    async with world.operator():
        await ask(world, 1, 11)
        world.api.request_run("task", "")
        await world.until(10)
    assert len(world.targets.calls) == MAX_ACTIVE_RUNS


async def test_a_status_that_names_very_many_of_them_makes_ten_at_a_time(world: World) -> None:
    """An earlier version let them be begun."""
    world.api.create(schedule=NEVER)
    runs = [
        {
            "executionId": f"{number:032}",
            "runType": "Manual",
            "attempt": 1,
            "scheduledTime": "2026-03-01T11:59:00Z",
            "beginTime": "2026-03-01T11:59:00Z",
        }
        for number in range(MAX_UNDER_WAY)
    ]
    world.api.objects["task"]["status"] = {"active": runs}
    world.targets.answers["task"] = [Answer(seconds=1)]
    async with world.operator() as engine:
        for second in range(MAX_UNDER_WAY // MAX_ACTIVE_RUNS - 1):
            await world.until(second + 0.5)
            assert engine.gauges["crontask_calls_in_flight"][1]() == MAX_ACTIVE_RUNS
        await world.until(40)
    assert len({call.execution_id for _, call in world.targets.calls}) == MAX_UNDER_WAY


async def test_a_long_request_is_kept_as_its_digest(world: World) -> None:
    world.api.create(schedule=NEVER)
    long = "x" * 200_000
    async with world.operator() as engine:
        world.api.request_run("task", long)
        await world.until(1)
        assert len(engine._tasks["uid-task"].run_request) < MAX_REQUEST_LENGTH
    digest = hashlib.sha256(long.encode()).hexdigest()
    assert world.api.status()["handledRunRequest"] == f"sha256:{digest}"
    async with world.operator():
        await world.until(5)
    assert len(world.targets.calls) == 1


async def test_a_long_request_that_an_earlier_version_answered_is_not_answered_again(
    world: World,
) -> None:
    long = "x" * 200_000
    world.api.create(schedule=NEVER)
    world.api.objects["task"]["status"] = {"handledRunRequest": long}
    world.api.request_run("task", long)
    async with world.operator():
        await world.until(5)
    assert world.targets.calls == []
    assert world.api.status()["handledRunRequest"] == request_mark(long)


async def test_the_mark_of_a_mark_is_the_same() -> None:
    for request in ("", "now", "x" * MAX_REQUEST_LENGTH, "x" * 1000, "\udc00" * 1000):
        assert request_mark(request_mark(request)) == request_mark(request)
        assert len(request_mark(request)) <= MAX_REQUEST_LENGTH
