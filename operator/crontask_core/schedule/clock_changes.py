"""clock_changes tells when the clocks of a zone change, and by how much, for `cron`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LONGEST_SHIFT: Final = timedelta(days=1)
"""No clock moves further: Samoa left out a whole day in 2011, and no zone did more."""

_PROBE: Final = timedelta(days=1)
"""Two changes of a zone are never closer: since 1970 the closest pair is a week apart."""

_TICK: Final = timedelta(seconds=1)

_YEARS_KEPT: Final = 64
"""Years whose changes a zone remembers. Schedules ask for a few; who previews them may ask
for any."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """From `at` on, a moment in UTC, the offset is `after`; until then it is `before`.

    ::

        gap: 02:00 becomes 03:00          overlap: 03:00 becomes 02:00

        01:59 ─┐                          02:59 ─┐  first pass
               └─ 03:00                          └─ 02:00  second pass
              at                                at
    """

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def skipped(self) -> timedelta:
        """Length of the gap: how much wall time is left out, zero if none."""
        return max(self.after - self.before, timedelta(0))

    @property
    def repeated(self) -> timedelta:
        """Length of the overlap: how much wall time comes twice, zero if none."""
        return max(self.before - self.after, timedelta(0))


class Zone:
    """A time zone that can list its clock changes.

    ``zoneinfo`` knows them but does not tell, so they are found by probing the offset,
    once for each year.
    """

    __slots__ = ("_by_year", "_fixed", "tzinfo")

    def __init__(self, tzinfo: ZoneInfo) -> None:
        self.tzinfo = tzinfo
        # Without a moment, only a zone of one offset for all times knows its offset.
        self._fixed = tzinfo.utcoffset(None) is not None
        self._by_year: dict[int, tuple[ClockChange, ...]] = {}

    def offset(self, moment: datetime) -> timedelta:
        """Return local time minus UTC at `moment`, which is in UTC."""
        return moment.astimezone(self.tzinfo).replace(tzinfo=UTC) - moment

    def changes(self, after: datetime, until: datetime) -> Iterator[ClockChange]:
        """Yield the changes with ``after < at <= until``, in order, both in UTC."""
        if self._fixed:
            return
        for year in range(after.year, until.year + 1):
            for change in self._in_year(year):
                if after < change.at <= until:
                    yield change

    def _in_year(self, year: int) -> tuple[ClockChange, ...]:
        found = self._by_year.get(year)
        if found is None:
            if len(self._by_year) >= _YEARS_KEPT:
                self._by_year = {}
            found = self._by_year[year] = tuple(self._probe(year))
        return found

    def _probe(self, year: int) -> Iterator[ClockChange]:
        moment, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        before = self.offset(moment)
        while moment < end:
            earlier, moment = moment, moment + _PROBE
            after = self.offset(moment)
            if after != before:
                yield ClockChange(self._bisect(earlier, moment, after), before, after)
                before = after

    def _bisect(self, low: datetime, high: datetime, after: timedelta) -> datetime:
        """Return the first second in (`low`, `high`] at which the offset is `after`."""
        while high - low > _TICK:
            middle = low + (high - low) // _TICK // 2 * _TICK
            if self.offset(middle) == after:
                high = middle
            else:
                low = middle
        return high
