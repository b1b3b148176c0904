"""The clocks of the lease protocol."""

import time
from datetime import UTC, datetime

# CLOCK_MONOTONIC stands still while the machine is suspended, and a lease does not.
# Linux alone has CLOCK_BOOTTIME; elsewhere the monotonic clock is the best there is.
_BOOT_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_seconds() -> float:
    """Return seconds that never go back and that count suspension, from any origin."""
    return time.clock_gettime(_BOOT_CLOCK)


def utc_now() -> datetime:
    """Return the wall time in UTC. The protocol shows it to people and never reads it."""
    return datetime.now(UTC)
