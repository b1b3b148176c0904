"""Every error, in the envelope: the one place where errors become answers."""

from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from crontask_api.codes import State
from crontask_api.errors import FacadeError, RequestError
from crontask_api.web.envelope import envelope

_log: Final = structlog.get_logger(__name__)


def add_error_handlers(app: FastAPI) -> None:
    """Let `app` answer all errors in the envelope."""
    app.add_exception_handler(RequestError, _request_error)
    app.add_exception_handler(FacadeError, _facade_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _fault)


async def _request_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 - narrows Starlette's signature
    return envelope(error.state, str(error), status=error.status, headers=error.headers)


async def _facade_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, FacadeError)  # noqa: S101 - narrows Starlette's signature
    return envelope(error.state, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows Starlette's signature
    words = {
        404: f"no such path: {request.url.path}",
        405: f"{request.url.path} does not take {request.method}",
    }
    return envelope(
        State.BAD_REQUEST,
        words.get(error.status_code, error.detail),
        status=error.status_code,
        headers=dict(error.headers or {}),
    )


async def _fault(request: Request, error: Exception) -> Response:
    _log.error("fault", path=request.url.path, exc_info=error)
    return envelope(State.SYSTEM_ERROR, "a fault of the service; its log tells more", status=500)
