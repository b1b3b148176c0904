"""every fires at a fixed period of real time, for ``@every``."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from crontask_core.errors import ScheduleError
from crontask_core.schedule.base import HORIZON, search_start

_SECONDS: Final = {
    "h": Fraction(3600),
    "m": Fraction(60),
    "s": Fraction(1),
    "ms": Fraction(1, 10**3),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),  # the micro sign
    "μs": Fraction(1, 10**6),  # the Greek letter, which Go takes as well
    "ns": Fraction(1, 10**9),
}
_TERM: Final = rf"([0-9]+\.?[0-9]*|\.[0-9]+)({'|'.join(sorted(_SECONDS, key=len, reverse=True))})"
_DURATION: Final = re.compile(rf"(?:{_TERM})+")
_TERMS: Final = re.compile(_TERM)

_ALLOWED: Final = (
    "whole seconds as a Go duration from 1s to "
    f"{HORIZON // timedelta(hours=1)}h (five years), such as 90s or 1h30m"
)


@dataclass(frozen=True, slots=True)
class Every:
    """Fires at ``anchor + k * period`` for k = 1, 2, 3 and so on.

    `anchor` is a whole second in UTC: the moment the schedule took effect. In steady
    state this is "a period after the last firing", as Go's cron counts. But the grid
    stands still: a late firing does not shift the ones to come, and after a restart
    the answer is the same without anything being remembered.
    """

    anchor: datetime
    period: timedelta

    def next(self, after: datetime) -> datetime | None:
        """See `Schedule.next`."""
        start = search_start(after)
        if start is None:
            return None
        passed = max((start - self.anchor) // self.period, 0)
        moment = self.anchor + (passed + 1) * self.period
        return moment if moment - start <= HORIZON else None


def parse_period(text: str) -> timedelta:
    """Return the period which the Go duration `text` tells.

    Fractions and units below the second may be used where the sum is whole seconds
    (``1.5h``, ``1000ms``); schedules have no finer grain.

    Raises
    ------
    ScheduleError
        If `text` is no duration, or one that is out of bounds or off the second.
    """
    if not _DURATION.fullmatch(text):
        raise ScheduleError("spec.schedule", f"@every: found {text!r}, expected {_ALLOWED}")
    seconds = sum(Fraction(number) * _SECONDS[unit] for number, unit in _TERMS.findall(text))
    if seconds != int(seconds) or not 1 <= seconds <= HORIZON.total_seconds():
        raise ScheduleError("spec.schedule", f"@every: found {text!r}, expected {_ALLOWED}")
    return timedelta(seconds=int(seconds))
