"""A bound on the requests in progress."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from crontask_api.codes import State
from crontask_api.web.envelope import Envelope

UNLIMITED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""A busy facade is alive, and what watches it needs to see that it is busy."""


class Limit:
    """ASGI middleware that answers HTTP 503 at once beyond `most` requests in progress.

    Each request in progress holds a body and its answers in memory; refusing keeps both
    memory and waiting bounded, and lets a load balancer try another replica.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        if self._in_progress >= self._most:
            answer = Envelope(
                State.SYSTEM_ERROR,
                f"busy with {self._most} requests; try again",
                status=503,
                headers={"Retry-After": "1"},
            )
            await answer(scope, receive, send)
            return
        self._in_progress += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_progress -= 1
