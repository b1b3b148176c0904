"""evidence_of collects what a request shows of who sent it, for the authenticator."""

from typing import Final

from fastapi import Request

from crontask_api.auth.authenticator import Evidence

PEER: Final = "crontask_api.peer"
"""Key under which the ASGI scope holds the other end of the connection."""

AUTHORIZATION: Final = "Authorization"


def evidence_of(request: Request, authorization: str | None = None) -> Evidence:
    """Return it, with `authorization` in the place of the request's own if that is given."""
    own = request.headers.get(AUTHORIZATION) if authorization is None else authorization
    return Evidence(
        authorization=own,
        address=request.client.host if request.client else "",
        peer=request.scope.get(PEER, ""),
        headers=tuple(request.headers.raw),
    )
