"""``delete_task``: delete tasks."""

from typing import Annotated

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import EXTENSIONS, answers, endpoint_router, takes
from crontask_api.routes.examples import BY_NAME, RESULT
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.requests import Options, RefRequest
from crontask_api.schemas.responses import TaskResults
from crontask_api.service.delete_task import delete_tasks
from crontask_api.web.envelope import answer_items

router = endpoint_router(EXTENSIONS)


@router.post(
    "/delete_task",
    summary="Delete tasks",
    description="Deletes tasks and their log. Their names are free again.",
    responses=answers(TaskResults, {"task_result": [RESULT]}),
    openapi_extra=takes(RefRequest, BY_NAME),
)
async def delete_task(
    call: Annotated[Call[Options], Depends(Reads(Verb.DELETE, Options, TaskRef))],
) -> Response:
    """Delete the tasks of a batch."""
    results = await delete_tasks(call.context, call.batch.items)
    return answer_items(TaskResults(results), call.batch.warnings)
