"""schedule_traps finds where an expression may not do what its writer meant, for ``explain``."""

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from crontask_cli.schedule_words import day_names, listed, step_of
from crontask_core.enums import DstGap, DstOverlap
from crontask_core.schedule.clock_changes import ClockChange
from crontask_core.schedule.cron_fields import CronFields
from crontask_core.schedule.cron_parser import DESCRIPTORS, parse_cron
from crontask_core.schedule.fields import FIELDS, HOUR, MINUTE, SECOND
from crontask_core.schedule.wall_times import wall_times
from crontask_core.schedule.zones import load_zone

AHEAD: Final = timedelta(days=365)
"""How far clock changes are looked for: both of a year, wherever it begins."""

_HASH: Final = re.compile(r"(?<![A-Z])H(?![A-Z])", re.IGNORECASE)
_TICK: Final = timedelta(seconds=1)
_YEAR: Final = timedelta(days=366)
_LOOKED_AT: Final = 12
"""Dates that are looked at for a gap of more than a year."""


def traps(
    expression: str, *, time_zone: str, gap: DstGap, overlap: DstOverlap, now: datetime, seed: str
) -> list[str]:
    """Return one sentence for each trap in the well-formed `expression`.

    Raises
    ------
    crontask_core.errors.ScheduleError
        If it is not well-formed, or the zone is none.
    """
    zone = load_zone(time_zone)
    if expression.lower().startswith("@every"):
        return [
            "It follows no clock: time zone and clock changes do not matter, and a changed "
            "schedule counts anew."
        ]
    fields = parse_cron(expression, seed=seed)
    found = [*_days(fields, now), *_rhythm(fields), *_writing(expression, fields, seed)]
    for change in zone.changes(now, now + AHEAD):
        found += _change(fields, change, gap, overlap)
    return found


def _days(fields: CronFields, now: datetime) -> Iterator[str]:
    restricted = len(fields.day_of_month) < 31, len(fields.day_of_week) < 7
    names = listed(day_names(fields.day_of_week), "or")
    if all(restricted) and not fields.both_days:
        yield (
            "Both day fields are restricted, so either is enough: it fires on those days of the "
            f"month whatever the weekday, and on every {names}."
        )
    if all(restricted) and fields.both_days:
        yield (
            "One of the day fields has a star, so both must match: it fires only on those days "
            f"of the month that are {names}."
        )
    rare = [day for day in fields.day_of_month if day > 28]
    if restricted[0] and rare and len(rare) == len(fields.day_of_month):
        missing = "February" if rare[-1] > 29 else "February outside leap years"
        months = "shorter months" if rare[0] == 31 else missing
        yield f"It does not fire in {months}: a month without the day is left out."
    if fields.has_rare_dates and _is_rare(fields, now):
        yield "More than a year can pass between two runs: few dates match."


def _is_rare(fields: CronFields, now: datetime) -> bool:
    """Return whether some of the next dates are more than a year apart."""
    times = wall_times(fields)
    moment: datetime | None = now.replace(tzinfo=None)
    for _ in range(_LOOKED_AT):
        before, moment = moment, moment and times.next(moment)
        if moment is None or before is None or moment - before > _YEAR:
            return True
        # To the end of that day, whatever the schedule does within it.
        moment = moment.replace(hour=23, minute=59, second=59)
    return False


def _rhythm(fields: CronFields) -> Iterator[str]:
    for finer, coarser, names in (
        (fields.minute, fields.hour, "minute of the hour"),
        (fields.second, fields.minute, "second of the minute"),
    ):
        if len(finer) == 60 and len(coarser) <= 12:
            unit, _, whole = names.partition(" of the ")
            yield f"It fires every {unit} of a matching {whole}, not once: 0 would be once."
    for values, field in ((fields.second, SECOND), (fields.minute, MINUTE), (fields.hour, HOUR)):
        steps = {after - before for before, after in itertools.pairwise(values)}
        if len(values) > 2 and len(steps) == 1 and step_of(values, field) is None:
            (step,) = steps
            last = values[0] + field.size - values[-1]
            if step > 1 and values[-1] + step > field.maximum:
                yield (
                    f"The step of {step} {field.name}s begins anew with each cycle: between "
                    f"{values[-1]} and {values[0]} there are {last}. @every has no such break."
                )


def _writing(expression: str, fields: CronFields, seed: str) -> Iterator[str]:
    texts = expression.split()
    if len(texts) == len(FIELDS):
        yield "There are six fields, so the first is the second, not the minute."
    weekday = DESCRIPTORS.get(expression.lower(), expression).split()[-1]
    if re.search(r"[1-7]", weekday.partition("/")[0]) and not expression.startswith("@"):
        days = listed(day_names(fields.day_of_week))
        yield f"Weekdays count from 0, Sunday: {weekday} is {days}, other than in Quartz."
    if _HASH.search(expression) and not seed:
        yield "H is a value of each task's own: --uid shows that of one task."


def _change(
    fields: CronFields, change: ClockChange, gap: DstGap, overlap: DstOverlap
) -> Iterator[str]:
    """Yield what becomes of the schedule at `change`; one of every hour is hardly touched."""
    if fields.every_hour:
        return
    begin = (change.at + min(change.before, change.after)).replace(tzinfo=None)
    length = change.skipped or change.repeated
    wall = wall_times(fields).next(begin - _TICK)
    if wall is None or wall >= begin + length:
        return
    day = change.at.astimezone(UTC).replace(tzinfo=None) + change.before
    what = f"On {day:%Y-%m-%d} the clock shows {wall:%H:%M}"
    if change.skipped:
        then = "is left out" if gap is DstGap.SKIP else "comes right after the change"
        yield f"{what} not at all: that run {then} (dst.gap {gap})."
    else:
        times = {
            DstOverlap.BOTH: "it fires both times",
            DstOverlap.FIRST: "it fires the first time",
            DstOverlap.SECOND: "it fires the second time",
        }
        yield f"{what} twice: {times[overlap]} (dst.overlap {overlap})."
