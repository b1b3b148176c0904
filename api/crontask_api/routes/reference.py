"""The interface described for people and for programs; each page is made once."""

from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from crontask_api.reference.html import POLICY, html

router = APIRouter(include_in_schema=False)


@router.head("/docs")
@router.get("/docs")
async def docs(request: Request) -> Response:
    """Return the page for people; with the console, lead to the one on which it can be tried."""
    better: str | None = getattr(request.app.state, "reference_path", None)
    if better is not None:
        return RedirectResponse(better)
    page = _made_once(request.app, "page", lambda app: html(app.openapi()).encode())
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


@router.head("/openapi.json")
@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the document for programs."""
    document = _made_once(request.app, "document", lambda app: JSONResponse(app.openapi()).body)
    return Response(document, media_type="application/json")


def _made_once(app: FastAPI, name: str, make: Callable[[FastAPI], bytes | memoryview]) -> bytes:
    # Whoever can connect may ask, and to make one takes as long as ten other answers.
    made: bytes | None = getattr(app.state, name, None)
    if made is None:
        made = bytes(make(app))
        setattr(app.state, name, made)
    return made
