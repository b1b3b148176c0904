"""``@every``: a fixed period in real time, on a grid that does not move."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from crontask_core.errors import ScheduleError
from crontask_core.schedule.base import HORIZON

_UNITS: Final = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "μs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_PART: Final = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")


@dataclass(frozen=True, slots=True)
class Every:
    """Fires at ``anchor + k * period`` for k = 1, 2, 3 and so on."""

    anchor: datetime
    period: timedelta

    def next(self, after: datetime) -> datetime | None:
        """See `Schedule.next`."""
        if after.tzinfo is None:
            raise ValueError(f"expected an aware datetime, got the naive {after!r}")
        passed = max((after - self.anchor) // self.period, 0)
        return self.anchor + (passed + 1) * self.period


def parse_every(text: str) -> timedelta:
    """Return the period of the Go duration `text`."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ScheduleError("spec.schedule", f"@every: found {text!r}, expected a duration")
    seconds = sum((Fraction(number) * _UNITS[unit] for number, unit in parts), Fraction(0))
    if seconds.denominator != 1 or not 1 <= seconds <= HORIZON.total_seconds():
        raise ScheduleError("spec.schedule", f"@every: found {text!r}, expected whole seconds")
    return timedelta(seconds=int(seconds))
