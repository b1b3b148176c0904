"""One request as it arrived."""

import time
from dataclasses import dataclass, field

LIMIT = 200_000
"""Requests remembered; the oldest are forgotten first. A benchmark of five minutes at
500 requests/s stays below."""


@dataclass(slots=True)
class Received:
    """A request. `headers` has lower-case names; of a repeated header the last counts.

    `arrived` is when its first byte was read, in seconds since the epoch.
    """

    method: str = ""
    target: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    arrived: float = field(default_factory=time.time)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    def as_json(self) -> dict[str, object]:
        """Return what ``/_received`` shows."""
        return {
            "method": self.method,
            "target": self.target,
            "headers": self.headers,
            "body": self.text,
            "arrived": self.arrived,
        }
