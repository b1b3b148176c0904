"""Health, readiness and metrics."""

from fastapi import APIRouter, Request, Response

from crontask_api.codes import State
from crontask_api.errors import KubernetesError
from crontask_api.routes.scope import Scope
from crontask_api.web.envelope import envelope

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> Response:
    """Tell that the process answers."""
    return envelope(State.OK)


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Tell whether the API server answers and knows CronTasks."""
    try:
        await Scope.of(request).client.check_served()
    except KubernetesError as error:
        return envelope(State.SYSTEM_ERROR, str(error), status=503)
    return envelope(State.OK)
