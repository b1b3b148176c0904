"""``preview``: try a start time out."""

from typing import Annotated, Final

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import EXTENSIONS, answers, endpoint_router, takes
from crontask_api.routes.examples import Json
from crontask_api.schemas.requests import PreviewRequest
from crontask_api.schemas.responses import Times
from crontask_api.service.preview import preview_times
from crontask_api.web.envelope import answer

REQUEST: Final[Json] = {
    "start_time": "0 30 2 * * *",
    "time_zone": "Asia/Shanghai",
    "after": "2026-03-01T00:00:00Z",
    "count": 2,
}
ANSWER: Final[Json] = {"times": ["2026-03-02T02:30:00+08:00", "2026-03-03T02:30:00+08:00"]}

router = endpoint_router(EXTENSIONS)


@router.post(
    "/preview",
    summary="Try a start time out",
    description="Returns the next moments of a start time, so that it can be judged before "
    "it is used.",
    responses=answers(Times, ANSWER),
    openapi_extra=takes(PreviewRequest, REQUEST),
)
async def preview(
    call: Annotated[Call[PreviewRequest], Depends(Reads(Verb.GET, PreviewRequest, None))],
) -> Response:
    """Tell when a start time would run."""
    return answer(preview_times(call.context, call.batch.options), call.batch.warnings)
