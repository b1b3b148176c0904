"""That a status sums up what the history has, and what of it cannot wait."""

import asyncio

import pytest

from crontask_core.enums import Reason
from crontask_operator.callbacks.base import CallResult
from tests.unit.engine.world import FAIL, Answer, World
from tests.unit.history.memory import MemoryHistory

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]

EVERY_SECOND = "* * * * * *"


async def test_a_task_that_runs_often_is_written_once_in_an_interval(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(1.5)
        before = world.api.writes
        for second in range(2, 62):
            await world.until(second + 0.5)
            # As old as the interval at most, and a run's record takes a moment.
            assert world.api.status()["counters"]["succeeded"] >= second - 5
    assert len(history.rows) == 61
    assert 11 <= world.api.writes - before <= 12


async def test_without_a_history_every_run_is_written(world: World) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(1.5)
        before = world.api.writes
        await world.until(61.5)
    assert world.api.writes - before == 60


async def test_an_interval_of_nothing_holds_nothing_back(
    world: World, history: MemoryHistory
) -> None:
    world.settings = world.settings.model_copy(update={"status_interval_seconds": 0})
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(1.5)
        before = world.api.writes
        await world.until(21.5)
    assert world.api.writes - before == 20


async def test_the_first_run_is_written_at_once(world: World, history: MemoryHistory) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(1.1)
        assert world.api.runs() == ["Scheduled 1 Succeeded"]


async def test_a_failure_after_a_success_and_the_reverse_are_written_at_once(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    world.targets.answers["task"] = [Answer()] * 3 + [Answer(FAIL)] * 3 + [Answer()]
    async with world.operator():
        await world.until(3.5)
        assert world.api.status()["counters"]["failed"] == 0
        await world.until(4.1)
        assert world.api.status()["consecutiveFailures"] == 1
        await world.until(6.5)
        # The second failure is no news.
        assert world.api.status()["consecutiveFailures"] == 1
        await world.until(7.1)
        assert world.api.status()["consecutiveFailures"] == 0


async def test_a_retry_that_waits_is_written_at_once(world: World, history: MemoryHistory) -> None:
    world.api.create(schedule=EVERY_SECOND, retry={"delaysSeconds": [30]})
    world.targets.answers["task"] = [Answer()] * 2 + [Answer(FAIL)] + [Answer()]
    async with world.operator():
        await world.until(2.9)
        assert world.api.status()["pendingRetries"] == []
        await world.until(3.1)
        (retry,) = world.api.status()["pendingRetries"]
        assert retry["attempt"] == 2


async def test_a_call_past_a_second_is_written_at_once(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule="*/3 * * * * *")
    world.targets.answers["task"] = [Answer(), Answer(seconds=2)]
    async with world.operator():
        await world.until(6.9)
        assert world.api.status()["active"] == []
        await world.until(7.1)
        (active,) = world.api.status()["active"]
        assert active["scheduledTime"] == "2026-03-01T12:00:06Z"


async def test_what_people_change_and_ask_for_is_written_at_once(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(2.5)
        world.api.request_run("task", "now")
        await world.until(2.7)
        assert world.api.runs()[0] == "Manual 1 Succeeded"
        world.api.change(suspend=True)
        await world.until(2.8)
        assert world.api.status()["phase"] == "Suspended"


async def test_the_end_of_a_long_run_that_was_asked_for_is_written_at_once(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule="0 0 1 1 *")
    world.targets.answers["task"] = [Answer(), Answer(seconds=2)]
    async with world.operator():
        world.api.request_run("task", "first")
        await world.until(1)
        world.api.request_run("task", "second")
        await world.until(3.1)
        assert world.api.runs() == ["Manual 1 Succeeded"] * 2


async def test_where_little_happens_a_status_follows_its_run(
    world: World, history: MemoryHistory
) -> None:
    for number in range(10):
        world.api.create(f"task-{number}", schedule="*/10 * * * * *")
    async with world.operator():
        await world.until(20.08)
    for number in range(10):
        assert world.api.status(f"task-{number}")["counters"]["succeeded"] == 2


async def test_while_the_history_is_away_every_run_is_written(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(20.5)
        history.be_away()
        await world.until(22.5)
        for second in range(23, 40):
            await world.until(second + 0.08)
            assert world.api.status()["counters"]["succeeded"] == second
        history.fault = None
        # It is asked again within ten seconds.
        await world.until(50.5)
        before = world.api.writes
        await world.until(60.5)
    assert len(history.rows) == 60
    assert world.api.writes - before <= 3


async def test_records_take_little_room(world: World, history: MemoryHistory) -> None:
    world.api.create(schedule=EVERY_SECOND, historyLimit=50)
    long = CallResult(reason=Reason.OK, code=200, response="x" * 900)
    world.targets.answers["task"] = [Answer(long)]
    async with world.operator():
        await world.until(30.5)
    runs = world.api.status()["runs"]
    assert 3 <= len(runs) <= 8
    assert {run["response"] for run in runs[1:]} == {"[in the history]"}
    assert {len(row.response) for row in history.rows.values()} == {900}


async def test_the_latest_record_stays_however_long_it_is(
    world: World, history: MemoryHistory
) -> None:
    url = "http://target.example/" + "x" * 2000
    world.api.create(schedule=EVERY_SECOND, callback={"http": {"url": url}})
    async with world.operator():
        await world.until(30.5)
    (run,) = world.api.status()["runs"]
    assert run["url"] == url


async def test_while_the_history_is_away_records_keep_their_texts(
    world: World, history: MemoryHistory
) -> None:
    history.be_away()
    world.api.create(schedule=EVERY_SECOND, historyLimit=10)
    long = CallResult(reason=Reason.OK, code=200, response="x" * 900)
    world.targets.answers["task"] = [Answer(long)]
    async with world.operator():
        await world.until(30.5)
    assert [len(run["response"]) for run in world.api.status()["runs"]] == [900] * 10


async def test_a_hand_over_writes_what_was_held_back(world: World, history: MemoryHistory) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator() as engine:
        await world.until(4.5)
        assert world.api.status()["counters"]["succeeded"] < 4
        await engine.drain([0], 1)
    assert world.api.status()["counters"]["succeeded"] == 4
    assert world.api.status()["lastScheduledTime"] == "2026-03-01T12:00:04Z"


async def test_an_outage_of_the_api_server_delays_and_loses_nothing(
    world: World, history: MemoryHistory
) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator():
        await world.until(10.5)
        world.api.away = True
        await world.until(40.5)
        world.api.away = False
        await world.until(60.5)
    assert world.api.status()["counters"]["succeeded"] >= 55


async def test_a_deleted_task_is_held_back_no_longer(world: World, history: MemoryHistory) -> None:
    world.api.create(schedule=EVERY_SECOND)
    async with world.operator() as engine:
        await world.until(3.5)
        assert engine.recorder.held_back == 1
        before = world.api.writes
        engine.forget("uid-task")
        await asyncio.sleep(20)
        assert engine.recorder.held_back == 0
        assert world.api.writes == before
