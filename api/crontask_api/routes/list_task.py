"""``list_task``: list the tasks of a namespace."""

from typing import Annotated, Final

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import EXTENSIONS, answers, endpoint_router, takes
from crontask_api.routes.examples import Json
from crontask_api.schemas.requests import ListOptions
from crontask_api.schemas.responses import TASK_EXAMPLE, TaskPage
from crontask_api.service.list_task import list_tasks
from crontask_api.web.envelope import answer

REQUEST: Final[Json] = {"module": 2, "enable": 1, "text": "改价", "limit": 100}

router = endpoint_router(EXTENSIONS)


@router.post(
    "/list_task",
    summary="List tasks",
    description="Returns the tasks of the namespace that meet all the filters, a page at a "
    "time. A page may hold fewer than limit; only an empty next_cursor is the end.",
    responses=answers(TaskPage, {"task_list": [TASK_EXAMPLE], "next_cursor": ""}),
    openapi_extra=takes(ListOptions, REQUEST, required=False),
)
async def list_task(
    call: Annotated[Call[ListOptions], Depends(Reads(Verb.LIST, ListOptions, None))],
) -> Response:
    """List a page of tasks."""
    page, warnings = await list_tasks(call.context, call.batch.options)
    return answer(page, [*call.batch.warnings, *warnings])
