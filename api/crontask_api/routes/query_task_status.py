"""``query_task_status``: read the log of tasks."""

from typing import Annotated, Final

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import DOCUMENTED, answers, endpoint_router, takes
from crontask_api.routes.examples import RECORD, RESULT, Json
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.requests import QueryOptions, QueryRequest
from crontask_api.schemas.responses import Logs
from crontask_api.service.query_task_status import query_tasks
from crontask_api.web.envelope import answer_items

REQUEST: Final[Json] = {"task_list": [{"name": "定时改价"}], "status": 3, "limit": 100}
ANSWER: Final[Json] = {
    "task_result": [RESULT],
    "log_list": [RECORD],
    "next_cursor": "",
    "source": "history",
}

router = endpoint_router(DOCUMENTED)


@router.post(
    "/query_task_status",
    summary="Read the log of tasks. 查询定时任务执行结果",
    description="Returns the attempts of all tasks asked for, newest first. A task keeps its "
    "latest ten attempts (spec.historyLimit); where a history is kept (history_url), all of them "
    "are there. A page may hold fewer than limit; only an empty next_cursor is the end. "
    "优先根据task_id查询, 否则选择name查询.",
    responses=answers(Logs, ANSWER),
    openapi_extra=takes(QueryRequest, REQUEST),
)
async def query_task_status(
    call: Annotated[Call[QueryOptions], Depends(Reads(Verb.GET, QueryOptions, TaskRef))],
) -> Response:
    """Read the log of the tasks of a batch."""
    logs, warnings = await query_tasks(call.context, call.batch.options, call.batch.items)
    return answer_items(logs, [*call.batch.warnings, *warnings])
