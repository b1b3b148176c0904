"""Every attempt of the engine becomes a row, with what the record in the status holds."""

from datetime import datetime

import pytest

from crontask_core.enums import Reason, RunStatus, RunType
from crontask_core.status import RunRecord
from crontask_history.row import RunRow
from crontask_operator.callbacks.base import CallResult
from crontask_operator.history.attempt_rows import AttemptRows
from tests.unit.engine.world import FAIL, OK, Answer, World

pytestmark = [pytest.mark.asyncio, pytest.mark.looptime]


class Rows(list[RunRow]):
    """What an operator has written, to a history that never keeps up."""

    keeps_up = False
    put = list.append

    async def since(self, shard: int, moment: datetime) -> dict[str, list[RunRecord]]:
        return {}


@pytest.fixture
def rows(world: World) -> list[RunRow]:
    """What the world's operator has written."""
    found = Rows()
    world.historian = AttemptRows(found, text_bytes=2000, replica="operator-0")
    return found


async def test_a_row_tells_the_whole_attempt(world: World, rows: list[RunRow]) -> None:
    callback = {"http": {"url": "http://target.example/x", "body": '{"a": 1}'}}
    world.api.create(schedule="*/5 * * * * *", callback=callback, taskName="定时改价", module=7)
    async with world.operator():
        await world.until(6)
    (made,) = rows
    (record,) = world.api.status()["runs"]
    assert made == RunRow(
        uid="uid-task",
        namespace="default",
        name="task",
        task_name="定时改价",
        module=7,
        shard=0,
        execution_id=record["executionId"],
        attempt=1,
        run_type=RunType.SCHEDULED,
        status=RunStatus.SUCCEEDED,
        scheduled_time=made.scheduled_time,
        begin_time=made.begin_time,
        end_time=made.end_time,
        reason=Reason.OK,
        code=200,
        url="http://target.example/x",
        replica="operator-0",
        body='{"a": 1}',
        response="fine",
    )
    assert made.scheduled_time.isoformat() == "2026-03-01T12:00:05+00:00"
    assert made.lag_seconds == 0


async def test_its_texts_have_a_bound_of_their_own(world: World, rows: list[RunRow]) -> None:
    long = CallResult(reason=Reason.OK, code=200, response="x" * 5000)
    world.targets.answers["task"] = [Answer(long)]
    world.api.create(at="2026-03-01T12:00:05Z")
    async with world.operator():
        await world.until(6)
    (record,) = world.api.status()["runs"]
    assert len(record["response"]) == world.settings.record_body_bytes
    assert len(rows[0].response) == 2000


async def test_attempts_and_their_begin_and_end_are_rows(world: World, rows: list[RunRow]) -> None:
    world.targets.answers["task"] = [Answer(FAIL, seconds=2), Answer(OK)]
    world.api.create(at="2026-03-01T12:00:05Z", retry={"delaysSeconds": [3]})
    async with world.operator():
        await world.until(20)
    assert [(each.attempt, each.status) for each in rows] == [
        (1, RunStatus.STARTED),
        (1, RunStatus.FAILED),
        (2, RunStatus.SUCCEEDED),
    ]
    assert len({each.execution_id for each in rows}) == 1


async def test_a_run_that_was_missed_is_a_row(world: World, rows: list[RunRow]) -> None:
    world.api.create(at="2026-03-01T12:00:05Z", missedRunPolicy="Skip")
    await world.until(1000)
    async with world.operator():
        await world.until(1010)
    assert [(each.status, each.reason) for each in rows] == [(RunStatus.FAILED, Reason.MISSED)]


async def test_a_request_whose_place_another_took_is_a_row(
    world: World, rows: list[RunRow]
) -> None:
    world.targets.answers["task"] = [Answer(seconds=100)]
    world.api.create(schedule="0 0 1 1 *")
    async with world.operator():
        for number in range(12):
            world.api.request_run("task", f"request {number}")
            await world.until(0.1 * (number + 1))
    assert [each.reason for each in rows if each.is_final] == [Reason.REPLACED]
