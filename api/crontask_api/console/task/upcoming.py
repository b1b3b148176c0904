"""upcoming_runs works out when a task runs next, in its zone and in UTC, for its page."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final

from crontask_api.kube.objects import CronTask
from crontask_core.enums import Phase
from crontask_core.errors import ScheduleError
from crontask_core.schedule import Schedule, compile_spec
from crontask_core.schedule.zones import load_zone
from crontask_core.spec import CronTaskSpec
from crontask_core.status import CronTaskStatus

COUNT: Final = 10

_ENDED: Final = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.INVALID})


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One moment. `before` and `after` are the offsets of a clock change before it."""

    seconds: float
    """Since the epoch."""
    local: str
    utc: str
    before: str = ""
    after: str = ""


def upcoming_runs(
    task: CronTask, spec: CronTaskSpec, status: CronTaskStatus, now: datetime
) -> list[Upcoming]:
    """Return the next runs, none of a task that is paused or runs no more."""
    if spec.suspend or status.phase in _ENDED:
        return []
    created = task.metadata.creation_timestamp
    # What ``@every`` counts from, as the operator does.
    since = (
        status.plan.since
        if status.plan
        else datetime.fromisoformat(created or "1970-01-01T00:00:00Z")
    )
    try:
        schedule = compile_spec(spec, seed=task.metadata.uid, anchor=since)
        zone = load_zone(spec.time_zone).tzinfo
    except ScheduleError:
        return []
    return moments_of(schedule, zone, now, most=1 if spec.is_one_shot else COUNT)


def moments_of(schedule: Schedule, zone: tzinfo, now: datetime, *, most: int) -> list[Upcoming]:
    """Return the first moments of `schedule` after `now`, at most `most`."""
    moments: list[datetime] = []
    moment = schedule.next(now)
    while moment is not None and len(moments) < most:
        moments.append(moment.astimezone(zone))
        moment = schedule.next(moment)
    # The clock may change between now and the first run as well.
    return [_told(*pair) for pair in pairwise([now.astimezone(zone), *moments])]


def _told(before: datetime, moment: datetime) -> Upcoming:
    changes = before.utcoffset() != moment.utcoffset()
    return Upcoming(
        seconds=moment.timestamp(),
        local=f"{moment:%Y-%m-%d %H:%M:%S}",
        utc=f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        before=_offset(before) if changes else "",
        after=_offset(moment) if changes else "",
    )


def _offset(moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    minutes = abs(offset) // timedelta(minutes=1)
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"
