"""Ticket is a request's place among all requests and those of its client, for `Limit`."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from crontask_api.errors import RequestError
from crontask_api.settings import Settings

BODIES_AT_ONCE: Final = 16
"""Of the largest body, how many may be in memory at a time; small ones are many more."""

BODY_SHARES: Final = 4
"""Into how many shares of clients these are divided: each may have some of the largest."""

MOST_ANSWER_BYTES: Final = 64 * 1024 * 1024
"""Bytes of tasks and records in answers that are made or sent: eight of the largest."""

ANSWER_SHARES: Final = 4
"""Into how many shares of clients they are divided; one may have several requests."""

TICKET: Final = "crontask_api.ticket"
"""Key under which the ASGI scope holds the request's `Ticket`."""


@dataclass(frozen=True, slots=True)
class RequestBounds:
    """What all requests in progress may take, and those of one client."""

    requests: int
    requests_of_client: int
    """Of an address, until it is known whose token a request has."""
    body_bytes: int
    """Bytes of bodies, and of what they are decoded to."""
    body_bytes_of_client: int
    answer_bytes: int
    """Bytes of what is read for answers and not yet sent."""
    answer_bytes_of_client: int


def bounds_of(settings: Settings) -> RequestBounds:
    """Return the bounds that `settings` ask for."""
    return RequestBounds(
        requests=settings.max_requests,
        requests_of_client=settings.max_requests_per_client,
        body_bytes=BODIES_AT_ONCE * settings.max_body_bytes,
        body_bytes_of_client=BODIES_AT_ONCE // BODY_SHARES * settings.max_body_bytes,
        answer_bytes=MOST_ANSWER_BYTES,
        answer_bytes_of_client=MOST_ANSWER_BYTES // ANSWER_SHARES,
    )


class Taken:
    """What all requests in progress take."""

    def __init__(self) -> None:
        self.requests = 0
        self.requests_of: Counter[str] = Counter()
        self.body_bytes = 0
        self.body_bytes_of: Counter[str] = Counter()
        self.answer_bytes = 0
        self.answer_bytes_of: Counter[str] = Counter()


class Ticket:
    """One request's place among those of its client."""

    def __init__(self, taken: Taken, bounds: RequestBounds, address: str) -> None:
        self._taken = taken
        self._bounds = bounds
        self._holder = f"address {address}"
        self._answer_bytes = 0
        self._body_bytes = 0
        self.is_held = self._take()

    def hold_body(self, size: int) -> None:
        """Take room for `size` more bytes of the body, until the request is over.

        A client that has no other request has room for one, however long.

        Raises
        ------
        RequestError
            With HTTP status 429 or 503 if there is none, for this client or at all.
        """
        taken, bounds = self._taken, self._bounds
        held = taken.body_bytes_of[self._holder]
        if held > self._body_bytes and held + size > bounds.body_bytes_of_client:
            raise busy(429, "busy with long requests of yours; wait for their answers")
        if taken.body_bytes + size > bounds.body_bytes:
            raise busy(503, "busy with the bodies of other requests; try again")
        self._body_bytes += size
        taken.body_bytes += size
        taken.body_bytes_of[self._holder] += size

    def hold_decoded(self, size: int) -> None:
        """Take room for a body that was decoded to `size` bytes; raises as `hold_body`.

        The body itself is not needed any more.
        """
        self.hold_body(max(0, size - self._body_bytes))

    def hold_answer(self, size: int) -> None:
        """Take room for `size` more bytes of the answer, until it has been sent.

        Raises
        ------
        RequestError
            With HTTP status 429 or 503 if there is none, for this client or at all.
        """
        taken, bounds = self._taken, self._bounds
        if taken.answer_bytes_of[self._holder] + size > bounds.answer_bytes_of_client:
            raise busy(429, "busy with long answers to you; take them, or ask for less")
        if taken.answer_bytes + size > bounds.answer_bytes:
            raise busy(503, "busy with long answers; try again, or ask for less")
        self._answer_bytes += size
        taken.answer_bytes += size
        taken.answer_bytes_of[self._holder] += size

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
            raise busy(429, self.complaint)

    def release(self) -> None:
        """Leave the place to the client's next request."""
        if self.is_held:
            self.is_held = False
            self._taken.answer_bytes -= self._answer_bytes
            _subtract(self._taken.answer_bytes_of, self._holder, self._answer_bytes)
            self._answer_bytes = 0
            self._taken.body_bytes -= self._body_bytes
            _subtract(self._taken.body_bytes_of, self._holder, self._body_bytes)
            self._body_bytes = 0
            _subtract(self._taken.requests_of, self._holder, 1)

    @property
    def complaint(self) -> str:
        """What a client is told that has its share."""
        most = self._bounds.requests_of_client
        return f"busy with {most} requests of yours; wait for their answers"

    def _take(self) -> bool:
        if self._taken.requests_of[self._holder] >= self._bounds.requests_of_client:
            return False
        self._taken.requests_of[self._holder] += 1
        return True


def busy(status: int, message: str) -> RequestError:
    """Return the error for a request that should be sent again in a second."""
    return RequestError(message, status=status, headers={"Retry-After": "1"})


def _subtract(counts: Counter[str], holder: str, size: int) -> None:
    counts[holder] -= size
    if not counts[holder]:
        del counts[holder]
