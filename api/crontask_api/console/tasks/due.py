"""due_by_minute counts the runs that are due in each minute of the next hour.

To walk through every run of ten thousand tasks would take seconds. The values of an
expression's fields tell for each minute whether it is one of the schedule's, and how many
seconds of it are.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from crontask_api.console.live.row import Row
from crontask_core.enums import Phase
from crontask_core.errors import ScheduleError
from crontask_core.schedule.cron_fields import CronFields
from crontask_core.schedule.cron_parser import parse_cron
from crontask_core.schedule.every import parse_period
from crontask_core.schedule.zones import load_zone

MINUTES: Final = 60

IN_A_ROW: Final = 200
"""Tasks that are counted before others have their turn."""

KEPT: Final = 4096


@dataclass(slots=True)
class Due:
    """The runs of an hour, counted a piece at a time."""

    begin: datetime
    """The first minute, in UTC."""
    counts: list[int] = field(default_factory=lambda: [0] * MINUTES)
    _zones: dict[str, list[datetime]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Count the runs of one task."""
        if row.phase != Phase.ACTIVE or row.next_run is None:
            return
        first = int(row.next_run - self.begin.timestamp()) // 60
        if first >= MINUTES:
            return
        if row.at is not None or row.type == "Single":
            self.counts[max(first, 0)] += 1
            return
        period = period_of(row.schedule)
        if period:
            self._add_every(row.next_run, period)
            return
        fields = fields_of(row.schedule, row.uid if "H" in row.schedule else "")
        if fields is None:
            return
        seconds = len(fields.second)
        for place, local in enumerate(self._clock(row.time_zone)):
            if place >= first and _matches(fields, local):
                self.counts[place] += seconds

    def _add_every(self, moment: float, period: int) -> None:
        begin = self.begin.timestamp()
        for place in range(MINUTES):
            end = begin + 60 * (place + 1)
            if moment < end:
                count = int((end - moment - 1e-6) // period) + 1
                self.counts[place] += count
                moment += count * period

    def _clock(self, zone: str) -> list[datetime]:
        """Return what the clock of `zone` shows at each minute, worked out once."""
        if zone not in self._zones:
            known = zone_of(zone)
            self._zones[zone] = [
                (self.begin + timedelta(minutes=place)).astimezone(known)
                for place in range(MINUTES)
            ]
        return self._zones[zone]


async def due_by_minute(rows: Iterable[Row], now: datetime) -> Due:
    """Return the runs of `rows` that are due in the hour that begins with this minute."""
    due = Due(now.astimezone(UTC).replace(second=0, microsecond=0))
    for place, row in enumerate(rows):
        due.add(row)
        if place % IN_A_ROW == 0:
            await asyncio.sleep(0)
    return due


@lru_cache(maxsize=KEPT)
def fields_of(expression: str, seed: str) -> CronFields | None:
    """Return the fields of an expression, None if it is wrong."""
    try:
        return parse_cron(expression, seed=seed)
    except ScheduleError:
        return None


@lru_cache(maxsize=KEPT)
def period_of(expression: str) -> int:
    """Return the seconds of an ``@every``; 0 if it is something else."""
    keyword, *rest = expression.split(maxsplit=1) or [""]
    if keyword.lower() != "@every":
        return 0
    try:
        return int(parse_period("".join(rest).strip()).total_seconds())
    except ScheduleError:
        return 0


def zone_of(name: str) -> tzinfo:
    """Return a time zone; UTC if there is none of that name."""
    try:
        return load_zone(name).tzinfo
    except ScheduleError:
        return UTC


def _matches(fields: CronFields, local: datetime) -> bool:
    if local.minute not in fields.minute or local.hour not in fields.hour:
        return False
    return is_of(fields, local)


def is_of(fields: CronFields, local: datetime) -> bool:
    """Return whether the date of `local` is one of the schedule's."""
    if local.month not in fields.month:
        return False
    by_date = local.day in fields.day_of_month
    by_day = local.isoweekday() % 7 in fields.day_of_week
    return (by_date and by_day) if fields.both_days else (by_date or by_day)
