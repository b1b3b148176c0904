"""The four endpoints of the original service."""

from typing import Any

from fastapi import APIRouter, Request, Response

from crontask_api.routes.scope import Scope
from crontask_api.schemas.items import AddItem, TaskRef, UpdateItem
from crontask_api.service.add import add_task
from crontask_api.service.batch import answer_each
from crontask_api.service.lookup import reference_key
from crontask_api.service.query import query_tasks
from crontask_api.service.run_again import run_again
from crontask_api.service.update import update_task
from crontask_api.web.envelope import answer_items

router = APIRouter(prefix="/crontab", tags=["documented"])


@router.post("/add_task")
async def add(request: Request) -> Response:
    """Add tasks. 添加定时任务."""
    scope = Scope.of(request)
    batch = await scope.read_batch(AddItem)
    context = scope.context()
    results = await answer_each(
        batch.items,
        lambda index, fields: add_task(context, index, fields),
        key=_by_name,
        timeout_seconds=context.timeout_seconds,
    )
    return answer_items(results, batch.warnings)


@router.post("/update_task")
async def update(request: Request) -> Response:
    """Change tasks. 修改定时任务的配置."""
    scope = Scope.of(request)
    batch = await scope.read_batch(UpdateItem)
    context = scope.context()
    results = await answer_each(
        batch.items,
        lambda index, fields: update_task(context, index, fields),
        key=reference_key,
        timeout_seconds=context.timeout_seconds,
    )
    return answer_items(results, batch.warnings)


@router.post("/query_task_status")
async def query(request: Request) -> Response:
    """Read the log of tasks' runs. 查询定时任务执行结果."""
    scope = Scope.of(request)
    batch = await scope.read_batch(TaskRef)
    results, entries = await query_tasks(scope.context(), batch.items)
    return answer_items(results, batch.warnings, log_list=entries)


@router.post("/run_again_task")
async def run(request: Request) -> Response:
    """Run tasks now. 重跑定时任务."""
    scope = Scope.of(request)
    batch = await scope.read_batch(TaskRef)
    context = scope.context()
    results = await answer_each(
        batch.items,
        lambda index, fields: run_again(context, index, fields),
        key=id,
        timeout_seconds=context.timeout_seconds,
    )
    return answer_items(results, batch.warnings)


def _by_name(fields: Any) -> object:
    name = fields.get("name") if isinstance(fields, dict) else None
    return name if isinstance(name, str) else id(fields)
