"""How long to wait before a failed request is tried again."""

import random
from collections.abc import Callable

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
