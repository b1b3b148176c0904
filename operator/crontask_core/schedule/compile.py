"""compile makes a schedule of what a user wrote, for the operator and the facade."""

from datetime import datetime
from typing import Final

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError, ScheduleError
from crontask_core.schedule.base import EARLIEST, LATEST, Schedule, search_start
from crontask_core.schedule.cron import CronSchedule
from crontask_core.schedule.cron_parser import parse_cron
from crontask_core.schedule.every import Every, parse_period
from crontask_core.schedule.once import once
from crontask_core.schedule.wall_times import wall_times
from crontask_core.schedule.zones import load_zone
from crontask_core.spec import CronTaskSpec
from crontask_core.times import rfc3339

_MAX_LENGTH: Final = 1000
"""Characters of an expression: every value of every field, listed, takes 600. Whatever
is longer is a mistake, and its messages would be as long."""


def compile_schedule(
    expression: str,
    *,
    time_zone: str = "UTC",
    gap: DstGap = DstGap.SKIP,
    overlap: DstOverlap = DstOverlap.BOTH,
    seed: str = "",
    anchor: datetime | None = None,
) -> Schedule:
    """Return the schedule of a cron expression, a descriptor or an ``@every``.

    Parameters
    ----------
    time_zone
        IANA name of the zone whose clock the expression speaks of.
    gap, overlap
        What a wall time means which a clock change leaves out or repeats.
    seed
        What ``H`` hashes: the task's uid.
    anchor
        The moment the schedule took effect. ``@every`` counts from it, or from the
        epoch if it is None.

    Raises
    ------
    NeverFiresError
        If no date matches, or, with an anchor, none within five years of it.
    ScheduleError
        If the expression (``spec.schedule``) or the zone (``spec.timeZone``) is wrong.
    ValueError
        If the anchor is naive.
    """
    if len(expression) > _MAX_LENGTH:
        raise ScheduleError(
            "spec.schedule", f"found {len(expression)} characters, expected at most {_MAX_LENGTH}"
        )
    zone = load_zone(time_zone)
    origin = None if anchor is None else search_start(anchor) or LATEST
    keyword, *rest = expression.split(maxsplit=1) or [""]
    if keyword.lower() == "@every":
        return Every(origin or EARLIEST, parse_period("".join(rest).strip()))
    fields = parse_cron(expression, seed=seed)
    schedule = CronSchedule(wall_times(fields), zone, gap, overlap)
    if origin is not None and fields.has_rare_dates and schedule.next(origin) is None:
        raise NeverFiresError(
            "spec.schedule",
            f"{expression!r} does not fire within five years of {rfc3339(origin)}",
        )
    return schedule


def compile_spec(spec: CronTaskSpec, *, seed: str, anchor: datetime) -> Schedule:
    """Return the schedule of `spec`: that of its expression, or its one moment.

    Raises
    ------
    NeverFiresError, ScheduleError
        As `compile_schedule` does, or if `spec` has both or neither of ``schedule``
        and ``at``, or a moment without an offset from UTC.
    """
    if spec.schedule is not None and spec.at is None:
        return compile_schedule(
            spec.schedule,
            time_zone=spec.time_zone,
            gap=spec.dst.gap,
            overlap=spec.dst.overlap,
            seed=seed,
            anchor=anchor,
        )
    if spec.at is not None and spec.schedule is None:
        load_zone(spec.time_zone)  # does not matter to a moment, but a mistake is a mistake
        return once(spec.at)
    found = "neither" if spec.at is None else "both"
    raise ScheduleError("spec.schedule", f"found {found}, expected one of schedule and at")
