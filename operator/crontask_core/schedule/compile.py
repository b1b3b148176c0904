"""From what a user wrote to a schedule."""

from datetime import UTC, datetime

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import NeverFiresError, ScheduleError
from crontask_core.schedule.base import Schedule
from crontask_core.schedule.cron import CronSchedule
from crontask_core.schedule.cron_parser import parse_cron
from crontask_core.schedule.every import Every, parse_every
from crontask_core.schedule.once import Once
from crontask_core.schedule.wall_times import wall_times
from crontask_core.schedule.zones import load_zone
from crontask_core.spec import CronTaskSpec
from crontask_core.times import rfc3339

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def compile_schedule(
    expression: str,
    *,
    time_zone: str = "UTC",
    gap: DstGap = DstGap.SKIP,
    overlap: DstOverlap = DstOverlap.BOTH,
    seed: str = "",
    anchor: datetime | None = None,
) -> Schedule:
    """Return the schedule of a cron expression, descriptor or ``@every``.

    Parameters
    ----------
    time_zone
        IANA name of the zone whose clock the expression speaks of.
    gap, overlap
        What a wall time means which a clock change leaves out or repeats.
    seed
        What ``H`` hashes: the task's uid.
    anchor
        The moment the schedule took effect; ``@every`` counts from it. None means the
        epoch.

    Raises
    ------
    NeverFiresError
        If the schedule is well-formed, but no moment matches it.
    ScheduleError
        If the expression (``spec.schedule``) or the zone (``spec.timeZone``) is wrong.
    """
    zone = load_zone(time_zone)
    keyword, _, rest = expression.strip().partition(" ")
    if keyword.lower() == "@every":
        start = (anchor or _EPOCH).astimezone(UTC).replace(microsecond=0)
        return Every(start, parse_every(rest.strip()))
    fields = parse_cron(expression.strip(), seed=seed)
    schedule = CronSchedule(wall_times(fields), fields.every_hour, zone, gap, overlap)
    if anchor is not None and fields.has_rare_dates and schedule.next(anchor) is None:
        raise NeverFiresError(
            "spec.schedule", f"{expression!r} has no match within five years of {rfc3339(anchor)}"
        )
    return schedule


def compile_spec(spec: CronTaskSpec, *, seed: str, anchor: datetime) -> Schedule:
    """Return the schedule of `spec`: its expression, or its one moment.

    Raises
    ------
    NeverFiresError, ScheduleError
        As `compile_schedule`.
    """
    if spec.at is not None:
        return Once(spec.at.astimezone(UTC))
    if spec.schedule is None:
        raise ScheduleError("spec.schedule", "expected exactly one of schedule and at, found none")
    return compile_schedule(
        spec.schedule,
        time_zone=spec.time_zone,
        gap=spec.dst.gap,
        overlap=spec.dst.overlap,
        seed=seed,
        anchor=anchor,
    )
