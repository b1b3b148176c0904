"""start_time maps ``start_time`` to ``spec.schedule`` or ``spec.at`` and back, for all mappings.

The document's expressions are those of the original's Go cron: second, minute, hour,
day, month and optionally weekday. A CronTask with five fields begins with the minute,
as in Kubernetes; so the facade always writes six fields.
"""

import re
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crontask_api.codes import Code
from crontask_api.errors import ItemError
from crontask_api.shown import shown
from crontask_core.enums import TaskType
from crontask_core.errors import ScheduleError
from crontask_core.schedule import compile_schedule
from crontask_core.schedule.zones import load_zone
from crontask_core.times import from_epoch, to_milliseconds

MILLISECONDS_FROM: Final = 1e11
"""Timestamps from here on are taken for milliseconds: as seconds this is the year 5138,
as milliseconds it is March 1973."""

FIELDS: Final = "expected 5 (second, minute, hour, day of month, month) or 6 (day of week last)"
NO_YEAR: Final = " (an expression has no year; a timestamp is for a moment)"

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
_ZONED: Final = re.compile(r"(?:CRON_)?TZ=(?P<time_zone>\S*)\s+(?P<rest>.*)", re.DOTALL)
"""Go's way to say the time zone within an expression."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When a task runs: exactly one of `schedule` and `at`."""

    schedule: str | None = None
    at: datetime | None = None
    time_zone: str | None = None
    """Zone that stands in the expression itself."""


def parse_start_time(value: float | str) -> Timing:
    """Return what `value` means; the expression itself is not judged here.

    Raises
    ------
    ItemError
        If a timestamp is out of range, or if the text is blank.
    """
    if isinstance(value, str):
        text = value.strip()
        if zoned := _ZONED.fullmatch(text):
            return Timing(schedule=_six_fields(zoned["rest"]), time_zone=zoned["time_zone"])
        if not _NUMBER.fullmatch(text):
            return Timing(schedule=_six_fields(text))
        value = float(text)
    return Timing(at=_moment(value))


def choose_time_zone(timing: Timing, given: str | None, default: str) -> str:
    """Return the expression's own zone, that of the field, or `default`.

    Raises
    ------
    ItemError
        If the first two differ.
    """
    if timing.time_zone and given and timing.time_zone != given:
        raise _wrong(f"its zone is {shown(timing.time_zone)}, but time_zone is {shown(given)}")
    return timing.time_zone or given or default


def check_timing(timing: Timing, *, time_zone: str, now: datetime) -> None:
    """Return if the zone exists, and if an expression fires at some moment after `now`.

    Raises
    ------
    ItemError
        With the schedule's own complaint.
    """
    try:
        if timing.schedule is None:
            load_zone(time_zone)
        else:
            compile_schedule(timing.schedule, time_zone=time_zone, anchor=now)
    except ScheduleError as error:
        field = "time_zone" if error.field == "spec.timeZone" else "start_time"
        raise ItemError(Code.BAD_START_TIME, f"{field}: {error.message}") from error


def format_start_time(schedule: str | None, at: datetime | None) -> int | float | str:
    """Return the ``start_time`` that means `schedule` or `at`."""
    if at is not None:
        seconds = at.timestamp()
        return int(seconds) if seconds.is_integer() else seconds
    if schedule is None:
        return ""
    fields = schedule.split()
    # kubectl's five fields fire at second 0 and would be read with the second first.
    return f"0 {schedule.strip()}" if len(fields) == 5 else schedule


def check_fits_type(timing: Timing, task_type: TaskType | None) -> None:
    """Return if a task of `task_type` can run at `timing`.

    Raises
    ------
    ItemError
        If a task that runs again and again has a timestamp.
    """
    if timing.at is not None and task_type not in (None, TaskType.SINGLE):
        raise _wrong(
            f"a timestamp is for type 1 (once); a task of type {task_type} needs a cron expression"
        )


def _six_fields(text: str) -> str:
    if not text:
        raise _wrong("expected a timestamp or a cron expression, found nothing")
    fields = text.split()
    if text.startswith("@"):
        return text
    if len(fields) not in (5, 6):
        # The schedule's own complaint has the order of five fields that kubectl's have.
        found = f"found {len(fields)} field{'s' * (len(fields) > 1)}"
        year = NO_YEAR if len(fields) == 7 else ""
        raise _wrong(f"{found}, {FIELDS}{year}")
    # Go's cron reads ? as * in every field, a CronTask only where a day is meant.
    fields[:3] = (field.replace("?", "*") for field in fields[:3])
    fields[4] = fields[4].replace("?", "*")
    return " ".join(fields if len(fields) == 6 else [*fields, "*"])


def _moment(seconds: float) -> datetime:
    # Integers of JSON are unbounded; a float ends at 1e308.
    seconds = min(seconds, sys.float_info.max)
    if seconds >= MILLISECONDS_FROM:
        raise _wrong(
            f"expected a Unix timestamp in seconds, found {seconds:.15g}, "
            f"which looks like milliseconds; did you mean {seconds / 1000:.15g}?"
        )
    if seconds <= 0:
        raise _wrong(f"expected a Unix timestamp after 1970, found {seconds:g}")
    return to_milliseconds(from_epoch(seconds))


def _wrong(message: str) -> ItemError:
    return ItemError(Code.BAD_START_TIME, f"start_time: {message}")
