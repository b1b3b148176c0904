"""Each refusal of the API server is an error of its kind, for whoever asked."""

import pytest

from crontask_kube.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
    refusal,
)


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (404, b'{"message": "not found"}', NotFoundError, "not found"),
        (409, b'{"reason": "AlreadyExists"}', AlreadyExistsError, "HTTP 409"),
        (409, b'{"reason": "Conflict", "message": "c"}', ConflictError, "c"),
        (403, b'{"message": "no"}', ForbiddenError, "no"),
        (401, b"", UnauthorizedError, "HTTP 401"),
        (400, b'{"message": "bad"}', InvalidError, "bad"),
        (422, b'{"message": "i", "details": {"causes": null}}', InvalidError, ""),
        (429, b"{}", UnavailableError, "HTTP 429"),
        (410, b'{"message": "expired"}', InvalidError, "expired"),
        (413, b'{"message": "large"}', TooLargeError, "large"),
        (500, b'{"message": "etcdserver: request is too large"}', TooLargeError, "too large"),
        (500, b"<html>", UnavailableError, "HTTP 500"),
        (302, b"", UnavailableError, "HTTP 302"),
        (503, b"\xff\xfe", UnavailableError, ""),
    ],
)
def test_refusals(status: int, body: bytes, kind: type[ApiError], message: str) -> None:
    error = refusal(status, body)

    assert type(error) is kind
    assert message in str(error)
