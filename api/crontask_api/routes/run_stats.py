"""``run_stats``: figures of runs, from the history."""

from typing import Annotated, Final

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads
from crontask_api.routes.described import EXTENSIONS, answers, endpoint_router, takes
from crontask_api.routes.examples import Json
from crontask_api.schemas.run_requests import MAX_SPANS, StatsRequest
from crontask_api.schemas.run_responses import RunStatistics
from crontask_api.service.run_stats import run_stats as figures_of
from crontask_api.web.envelope import answer

REQUEST: Final[Json] = {
    "per": "hour",
    "begin": "2026-03-01T02:00:00Z",
    "end": "2026-03-01T03:00:00Z",
    "module": 2,
}
FIGURES: Final[Json] = {
    "runs": 360,
    "failures": 4,
    "retries": 3,
    "lag_p50_seconds": 0.004,
    "lag_p99_seconds": 0.021,
    "duration_p50_seconds": 0.027,
    "duration_p99_seconds": 1.204,
}
TASK: Final[Json] = {**FIGURES, "task_id": "3563671045221921", "name": "定时改价"}
ANSWER: Final[Json] = {
    "per": "hour",
    "span_list": [{**FIGURES, "begin_time": "2026-03-01T02:00:00Z"}],
    "failing_list": [TASK],
    "slowest_list": [TASK],
}

router = endpoint_router(EXTENSIONS)


@router.post(
    "/run_stats",
    summary="Count runs",
    description="Counts the runs of the namespace that meet all the filters, per minute, hour or "
    "day, and names the tasks that fail most and take longest. Without begin the last 60 minutes, "
    f"24 hours or 30 days are counted; {MAX_SPANS} spans at most. More runs than can be counted in "
    "a few seconds are refused. Needs a history (history_url).",
    responses=answers(RunStatistics, ANSWER),
    openapi_extra=takes(StatsRequest, REQUEST, required=False),
)
async def run_stats(
    call: Annotated[Call[StatsRequest], Depends(Reads(Verb.LIST, StatsRequest, None))],
) -> Response:
    """Count runs."""
    return answer(await figures_of(call.context, call.batch.options), call.batch.warnings)
