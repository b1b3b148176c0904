"""wall_times finds matching wall times on the calendar, which has no zones, for `cron`."""

import threading
from datetime import datetime
from typing import Final
from weakref import WeakValueDictionary

from croniter import CroniterBadDateError, croniter

from crontask_core.schedule.cron_fields import CronFields

_YEARS_BETWEEN_MATCHES: Final = 6
"""croniter counts calendar years; six of them cover the horizon from any date."""

_KNOWN: Final = 2
"""Answers remembered: a task that is due asks for the moment that has come and for the
one that follows it."""

_cache: WeakValueDictionary[tuple[str, bool], "WallTimes"] = WeakValueDictionary()


def wall_times(fields: CronFields) -> "WallTimes":
    """Return the wall times of `fields`, shared by all schedules with the same ones.

    A compiled croniter costs 40 to 100 us and 1.2 KB; thousands of tasks have a few
    dozen expressions between them. It lives as long as a schedule uses it.
    """
    key = (fields.normalised, fields.both_days)
    found = _cache.get(key)
    if found is None:
        found = _cache.setdefault(key, WallTimes(fields))
    return found


class WallTimes:
    """The naive times that match cron fields.

    `every_hour` tells whether no hour of a matching day is left out.
    """

    __slots__ = ("__weakref__", "_croniter", "_known", "_lock", "every_hour")

    def __init__(self, fields: CronFields) -> None:
        self.every_hour = fields.every_hour
        self._croniter = croniter(
            fields.normalised,
            # Any start will do, as each question brings its own; the default reads the clock.
            start_time=0.0,
            day_or=not fields.both_days,
            max_years_between_matches=_YEARS_BETWEEN_MATCHES,
            second_at_beginning=True,
        )
        # croniter keeps its position in itself, even when it is given one.
        self._lock = threading.Lock()
        self._known: tuple[tuple[datetime, datetime], ...] = ()

    def next(self, after: datetime) -> datetime | None:
        """Return the first match later than the naive `after`, or None for years to come."""
        # Nothing matches between a question and its answer, so whoever asks from in
        # between gets the same one. All tasks of an expression ask at one instant.
        for asked, found in self._known:
            if asked <= after < found:
                return found
        with self._lock:
            try:
                answer: datetime = self._croniter.get_next(datetime, start_time=after)
            except CroniterBadDateError:
                return None
        self._known = ((after, answer), *self._known[: _KNOWN - 1])
        return answer
