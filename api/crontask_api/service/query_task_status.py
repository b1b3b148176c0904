"""Reading the log of runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from crontask_api.mapping.records import RUN_TYPES, STATUSES, to_log_entry
from crontask_api.results import done
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.parsing import parse_item
from crontask_api.schemas.requests import QueryOptions
from crontask_api.schemas.responses import LogEntry, Logs, TaskResult
from crontask_api.service.answer_room import AnswerRoom
from crontask_api.service.batch import answer_each
from crontask_api.service.context import Context
from crontask_api.service.list_lookup import ListLookup, pages
from crontask_api.service.log_page import LogLine, LogPage, Position, decode_cursor, encode_cursor
from crontask_api.service.lookup import Reader, find_task, reference_key
from crontask_core.status import RunRecord


async def query_tasks(context: Context, options: QueryOptions, items: list[Any]) -> Logs:
    """Return the log of the tasks that `items` mean.

    A task that is asked for twice has its records in the log once.

    Raises
    ------
    RequestError
        If the cursor is not one of ours.
    """
    before = decode_cursor(options.cursor) if options.cursor else None
    page = LogPage(options.limit, before, context.hold_answer)
    seen: set[str] = set()

    async def read(reader: Reader, fields: Any) -> TaskResult:
        task = await find_task(reader, context.namespace, parse_item(TaskRef, fields))
        task_id, name = task.metadata.name, task.task_name
        runs = task.typed_status().runs
        if task_id not in seen:
            seen.add(task_id)
            page.add(LogLine(run, task_id, name) for run in runs if _is_wanted(run, options))
        return done(task)

    results = await _read_each(context, items, read)
    lines, next_cursor = page.finish()
    # The page holds the room for its lines already.
    room = AnswerRoom(lambda _: None)
    entries: list[LogEntry] = []
    for line in lines:
        entry = to_log_entry(*line)
        if not room.take(entry):
            next_cursor = encode_cursor(Position.of(lines[len(entries) - 1].record))
            break
        entries.append(entry)
    return Logs(results, entries, next_cursor)


async def _read_each(
    context: Context, items: list[Any], read: Callable[[Reader, Any], Awaitable[TaskResult]]
) -> list[TaskResult]:
    """Return the result of every item, first of those which pages of a list show."""
    begin = asyncio.get_running_loop().time()
    results: dict[int, TaskResult] = {}

    async def answer(reader: Reader, indexes: list[int]) -> None:
        answers = await answer_each(
            [items[index] for index in indexes],
            lambda _, fields: read(reader, fields),
            key=id,
            timeout_seconds=context.timeout_seconds,
            since=begin,
        )
        results.update(zip(indexes, answers, strict=True))

    waiting: dict[object, list[int]] = {}
    for index, fields in enumerate(items):
        waiting.setdefault(reference_key(fields), []).append(index)
    with suppress(TimeoutError):
        async with asyncio.timeout_at(begin + context.timeout_seconds):
            async for known in pages(context.client, context.namespace, len(waiting)):
                found = [i for name in known.keys() & waiting.keys() for i in waiting.pop(name)]
                await answer(ListLookup(context.client, known), found)
    await answer(context.client, sorted(i for indexes in waiting.values() for i in indexes))
    return [results[index] for index in range(len(items))]


def _is_wanted(record: RunRecord, options: QueryOptions) -> bool:
    return (
        (options.status is None or STATUSES[record.status] is options.status)
        and (options.run_type is None or RUN_TYPES[record.run_type] is options.run_type)
        and (options.since is None or record.begin_time >= options.since)
    )
