"""Crashes, restarts and leases that move: status alone is enough to go on."""

import asyncio
import copy

import pytest

from crontask_core.constants import MAX_UNDER_WAY
from tests.unit.engine.world import FAIL, OK, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param("Latest", ["CatchUp 1 at 90"], id="latest"),
        pytest.param("Skip", [], id="skip"),
        pytest.param("All", ["CatchUp 1 at 90"] * 6, id="all"),
    ],
)
async def test_runs_missed_while_nobody_was_there(
    world: World, policy: str, expected: list[str]
) -> None:
    world.api.create(schedule="*/10 * * * * *", missedRunPolicy=policy)
    async with world.operator():
        await world.until(15)
    # Nobody is there at 20, 30 ... 70. What was due at 80 and 90 is merely late.
    await world.until(90)
    calls = len(world.targets.calls)
    async with world.operator():
        await world.until(95)
    fired = world.targets.times()[calls:]
    late = ["Scheduled 1 at 90"] * 2
    assert fired == ([*expected, *late] if policy == "All" else late)
    missed = {"Latest": 6, "Skip": 6, "All": 0}
    assert world.api.status()["counters"]["missed"] == missed[policy]


async def test_latest_catches_up_with_one_run(world: World) -> None:
    world.api.create(schedule="0 * * * * *")
    async with world.operator():
        await world.until(61)
    await world.until(400)
    async with world.operator():
        await world.until(410)
    assert world.targets.times()[1:] == ["CatchUp 1 at 400"]
    assert world.targets.calls[-1][1].scheduled_time.minute == 6
    assert world.api.status()["counters"]["missed"] == 4


async def test_nothing_older_than_the_starting_deadline_is_caught_up(world: World) -> None:
    world.api.create(schedule="0 0 * * * *", startingDeadlineSeconds=60)
    async with world.operator():
        await world.until(1)
    await world.until(3700)
    async with world.operator():
        await world.until(3710)
    assert world.targets.times() == []
    assert world.api.status()["counters"]["missed"] == 1


async def test_a_backlog_of_a_week_is_bounded(world: World) -> None:
    world.api.create(
        schedule="* * * * * *", missedRunPolicy="All", startingDeadlineSeconds=604800,
        historyLimit=0,
    )  # fmt: skip
    async with world.operator():
        await world.until(1.5)
    await world.until(7 * 86400)
    calls = len(world.targets.calls)
    async with world.operator():
        await world.until(7 * 86400 + 0.9)
    assert 0 < len(world.targets.calls) - calls <= 100


async def test_a_run_that_a_crash_left_unrecorded_is_made_again(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *")
    world.targets.answers["task"] = [Answer(seconds=0.5)]
    async with world.operator():
        await world.until(10.2)
    async with world.operator():
        await world.until(15)
    assert world.targets.times() == ["Scheduled 1 at 10", "Scheduled 1 at 10.2"]
    first, second = (call.execution_id for _, call in world.targets.calls)
    assert first == second
    assert world.api.runs() == ["Scheduled 1 Succeeded"]


async def test_a_run_that_was_in_flight_is_made_again_with_its_number(world: World) -> None:
    world.api.create(at="2026-03-01T12:00:05Z", retry={"delaysSeconds": [1]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(seconds=30), Answer(OK)]
    async with world.operator():
        await world.until(10)
    async with world.operator():
        await world.until(15)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 6.05", "Retry 2 at 10"]
    assert len({call.execution_id for _, call in world.targets.calls}) == 1
    assert world.api.runs() == ["Retry 2 Succeeded", "Scheduled 1 Failed"]
    assert world.api.status()["phase"] == "Succeeded"


async def test_an_unanswered_run_request_is_answered_by_the_successor(world: World) -> None:
    world.api.create(schedule="0 0 1 1 *")
    async with world.operator():
        await world.until(5)
    world.api.request_run("task", "please")
    async with world.operator():
        await world.until(10)
    async with world.operator():
        await world.until(15)
    assert world.targets.times() == ["Manual 1 at 5"]


async def test_a_restart_without_news_writes_nothing(world: World) -> None:
    for number in range(20):
        world.api.create(f"task-{number}", schedule="0 0 * * *")
    async with world.operator():
        await world.until(5)
    writes = world.api.writes
    async with world.operator():
        await world.until(10)
    assert writes == 20
    assert world.api.writes == writes


async def test_a_lost_lease_stops_firing_and_its_return_goes_on(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator() as engine:
        await world.until(6)
        world.lease.valid = False
        engine.on_lost(0)
        await world.until(14)
        assert len(world.targets.calls) == 1
        world.lease.valid = True
        engine.on_acquired(0, "")
        await world.until(16)
    assert world.targets.times() == [
        "Scheduled 1 at 5", "Scheduled 1 at 14", "Scheduled 1 at 15",
    ]  # fmt: skip


async def test_a_lease_that_ran_out_unnoticed_fires_nothing(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator():
        await world.until(6)
        world.lease.valid = False
        await world.until(30)
    assert world.targets.times() == ["Scheduled 1 at 5"]


async def test_a_call_that_outlives_the_lease_is_recorded_beside_the_new_owner(
    world: World,
) -> None:
    world.api.create(schedule="*/10 * * * * *")
    world.targets.answers["task"] = [Answer(seconds=15), Answer()]
    async with world.operator() as first:
        await world.until(12)
        first.on_lost(0)
        async with world.operator():
            await world.until(29)
    counters = world.api.status()["counters"]
    ids = {run["executionId"] for run in world.api.status()["runs"]}
    assert len(ids) == 2
    assert {run["status"] for run in world.api.status()["runs"]} == {"Succeeded"}
    assert counters["succeeded"] == 2


async def test_the_successor_waits_for_events_that_overtook_each_other(world: World) -> None:
    for name in ("first", "second"):
        world.api.create(name, schedule="*/10 * * * * *")
    async with world.operator() as first:
        await world.until(9)
        stale = copy.deepcopy(world.api.objects)
        await world.until(10.5)
        version = await first.drain([0], 5)
    world.api.objects, fresh = stale, world.api.objects
    async with world.operator(acquired=False) as second:
        second.on_acquired(0, version)
        world.api.objects = fresh
        # The watch brings the events in order, but handles them side by side.
        by_version = sorted(
            fresh.values(), key=lambda body: int(body["metadata"]["resourceVersion"])
        )
        for body in reversed(by_version):
            second.observe(body)
            await asyncio.sleep(0)
        await world.until(15)
    assert world.targets.times("first") == ["Scheduled 1 at 10"]
    assert world.targets.times("second") == ["Scheduled 1 at 10"]


async def test_what_is_lost_while_events_settle_is_not_begun(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *")
    version = world.api.objects["task"]["metadata"]["resourceVersion"]
    async with world.operator(acquired=False) as engine:
        await world.until(9)
        engine.on_acquired(0, version)
        engine.on_lost(0)
        await world.until(15)
    assert world.targets.calls == []


async def test_a_hand_over_names_the_highest_version_written(world: World) -> None:
    for name in ("one", "other"):
        world.api.create(name, schedule="*/10 * * * * *")
    async with world.operator() as engine:
        await world.until(10.05)
        # The answer to the first write comes after that to the second.
        world.api.answer_seconds = [1, 0]
        version = await engine.drain([0], 5)
    versions = [body["metadata"]["resourceVersion"] for body in world.api.objects.values()]
    assert version == max(versions, key=int)


async def test_draining_lets_calls_end_and_starts_no_new_ones(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    world.targets.answers["task"] = [Answer(seconds=8)]
    async with world.operator() as engine:
        await world.until(6)
        await engine.drain([0], 30)
        assert world.api.runs() == ["Scheduled 1 Succeeded"]
    assert world.targets.times() == ["Scheduled 1 at 5"]


async def test_what_does_not_end_within_the_grace_period_is_handed_over(world: World) -> None:
    world.api.create(at="2026-03-01T12:00:05Z")
    world.targets.answers["task"] = [Answer(seconds=60), Answer(OK)]
    async with world.operator() as engine:
        await world.until(6)
        await engine.drain([0], 3)
        assert world.api.status()["active"][0]["attempt"] == 1
        assert not world.api.status()["active"][0].get("waiting")
    async with world.operator():
        await world.until(15)
    assert world.targets.times() == ["Scheduled 1 at 5", "Scheduled 1 at 9"]
    assert len({call.execution_id for _, call in world.targets.calls}) == 1
    assert world.api.runs() == ["Scheduled 1 Succeeded"]


@pytest.mark.parametrize("attempt", [1, 2])
async def test_a_status_that_claims_thousands_of_runs_is_not_believed(
    world: World, attempt: int
) -> None:
    world.api.create(schedule="0 0 1 1 *")
    run = {
        "runType": "Scheduled",
        "attempt": attempt,
        "scheduledTime": "2026-03-01T11:59:00Z",
        "beginTime": "2026-03-01T11:59:00Z",
    }
    active = [run | {"executionId": f"x{number}"} for number in range(7000)]
    world.api.objects["task"]["status"] = {"active": active}
    async with world.operator():
        await world.until(30)
    assert 0 < len(world.targets.calls) <= MAX_UNDER_WAY
