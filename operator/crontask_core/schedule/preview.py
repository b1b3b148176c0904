"""preview writes the next times of an expression for people."""

from datetime import datetime

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.schedule.compile import compile_schedule
from crontask_core.schedule.zones import load_zone


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

    The list is shorter where the horizon ends it. The other keywords, and the errors,
    are those of `compile_schedule`, but that the anchor defaults to `after`: what a
    task would do that is created at that moment.
    """
    schedule = compile_schedule(
        expression,
        time_zone=time_zone,
        gap=gap,
        overlap=overlap,
        seed=seed,
        anchor=after if anchor is None else anchor,
    )
    zone = load_zone(time_zone).tzinfo
    times: list[datetime] = []
    moment = schedule.next(after)
    while moment is not None and len(times) < count:
        times.append(moment.astimezone(zone))
        moment = schedule.next(moment)
    return times
