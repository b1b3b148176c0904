"""The interface described, for programs and for people."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from crontask_api.reference.html import POLICY, html
from crontask_api.reference.openapi import openapi
from crontask_api.routes.scope import services_of

router = APIRouter(include_in_schema=False)


@router.head("/openapi.json", include_in_schema=False)
@router.get("/openapi.json")
async def openapi_json(request: Request) -> Response:
    """Return the OpenAPI document."""
    return JSONResponse(openapi(services_of(request).settings))


@router.head("/docs", include_in_schema=False)
@router.get("/docs")
async def docs(request: Request) -> Response:
    """Return the page for people."""
    page = html(openapi(services_of(request).settings))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})
