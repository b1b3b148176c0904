"""``run_again_task``: run tasks now."""

from typing import Annotated

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import DOCUMENTED, answers, endpoint_router, takes
from crontask_api.routes.examples import BY_NAME, RESULT
from crontask_api.schemas.items import TaskRef
from crontask_api.schemas.requests import Options, RefRequest
from crontask_api.schemas.responses import RunResults
from crontask_api.service.run_again_task import run_again_tasks
from crontask_api.web.envelope import answer_items

router = endpoint_router(DOCUMENTED)


@router.post(
    "/run_again_task",
    summary="Run tasks now. 重跑定时任务",
    description="Asks for one run of each task, whatever its schedule and even if it is "
    "disabled, and answers at once with the id that the run has in the log.",
    responses=answers(
        RunResults, {"task_result": [RESULT | {"execution_id": "9be1f1dd3a5f0e1c2b7a4d6c8f9e0a1b"}]}
    ),
    openapi_extra=takes(RefRequest, BY_NAME),
)
async def run_again_task(
    call: Annotated[Call[Options], Depends(Reads(Verb.PATCH, Options, TaskRef))],
) -> Response:
    """Ask for a run of each task of a batch."""
    results = await run_again_tasks(call.context, call.batch.items)
    return answer_items(RunResults(results), call.batch.warnings)
