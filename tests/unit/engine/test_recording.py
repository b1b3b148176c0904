"""That every attempt ends in a record, whatever becomes of the API server."""

import asyncio

import pytest

from crontask_core.enums import Reason
from crontask_operator.process.metrics import REGISTRY
from tests.unit.engine.world import FAIL, OK, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def test_a_record_tells_the_whole_attempt(world: World) -> None:
    callback = {"http": {"url": "http://target.example/x", "body": '{"a": 1}'}}
    world.api.create(schedule="*/5 * * * * *", callback=callback)
    async with world.operator():
        await world.until(6)
    (run,) = world.api.status()["runs"]
    assert len(run.pop("executionId")) == 32
    assert run == {
        "runType": "Scheduled",
        "attempt": 1,
        "status": "Succeeded",
        "scheduledTime": "2026-03-01T12:00:05Z",
        "beginTime": "2026-03-01T12:00:05Z",
        "endTime": "2026-03-01T12:00:05.050000Z",
        "url": "http://target.example/x",
        "body": '{"a": 1}',
        "response": "fine",
        "code": 200,
        "reason": "OK",
    }
    assert world.api.status()["lastScheduledTime"] == "2026-03-01T12:00:05Z"
    assert world.api.status()["nextRunTime"] == "2026-03-01T12:00:10Z"


async def test_a_short_call_costs_one_write(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator():
        await world.until(1)
        before = world.api.writes
        await world.until(6)
    assert world.api.writes - before == 1


async def test_a_long_call_shows_that_it_has_started(world: World) -> None:
    world.api.create(at="2026-03-01T12:00:05Z")
    world.targets.answers["task"] = [Answer(seconds=10)]
    async with world.operator():
        await world.until(7)
        assert world.api.runs() == ["Scheduled 1 Started"]
        assert world.api.status()["active"][0]["attempt"] == 1
        await world.until(20)
    assert world.api.runs() == ["Scheduled 1 Succeeded"]
    assert world.api.status()["active"] == []


async def test_the_history_keeps_the_newest(world: World) -> None:
    world.api.create(schedule="* * * * * *", historyLimit=3)
    async with world.operator():
        await world.until(10.5)
    scheduled = [run["scheduledTime"] for run in world.api.status()["runs"]]
    assert scheduled == [f"2026-03-01T12:00:{second}Z" for second in ("10", "09", "08")]


async def test_a_history_limit_of_zero_still_counts(world: World) -> None:
    world.api.create(schedule="* * * * * *", historyLimit=0)
    async with world.operator():
        await world.until(5.5)
    assert world.api.status()["runs"] == []
    assert world.api.status()["counters"]["succeeded"] == 5


async def test_nothing_final_is_lost_while_the_api_server_is_away(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *", historyLimit=100)
    async with world.operator():
        await world.until(15)
        world.api.away = True
        await world.until(135)
        assert len(world.api.runs()) == 1
        world.api.away = False
        await world.until(149)
    assert world.api.runs() == ["Scheduled 1 Succeeded"] * 14
    assert world.api.status()["counters"]["succeeded"] == 14


async def test_a_write_that_meets_a_newer_object_is_made_again(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator():
        await world.until(5.04)
        # The change and the record's write cross: the event is still on its way.
        world.api.change(historyLimit=7)
        await world.until(9)
    assert world.api.runs() == ["Scheduled 1 Succeeded"]
    assert world.api.status()["observedGeneration"] == 2


async def test_records_that_somebody_else_wrote_stay(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    async with world.operator():
        await world.until(5.04)
        foreign = {
            "executionId": "f" * 32, "runType": "Manual", "attempt": 1, "status": "Succeeded",
            "scheduledTime": "2026-03-01T11:59:00Z", "beginTime": "2026-03-01T11:59:00Z",
        }  # fmt: skip
        body = world.api.objects["task"]
        body["status"]["runs"] = [foreign]
        body["status"]["counters"]["succeeded"] = 40
        world.api._changed(body)
        await world.until(9)
    assert world.api.runs() == ["Scheduled 1 Succeeded", "Manual 1 Succeeded"]
    assert world.api.status()["counters"]["succeeded"] == 41


async def test_a_status_that_outgrows_the_api_loses_texts_but_no_record(world: World) -> None:
    world.api.max_bytes = 4000
    world.api.create(schedule="*/5 * * * * *")
    long = type(OK)(reason=Reason.OK, code=200, response="x" * 1000)
    world.targets.answers["task"] = [Answer(long)]
    async with world.operator():
        await world.until(26)
    runs = world.api.status()["runs"]
    assert len(runs) == 5
    assert "[cut: the object is too large]" in {run["response"] for run in runs}
    assert world.api.status()["counters"]["succeeded"] == 5


async def test_a_deleted_task_ends_its_call_and_no_other(world: World) -> None:
    world.api.create("doomed", schedule="*/5 * * * * *")
    world.api.create("other", schedule="*/5 * * * * *")
    world.targets.answers["doomed"] = world.targets.answers["other"] = [Answer(seconds=3)]
    async with world.operator() as engine:
        await world.until(6)
        del world.api.objects["doomed"]
        engine.forget("uid-doomed")
        await world.until(9)
    assert world.api.runs("other") == ["Scheduled 1 Succeeded"]


async def test_a_call_that_a_deletion_ends_is_counted_as_cancelled(world: World) -> None:
    world.api.create("doomed", schedule="*/5 * * * * *")
    world.targets.answers["doomed"] = [Answer(seconds=3)]
    labels = {"run_type": "Scheduled", "reason": "Cancelled"}
    before = REGISTRY.get_sample_value("crontask_attempts_total", labels) or 0
    async with world.operator() as engine:
        await world.until(6)
        del world.api.objects["doomed"]
        engine.forget("uid-doomed")
        await world.until(9)
    assert REGISTRY.get_sample_value("crontask_attempts_total", labels) == before + 1


async def test_a_callback_that_raises_still_leaves_a_record(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.api.create(at="2026-03-01T12:00:05Z")

    async def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    world.targets.call = broken  # type: ignore[method-assign,assignment]
    async with world.operator():
        await world.until(7)
    (run,) = world.api.status()["runs"]
    assert (run["status"], run["reason"]) == ("Failed", "InternalError")
    assert run["error"] == "the operator failed with RuntimeError; its log has the details"
    (logged,) = [record for record in caplog.records if record.exc_info]
    assert "a fault of ours" in caplog.text
    assert vars(logged)["execution_id"] == run["executionId"]
    assert vars(logged)["task"] == "task"


async def test_bodies_are_cut_with_a_mark(world: World) -> None:
    world.api.create(
        at="2026-03-01T12:00:05Z", callback={"http": {"url": "http://t/", "body": "b" * 5000}}
    )
    world.targets.answers["task"] = [Answer(type(FAIL)(reason=Reason.OK, response="é" * 5000))]
    async with world.operator():
        await world.until(7)
    (run,) = world.api.status()["runs"]
    assert len(run["body"].encode()) <= 1024
    assert run["body"].endswith("[cut, 5000 bytes in all]")
    assert run["response"].endswith("[cut, 10000 bytes in all]")


async def test_a_slow_write_takes_no_record_with_it_that_came_meanwhile(world: World) -> None:
    world.api.create(schedule="* * * * * *", historyLimit=2)
    real = world.api.write

    async def slow(namespace: str, name: str, patch: bytes) -> str:
        await asyncio.sleep(10)
        return await real(namespace, name, patch)

    async with world.operator():
        await world.until(0.9)
        world.api.write = slow  # type: ignore[method-assign]
        await world.until(1.5)
        world.api.write = real  # type: ignore[method-assign]
        await world.until(11.5)
    scheduled = [run["scheduledTime"] for run in world.api.status()["runs"]]
    assert scheduled == ["2026-03-01T12:00:11Z", "2026-03-01T12:00:10Z"]
