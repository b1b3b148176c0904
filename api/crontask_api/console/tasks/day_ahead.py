"""day_ahead counts the runs that are due in each minute of the next day.

Ten thousand tasks may have a million runs in it. Tasks with the same expression are counted
together, and of each expression those hours alone are looked at in which it fires.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from crontask_api.console.live.row import Row
from crontask_api.console.tasks.due import fields_of, is_of, period_of, zone_of
from crontask_core.enums import Phase
from crontask_core.schedule.cron_fields import CronFields

MINUTES: Final = 24 * 60

IN_A_ROW: Final = 200
"""Tasks or expressions that are counted before others have their turn."""


@dataclass(frozen=True, slots=True)
class DayAhead:
    """How many runs are due in each minute, from `begin` on, in UTC."""

    begin: datetime
    counts: list[int]

    @property
    def most(self) -> tuple[int, int]:
        """The most runs in a minute, and the first minute that has so many."""
        most = max(self.counts)
        return most, self.counts.index(most)

    @property
    def quiet(self) -> tuple[int, int]:
        """Minutes of the longest time in which nothing is due, and the first of them."""
        longest, first, length = 0, 0, 0
        for place, count in enumerate(self.counts):
            length = 0 if count else length + 1
            if length > longest:
                longest, first = length, place - length + 1
        return longest, first


@dataclass(frozen=True, slots=True)
class _Hour:
    """Minutes that the clock of a zone shows as one hour, or as a part of it."""

    place: int
    local: datetime
    """What it shows at the first of them."""
    length: int


async def day_ahead(rows: Iterable[Row], now: datetime) -> DayAhead:
    """Return the runs of `rows` that are due in the day that begins with this minute."""
    begin = now.astimezone(UTC).replace(second=0, microsecond=0)
    counts = [0] * MINUTES
    crons: Counter[tuple[str, str, str]] = Counter()
    periods: Counter[tuple[int, float]] = Counter()
    for number, row in enumerate(rows):
        if number % IN_A_ROW == 0:
            await asyncio.sleep(0)
        if row.phase != Phase.ACTIVE or row.next_run is None:
            continue
        first = row.next_run - begin.timestamp()
        if first >= 60 * MINUTES:
            continue
        if row.at is not None or row.type == "Single":
            counts[max(int(first) // 60, 0)] += 1
        elif period := period_of(row.schedule):
            periods[period, max(first, first % period)] += 1
        else:
            seed = row.uid if "H" in row.schedule else ""
            crons[row.schedule, seed, row.time_zone] += 1
    for (period, first), tasks in periods.items():
        _add_every(counts, period, first, tasks)
    hours: dict[str, list[_Hour]] = {}
    for number, ((expression, seed, zone), tasks) in enumerate(crons.items()):
        if number % IN_A_ROW == 0:
            await asyncio.sleep(0)
        fields = fields_of(expression, seed)
        if fields is not None:
            if zone not in hours:
                hours[zone] = list(_hours(begin, zone))
            _add_cron(counts, fields, hours[zone], tasks)
    return DayAhead(begin, counts)


def _add_every(counts: list[int], period: int, first: float, tasks: int) -> None:
    place = int(first) // 60
    while place < MINUTES:
        # Those of this minute at once: there may be sixty.
        here = int((60 * (place + 1) - first - 1e-6) // period) + 1
        counts[place] += here * tasks
        first += here * period
        place = int(first) // 60


def _add_cron(counts: list[int], fields: CronFields, hours: list[_Hour], tasks: int) -> None:
    runs = tasks * len(fields.second)
    for hour in hours:
        local = hour.local
        if local.hour in fields.hour and is_of(fields, local):
            for minute in fields.minute:
                place = minute - local.minute
                if 0 <= place < hour.length:
                    counts[hour.place + place] += runs


def _hours(begin: datetime, zone: str) -> Iterator[_Hour]:
    known = zone_of(zone)
    place = 0
    while place < MINUTES:
        local = (begin + timedelta(minutes=place)).astimezone(known)
        length = min(60 - local.minute, MINUTES - place)
        yield _Hour(place, local, length)
        place += length
