"""What happens when a run is due while another one is under way."""

from datetime import timedelta

import pytest

from tests.unit.engine.world import FAIL, START, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def test_allow_lets_runs_overlap_up_to_the_bound(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *", historyLimit=100)
    world.targets.answers["task"] = [Answer(seconds=1000)]
    async with world.operator():
        await world.until(61)
        assert len(world.targets.calls) == 10
        assert world.api.status()["counters"]["skipped"] == 2
        assert len(world.api.status()["active"]) == 10


async def test_forbid_skips_and_counts(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *", concurrencyPolicy="Forbid")
    world.targets.answers["task"] = [Answer(seconds=12)]
    async with world.operator():
        await world.until(34)
    assert world.targets.times() == ["Scheduled 1 at 5", "Scheduled 1 at 20"]
    assert world.api.status()["counters"]["skipped"] == 4


async def test_forbid_counts_a_run_that_waits_for_its_retry(world: World) -> None:
    world.api.create(
        schedule="*/5 * * * * *", concurrencyPolicy="Forbid", retry={"delaysSeconds": [7]}
    )
    world.targets.answers["task"] = [Answer(FAIL), Answer()]
    async with world.operator():
        await world.until(14)
    assert world.targets.times() == ["Scheduled 1 at 5", "Retry 2 at 12.05"]
    assert world.api.status()["counters"]["skipped"] == 1


async def test_forbid_counts_no_run_that_has_ended_and_is_not_yet_told_of(world: World) -> None:
    world.settings = world.settings.model_copy(update={"call_limit": 4})
    world.api.create(schedule="* * * * * *", concurrencyPolicy="Forbid")
    world.targets.answers["task"] = [Answer(), Answer(seconds=0.8)]
    # They keep the queue from ever being empty, and then ends are told later.
    for number in range(100):
        world.api.create(f"crowd-{number}", at="2026-03-01T12:00:02.500Z")
        world.targets.answers[f"crowd-{number}"] = [Answer(seconds=0.3)]
    async with world.operator():
        await world.until(3.5)
        assert world.targets.times() == ["Scheduled 1 at 1", "Scheduled 1 at 2"]
        await world.until(20)
    skipped = [text for text in world.notices if "still under way" in text]
    assert world.api.status()["counters"]["skipped"] == len(skipped) > 0
    assert "Scheduled 1 at 3" not in world.targets.times()
    begun = [call.scheduled_time for _, call in world.targets.calls if call.name == "task"]
    assert START + timedelta(seconds=3) in begun


async def test_replace_ends_the_run_before_it(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *", concurrencyPolicy="Replace")
    world.targets.answers["task"] = [Answer(seconds=60), Answer()]
    async with world.operator():
        await world.until(25)
    assert world.targets.times() == ["Scheduled 1 at 10", "Scheduled 1 at 20"]
    newest, replaced = world.api.status()["runs"]
    assert newest["status"] == "Succeeded"
    assert (replaced["status"], replaced["reason"]) == ("Failed", "Replaced")


async def test_replace_ends_the_wait_for_a_retry(world: World) -> None:
    world.api.create(
        schedule="*/10 * * * * *", concurrencyPolicy="Replace", retry={"delaysSeconds": [15]}
    )
    world.targets.answers["task"] = [Answer(FAIL), Answer()]
    async with world.operator():
        await world.until(29)
    assert world.targets.times() == ["Scheduled 1 at 10", "Scheduled 1 at 20"]
    counters = world.api.status()["counters"]
    assert (counters["succeeded"], counters["failed"]) == (1, 1)
    assert world.api.status()["pendingRetries"] == []


async def test_a_manual_run_overlaps_whatever_the_policy(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *", concurrencyPolicy="Forbid")
    world.targets.answers["task"] = [Answer(seconds=5)]
    async with world.operator():
        await world.until(11)
        world.api.request_run("task", "now")
        await world.until(19)
    assert [text.split(" at ")[0] for text in world.targets.times()] == ["Scheduled 1", "Manual 1"]
    assert world.api.status()["counters"]["skipped"] == 0


async def test_replace_ends_no_run_that_was_asked_for(world: World) -> None:
    world.api.create(
        schedule="*/10 * * * * *", concurrencyPolicy="Replace", retry={"delaysSeconds": [15]}
    )
    world.targets.answers["task"] = [Answer(FAIL), Answer(seconds=5), Answer()]
    async with world.operator():
        await world.until(1)
        world.api.request_run("task", "fails and waits for its retry")
        await world.until(8)
        world.api.request_run("task", "in flight when the next run is due")
        await world.until(19)
    made = [text.partition(" at ")[0] for text in world.targets.times()]
    assert made == ["Manual 1", "Manual 1", "Scheduled 1", "Retry 2"]
    assert {run["reason"] for run in world.api.status()["runs"]} == {"UnexpectedStatus", "OK"}


async def test_calls_that_hang_leave_room_for_the_others(world: World) -> None:
    world.settings = world.settings.model_copy(update={"call_slots": 5})
    for number in range(50):
        world.api.create(f"hangs-{number}", schedule="* * * * * *", concurrencyPolicy="Forbid")
        world.targets.answers[f"hangs-{number}"] = [Answer(seconds=600)]
    async with world.operator():
        world.api.create("quick", schedule="*/5 * * * * *")
        await world.until(2)
        # Five at a time gave their slots back, ten times 30 ms after another.
        assert len(world.targets.calls) == 50
        await world.until(6)
    assert world.targets.times("quick") == ["Scheduled 1 at 5"]


async def test_it_is_quiet_while_nothing_is_due_and_all_is_recorded(world: World) -> None:
    world.settings = world.settings.model_copy(update={"call_limit": 1})
    for name in ("first", "second"):
        world.api.create(name, schedule="*/10 * * * * *")
        world.targets.answers[name] = [Answer(seconds=3)]
    async with world.operator() as engine:
        await world.until(8)
        assert engine.quiet_seconds() == pytest.approx(2)
        await world.until(11)
        assert engine.quiet_seconds() == 0, "the second call waits for the first"
        await world.until(14)
        world.api.away = True
        await world.until(17)
        assert engine.quiet_seconds() == 0, "its record waits for the API server"
