"""Health, readiness and metrics."""

import asyncio
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from crontask_api.codes import State
from crontask_api.routes.dependencies import services_of
from crontask_api.routes.described import OPERATIONS, Refusal
from crontask_api.web.envelope import Envelope
from crontask_core.constants import GROUP, PLURAL
from crontask_kube.errors import ApiError, NotFoundError

READY_SECONDS: Final = 3.0
"""Longest wait for the API server. A probe waits for five seconds, and is to hear why."""

router = APIRouter(tags=[OPERATIONS], generate_unique_id_function=lambda route: route.name)


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Health", responses={200: {"model": Refusal}})
async def healthz() -> Response:
    """Tell that the process answers."""
    return Envelope(State.OK)


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    summary="Readiness",
    responses={
        200: {"model": Refusal, "description": "Yes."},
        503: {"model": Refusal, "description": "No; msg says why."},
    },
)
async def readyz(request: Request) -> Response:
    """Tell whether the API server answers and knows CronTasks."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await services_of(request).client.check_served()
    except TimeoutError:
        why = f"the API server gave no answer within {READY_SECONDS:g} s"
        return Envelope(State.SYSTEM_ERROR, why, status=503)
    except NotFoundError:
        why = f"the CRD {PLURAL}.{GROUP} is not installed"
        return Envelope(State.SYSTEM_ERROR, why, status=503)
    except ApiError as error:
        return Envelope(State.SYSTEM_ERROR, str(error), status=503)
    return Envelope(State.OK)


@router.head("/metrics", include_in_schema=False)
@router.get("/metrics", summary="Metrics for Prometheus", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """Return the metrics for Prometheus."""
    held = services_of(request).metrics
    return Response(held.exposition(), media_type=held.content_type)
