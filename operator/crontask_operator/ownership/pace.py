"""When a lease is to be written next."""

import asyncio
from dataclasses import dataclass, field
from math import inf

from crontask_operator.ownership.backoff import backoff_seconds


@dataclass(slots=True)
class Pace:
    """The next write of one lease. With `lock` held, writes of it never overlap."""

    due_at: float = -inf
    failures: int = 0
    busy: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_due(self, now: float) -> bool:
        """Return whether to write now."""
        return not self.busy and now >= self.due_at

    def succeeded(self, due_at: float) -> None:
        """Note a write; the next one is due at `due_at`."""
        self.failures = 0
        self.due_at = due_at

    def failed(self, now: float) -> None:
        """Note that nothing came of a write; the next one follows after the backoff."""
        self.failures += 1
        self.due_at = now + backoff_seconds(self.failures)
