"""pace says when a lease is to be written next, for the parts that write leases."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

FIRST_SECONDS = 0.1
LONGEST_SECONDS = 1.0
"""Short, because a lease runs out within seconds, and few replicas ask."""


def backoff_seconds(failures: int, jitter: Callable[[], float] = random.random) -> float:
    """Return the wait after `failures` in a row: doubled each time, bounded.

    Up to half of it is left out at random, so that replicas which lost the API server
    at the same moment do not all come back at the same moment.
    """
    longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 10))
    return longest * (1 - jitter() / 2)


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
