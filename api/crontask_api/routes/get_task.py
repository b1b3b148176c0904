"""``get_task``: read tasks."""

from typing import Annotated

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import EXTENSIONS, answers, endpoint_router, takes
from crontask_api.routes.examples import BY_NAME, RESULT
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.requests import Options, RefRequest
from crontask_api.schemas.responses import TASK_EXAMPLE, Tasks
from crontask_api.service.get_task import get_tasks
from crontask_api.web.envelope import answer_items

router = endpoint_router(EXTENSIONS)


@router.post(
    "/get_task",
    summary="Read tasks",
    description="Returns the tasks asked for as they are now, with what came of them.",
    responses=answers(Tasks, {"task_result": [RESULT], "task_list": [TASK_EXAMPLE]}),
    openapi_extra=takes(RefRequest, BY_NAME),
)
async def get_task(
    call: Annotated[Call[Options], Depends(Reads(Verb.GET, Options, TaskRef))],
) -> Response:
    """Read the tasks of a batch."""
    tasks = await get_tasks(call.context, call.batch.items)
    return answer_items(tasks, call.batch.warnings)
