"""The interface described for people; for programs FastAPI serves ``/openapi.json``."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from crontask_api.reference.html import POLICY, html

router = APIRouter(include_in_schema=False)


@router.head("/docs")
@router.get("/docs")
async def docs(request: Request) -> Response:
    """Return the page for people."""
    page = html(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})
