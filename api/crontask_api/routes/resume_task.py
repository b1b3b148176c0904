"""``resume_task``: turn tasks on."""

from typing import Annotated

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.codes import Enable
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import EXTENSIONS, answers, endpoint_router, takes
from crontask_api.routes.examples import BY_NAME, RESULT
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.requests import Options, RefRequest
from crontask_api.schemas.responses import TaskResults
from crontask_api.service.switch_task import switch_tasks
from crontask_api.web.envelope import answer_items

router = endpoint_router(EXTENSIONS)


@router.post(
    "/resume_task",
    summary="Turn tasks on",
    description="The same as an update with enable 1. Runs that would have been due "
    "meanwhile are not made up for.",
    responses=answers(TaskResults, {"task_result": [RESULT]}),
    openapi_extra=takes(RefRequest, BY_NAME),
)
async def resume_task(
    call: Annotated[Call[Options], Depends(Reads(Verb.PATCH, Options, TaskRef))],
) -> Response:
    """Turn the tasks of a batch on."""
    results = await switch_tasks(call.context, call.batch.items, Enable.ON)
    return answer_items(TaskResults(results), call.batch.warnings)
