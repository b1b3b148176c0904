"""Moments of a status that are ahead of the clock are told and set right."""

from datetime import timedelta
from typing import Any

import pytest

from crontask_core.constants import LATE_SECONDS
from crontask_core.identity import scheduled_execution_id
from crontask_core.planning import fingerprint
from crontask_core.spec import parse_spec
from crontask_core.times import rfc3339
from tests.unit.engine.looks import EVERY_10, at
from tests.unit.engine.world import World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

HOUR = 3600


def plan(schedule: str, **fields: Any) -> dict[str, Any]:
    spec = parse_spec({"schedule": schedule, "callback": {"http": {"url": "http://a.example/"}}})
    return {"fingerprint": fingerprint(spec), "since": rfc3339(at(-60)), **fields}


def record(seconds: float) -> dict[str, Any]:
    moment = rfc3339(at(seconds))
    return {
        "executionId": scheduled_execution_id("uid-task", at(seconds)),
        "runType": "Scheduled",
        "attempt": 1,
        "status": "Succeeded",
        "scheduledTime": moment,
        "beginTime": moment,
        "endTime": moment,
    }


def told(world: World) -> list[dict[str, Any]]:
    conditions = world.api.status()["conditions"]
    return [item for item in conditions if item["type"] == "AheadOfClock"]


@pytest.mark.parametrize(
    ("status", "field"),
    [
        pytest.param(
            {"lastScheduledTime": rfc3339(at(HOUR))}, "status.lastScheduledTime", id="watermark"
        ),
        pytest.param(
            {"plan": plan(EVERY_10, since=rfc3339(at(HOUR)))}, "status.plan.since", id="since"
        ),
        pytest.param(
            {"plan": plan(EVERY_10, resumedTime=rfc3339(at(HOUR)))},
            "status.plan.resumedTime",
            id="resumed",
        ),
    ],
)
async def test_it_silences_no_task_and_is_told(
    world: World, status: dict[str, Any], field: str
) -> None:
    world.api.create(schedule=EVERY_10)
    world.api.objects["task"]["status"] = status
    async with world.operator():
        await world.until(25)
    assert world.targets.times() == ["Scheduled 1 at 10", "Scheduled 1 at 20"]
    (notice,) = world.notices
    assert notice.startswith(f"AheadOfClock: {field} was 2026-03-01T13:00:00Z, 3600 s ahead")
    (condition,) = told(world)
    assert (condition["status"], condition["message"]) == ("True", notice.partition(": ")[2])


async def test_a_small_skew_of_clocks_is_let_be(world: World) -> None:
    world.api.create(schedule="* * * * * *")
    moment = rfc3339(at(LATE_SECONDS))
    world.api.objects["task"]["status"] = {"lastScheduledTime": moment}
    async with world.operator():
        await world.until(LATE_SECONDS + 1.5)
    assert world.targets.times() == ["Scheduled 1 at 11"]
    assert (world.notices, told(world)) == ([], [])


async def test_what_was_made_ahead_is_not_made_again(world: World) -> None:
    world.api.create(schedule=EVERY_10, historyLimit=100)
    world.api.objects["task"]["status"] = {
        "lastScheduledTime": rfc3339(at(50)),
        "runs": [record(50), record(40)],
        "counters": {"succeeded": 2},
    }
    async with world.operator():
        await world.until(25)
    # A successor finds a watermark that is right, and the records.
    async with world.operator():
        await world.until(65)
    assert world.targets.times() == [f"Scheduled 1 at {second}" for second in (10, 20, 30, 60)]
    assert world.api.status()["counters"]["succeeded"] == 6
    assert told(world) == []


async def test_it_is_told_no_longer_when_the_moment_has_come(world: World) -> None:
    world.api.create(schedule="0 0 1 1 *")
    world.api.objects["task"]["status"] = {"lastScheduledTime": rfc3339(at(50))}
    async with world.operator():
        await world.until(49)
        assert len(told(world)) == 1
        await world.until(51)
        assert told(world) == []


@pytest.mark.parametrize(
    ("due", "first_begin", "expected"),
    [
        # The clock was ahead by an hour: the wait of five seconds is what it was.
        pytest.param(HOUR + 5, HOUR, 5, id="begun ahead"),
        pytest.param(2 * HOUR, -1, 0, id="later than any rule allows"),
        pytest.param(5, -1, 5, id="sound"),
    ],
)
async def test_a_retry_comes_when_it_was_meant_to(
    world: World, due: float, first_begin: float, expected: float
) -> None:
    world.api.create(schedule="0 0 1 1 *", retry={"delaysSeconds": [5]})
    retry = {
        "executionId": "e" * 32,
        "attempt": 2,
        "scheduledTime": rfc3339(at(-1)),
        "dueTime": rfc3339(at(due)),
        "firstBeginTime": rfc3339(at(first_begin)),
    }
    world.api.objects["task"]["status"] = {"observedGeneration": 1, "pendingRetries": [retry]}
    async with world.operator():
        await world.until(9)
    assert world.targets.times() == [f"Retry 2 at {expected}"]
    assert len(world.notices) == (first_begin > 0 or due > HOUR)


async def test_an_interval_keeps_its_moments(world: World) -> None:
    world.api.create(schedule="@every 7s")
    since = HOUR + 3
    world.api.objects["task"]["status"] = {"plan": plan("@every 7s", since=rfc3339(at(since)))}
    async with world.operator():
        await world.until(20)
    first = since % 7
    assert world.targets.times() == [f"Scheduled 1 at {first + 7 * n}" for n in range(3)]


async def test_a_moment_ahead_is_met(world: World) -> None:
    world.api.create(at=rfc3339(at(20)))
    world.api.objects["task"]["status"] = {"lastScheduledTime": rfc3339(at(HOUR))}
    async with world.operator():
        await world.until(25)
    assert world.targets.times() == ["Scheduled 1 at 20"]
    assert world.api.status()["phase"] == "Succeeded"


async def test_an_object_that_is_created_ahead_of_the_clock_is_fired(world: World) -> None:
    world.api.create(schedule=EVERY_10, created=at(HOUR))
    async with world.operator():
        await world.until(15)
    assert world.targets.times() == ["Scheduled 1 at 10"]
    assert "status.plan.since was 2026-03-01T13:00:00Z" in world.notices[0]


async def test_a_clock_that_is_set_back_under_way(world: World) -> None:
    world.clock.ahead_seconds = 60
    world.api.create(schedule=EVERY_10, historyLimit=100)
    async with world.operator() as engine:
        await world.until(25)
        world.clock.ahead_seconds = 0
        engine.look_at_all()
        await world.until(105)
    moments = [attempt.scheduled_time for _, attempt in world.targets.calls]
    assert moments[:2] == [at(70), at(80)]
    # From 25 s on every moment is met, and those that were made ahead are not met again.
    assert moments[2:] == [at(30), at(40), at(50), at(60), at(90), at(100)]


async def test_the_time_to_live_counts_from_now(world: World) -> None:
    world.api.create(at=rfc3339(at(-5)), ttlSecondsAfterFinished=5)
    finished = {
        "type": "Finished",
        "status": "True",
        "reason": "Succeeded",
        "message": "",
        "lastTransitionTime": rfc3339(at(0) + timedelta(hours=1)),
    }
    world.api.objects["task"]["status"] = {"phase": "Succeeded", "conditions": [finished]}
    async with world.operator():
        await world.until(6)
    assert world.deleted == ["task"]
