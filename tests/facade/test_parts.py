"""Parts that need no API server: batches, pages, caches, the limit, refusals."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from crontask_api.codes import Code
from crontask_api.kube.answers import code_of_refusal
from crontask_api.schemas.responses import TaskResult
from crontask_api.service.batch import WIDTH, answer_each
from crontask_api.service.cursor import decode_cursor, encode_cursor
from crontask_api.service.log_page import LogLine, LogPage
from crontask_api.web.limit import Limit
from crontask_api.web.ticket import RequestBounds
from crontask_core.enums import RunStatus, RunType
from crontask_core.status import RunRecord
from crontask_history.filters import Position
from crontask_kube.errors import InvalidError, refusal

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_batch_is_worked_on_in_bounded_width() -> None:
    running = most = 0

    async def work(index: int, item: Any) -> TaskResult:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return TaskResult(str(index), item, "", Code.OK)

    results = await answer_each([str(n) for n in range(200)], work, key=id, timeout_seconds=5)

    assert [result.task_id for result in results] == [str(n) for n in range(200)]
    assert most == WIDTH


async def test_items_of_one_key_are_worked_on_one_after_the_other() -> None:
    order: list[int] = []

    async def work(index: int, item: Any) -> TaskResult:
        for _ in range(5 - index % 5):
            await asyncio.sleep(0)
        order.append(index)
        return TaskResult("", "", "", Code.OK)

    await answer_each(range(20), work, key=lambda n: n % 2, timeout_seconds=5)

    assert [index for index in order if index % 2] == list(range(1, 20, 2))
    assert [index for index in order if not index % 2] == list(range(0, 20, 2))


async def test_when_time_is_up_done_work_counts_and_the_rest_says_how_far_it_came() -> None:
    async def work(index: int, item: Any) -> TaskResult:
        if index:
            await asyncio.Event().wait()
        return TaskResult("7", "done", "", Code.OK)

    items = [{"name": f"{n}"} for n in range(WIDTH + 5)]
    results = await answer_each(items, work, key=id, timeout_seconds=0.01)

    assert results[0] == TaskResult("7", "done", "", Code.OK)
    assert all(result.code is Code.SYSTEM_ERROR for result in results[1:])
    assert ["was not begun" in result.err for result in results].count(True) == 4
    assert results[1].name == "1"


def _record(second: int, number: int) -> RunRecord:
    return RunRecord(
        execution_id=f"{number:032}",
        run_type=RunType.SCHEDULED,
        attempt=1,
        status=RunStatus.SUCCEEDED,
        scheduled_time=EPOCH,
        begin_time=EPOCH + timedelta(seconds=second),
    )


@given(st.lists(st.integers(0, 20), max_size=60), st.integers(1, 10))
def test_pages_of_the_newest_join_to_the_whole(seconds: list[int], limit: int) -> None:
    lines = [LogLine(_record(s, number), "id", "name") for number, s in enumerate(seconds)]
    before: Position | None = None
    pages: list[list[LogLine]] = []
    while True:
        page = LogPage(limit, before, lambda _: None)
        for line in lines:
            page.add([line])
        found, cursor = page.finish()
        pages.append(found)
        if not cursor:
            break
        before = decode_cursor(cursor)

    whole = sorted(lines, key=lambda line: line.position, reverse=True)
    assert [line for page in pages for line in page] == whole
    assert all(len(page) == limit for page in pages[:-1])


def test_a_cursor_survives_the_way() -> None:
    position = Position(EPOCH + timedelta(milliseconds=5), 2, "a" * 32)

    assert decode_cursor(encode_cursor(position)) == position


async def test_requests_beyond_the_limit_are_refused_at_once() -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()

    async def answer(path: str) -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        await limit({"type": "http", "path": path}, receive, send)
        return sent

    limit = Limit(app, bounds=RequestBounds(2, 9, 9, 9, 9, 9))
    waiting = [asyncio.create_task(answer("/crontab/add_task")) for _ in range(2)]
    probe = asyncio.create_task(answer("/healthz"))
    await asyncio.sleep(0)

    start, body = await answer("/crontab/add_task")
    go.set()
    await asyncio.gather(*waiting, probe)

    assert start["status"] == 503
    assert (b"retry-after", b"1") in start["headers"]
    assert b'"state":-1' in body["body"]
    assert await answer("/crontab/add_task") == []


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("spec.schedule", Code.BAD_START_TIME),
        ("spec.at", Code.BAD_START_TIME),
        ("spec.type", Code.BAD_TYPE),
        ("spec.callback.http.url", Code.BAD_CALLBACK),
        ("spec.callback.grpc.address", Code.BAD_CALLBACK),
        ("spec.callback.http.body", Code.BAD_ITEM),
        ("spec.attempts", Code.BAD_ITEM),
        ("spec.historyLimit", Code.BAD_ITEM),
    ],
)
def test_a_refused_field_gives_the_items_code(field: str, code: Code) -> None:
    body = f'{{"details": {{"causes": [{{"field": "{field}", "message": "wrong"}}]}}}}'

    error = refusal(422, body.encode())

    assert isinstance(error, InvalidError)
    assert (code_of_refusal(error), str(error)) == (code, f"{field}: wrong")
