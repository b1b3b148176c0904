"""What the API server's refusals mean to the facade."""

from typing import Final

import msgspec

from crontask_api.codes import Code
from crontask_api.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    KubernetesError,
    NotFoundError,
    UnavailableError,
)
from crontask_logs import hide_credentials

_CODES: Final = {
    "spec.type": Code.BAD_TYPE,
    "spec.schedule": Code.BAD_START_TIME,
    "spec.at": Code.BAD_START_TIME,
    "spec.timeZone": Code.BAD_START_TIME,
    "spec.callback.http.url": Code.BAD_CALLBACK,
    "spec.callback.http.method": Code.BAD_CALLBACK,
    "spec.callback.grpc": Code.BAD_CALLBACK,
}
"""Which item code a refused field of the resource stands for."""


class _Cause(msgspec.Struct):
    message: str = ""
    field: str = ""


class _Details(msgspec.Struct, rename="camel"):
    causes: list[_Cause] = []
    retry_after_seconds: float | None = None


class _Status(msgspec.Struct):
    """``metav1.Status``, the body of every refusal."""

    message: str = ""
    reason: str = ""
    details: _Details | None = None


def refusal(status: int, body: bytes) -> KubernetesError:
    """Return the error for the HTTP `status`, 300 or above, and its `body`.

    Source: Kubernetes API conventions, "Response Status Kind".
    """
    answer = _read(body)
    message = hide_credentials(answer.message) or f"the API server answered HTTP {status}"
    if status == 404:
        return NotFoundError(message)
    if status == 409:
        if answer.reason == "AlreadyExists":
            return AlreadyExistsError(message)
        return ConflictError(message)
    # 410: a page of a list was asked for too late.
    if status in (400, 410, 413, 422):
        return _invalid(answer, message)
    if status in (401, 403):
        return ForbiddenError(message)
    retry_after = answer.details.retry_after_seconds if answer.details else None
    # 429 is the API server's own guard: the request was turned away before any work.
    return UnavailableError(message, sent=status != 429, retry_after=retry_after)


def _invalid(answer: _Status, message: str) -> InvalidError:
    causes = answer.details.causes if answer.details else []
    if not causes:
        return InvalidError(message)
    # A field's own path, or that of something in it.
    place = f"{causes[0].field}."
    codes = (code for path, code in _CODES.items() if place.startswith(f"{path}."))
    return InvalidError(
        hide_credentials("; ".join(f"{cause.field}: {cause.message}" for cause in causes)),
        next(codes, Code.BAD_ITEM),
    )


def _read(body: bytes) -> _Status:
    try:
        return msgspec.json.decode(body, type=_Status)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # A proxy before the API server answers in words of its own, and its page may show
        # the request with the facade's token.
        return _Status()
