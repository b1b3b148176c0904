"""Cron schedules in a time zone: from wall times to moments."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.schedule.base import HORIZON
from crontask_core.schedule.wall_times import WallTimes
from crontask_core.schedule.zones import Change, Zone

_TICK: Final = timedelta(seconds=1)
_LONGEST_SHIFT: Final = timedelta(days=1)


class _Stretch(NamedTuple):
    after: datetime
    end: datetime
    offset: timedelta
    change: Change | None


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """The moments at which a clock in `zone` shows one of `wall_times`."""

    wall_times: WallTimes
    every_hour: bool
    zone: Zone
    gap: DstGap
    overlap: DstOverlap

    def next(self, after: datetime) -> datetime | None:
        """See `Schedule.next`."""
        if after.tzinfo is None:
            raise ValueError(f"expected an aware datetime, got the naive {after!r}")
        start = after.astimezone(UTC).replace(microsecond=0, tzinfo=None)
        return self._next(start.replace(tzinfo=UTC))

    def _next(self, after: datetime) -> datetime | None:
        limit = after + HORIZON
        for stretch in self._stretches(after, limit):
            if stretch.after >= stretch.end:
                continue
            wall = self.wall_times.next((stretch.after + stretch.offset).replace(tzinfo=None))
            if wall is None:
                return None
            moment = wall.replace(tzinfo=UTC) - stretch.offset
            if moment < stretch.end:
                return moment
            change = stretch.change
            if change is not None and self.gap is DstGap.RUN_AFTER:
                resumes = change.at + change.after
                if wall.replace(tzinfo=UTC) < resumes and not self.every_hour:
                    return change.at
        return None

    def _stretches(self, after: datetime, limit: datetime) -> Iterator[_Stretch]:
        offset = self.zone.offset(after)
        for change in self.zone.changes(after - _LONGEST_SHIFT, limit):
            repeated = max(-change.shift, timedelta(0))
            resume = change.at - _TICK
            if self.overlap is DstOverlap.FIRST:
                resume += repeated
            if change.at <= after:
                after = max(after, resume)
                continue
            end = change.at
            if self.overlap is DstOverlap.SECOND:
                end -= repeated
            yield _Stretch(after, end, offset, change)
            after, offset = resume, change.after
        yield _Stretch(after, limit, offset, None)
