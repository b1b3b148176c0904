"""That a successor makes nothing again of which the history knows."""

import logging
from collections import Counter

import pytest

from crontask_operator.process.metrics import REGISTRY
from tests.unit.engine.made import repeated, succeeded
from tests.unit.engine.world import FAIL, Answer, World
from tests.unit.history.memory import MemoryHistory

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

EVERY_SECOND = "* * * * * *"
NEVER = "0 0 1 1 *"


async def test_what_a_killed_owner_made_is_not_made_again(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND, missedRunPolicy="All")
    async with world.operator():
        await world.until(9.5)
    assert succeeded(world) < 9
    async with world.operator() as engine:
        await world.until(14.5)
        await engine.drain([0], 1)
    assert repeated(world) == 0
    assert len(world.targets.calls) == 14
    assert succeeded(world) == 14
    assert world.api.status()["counters"]["missed"] == 0
    assert world.api.status()["lastScheduledTime"] == "2026-03-01T12:00:14Z"


async def test_without_what_the_history_knows_it_is(world: World, history: MemoryHistory) -> None:
    world.api.create(schedule=EVERY_SECOND, missedRunPolicy="All")
    async with world.operator():
        await world.until(9.5)
    history.rows.clear()
    async with world.operator():
        await world.until(14.5)
    assert repeated(world) == 3


async def test_its_records_are_those_of_the_status_as_well(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule="*/2 * * * * *")
    world.targets.answers["task"] = [Answer()] * 2 + [Answer(FAIL)]
    async with world.operator():
        # The third fails, and its status cannot be written.
        await world.until(5)
        world.api.away = True
        await world.until(6.5)
    world.api.away = False
    async with world.operator():
        await world.until(7.5)
    run = world.api.status()["runs"][0]
    assert (run["status"], run["code"], run["error"]) == ("Failed", 500, "expected 2xx, got 500")
    assert world.api.status()["consecutiveFailures"] == 1
    assert world.api.status()["lastFailureTime"] == "2026-03-01T12:00:06.050000Z"


async def test_what_was_in_flight_is_made_again(world: World, history: MemoryHistory) -> None:
    world.api.create(schedule=EVERY_SECOND)
    # That of the eighth second hangs, and those after it do not.
    world.targets.answers["task"] = [Answer()] * 7 + [Answer(seconds=60), Answer()]
    async with world.operator():
        await world.until(10.5)
    async with world.operator():
        await world.until(12.5)
    made = Counter(call.scheduled_time.second for _, call in world.targets.calls)
    assert made == {**dict.fromkeys(range(1, 13), 1), 8: 2}


async def test_runs_that_were_skipped_right_before_are_made_once_there_is_room(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND, concurrencyPolicy="Forbid")
    world.targets.answers["task"] = [Answer()] * 7 + [Answer(seconds=3.5), Answer()]
    async with world.operator():
        await world.until(11.8)
    assert [call.scheduled_time.second for _, call in world.targets.calls] == [*range(1, 9)]
    # The call past its first second was written, and the skips after that were not yet.
    assert world.api.status()["lastScheduledTime"] == "2026-03-01T12:00:09Z"
    async with world.operator() as engine:
        await world.until(12.9)
        await engine.drain([0], 1)
    made = [call.scheduled_time.second for _, call in world.targets.calls]
    assert made == [*range(1, 9), 10, 11, 12]
    assert world.api.status()["counters"]["skipped"] == 1


async def test_a_long_call_that_ended_is_not_made_again(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule="*/10 * * * * *")
    world.targets.answers["task"] = [Answer(), Answer(seconds=2)]
    async with world.operator():
        await world.until(22.5)
        assert len(world.api.status()["active"]) == 1
    async with world.operator():
        await world.until(28)
    assert repeated(world) == 0
    assert world.api.status()["active"] == []
    assert succeeded(world) == 2


async def test_the_end_of_a_very_long_call_waits_for_nothing(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule="0 * * * * *")
    world.targets.answers["task"] = [Answer(), Answer(seconds=33)]
    async with world.operator():
        await world.until(153.1)
        assert world.api.status()["active"] == []


async def test_a_retry_of_which_only_the_history_tells_comes_in_time(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(at="2026-03-01T12:00:05Z", retry={"delaysSeconds": [10, 10]})
    world.targets.answers["task"] = [Answer(FAIL), Answer()]
    async with world.operator():
        await world.until(4)
        world.api.away = True
        await world.until(8)
    world.api.away = False
    async with world.operator():
        await world.until(30)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 15.05"]
    assert world.api.status()["phase"] == "Succeeded"
    assert world.api.status()["counters"]["retries"] == 1


async def test_a_retry_that_was_made_is_not_made_again(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(at="2026-03-01T12:00:05Z", retry={"delaysSeconds": [10, 10]})
    world.targets.answers["task"] = [Answer(FAIL), Answer()]
    async with world.operator():
        await world.until(14)
        assert len(world.api.status()["pendingRetries"]) == 1
        world.api.away = True
        await world.until(18)
    world.api.away = False
    async with world.operator():
        await world.until(40)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 15.05"]
    assert world.api.status()["phase"] == "Succeeded"
    assert world.api.status()["pendingRetries"] == []


async def test_a_retry_counts_from_the_begin_of_the_first_attempt(
    world: World, history: MemoryHistory
) -> None:
    retry = {"delaysSeconds": [10, 10], "maxTotalSeconds": 15}
    world.api.create(at="2026-03-01T12:00:05Z", retry=retry)
    world.targets.answers["task"] = [Answer(FAIL)]
    async with world.operator():
        await world.until(14)
        world.api.away = True
        await world.until(18)
    world.api.away = False
    async with world.operator():
        await world.until(60)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 15.05"]
    assert world.api.status()["phase"] == "Failed"


async def test_a_one_shot_task_that_ran_is_finished(world: World, history: MemoryHistory) -> None:
    world.api.create(at="2026-03-01T12:00:05Z")
    async with world.operator():
        await world.until(4)
        world.api.away = True
        await world.until(8)
    world.api.away = False
    async with world.operator():
        await world.until(20)
    assert len(world.targets.calls) == 1
    assert world.api.status()["phase"] == "Succeeded"
    assert (
        world.api.status()["conditions"][-1]["lastTransitionTime"] == "2026-03-01T12:00:05.050000Z"
    )


async def test_a_run_that_was_asked_for_and_made_is_not_made_again(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=NEVER)
    async with world.operator():
        await world.until(1)
        world.api.away = True
        world.api.request_run("task", "now")
        await world.until(3)
    world.api.away = False
    async with world.operator():
        await world.until(10)
        world.api.request_run("task", "again")
        await world.until(12)
    assert [call.run_type for _, call in world.targets.calls] == ["Manual", "Manual"]
    assert repeated(world) == 0
    assert succeeded(world) == 2


async def test_a_history_that_is_away_is_waited_for_shortly(
    world: World, history: MemoryHistory, caplog: pytest.LogCaptureFixture
) -> None:
    world.api.create(schedule=EVERY_SECOND, missedRunPolicy="All")
    async with world.operator():
        await world.until(9.5)
    before = REGISTRY.get_sample_value("crontask_history_unread_total") or 0
    history.seconds = 1000
    with caplog.at_level(logging.WARNING):
        async with world.operator():
            await world.until(13.5)
    assert "gone on with by its statuses alone; the history was not read" in caplog.text
    assert REGISTRY.get_sample_value("crontask_history_unread_total") == before + 1
    # Nothing is lost, and what the status did not tell of is made again.
    assert {call.scheduled_time.second for _, call in world.targets.calls} == set(range(1, 14))
    assert repeated(world) == 3


async def test_one_that_is_known_to_be_away_is_not_waited_for(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(9.5)
    history.be_away()
    async with world.operator(acquired=False) as engine:
        await world.until(11.1)
        history.asked.clear()
        engine.on_acquired(0, "")
        await world.until(11.2)
        assert history.asked == []
        # Those of the seconds that the status does not know, at once.
        assert repeated(world) == 3


async def test_after_a_hand_over_nothing_is_asked(world: World, history: MemoryHistory) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator() as engine:
        await world.until(21)
        await engine.drain([0], 1)
    history.asked.clear()
    async with world.operator():
        await world.until(24)
    assert history.asked == []
    assert repeated(world) == 0


async def test_it_is_asked_from_the_first_moment_of_which_no_status_tells(
    world: World, history: MemoryHistory
) -> None:
    world.api.create("often", schedule=EVERY_SECOND)
    world.api.create("task", schedule=NEVER)
    async with world.operator():
        await world.until(60.5)
    history.asked.clear()
    async with world.operator():
        await world.until(61)
    (moment,) = history.asked
    # The next moment of its status, and what two clocks may differ by.
    assert 42 <= moment.second <= 51


async def test_all_attempts_of_a_run_may_be_in_the_history_alone(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(at="2026-03-01T12:00:05Z", retry={"delaysSeconds": [3, 3]})
    world.targets.answers["task"] = [Answer(FAIL), Answer()]
    async with world.operator():
        await world.until(4)
        world.api.away = True
        await world.until(10)
    world.api.away = False
    async with world.operator():
        await world.until(30)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 8.05"]
    assert world.api.runs() == ["Retry 2 Succeeded", "Scheduled 1 Failed"]
    assert world.api.status()["pendingRetries"] == []
