"""A second opinion on when a schedule fires, which shares no code and no method with it.

It looks at the clock at every tick of a window, minute by minute or second by second,
and asks whether it shows a match. Slow, and simple enough to be right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.schedule import Schedule


@dataclass(frozen=True)
class Pattern:
    """A cron expression and, written beside it and not read from it, what it matches."""

    text: str
    second: frozenset[int]
    minute: frozenset[int]
    hour: frozenset[int]
    day_of_month: frozenset[int]
    month: frozenset[int]
    day_of_week: frozenset[int]
    both_days: bool

    @property
    def tick(self) -> timedelta:
        return timedelta(minutes=1) if len(self.text.split()) == 5 else timedelta(seconds=1)

    def matches(self, wall: datetime) -> bool:
        if wall.minute not in self.minute or wall.hour not in self.hour:
            return False
        if wall.second not in self.second or wall.month not in self.month:
            return False
        by_date = wall.day in self.day_of_month
        by_weekday = (wall.weekday() + 1) % 7 in self.day_of_week
        return (by_date and by_weekday) if self.both_days else (by_date or by_weekday)


def fires(
    pattern: Pattern,
    zone: ZoneInfo,
    gap: DstGap,
    overlap: DstOverlap,
    begin: datetime,
    end: datetime,
) -> Iterator[datetime]:
    """Yield the moments with ``begin < moment < end``; `begin` lies on a tick."""
    earlier = begin.astimezone(zone)
    moment = begin + pattern.tick
    while moment < end:
        local = moment.astimezone(zone)
        left_out = list(_walls(_wall(earlier) + pattern.tick, _wall(local), pattern.tick))
        is_match = pattern.matches(_wall(local)) and _counts(local, overlap)
        if is_match or (gap is DstGap.RUN_AFTER and _is_owed(pattern, left_out, _wall(local))):
            yield moment
        earlier, moment = local, moment + pattern.tick


def first_match(pattern: Pattern, after: datetime, limit: datetime) -> datetime | None:
    """Return the first match in UTC with ``after < match <= limit``, looking day by day.

    For schedules whose second is 0.
    """
    day = after.replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= limit:
        for hour, minute in product(sorted(pattern.hour), sorted(pattern.minute)):
            moment = day.replace(hour=hour, minute=minute)
            if not pattern.matches(_wall(moment)):
                break
            if after < moment <= limit:
                return moment
        day += timedelta(days=1)
    return None


def _counts(local: datetime, overlap: DstOverlap) -> bool:
    second_pass = local.fold == 1
    first_pass = not second_pass and local.replace(fold=1).utcoffset() != local.utcoffset()
    if overlap is DstOverlap.FIRST:
        return not second_pass
    return overlap is DstOverlap.BOTH or not first_pass


def _is_owed(pattern: Pattern, left_out: list[datetime], resumed: datetime) -> bool:
    if not any(pattern.matches(wall) for wall in left_out):
        return False
    next_hour = _walls(resumed, resumed + timedelta(hours=1), pattern.tick)
    return len(pattern.hour) < 24 or not any(pattern.matches(wall) for wall in next_hour)


def _walls(begin: datetime, end: datetime, tick: timedelta) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += tick


def _wall(local: datetime) -> datetime:
    return local.replace(tzinfo=None)


def answers(schedule: Schedule, after: datetime, end: datetime) -> Iterator[datetime]:
    """Yield what `schedule` itself says, with ``after < moment < end``."""
    moment = schedule.next(after)
    while moment is not None and moment < end:
        yield moment
        moment = schedule.next(moment)


def utc(text: str) -> datetime:
    """Return the moment that `text` tells without an offset, read in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
