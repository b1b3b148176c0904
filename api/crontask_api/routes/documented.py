"""The four endpoints of the original service."""

from fastapi import APIRouter, Request, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.scope import idempotent_request, open_batch
from crontask_api.schemas.items import AddItem, TaskRef, UpdateItem
from crontask_api.schemas.parsing import parse_item
from crontask_api.schemas.requests import Options, QueryOptions
from crontask_api.service.add import add_task
from crontask_api.service.batch import answer_each
from crontask_api.service.lookup import name_key, reference_key
from crontask_api.service.query import query_tasks
from crontask_api.service.run_again import run_again
from crontask_api.service.update import update_task
from crontask_api.web.envelope import answer_items

router = APIRouter(prefix="/crontab", tags=["documented"])


@router.post("/add_task")
async def add(request: Request) -> Response:
    """Add tasks. 添加定时任务."""
    context, batch = await open_batch(request, Verb.CREATE, Options, AddItem)
    origin = idempotent_request(request)
    results = await answer_each(
        batch.items,
        lambda index, fields: add_task(context, origin, index, fields),
        key=name_key,
        timeout_seconds=context.timeout_seconds,
    )
    return answer_items(results, batch.warnings)


@router.post("/update_task")
async def update(request: Request) -> Response:
    """Change tasks. 修改定时任务的配置."""
    context, batch = await open_batch(request, Verb.PATCH, Options, UpdateItem)
    results = await answer_each(
        batch.items,
        lambda _, fields: update_task(context, parse_item(UpdateItem, fields)),
        key=reference_key,
        timeout_seconds=context.timeout_seconds,
    )
    return answer_items(results, batch.warnings)


@router.post("/query_task_status")
async def query(request: Request) -> Response:
    """Read the log of tasks. 查询定时任务执行结果."""
    context, batch = await open_batch(request, Verb.GET, QueryOptions, TaskRef)
    log = await query_tasks(context, batch.options, batch.items)
    return answer_items(
        log.results, batch.warnings, log_list=log.entries, next_cursor=log.next_cursor
    )


@router.post("/run_again_task")
async def run(request: Request) -> Response:
    """Run tasks now. 重跑定时任务."""
    context, batch = await open_batch(request, Verb.PATCH, Options, TaskRef)
    results = await answer_each(
        batch.items,
        lambda _, fields: run_again(context, parse_item(TaskRef, fields)),
        key=id,
        timeout_seconds=context.timeout_seconds,
    )
    return answer_items(results, batch.warnings)
