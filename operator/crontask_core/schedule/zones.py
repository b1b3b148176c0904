"""Time zones by name, and the moments at which their clocks change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from crontask_core.errors import ScheduleError

_PROBE: Final = timedelta(hours=6)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A clock change: from `at` on the offset is `after`, until then `before`."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def shift(self) -> timedelta:
        """How far the clock moves: positive leaves wall times out, negative repeats some."""
        return self.after - self.before


class Zone:
    """A time zone whose clock changes can be listed."""

    __slots__ = ("_by_year", "tzinfo")

    def __init__(self, tzinfo: ZoneInfo) -> None:
        self.tzinfo = tzinfo
        self._by_year: dict[int, tuple[Change, ...]] = {}

    def offset(self, moment: datetime) -> timedelta:
        """Return local time minus UTC at `moment`."""
        local = moment.astimezone(self.tzinfo)
        return local.replace(tzinfo=UTC) - moment

    def changes(self, after: datetime, until: datetime) -> Iterator[Change]:
        """Yield the changes with ``after < at <= until``, in order, found year by year."""
        for year in range(after.year, until.year + 1):
            found = self._by_year.get(year)
            if found is None:
                found = self._by_year[year] = tuple(self._scan(year))
            for change in found:
                if after < change.at <= until:
                    yield change

    def _scan(self, year: int) -> Iterator[Change]:
        probe, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        before = self.offset(probe)
        while probe < end:
            probe += _PROBE
            after = self.offset(probe)
            if after != before:
                yield Change(self._moment(probe - _PROBE, probe, after), before, after)
                before = after

    def _moment(self, low: datetime, high: datetime, after: timedelta) -> datetime:
        while high - low > _SECOND:
            middle = (low + (high - low) / 2).replace(microsecond=0)
            if self.offset(middle) == after:
                high = middle
            else:
                low = middle
        return high


@cache
def load_zone(name: str) -> Zone:
    """Return the zone called `name` in the IANA database."""
    try:
        return Zone(ZoneInfo(name))
    except (OSError, ValueError, KeyError):
        raise ScheduleError("spec.timeZone", f"unknown time zone {name!r}") from None
