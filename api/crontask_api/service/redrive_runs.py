"""Making failed runs again: found in the history, asked for of the operator."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.kube.client import JsonPatch
from crontask_api.kube.objects import CronTask
from crontask_api.mapping.history import to_choice
from crontask_api.schemas.responses import TaskResult
from crontask_api.schemas.run_requests import RedriveRequest
from crontask_api.schemas.run_responses import RedrivePage, RedriveResult
from crontask_api.service.batch import answer_each
from crontask_api.service.context import Context
from crontask_api.service.cursor import decode_cursor, encode_cursor
from crontask_api.service.failed_runs import find_failed
from crontask_api.service.list_runs import history_of
from crontask_api.service.redrive_plan import Plan, Standing, plan_redrives
from crontask_core.constants import REDRIVE_ANNOTATION
from crontask_core.enums import Phase
from crontask_core.redrive import format_redrives, parse_redrives, redrive_execution_id
from crontask_core.times import rfc3339
from crontask_history.row import RunId, RunRow
from crontask_history.store import HistoryStore
from crontask_kube.errors import ConflictError, InvalidError, NotFoundError

ATTEMPTS: Final = 8
"""Tries to write one task's annotation; each that fails means that somebody else wrote it."""


@dataclass(frozen=True, slots=True)
class _Asked(TaskResult):
    """What came of the runs of one task, in one write of it."""

    plan: Plan


async def redrive_runs(context: Context, request: RedriveRequest) -> RedrivePage:
    """Have the failed runs made again that `request` means, or tell what would be done.

    Raises
    ------
    RequestError
        If no history is kept, or if the cursor is not one of ours.
    HistoryError
        If its database is away.
    """
    history = history_of(context)
    begin = asyncio.get_running_loop().time()
    wanted = replace(
        to_choice(request, context.namespace),
        text=request.text or "",
        limit=request.limit,
        after=decode_cursor(request.cursor) if request.cursor else None,
    )
    found, place = await find_failed(history, wanted)
    results = await redrive_rows(context, found, dry_run=request.dry_run, since=begin)
    return RedrivePage(request.dry_run, results, "" if place is None else encode_cursor(place))


async def redrive_rows(
    context: Context, rows: Sequence[RunRow], *, dry_run: bool, since: float | None = None
) -> list[RedriveResult]:
    """Have the runs made again whose last attempts, which failed, are `rows`.

    The time that the context has counts from `since` on the event loop's clock, by default
    from now.
    """
    history = history_of(context)
    groups: dict[str, list[RunRow]] = {}
    for row in rows:
        groups.setdefault(row.uid, []).append(row)

    async def work(_: int, runs: list[RunRow]) -> _Asked:
        return await _redrive(context, history, runs, dry_run=dry_run)

    answers = await answer_each(
        list(groups.values()),
        work,
        key=id,
        timeout_seconds=context.timeout_seconds,
        since=since,
    )
    by_task = dict(zip(groups, answers, strict=True))
    return [_result(row, by_task[row.uid]) for row in rows]


async def _redrive(
    context: Context, history: HistoryStore, runs: list[RunRow], *, dry_run: bool
) -> _Asked:
    """Ask for `runs` of one task to be made again, as many as there is room for.

    What the history has is read after the task, and the write is refused if the task was asked
    for anything else since: so of two who ask for the same run at once one is told so.

    Raises
    ------
    ItemError
        If the task is not there any more, or is not to run.
    """
    name = runs[0].name
    for attempt in range(1, ATTEMPTS + 1):
        task = await context.client.get(context.namespace, name)
        if task is None or task.metadata.uid != runs[0].uid:
            raise ItemError(Code.NOT_FOUND, "the task was deleted")
        _check_runs(task)
        plan = plan_redrives(await _standing(history, task, runs), runs)
        if not dry_run and len(plan.refusals) < len(runs):
            try:
                await context.client.json_patch(context.namespace, name, _patch(task, plan))
            except (ConflictError, InvalidError, NotFoundError):
                # A failed test is answered as a refused value is.
                if attempt == ATTEMPTS:
                    raise
                continue
        return _Asked(name, task.task_name, "", Code.OK, plan)
    raise AssertionError("the last attempt returns or raises")


def _check_runs(task: CronTask) -> None:
    if task.spec.get("suspend"):
        why = "the task is disabled; enable it, or ask for a run by run_again_task"
        raise ItemError(Code.BAD_ITEM, why)
    if task.typed_status().phase is Phase.INVALID:
        raise ItemError(Code.BAD_ITEM, "the operator cannot use the task; get_task says why")


async def _standing(history: HistoryStore, task: CronTask, runs: list[RunRow]) -> Standing:
    status = task.typed_status()
    asked = parse_redrives(task.metadata.annotations.get(REDRIVE_ANNOTATION, ""))
    in_question = [
        *(RunId(task.metadata.uid, *redrive) for redrive in asked),
        *(row.run for row in runs),
    ]
    rows = await history.attempts_of(in_question)
    return Standing(
        asked=asked,
        answered=status.handled_redrives,
        open={row.execution_id for row in rows if not row.redriven_by},
        under_way={
            *(run.execution_id for run in status.active),
            *(retry.execution_id for retry in status.pending_retries),
        },
    )


def _patch(task: CronTask, plan: Plan) -> JsonPatch:
    metadata = task.metadata
    path = f"/metadata/annotations/{REDRIVE_ANNOTATION.replace('/', '~1')}"
    value = format_redrives(plan.asked)
    patch: JsonPatch = [{"op": "test", "path": "/metadata/uid", "value": metadata.uid}]
    if REDRIVE_ANNOTATION in metadata.annotations:
        before = metadata.annotations[REDRIVE_ANNOTATION]
        return [
            *patch,
            {"op": "test", "path": path, "value": before},
            {"op": "replace", "path": path, "value": value},
        ]
    # That there is none cannot be tested.
    version = metadata.resource_version
    patch.append({"op": "test", "path": "/metadata/resourceVersion", "value": version})
    if metadata.annotations:
        return [*patch, {"op": "add", "path": path, "value": value}]
    annotations = {REDRIVE_ANNOTATION: value}
    return [*patch, {"op": "add", "path": "/metadata/annotations", "value": annotations}]


def _result(row: RunRow, answer: TaskResult) -> RedriveResult:
    error, code = answer.err, answer.code
    if isinstance(answer, _Asked) and row.execution_id in answer.plan.refusals:
        error, code = answer.plan.refusals[row.execution_id], Code.BAD_ITEM
    return RedriveResult(
        row.name,
        row.task_name,
        error,
        code,
        row.execution_id,
        rfc3339(row.scheduled_time),
        "" if error else redrive_execution_id(row.uid, row.execution_id),
    )
