"""Errors of the facade.

::

    FacadeError
    ├── RequestError               the request as a whole cannot be used: state 1
    ├── ItemError                  one item cannot be used; the others are not affected
    └── KubernetesError            the API server did not do what was asked: state -1
        ├── NotFoundError          no such object
        ├── AlreadyExistsError     an object of that name exists
        ├── ConflictError          the object changed between reading and writing
        ├── InvalidError           the object breaks the resource's schema or a policy
        ├── ForbiddenError         RBAC, a quota or an admission policy refused
        └── UnavailableError       no answer, an overload, or a fault of the API server

``crontask_api.web.errors`` maps the tree to the envelope, once.
"""

from typing import ClassVar

from crontask_api.codes import Code, State


class FacadeError(Exception):
    """Base of the errors that the facade raises on purpose."""

    state: ClassVar[State] = State.SYSTEM_ERROR


class RequestError(FacadeError):
    """The request as a whole cannot be used.

    Parameters
    ----------
    message
        What is wrong, what was expected and what was found.
    status
        HTTP status. 200 once the request has reached an endpoint, as the original
        service answered; anything else for what is refused before that.
    headers
        HTTP headers that belong to the status, such as ``Allow``.
    """

    state = State.BAD_REQUEST

    def __init__(
        self, message: str, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class ItemError(FacadeError):
    """One item of a batch cannot be used; `code` says which part of it."""

    state = State.BAD_REQUEST

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


class KubernetesError(FacadeError):
    """The API server did not do what was asked.

    Parameters
    ----------
    message
        The API server's own words, or what happened to the connection.
    """


class NotFoundError(KubernetesError):
    """No such object."""


class AlreadyExistsError(KubernetesError):
    """An object of that name exists."""


class ConflictError(KubernetesError):
    """The object changed between reading and writing."""


class InvalidError(KubernetesError):
    """The object breaks the resource's schema, or a patch's precondition failed.

    `code` is that of the item's field which the API server complains of.
    """

    def __init__(self, message: str, code: Code = Code.BAD_ITEM) -> None:
        super().__init__(message)
        self.code = code


class ForbiddenError(KubernetesError):
    """RBAC, a quota or an admission policy refused."""


class UnavailableError(KubernetesError):
    """No answer, an overload, or a fault of the API server.

    `sent` tells whether the request may have been carried out all the same.
    """

    def __init__(self, message: str, *, sent: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.sent = sent
        self.retry_after = retry_after
