"""Endpoints beyond the document, in its form."""

from fastapi import APIRouter, Request, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.codes import Enable, State
from crontask_api.results import TaskResult
from crontask_api.routes.scope import open_batch, open_single
from crontask_api.schemas.items import TaskRef, UpdateItem
from crontask_api.schemas.parsing import parse_item
from crontask_api.schemas.requests import ListOptions, Options, PreviewRequest
from crontask_api.service.batch import answer_each
from crontask_api.service.delete import delete_task
from crontask_api.service.listing import list_tasks
from crontask_api.service.lookup import reference_key
from crontask_api.service.preview import preview_times
from crontask_api.service.read import get_tasks
from crontask_api.service.update import update_task
from crontask_api.web.envelope import Envelope, answer_items, warn

router = APIRouter(prefix="/crontab", tags=["extensions"])


@router.post("/get_task")
async def get(request: Request) -> Response:
    """Read tasks."""
    context, batch = await open_batch(request, Verb.GET, Options, TaskRef)
    results, tasks = await get_tasks(context, batch.items)
    return answer_items(results, batch.warnings, task_list=tasks)


@router.post("/list_task")
async def list_all(request: Request) -> Response:
    """List tasks."""
    context, batch = await open_single(request, Verb.LIST, ListOptions)
    listing = await list_tasks(context, batch.options)
    return Envelope(
        State.OK,
        warn([*batch.warnings, *listing.warnings]),
        {"task_list": listing.tasks, "next_cursor": listing.next_cursor},
    )


@router.post("/delete_task")
async def delete(request: Request) -> Response:
    """Delete tasks with their log."""
    context, batch = await open_batch(request, Verb.DELETE, Options, TaskRef)
    results = await answer_each(
        batch.items,
        lambda _, fields: delete_task(context, parse_item(TaskRef, fields)),
        key=reference_key,
        timeout_seconds=context.timeout_seconds,
    )
    return answer_items(results, batch.warnings)


@router.post("/pause_task")
async def pause(request: Request) -> Response:
    """Turn tasks off, as an update with enable 2 does."""
    return await _toggle(request, Enable.OFF)


@router.post("/resume_task")
async def resume(request: Request) -> Response:
    """Turn tasks on, as an update with enable 1 does."""
    return await _toggle(request, Enable.ON)


@router.post("/preview")
async def preview(request: Request) -> Response:
    """Tell when a start time would run."""
    context, batch = await open_single(request, Verb.GET, PreviewRequest)
    return Envelope(
        State.OK, warn(batch.warnings), {"times": preview_times(context, batch.options)}
    )


async def _toggle(request: Request, enable: Enable) -> Response:
    context, batch = await open_batch(request, Verb.PATCH, Options, TaskRef)

    async def toggle(_: int, fields: object) -> TaskResult:
        ref = parse_item(TaskRef, fields)
        item = UpdateItem(task_id=ref.task_id, name=ref.name, enable=enable)
        return await update_task(context, item)

    results = await answer_each(
        batch.items, toggle, key=reference_key, timeout_seconds=context.timeout_seconds
    )
    return answer_items(results, batch.warnings)
