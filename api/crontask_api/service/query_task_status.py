"""Reading the log of runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from crontask_api.mapping.history import to_log_filter
from crontask_api.mapping.records import RUN_TYPES, STATUSES, to_log_entry
from crontask_api.results import done, failed
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.parsing import parse_item
from crontask_api.schemas.requests import DEFAULT_RUNS, MAX_LOG_ENTRIES, MAX_RUNS, QueryOptions
from crontask_api.schemas.responses import LogEntry, Logs, Source, TaskResult
from crontask_api.service.answer_room import AnswerRoom
from crontask_api.service.batch import answer_each, not_begun
from crontask_api.service.context import Context
from crontask_api.service.cursor import decode_cursor, encode_cursor
from crontask_api.service.list_lookup import ListLookup, pages
from crontask_api.service.log_page import LogLine, LogPage
from crontask_api.service.lookup import Reader, find_task, reference_key
from crontask_core.status import RunRecord
from crontask_history.errors import HistoryError
from crontask_history.filters import Position
from crontask_history.row import TaskKey, to_record
from crontask_kube.errors import SilentError

HISTORY_SECONDS: Final = 5.0
"""Longest wait for the history: there is a log without it."""


async def query_tasks(
    context: Context, options: QueryOptions, items: list[Any]
) -> tuple[Logs, list[str]]:
    """Return the log of the tasks that `items` mean, and what the client is to be warned of.

    It is that of the history, with what the statuses alone hold: records from before there
    was one, or of this moment. A task that is asked for twice has its records in the log once.

    Raises
    ------
    RequestError
        If the cursor is not one of ours.
    """
    before = decode_cursor(options.cursor) if options.cursor else None
    page = LogPage(_limit(context, options), before, context.hold_answer)
    seen: dict[str, TaskKey] = {}

    async def read(reader: Reader, fields: Any) -> TaskResult:
        task = await find_task(reader, context.namespace, parse_item(TaskRef, fields))
        task_id, name = task.metadata.name, task.task_name
        runs = task.typed_status().runs
        if task_id not in seen:
            seen[task_id] = TaskKey(task_id, task.metadata.uid)
            page.add(LogLine(run, task_id, name) for run in runs if _is_wanted(run, options))
        return done(task)

    results = await _read_each(context, items, read)
    source, warnings = await _add_history(context, options, list(seen.values()), before, page)
    lines, next_cursor = page.finish()
    # The page holds the room for its lines already.
    room = AnswerRoom(lambda _: None)
    entries: list[LogEntry] = []
    for line in lines:
        entry = to_log_entry(*line)
        if not room.take(entry):
            next_cursor = encode_cursor(lines[len(entries) - 1].position)
            break
        entries.append(entry)
    return Logs(results, entries, next_cursor, source), warnings


def _limit(context: Context, options: QueryOptions) -> int:
    if context.history is None:
        return options.limit or MAX_LOG_ENTRIES
    return min(options.limit or DEFAULT_RUNS, MAX_RUNS)


async def _add_history(
    context: Context,
    options: QueryOptions,
    tasks: list[TaskKey],
    before: Position | None,
    page: LogPage,
) -> tuple[Source, list[str]]:
    """Add to `page` what the history holds of the tasks, and return where the log is from."""
    if context.history is None:
        return Source.STATUS, []
    wanted = to_log_filter(options, context.namespace, before, _limit(context, options))
    try:
        async with asyncio.timeout(min(HISTORY_SECONDS, context.timeout_seconds)):
            found = await context.history.query_tasks(wanted, tasks)
    except (HistoryError, TimeoutError) as error:
        why = str(error) or f"the history gave no answer within {HISTORY_SECONDS:g} s"
        return Source.STATUS, [f"{why}; the log holds the latest attempts of each task alone"]
    page.add(LogLine(to_record(row), row.name, row.task_name) for row in found.rows)
    if found.next is not None:
        page.look_back_to(found.next)
    return Source.HISTORY, []


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
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(begin + context.timeout_seconds):
                async for known in pages(context.client, context.namespace, len(waiting)):
                    found = [i for name in known.keys() & waiting.keys() for i in waiting.pop(name)]
                    await answer(ListLookup(context.client, known), found)
        await answer(context.client, sorted(i for indexes in waiting.values() for i in indexes))
    except SilentError as silence:
        for index, fields in enumerate(items):
            results.setdefault(index, failed(fields, not_begun(silence)))
    return [results[index] for index in range(len(items))]


def _is_wanted(record: RunRecord, options: QueryOptions) -> bool:
    return (
        (options.status is None or STATUSES[record.status] is options.status)
        and (options.run_type is None or RUN_TYPES[record.run_type] is options.run_type)
        and (options.since is None or record.begin_time >= options.since)
        and (options.begin is None or record.begin_time >= options.begin)
        and (options.end is None or record.begin_time < options.end)
    )
