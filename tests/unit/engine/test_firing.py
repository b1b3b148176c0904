"""When runs begin."""

import pytest

from tests.unit.engine.world import FAIL, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def test_a_task_of_every_minute_is_called_at_each_full_minute(world: World) -> None:
    world.api.create(schedule="*/1 * * * *")
    async with world.operator():
        await world.until(181)
    assert world.targets.times() == [
        "Scheduled 1 at 60",
        "Scheduled 1 at 120",
        "Scheduled 1 at 180",
    ]


async def test_every_second_means_every_second(world: World) -> None:
    world.api.create(schedule="* * * * * *")
    async with world.operator():
        await world.until(60.5)
    assert len(world.targets.calls) == 60
    scheduled = [call.scheduled_time for _, call in world.targets.calls]
    assert scheduled == sorted(set(scheduled))
    assert world.api.status()["counters"]["succeeded"] == 60


async def test_a_new_task_shows_phase_and_next_run_at_once(world: World) -> None:
    async with world.operator():
        world.api.create(schedule="30 14 * * *", timeZone="Europe/Berlin")
        await world.until(0.1)
        status = world.api.status()
    assert status["phase"] == "Active"
    assert status["nextRunTime"] == "2026-03-01T13:30:00Z"
    assert status["observedGeneration"] == 1
    assert status["conditions"][0]["type"] == "Accepted"
    assert status["conditions"][0]["status"] == "True"


async def test_a_changed_schedule_takes_effect_at_once(world: World) -> None:
    world.api.create(schedule="0 0 * * *")
    async with world.operator():
        await world.until(10)
        world.api.change(schedule="*/5 * * * * *")
        await world.until(21)
    assert world.targets.times() == ["Scheduled 1 at 15", "Scheduled 1 at 20"]


async def test_a_deleted_task_is_not_called_again(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator() as engine:
        await world.until(6)
        del world.api.objects["task"]
        engine.forget("uid-task")
        await world.until(30)
    assert world.targets.times() == ["Scheduled 1 at 5"]


async def test_a_deletion_that_the_watch_missed_costs_one_more_call(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator() as engine:
        await world.until(6)
        del world.api.objects["task"]
        await world.until(30)
        assert len(engine) == 0
    assert world.targets.times() == ["Scheduled 1 at 5", "Scheduled 1 at 10"]


async def test_a_suspended_task_waits_and_resuming_fires_no_backlog(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *", suspend=True)
    async with world.operator():
        await world.until(35)
        assert world.api.status()["phase"] == "Suspended"
        assert "nextRunTime" not in world.api.status()
        world.api.change(suspend=False)
        await world.until(45)
        assert world.api.status()["phase"] == "Active"
        world.api.change(suspend=True)
        await world.until(75)
    assert world.targets.times() == ["Scheduled 1 at 40"]
    assert world.api.status()["counters"]["missed"] == 0


async def test_a_manual_run_ignores_suspend_and_answers_one_request_once(world: World) -> None:
    world.api.create(schedule="0 0 1 1 *", suspend=True)
    async with world.operator():
        await world.until(3)
        world.api.request_run("task", "please")
        await world.until(6)
        world.api.change(historyLimit=5)
        await world.until(9)
        world.api.request_run("task", "once more")
        await world.until(12)
    assert [text.split(" at ")[0] for text in world.targets.times()] == ["Manual 1", "Manual 1"]
    assert world.api.runs() == ["Manual 1 Succeeded", "Manual 1 Succeeded"]
    assert world.api.status()["handledRunRequest"] == "once more"
    first, second = (call.execution_id for _, call in world.targets.calls)
    assert first != second


@pytest.mark.parametrize(
    ("at", "called"),
    [
        pytest.param("2026-03-01T12:00:20Z", "Scheduled 1 at 20", id="ahead"),
        pytest.param("2020-01-01T00:00:00Z", "Scheduled 1 at 0.002", id="past when it was set"),
    ],
)
async def test_a_moment_is_met_once(world: World, at: str, called: str) -> None:
    async with world.operator():
        world.api.create(at=at)
        await world.until(300)
    assert world.targets.times() == [called]
    status = world.api.status()
    assert status["phase"] == "Succeeded"
    assert status["conditions"][-1]["type"] == "Finished"
    assert "nextRunTime" not in status


async def test_a_single_task_with_a_cron_schedule_runs_once(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *", type="Single")
    world.targets.answers["task"] = [Answer(FAIL)]
    async with world.operator():
        await world.until(60)
    assert world.targets.times() == ["Scheduled 1 at 10"]
    assert world.api.status()["phase"] == "Failed"
    assert world.api.status()["conditions"][-1]["message"] == FAIL.error


async def test_a_finished_task_runs_again_when_its_moment_is_changed(world: World) -> None:
    world.api.create(at="2026-03-01T12:00:05Z")
    async with world.operator():
        await world.until(10)
        world.api.change(at="2026-03-01T12:00:30Z")
        await world.until(20)
        assert world.api.status()["phase"] == "Active"
        types = [item["type"] for item in world.api.status()["conditions"]]
        assert types == ["Accepted", "Ready"]
        await world.until(40)
    assert world.targets.times() == ["Scheduled 1 at 5", "Scheduled 1 at 30"]
    assert world.api.status()["phase"] == "Succeeded"


async def test_resuming_a_finished_task_does_not_run_it_again(world: World) -> None:
    world.api.create(at="2026-03-01T12:00:05Z")
    async with world.operator():
        await world.until(10)
        world.api.change(suspend=True)
        await world.until(20)
        world.api.change(suspend=False)
        await world.until(30)
    assert world.targets.times() == ["Scheduled 1 at 5"]
    assert world.api.status()["phase"] == "Succeeded"


async def test_a_moment_that_passes_while_suspended_is_missed(world: World) -> None:
    world.api.create(at="2026-03-01T12:00:05Z", suspend=True)
    async with world.operator():
        await world.until(20)
        world.api.change(suspend=False)
        await world.until(30)
    assert world.targets.times() == []
    assert world.api.status()["phase"] == "Failed"
    assert world.api.status()["counters"]["missed"] == 1
    (record,) = world.api.status()["runs"]
    assert (record["status"], record["reason"]) == ("Failed", "Missed")
    assert record["scheduledTime"] == "2026-03-01T12:00:05Z"
    assert world.api.status()["lastRun"]["status"] == "Failed"


async def test_a_manual_run_does_not_finish_a_one_shot_task(world: World) -> None:
    world.api.create(at="2026-03-01T12:01:00Z")
    async with world.operator():
        await world.until(5)
        world.api.request_run("task", "now")
        await world.until(10)
        assert world.api.status()["phase"] == "Active"
        await world.until(70)
    assert world.targets.times()[-1] == "Scheduled 1 at 60"
    assert world.api.status()["phase"] == "Succeeded"


async def test_an_invalid_schedule_is_shown_and_its_repair_is_taken_up(world: World) -> None:
    world.api.create(schedule="61 * * * *")
    world.api.create("healthy", schedule="*/5 * * * * *")
    async with world.operator():
        await world.until(6)
        status = world.api.status()
        assert status["phase"] == "Invalid"
        assert status["conditions"][0]["status"] == "False"
        assert status["conditions"][0]["reason"] == "InvalidSchedule"
        assert "61" in status["conditions"][0]["message"]
        world.api.change(schedule="*/5 * * * * *")
        await world.until(11)
    assert world.targets.times() == ["Scheduled 1 at 10"]
    assert world.targets.times("healthy") == ["Scheduled 1 at 5", "Scheduled 1 at 10"]
    assert world.api.status()["phase"] == "Active"


async def test_a_finished_task_is_deleted_after_its_time_to_live(world: World) -> None:
    world.api.create(at="2026-03-01T12:00:05Z", ttlSecondsAfterFinished=60)
    async with world.operator():
        await world.until(64)
        assert world.deleted == []
        await world.until(66)
    assert world.deleted == ["task"]
