"""``redrive_runs``: make failed runs again."""

from typing import Annotated, Final

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import EXTENSIONS, answers, endpoint_router, takes
from crontask_api.routes.examples import RECORD, RESULT, Json
from crontask_api.schemas.run_requests import RedriveRequest
from crontask_api.schemas.run_responses import RedrivePage
from crontask_api.service.redrive_runs import redrive_runs as make_again
from crontask_api.web.envelope import answer_items

REQUEST: Final[Json] = {
    "begin": "2026-03-01T00:00:00Z",
    "end": "2026-03-02T00:00:00Z",
    "code": 503,
    "dry_run": False,
}
ANSWER: Final[Json] = {
    "dry_run": False,
    "task_result": [
        {
            **RESULT,
            "execution_id": RECORD["execution_id"],
            "scheduled_time": RECORD["scheduled_time"],
            "redrive_execution_id": "9be1f1dd3a5f0e1c2b7a4d6c8f9e0a1b",
        }
    ],
    "next_cursor": "",
}

router = endpoint_router(EXTENSIONS)


@router.post(
    "/redrive_runs",
    summary="Make failed runs again",
    description="Has the runs made again that failed and meet all the filters, each once, oldest "
    "first; without dry_run=false it only tells which. A run counts by its last attempt. The run "
    "that makes it again is one on request (run_type 3), due when the first was, and tells its "
    "target which: X-CronTask-Redrive-Of. Ten of a task are asked for at a time; err says what "
    "else keeps a run from being made again. Needs a history (history_url), and the right to "
    "patch CronTasks.",
    responses=answers(RedrivePage, ANSWER),
    openapi_extra=takes(RedriveRequest, REQUEST, required=False),
)
async def redrive_runs(
    call: Annotated[
        Call[RedriveRequest], Depends(Reads(Verb.LIST, RedriveRequest, None, Verb.PATCH))
    ],
) -> Response:
    """Make failed runs again."""
    page = await make_again(call.context, call.batch.options)
    return answer_items(page, call.batch.warnings)
