"""clock tells the time to all parts of the operator."""

import time
from datetime import UTC, datetime
from typing import Protocol

# CLOCK_MONOTONIC stands still while the machine is suspended, and a lease does not.
# Linux alone has CLOCK_BOOTTIME; elsewhere the monotonic clock is the best there is.
_BOOT_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Wall time, which schedules mean. Timers run on the event loop's own clock."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""


class SystemClock:
    """The machine's clock, cut to milliseconds, the resolution of every record."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


def boot_seconds() -> float:
    """Return seconds that never go back and that count suspension, from any origin."""
    return time.clock_gettime(_BOOT_CLOCK)


def utc_now() -> datetime:
    """Return the wall time in UTC. Leases show it to people; nothing is decided by it."""
    return datetime.now(UTC)
