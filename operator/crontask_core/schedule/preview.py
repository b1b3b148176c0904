"""The next times of an expression, for people."""

from datetime import datetime
from zoneinfo import ZoneInfo

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.schedule.compile import compile_schedule


def preview(
    expression: str,
    *,
    count: int,
    after: datetime,
    time_zone: str = "UTC",
    gap: DstGap = DstGap.SKIP,
    overlap: DstOverlap = DstOverlap.BOTH,
    seed: str = "",
    anchor: datetime | None = None,
) -> list[datetime]:
    """Return the first `count` moments later than `after`, in the time of the zone.

    The keywords are those of `compile_schedule`, but that the anchor defaults to
    `after`: a task that is created at this moment. The list is shorter, perhaps empty,
    where the horizon ends it.
    """
    schedule = compile_schedule(
        expression,
        time_zone=time_zone,
        gap=gap,
        overlap=overlap,
        seed=seed,
        anchor=after if anchor is None else anchor,
    )
    zone = ZoneInfo(time_zone)
    times: list[datetime] = []
    moment = schedule.next(after)
    while moment is not None and len(times) < count:
        times.append(moment.astimezone(zone))
        moment = schedule.next(moment)
    return times
