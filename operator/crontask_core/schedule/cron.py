"""cron fires by a cron expression in a time zone: it turns wall times into moments.

Between two clock changes the clock of a zone is a constant offset from UTC, so wall
times and moments are the same thing there. A search goes stretch by stretch; what the
two policies say is said where one stretch ends and the next begins::

    Europe/Berlin, 30 2 * * *

    gap        00:00Z ── 02:30? left out ─┐ 01:00Z ── 03:00 ──
                 +1 h                     │   +2 h
               Skip: nothing.  RunAfter: 01:00Z, the first moment after the gap

    overlap    00:00Z ── 02:30 first ─────┐ 01:00Z ── 02:30 second ──
                 +2 h                     │   +1 h
               First: the second pass is cut off the stretch that begins,
               Second: the first pass is cut off the stretch that ends
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.schedule.base import HORIZON, search_start
from crontask_core.schedule.clock_changes import LONGEST_SHIFT, ClockChange, Zone
from crontask_core.schedule.wall_times import WallTimes

_TICK: Final = timedelta(seconds=1)
_HOUR: Final = timedelta(hours=1)


class _Stretch(NamedTuple):
    """The moments with ``after < moment < end``, all at one offset, up to `change`."""

    after: datetime
    end: datetime
    offset: timedelta
    change: ClockChange | None


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """The moments at which the clock in `zone` shows one of `wall_times`."""

    wall_times: WallTimes
    zone: Zone
    gap: DstGap
    overlap: DstOverlap

    def next(self, after: datetime) -> datetime | None:
        """See `Schedule.next`."""
        start = search_start(after)
        if start is None:
            return None
        for stretch in self._stretches(start, start + HORIZON):
            wall = self.wall_times.next(_wall(stretch.after, stretch.offset))
            if wall is None:
                return None
            moment = wall.replace(tzinfo=UTC) - stretch.offset
            if moment < stretch.end:
                return moment
            if stretch.change is not None and self._makes_up(wall, stretch.change):
                return stretch.change.at
        return None

    def _stretches(self, after: datetime, limit: datetime) -> Iterator[_Stretch]:
        offset = self.zone.offset(after)
        # A change of the last hours counts, since `after` may lie in its second pass.
        for change in self.zone.changes(after - LONGEST_SHIFT, limit):
            begin, end = change.at - _TICK, change.at
            if self.overlap is DstOverlap.FIRST:
                begin += change.repeated
            elif self.overlap is DstOverlap.SECOND:
                end -= change.repeated
            if change.at <= after:
                after = max(after, begin)
                continue
            yield _Stretch(after, end, offset, change)
            after, offset = begin, change.after
        yield _Stretch(after, limit + _TICK, offset, None)

    def _makes_up(self, wall: datetime, change: ClockChange) -> bool:
        """Whether `wall`, the first match not before `change`, is to fire at `change`.

        It is if the gap left it out, however many matches follow it there. A schedule
        of every hour or more often is let alone, as in Vixie's cron: in real time it
        goes on at its pace, and a run more would be off it.
        """
        if self.gap is DstGap.SKIP:
            return False
        resumed = _wall(change.at, change.after)
        if wall >= resumed:
            return False
        following = self.wall_times.next(resumed - _TICK) if self.wall_times.every_hour else None
        return following is None or following >= resumed + _HOUR


def _wall(moment: datetime, offset: timedelta) -> datetime:
    return (moment + offset).replace(tzinfo=None)
