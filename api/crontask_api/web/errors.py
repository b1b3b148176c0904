"""errors turns every error into an answer, in the envelope, for `create_app`."""

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from crontask_api.codes import State
from crontask_api.errors import FacadeError, RequestError
from crontask_api.shown import cut
from crontask_api.web.envelope import Envelope
from crontask_history.errors import HistoryError
from crontask_kube.errors import ApiError


def add_error_handlers(app: FastAPI) -> None:
    """Let `app` answer all errors in the envelope, but faults, which `Access` answers."""
    app.add_exception_handler(FacadeError, _facade_error)
    app.add_exception_handler(ApiError, _facade_error)
    app.add_exception_handler(HistoryError, _facade_error)
    app.add_exception_handler(HTTPException, _http_error)


async def _facade_error(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestError):
        return Envelope(error.state, str(error), status=error.status, headers=error.headers)
    return Envelope(State.SYSTEM_ERROR, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    path = cut(request.scope["path"])
    words = {404: f"no such path: {path}", 405: f"{path} does not take {cut(request.method)}"}
    return Envelope(
        State.BAD_REQUEST,
        words.get(error.status_code, error.detail),
        status=error.status_code,
        headers=error.headers,
    )
