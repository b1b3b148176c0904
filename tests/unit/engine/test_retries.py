"""What follows a failed attempt."""

from itertools import pairwise

import pytest

from crontask_core.enums import Reason
from crontask_operator.callbacks.base import CallResult
from tests.unit.engine.world import FAIL, OK, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

ONCE = "2026-03-01T12:00:05Z"


async def test_two_failures_and_a_success_leave_three_records(world: World) -> None:
    world.api.create(at=ONCE, retry={"delaysSeconds": [1, 1]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(FAIL), Answer(OK)]
    async with world.operator():
        await world.until(20)
    assert world.api.runs() == ["Retry 3 Succeeded", "Retry 2 Failed", "Scheduled 1 Failed"]
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 6.05", "Retry 3 at 7.1"]
    ids = {call.execution_id for _, call in world.targets.calls}
    assert len(ids) == 1
    status = world.api.status()
    assert status["phase"] == "Succeeded"
    assert status["counters"] == {
        "succeeded": 1, "failed": 0, "retries": 2, "skipped": 0, "missed": 0,
    }  # fmt: skip


async def test_a_run_that_fails_for_good_is_one_failure(world: World) -> None:
    world.api.create(at=ONCE, retry={"delaysSeconds": [1]})
    world.targets.answers["task"] = [Answer(FAIL)]
    async with world.operator():
        await world.until(20)
    status = world.api.status()
    assert world.api.runs() == ["Retry 2 Failed", "Scheduled 1 Failed"]
    assert status["phase"] == "Failed"
    assert status["counters"]["failed"] == 1
    assert status["consecutiveFailures"] == 1


@pytest.mark.parametrize("retry_on", [[], ["InternalError"], ["503"]])
async def test_a_fault_of_the_operator_is_tried_again_like_any_other(
    world: World, retry_on: list[str]
) -> None:
    fault = CallResult(Reason.INTERNAL_ERROR, code=503, error="the operator failed")
    world.api.create(at=ONCE, retry={"delaysSeconds": [1], "retryOn": retry_on})
    world.targets.answers["task"] = [Answer(fault), Answer(OK)]
    async with world.operator():
        await world.until(20)
    assert world.api.runs() == ["Retry 2 Succeeded", "Scheduled 1 Failed"]


async def test_success_ends_a_row_of_failures(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *")
    world.targets.answers["task"] = [Answer(FAIL), Answer(FAIL), Answer(OK)]
    async with world.operator():
        await world.until(25)
        assert world.api.status()["consecutiveFailures"] == 2
        await world.until(35)
    status = world.api.status()
    assert status["consecutiveFailures"] == 0
    assert status["lastSuccessTime"] > status["lastFailureTime"]


async def test_a_pending_retry_survives_a_restart_at_its_time(world: World) -> None:
    world.api.create(at=ONCE, retry={"delaysSeconds": [30]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(OK)]
    async with world.operator():
        await world.until(10)
        assert world.api.status()["pendingRetries"][0]["dueTime"] == "2026-03-01T12:00:35.050000Z"
    await world.until(20)
    async with world.operator():
        await world.until(60)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 35.05"]
    first, second = (call.execution_id for _, call in world.targets.calls)
    assert first == second
    assert world.api.status()["pendingRetries"] == []
    assert world.api.status()["phase"] == "Succeeded"


async def test_a_target_may_ask_for_more_patience(world: World) -> None:
    world.api.create(at=ONCE, retry={"delaysSeconds": [1]})
    wait = type(FAIL)(reason=Reason.UNEXPECTED_STATUS, code=503, retry_after=20.0)
    world.targets.answers["task"] = [Answer(wait), Answer(OK)]
    async with world.operator():
        await world.until(60)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 25.05"]


async def test_only_the_named_failures_are_tried_again(world: World) -> None:
    retry = {"delaysSeconds": [1, 1, 1], "retryOn": ["Timeout", "500-503"]}
    world.api.create(at=ONCE, retry=retry)
    not_found = type(FAIL)(reason=Reason.UNEXPECTED_STATUS, code=404)
    timeout = type(FAIL)(reason=Reason.TIMEOUT)
    world.targets.answers["task"] = [Answer(FAIL), Answer(timeout), Answer(not_found)]
    async with world.operator():
        await world.until(30)
    assert [run.split(" ")[1] for run in world.api.runs()] == ["3", "2", "1"]


async def test_backoff_grows_to_its_maximum_and_ends(world: World) -> None:
    backoff = {"initialSeconds": 2, "factor": 3, "maxSeconds": 10, "attempts": 4}
    world.api.create(at=ONCE, retry={"backoff": backoff})
    world.targets.answers["task"] = [Answer(FAIL, seconds=0)]
    async with world.operator():
        await world.until(300)
    moments = [float(text.split(" at ")[1]) for text in world.targets.times()]
    gaps = [round(later - earlier) for earlier, later in pairwise(moments)]
    assert gaps == [2, 6, 10, 10]


async def test_no_retry_begins_after_the_maximum_total_time(world: World) -> None:
    retry = {"delaysSeconds": [10, 10, 10], "maxTotalSeconds": 25}
    world.api.create(at=ONCE, retry=retry)
    world.targets.answers["task"] = [Answer(FAIL, seconds=0)]
    async with world.operator():
        await world.until(100)
    assert [text.split(" at ")[1] for text in world.targets.times()] == ["5", "15", "25"]


async def test_the_maximum_total_time_outlasts_crashes(world: World) -> None:
    retry = {"delaysSeconds": [10, 10, 10], "maxTotalSeconds": 25}
    world.api.create(at=ONCE, retry=retry)
    world.targets.answers["task"] = [
        Answer(FAIL, seconds=0), Answer(seconds=60), Answer(seconds=60), Answer(FAIL, seconds=0),
    ]  # fmt: skip
    # Attempt 2 hangs in both of the first two processes, each of which is killed.
    for killed_at in (18, 22):
        async with world.operator():
            await world.until(killed_at)
    async with world.operator():
        await world.until(100)
    # 25 s from the first begin at 5 end at 30, two seconds before a third could begin.
    assert world.targets.times() == [
        "Scheduled 1 at 5", "Retry 2 at 15", "Retry 2 at 18", "Retry 2 at 22",
    ]  # fmt: skip
    assert world.api.status()["phase"] == "Failed"
    assert world.api.status()["counters"]["failed"] == 1


async def test_a_retry_left_by_an_operator_without_the_first_begin_goes_on(world: World) -> None:
    retry = {"delaysSeconds": [10, 10, 10], "maxTotalSeconds": 25}
    world.api.create(at=ONCE, retry=retry)
    hangs = Answer(seconds=60)
    world.targets.answers["task"] = [Answer(FAIL, seconds=0), hangs, Answer(FAIL, seconds=0)]
    async with world.operator():
        await world.until(18)
    (cut_off,) = world.api.status()["active"]
    del cut_off["firstBeginTime"]
    async with world.operator():
        await world.until(100)
    # What is left to count from is the begin of the attempt that was cut off.
    assert world.targets.times()[2:] == ["Retry 2 at 18", "Retry 3 at 28", "Retry 4 at 38"]


async def test_a_run_that_has_begun_is_tried_again_while_its_task_is_suspended(
    world: World,
) -> None:
    world.api.create(schedule="*/20 * * * * *", retry={"delaysSeconds": [10]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(OK)]
    async with world.operator():
        await world.until(21)
        world.api.change(suspend=True)
        await world.until(60)
    assert world.targets.times() == ["Scheduled 1 at 20", "Retry 2 at 30.05"]


async def test_a_retry_uses_the_spec_of_its_time(world: World) -> None:
    world.api.create(schedule="*/20 * * * * *", retry={"delaysSeconds": [10]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(OK)]
    async with world.operator():
        await world.until(21)
        world.api.change(callback={"http": {"url": "http://repaired.example/"}})
        await world.until(35)
    urls = [run["url"] for run in world.api.status()["runs"]]
    assert urls == ["http://repaired.example/", "http://target.example/task"]
