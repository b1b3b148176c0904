"""``list_runs``: list runs of all tasks, from the history."""

from typing import Annotated, Final

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import EXTENSIONS, answers, endpoint_router, takes
from crontask_api.routes.examples import RECORD, Json
from crontask_api.schemas.run_requests import RunsRequest
from crontask_api.schemas.run_responses import RunPage
from crontask_api.service.list_runs import list_runs as list_page
from crontask_api.web.envelope import answer

REQUEST: Final[Json] = {
    "status": 3,
    "begin": "2026-03-01T00:00:00Z",
    "end": "2026-03-02T00:00:00Z",
    "text": "busy",
    "texts": True,
    "limit": 100,
}
ANSWER: Final[Json] = {
    "run_list": [
        {
            **RECORD,
            "namespace": "default",
            "module": 2,
            "lag_seconds": 0.004,
            "replica": "crontask-operator-7c9d-x2x4b",
            "redrive_of": "",
            "redriven_by": "",
        }
    ],
    "next_cursor": "",
}

router = endpoint_router(EXTENSIONS)


@router.post(
    "/list_runs",
    summary="List runs",
    description="Returns the attempts of all tasks of the namespace that meet all the filters, "
    "newest first, a page at a time: those of tasks that were deleted as well, for as long as "
    "the history keeps them. A page may hold fewer than limit; only an empty next_cursor is the "
    "end. Without texts, error is the begin of it. Needs a history (history_url).",
    responses=answers(RunPage, ANSWER),
    openapi_extra=takes(RunsRequest, REQUEST, required=False),
)
async def list_runs(
    call: Annotated[Call[RunsRequest], Depends(Reads(Verb.LIST, RunsRequest, None))],
) -> Response:
    """List a page of runs."""
    return answer(await list_page(call.context, call.batch.options), call.batch.warnings)
