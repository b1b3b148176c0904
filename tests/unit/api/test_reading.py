"""What is read of tasks once, and what an answer holds of it."""

import json
from typing import Any

import msgspec
import pytest

from crontask_api.kube.objects import CronTask, CronTaskPage
from crontask_api.schemas.requests import ListOptions, QueryOptions
from crontask_api.service import answer_room
from crontask_api.service.context import Context
from crontask_api.service.get_task import get_tasks
from crontask_api.service.list_task import list_tasks
from crontask_api.service.query_task_status import query_tasks
from tests.support.loop_pauses import measured_pauses
from tests.unit.api.clusterless import LONGEST_PAUSE

RECORDS: list[dict[str, Any]] = [
    {
        "executionId": f"{number:032}",
        "runType": "Scheduled",
        "attempt": 1,
        "status": "Succeeded",
        "scheduledTime": f"2026-03-01T12:00:{number:02}Z",
        "beginTime": f"2026-03-01T12:00:{number:02}Z",
        "endTime": f"2026-03-01T12:00:{number:02}Z",
        "body": "x" * 100,
    }
    for number in range(9, -1, -1)
]


class Tasks:
    """Has a task of every name, and counts how often one is read."""

    def __init__(self) -> None:
        self.reads = 0

    async def get(self, namespace: str, name: str) -> CronTask:
        """Return the task."""
        self.reads += 1
        whole = {
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"callback": {"http": {"url": "http://x/"}}, "schedule": "* * * * *"},
            "status": {"runs": RECORDS},
        }
        return msgspec.json.decode(json.dumps(whole), type=CronTask)

    async def page(self, namespace: str, **_: Any) -> CronTaskPage:
        """Return a page of a hundred tasks."""
        return CronTaskPage(tuple([await self.get(namespace, f"t{n:02}") for n in range(100)]))


async def _no() -> bool:
    return False


def _context(tasks: Tasks) -> Context:
    client: Any = tasks
    return Context(
        client=client,
        namespace="shop",
        time_zone="UTC",
        timeout_seconds=30,
        hold_answer=lambda _: None,
        may_read_secret=lambda _: _no(),
        may_read_tasks=_no,
    )


async def test_a_task_that_is_asked_for_often_is_read_once() -> None:
    tasks = Tasks()

    answer = await get_tasks(_context(tasks), [{"task_id": "a"}] * 50 + [{"task_id": "b"}])

    assert [result.task_id for result in answer.task_result] == ["a"] * 50 + ["b"]
    assert [task.task_id for task in answer.task_list] == ["a", "b"]
    assert tasks.reads == 2


@pytest.mark.parametrize(("most", "body"), [(2_000, 100), (None, 1_200_000)])
async def test_a_log_that_does_not_fit_goes_on_in_the_next_page(
    monkeypatch: pytest.MonkeyPatch, most: int | None, body: int
) -> None:
    if most is not None:
        monkeypatch.setattr(answer_room, "MOST_BYTES", most)
    for record in RECORDS:
        monkeypatch.setitem(record, "body", "x" * body)
    context, cursor, pages = _context(Tasks()), "", 0
    read: list[str] = []

    while not pages or cursor:
        options = QueryOptions(limit=100, cursor=cursor)
        log, _ = await query_tasks(context, options, [{"task_id": "a"}])
        read += [entry.execution_id for entry in log.log_list]
        assert len(msgspec.json.encode(log.log_list)) <= answer_room.MOST_BYTES + 100
        cursor, pages = log.next_cursor, pages + 1

    assert read == [record["executionId"] for record in RECORDS]
    assert pages > 1


async def test_a_text_that_is_looked_for_is_folded_once() -> None:
    tasks = Tasks()
    text = "\u0130" * 1_000_000

    async with measured_pauses() as pauses:
        page, _ = await list_tasks(_context(tasks), ListOptions(text=text))

    assert page.task_list == []
    assert pauses.longest < LONGEST_PAUSE
