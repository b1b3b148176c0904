"""The two clocks the operator reads, behind one seam, so that tests own time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time, which schedules mean. Timers run on the event loop's own clock."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""


class SystemClock:
    """The machine's clock, cut to milliseconds, the resolution of every record."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)
