"""Limit bounds the requests in progress, in all and of each client, for `create_app`."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crontask_api.codes import State
from crontask_api.web.envelope import Envelope
from crontask_api.web.ticket import TICKET, RequestBounds, Taken, Ticket

UNLIMITED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""A busy facade is alive, and what watches it needs to see that it is busy."""


class Limit:
    """ASGI middleware that answers HTTP 503 or 429 at once beyond its bounds.

    Each request in progress holds a body and its answers in memory; refusing keeps both
    memory and waiting bounded, and lets a load balancer try another replica.
    """

    def __init__(self, app: ASGIApp, *, bounds: RequestBounds) -> None:
        self._app = app
        self._bounds = bounds
        self._taken = Taken()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        taken, bounds = self._taken, self._bounds
        if taken.requests >= bounds.requests:
            complaint = f"busy with {bounds.requests} requests; try again"
            await _refusal(503, complaint)(scope, receive, send)
            return
        client = scope.get("client")
        ticket = Ticket(taken, bounds, client[0] if client else "")
        if not ticket.is_held:
            await _refusal(429, ticket.complaint)(scope, receive, send)
            return
        scope[TICKET] = ticket

        async def receive_counted() -> Message:
            message = await receive()
            ticket.hold_body(len(message.get("body", b"")))
            return message

        taken.requests += 1
        try:
            await self._app(scope, receive_counted, send)
        finally:
            taken.requests -= 1
            ticket.release()


def _refusal(status: int, message: str) -> Envelope:
    return Envelope(State.SYSTEM_ERROR, message, status=status, headers={"Retry-After": "1"})
