"""errors sorts what the API server refuses, for everybody who asks it for something.

::

    ApiError
    ├── NotFoundError             404: no such object
    ├── ConflictError             409: the object is another version than was asked for
    │   └── AlreadyExistsError    409: an object of that name exists
    ├── RefusedError              the same request would be refused again
    │   ├── InvalidError          400, 410, 422: it breaks the schema or a policy
    │   │   └── TooLargeError     413, or etcd's bound: the object is too large
    │   └── ForbiddenError        403: RBAC, a quota or an admission policy refused
    └── UnavailableError          no answer, an overload, or a fault of the API server
        ├── UnauthorizedError     401: the token was not accepted
        └── SilentError           nobody was answered while the request was tried
"""

from typing import ClassVar, TypeVar

import msgspec

from crontask_core.errors import CronTaskError
from crontask_logs import hide_credentials

T = TypeVar("T")


class Cause(msgspec.Struct, frozen=True):
    """What is wrong with one field of an object."""

    message: str = ""
    field: str = ""


class _Details(msgspec.Struct, rename="camel"):
    causes: list[Cause] = []
    retry_after_seconds: float | None = None


class _Status(msgspec.Struct):
    """``metav1.Status``, the body of every refusal."""

    message: str = ""
    reason: str = ""
    details: _Details | None = None


class ApiError(CronTaskError):
    """The API server did not do what was asked.

    Parameters
    ----------
    message
        The API server's own sentence, or what happened to the connection.
    status
        HTTP status of the answer; 0 if there was none.
    sent
        Whether the request may have been carried out nevertheless.
    retry_after
        Seconds after which the API server wants to be asked again, if it said so.
    """

    kind: ClassVar[str] = "Unavailable"
    """What the metrics of the operator call it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        sent: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.sent = sent
        self.retry_after = retry_after


class NotFoundError(ApiError):
    """No such object."""

    kind = "NotFound"


class ConflictError(ApiError):
    """The object is not the version that the request was made for."""

    kind = "Conflict"


class AlreadyExistsError(ConflictError):
    """An object of that name exists."""


class RefusedError(ApiError):
    """The same request would be refused again, until somebody changes what refuses it."""

    kind = "Refused"


class InvalidError(RefusedError):
    """The request or its object breaks the schema or a policy; `causes` says which fields."""

    causes: tuple[Cause, ...] = ()


class TooLargeError(InvalidError):
    """The object would outgrow what the API server or etcd accepts."""

    kind = "TooLarge"


class ForbiddenError(RefusedError):
    """RBAC, a quota or an admission policy refused.

    Rights may lack in one namespace alone, whose owner took them away.
    """

    kind = "Forbidden"


class UnavailableError(ApiError):
    """Nobody answered, or with a fault that may pass."""

    @property
    def away(self) -> bool:
        """Whether no API server that works has answered: it serves nobody else either, then.

        A refused token (401) and an overload (429) are answers of one that works.
        """
        return self.status == 0 or self.status >= 500


class UnauthorizedError(UnavailableError):
    """The API server did not accept the token, which is renewed from time to time."""

    kind = "Forbidden"


class SilentError(UnavailableError):
    """Neither this request nor another of the same program was answered meanwhile.

    The next one would wait for nothing as well.
    """


def refusal(status: int, body: bytes | msgspec.Raw) -> ApiError:
    """Return the error for an answer with the HTTP `status`, 300 or above, and `body`.

    Source: Kubernetes API conventions, "Response Status Kind".
    """
    said = _read(body)
    message = hide_credentials(said.message) or f"the API server answered HTTP {status}"
    match status:
        case 401:
            return UnauthorizedError(message, status=status)
        case 403:
            return ForbiddenError(message, status=status)
        case 404:
            return NotFoundError(message, status=status)
        case 409:
            kind = AlreadyExistsError if said.reason == "AlreadyExists" else ConflictError
            return kind(message, status=status)
        case 413:
            return TooLargeError(message, status=status)
        case 500 if "too large" in message:
            # etcd refuses what exceeds --max-request-bytes; the API server calls it a 500.
            return TooLargeError(message, status=status)
        case 400 | 410 | 422:
            # 410: a page of a list, or a watch, was asked for too late.
            return _invalid(status, message, said.details)
    retry_after = said.details.retry_after_seconds if said.details else None
    # 429 is the API server's own guard: the request was turned away before any work.
    return UnavailableError(message, status=status, sent=status != 429, retry_after=retry_after)


def decoded(decoder: msgspec.json.Decoder[T], answer: bytes | msgspec.Raw) -> T:
    """Return what `decoder` reads in `answer`.

    Raises
    ------
    UnavailableError
        If it cannot be read: somebody else answered, such as a proxy with a page.
    """
    try:
        return decoder.decode(answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # The page may show the request with its token, and so may what the decoder says.
        raise UnavailableError(
            "the API server's answer cannot be read: it is none of the Kubernetes API", sent=True
        ) from error


def _invalid(status: int, message: str, details: _Details | None) -> InvalidError:
    causes = tuple(details.causes) if details else ()
    if causes:
        message = hide_credentials("; ".join(f"{one.field}: {one.message}" for one in causes))
    error = InvalidError(message, status=status)
    error.causes = causes
    return error


def _read(body: bytes | msgspec.Raw) -> _Status:
    try:
        return msgspec.json.decode(body, type=_Status)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # A proxy in front of the API server answered. Its page may show the request with
        # the token.
        return _Status()
