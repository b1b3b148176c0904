"""What people are told: Events mark changes, metrics count everything."""

import asyncio
import json

import pytest
from prometheus_client import generate_latest

from crontask_kube.errors import ApiError
from crontask_operator.kube.events import EventSender
from crontask_operator.process.metrics import REGISTRY
from crontask_operator.task.notices import Notice
from crontask_operator.task.state import TaskState
from crontask_operator.task.watch_event import new_state
from tests.unit.engine.world import FAIL, OK, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


async def test_each_failed_attempt_is_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="crontask_operator")
    world.api.create(schedule="*/5 * * * * *", retry={"delaysSeconds": [1]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(FAIL), Answer(OK)]
    async with world.operator():
        await world.until(13)
    lines = [line for line in caplog.records if "failed" in line.message]
    assert [line.message for line in lines] == [
        f"Attempt {number} failed: {FAIL.error}" for number in (1, 2)
    ]
    ids = {call.execution_id for _, call in world.targets.calls[:2]}
    assert {vars(line)["execution_id"] for line in lines} == ids
    assert {vars(line)["task"] for line in lines} == {"task"}


async def test_the_first_failure_and_the_recovery_are_told(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *")
    world.targets.answers["task"] = [Answer(OK), Answer(FAIL), Answer(FAIL), Answer(OK), Answer(OK)]
    async with world.operator():
        await world.until(26)
    assert world.notices == [
        f"RunFailed: A run failed at attempt 1: {FAIL.error}",
        "Recovered: A run succeeded after 2 that failed.",
    ]


async def test_an_attempt_that_is_tried_again_is_no_news(world: World) -> None:
    world.api.create(schedule="0 * * * * *", retry={"delaysSeconds": [1]})
    world.targets.answers["task"] = [Answer(FAIL), Answer(OK)]
    async with world.operator():
        await world.until(65)
    assert world.notices == []


async def test_an_invalid_spec_is_told_once(world: World) -> None:
    world.api.create(schedule="61 * * * *")
    async with world.operator():
        await world.until(5)
        world.api.change(historyLimit=5)
        await world.until(10)
    async with world.operator():
        await world.until(15)
    (notice,) = world.notices
    assert notice.startswith("Invalid: spec.schedule: ")


async def test_the_end_of_a_one_shot_task_is_told(world: World) -> None:
    world.api.create("good", at="2026-03-01T12:00:01Z")
    world.api.create("bad", at="2026-03-01T12:00:02Z")
    world.targets.answers["bad"] = [Answer(FAIL)]
    async with world.operator():
        await world.until(5)
    assert [notice.split(":")[0] for notice in world.notices] == [
        "Succeeded", "RunFailed", "Failed",
    ]  # fmt: skip


async def test_a_skipped_run_is_told_with_the_reason(world: World) -> None:
    world.api.create(schedule="*/5 * * * * *", concurrencyPolicy="Forbid")
    world.targets.answers["task"] = [Answer(seconds=7)]
    async with world.operator():
        await world.until(11)
    assert world.notices == [
        "RunSkipped: A run was due and not begun: the run before it is still under way (Forbid)."
    ]


async def test_metrics_count_attempts_by_how_they_ended(world: World) -> None:
    before = _value("crontask_attempts_total", reason="UnexpectedStatus", run_type="Retry")
    lags = _value("crontask_fire_lag_seconds_count")
    world.api.create(at="2026-03-01T12:00:01Z", retry={"delaysSeconds": [1]})
    world.targets.answers["task"] = [Answer(FAIL)]
    async with world.operator() as engine:
        await world.until(1.01)
        assert engine.gauges["crontask_calls_in_flight"][1]() == 1
        await world.until(5)
        assert engine.phases() == {"Failed": 1}
    after = _value("crontask_attempts_total", reason="UnexpectedStatus", run_type="Retry")
    assert after - before == 1
    assert _value("crontask_fire_lag_seconds_count") - lags == 1
    assert b"crontask_record_latency_seconds_bucket" in generate_latest(REGISTRY)


async def test_a_task_is_failing_until_its_next_success_or_its_end(world: World) -> None:
    world.api.create(schedule="*/10 * * * * *")
    world.api.create("once", at="2026-03-01T12:00:05Z")
    world.targets.answers |= {"task": [Answer(FAIL), Answer(OK)], "once": [Answer(FAIL)]}
    async with world.operator() as engine:
        _, failing = engine.gauges["crontask_tasks_failing"]
        await world.until(9)
        assert failing() == 0, "one that ran once has no next run"
        await world.until(15)
        assert failing() == 1
        await world.until(25)
        assert failing() == 0


class EventApi:
    """The Events that were posted, as reason and message; refuses while `away`."""

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.paths: list[str] = []
        self.involved: list[dict[str, str]] = []
        self.away = False

    async def request(
        self, method: str, path: str, *, operation: str, body: bytes | None = None
    ) -> bytes:
        if self.away:
            raise ApiError("away")
        assert body is not None
        event = json.loads(body)
        self.paths.append(path)
        self.involved.append(event["involvedObject"])
        self.posted.append(f"{event['type']} {event['reason']}: {event['message']}")
        return b""


def _state() -> TaskState:
    metadata = {
        "uid": "u", "namespace": "default", "name": "task",
        "creationTimestamp": "2026-03-01T12:00:00Z",
    }  # fmt: skip
    return new_state({"metadata": metadata}, 1)


async def _at_once() -> None:
    pass


async def test_a_task_that_flaps_is_told_of_once_in_a_while(world: World) -> None:
    api, state = EventApi(), _state()
    sender = EventSender(api, world.clock, _at_once, instance="test")
    for second in range(0, 400, 10):
        await world.until(second)
        sender.notify(state, Notice.RUN_FAILED, f"at {second}")
    await _send(sender)
    assert api.posted == [
        "Warning RunFailed: at 0",
        "Warning RunFailed: at 300 (29 more since 2026-03-01T12:00:00Z)",
    ]


async def test_the_operator_tells_of_itself(world: World) -> None:
    api = EventApi()
    sender = EventSender(api, world.clock, _at_once, instance="test")
    sender.notify_of_operator("crontask", "operator-0", "HistoryWasAway", "for 34 s")
    await _send(sender)
    assert api.posted == ["Warning HistoryWasAway: for 34 s"]
    assert api.paths == ["/api/v1/namespaces/crontask/events"]
    assert api.involved == [
        {"apiVersion": "v1", "kind": "Pod", "namespace": "crontask", "name": "operator-0"}
    ]


async def test_an_event_that_is_not_accepted_stops_no_other(world: World) -> None:
    api, state = EventApi(), _state()
    sender = EventSender(api, world.clock, _at_once, instance="test")
    api.away = True
    sender.notify(state, Notice.RUN_FAILED, "lost")
    await _send(sender)
    api.away = False
    sender.notify(state, Notice.RECOVERED, "told")
    await _send(sender)
    assert api.posted == ["Normal Recovered: told"]
    assert api.involved[0]["name"] == "task"


async def _send(sender: EventSender) -> None:
    sending = asyncio.create_task(sender.run())
    await asyncio.sleep(1)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0
