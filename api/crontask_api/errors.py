"""errors are what the facade raises on purpose, for the handlers that answer them.

::

    FacadeError
    ├── RequestError               the request as a whole cannot be used: state 1
    └── ItemError                  one item cannot be used; the others are not affected

What the API server refuses is a `crontask_kube.errors.ApiError`: state -1 for a whole
request; for an item the code of the field that it names, else -1 (`results.code_of`).
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
