"""Limit bounds the requests in progress, in all and of each client, for `create_app`."""

from collections import Counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crontask_api.codes import State
from crontask_api.errors import RequestError
from crontask_api.web.envelope import Envelope

UNLIMITED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""A busy facade is alive, and what watches it needs to see that it is busy."""

BODIES_AT_ONCE: Final = 16
"""Of the largest body, how many may be in memory at a time; small ones are many more."""

TICKET: Final = "crontask_api.ticket"
"""Key under which the ASGI scope holds the request's `Ticket`."""


class Ticket:
    """One request's place among those of its client."""

    def __init__(self, counts: Counter[str], most: int, address: str) -> None:
        self._counts = counts
        self._most = most
        self._holder = f"address {address}"
        self.body_bytes = 0
        self.is_held = self._take()

    def pass_to(self, identity: str) -> None:
        """Count the request to `identity`, who has proved to be its sender.

        Raises
        ------
        RequestError
            With HTTP status 429 if that client has its share in progress.
        """
        self.release()
        self._holder = f"identity {identity}"
        self.is_held = self._take()
        if not self.is_held:
            raise RequestError(self.complaint, status=429, headers={"Retry-After": "1"})

    def release(self) -> None:
        """Leave the place to the client's next request."""
        if self.is_held:
            self.is_held = False
            self._counts[self._holder] -= 1
            if not self._counts[self._holder]:
                del self._counts[self._holder]

    @property
    def complaint(self) -> str:
        """What a client is told that has its share."""
        return f"busy with {self._most} requests of yours; wait for their answers"

    def _take(self) -> bool:
        if self._counts[self._holder] >= self._most:
            return False
        self._counts[self._holder] += 1
        return True


class Limit:
    """ASGI middleware that answers HTTP 503 or 429 at once beyond its bounds.

    Each request in progress holds a body and its answers in memory; refusing keeps both
    memory and waiting bounded, and lets a load balancer try another replica.

    Parameters
    ----------
    most
        Requests in progress, of all clients.
    per_client
        Of one client: of an address, until it is known whose token a request has.
    most_body_bytes
        Bytes of the bodies of all requests in progress.
    """

    def __init__(self, app: ASGIApp, *, most: int, per_client: int, most_body_bytes: int) -> None:
        self._app = app
        self._most = most
        self._per_client = per_client
        self._most_body_bytes = most_body_bytes
        self._in_progress = 0
        self._body_bytes = 0
        self._by_client: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        if self._in_progress >= self._most:
            busy = f"busy with {self._most} requests; try again"
            await _refusal(503, busy)(scope, receive, send)
            return
        client = scope.get("client")
        ticket = Ticket(self._by_client, self._per_client, client[0] if client else "")
        if not ticket.is_held:
            await _refusal(429, ticket.complaint)(scope, receive, send)
            return
        scope[TICKET] = ticket

        async def receive_counted() -> Message:
            message = await receive()
            size = len(message.get("body", b""))
            ticket.body_bytes += size
            self._body_bytes += size
            if self._body_bytes > self._most_body_bytes:
                raise RequestError(
                    "busy with the bodies of other requests; try again",
                    status=503,
                    headers={"Retry-After": "1"},
                )
            return message

        self._in_progress += 1
        try:
            await self._app(scope, receive_counted, send)
        finally:
            self._in_progress -= 1
            self._body_bytes -= ticket.body_bytes
            ticket.release()


def _refusal(status: int, message: str) -> Envelope:
    return Envelope(State.SYSTEM_ERROR, message, status=status, headers={"Retry-After": "1"})
