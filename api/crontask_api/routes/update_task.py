"""``update_task``: change tasks."""

from typing import Annotated, Final

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import DOCUMENTED, answers, endpoint_router, takes
from crontask_api.routes.examples import MISSING, RESULT, Json
from crontask_api.schemas.items import UpdateItem
from crontask_api.schemas.requests import Options, UpdateRequest
from crontask_api.schemas.responses import TaskResults
from crontask_api.service.update_task import update_tasks
from crontask_api.web.envelope import answer_items

REQUEST: Final[Json] = {
    "task_list": [
        {"task_id": 3563671045221921, "start_time": "0 0 3 * * *", "redo_param": ""},
        {"name": "no such task", "enable": 2},
    ]
}

router = endpoint_router(DOCUMENTED)


@router.post(
    "/update_task",
    summary="Change tasks. 修改定时任务的配置",
    description="Changes the fields that are given and keeps the others; an empty string "
    "clears an optional field. The task is found by task_id, and if that leads to none, by "
    "name: 优先选择task_id更新, 如果task_id和name都无效, 则不执行操作. A task that was given "
    "Secrets or headers with kubectl keeps them, for the destination they were given for: "
    "another scheme, host or port of url, and another resp_regexp, which could find out "
    "what they are, is refused (code 4), unless the service checks "
    "clients against the cluster and the client may get each of these Secrets, or CronTasks, "
    "there.",
    responses=answers(TaskResults, {"task_result": [RESULT, MISSING]}),
    openapi_extra=takes(UpdateRequest, REQUEST),
)
async def update_task(
    call: Annotated[Call[Options], Depends(Reads(Verb.PATCH, Options, UpdateItem))],
) -> Response:
    """Change the tasks of a batch."""
    results = await update_tasks(call.context, call.batch.items)
    return answer_items(TaskResults(results), call.batch.warnings)
