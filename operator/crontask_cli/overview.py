"""Overview keeps what ``crontask top`` shows of each task, and sums it up."""

from datetime import datetime, timedelta
from statistics import median
from typing import Final, NamedTuple

import msgspec

from crontask_cli.service.task import Task, read_task
from crontask_cli.times import parse_moment

SOON: Final = timedelta(minutes=1)
"""What is due within it is shown as due."""

LATEST: Final = 100
"""Runs of which the lag is told, the latest of all tasks."""


class _Run(msgspec.Struct, frozen=True, rename="camel"):
    scheduled_time: datetime
    begin_time: datetime
    run_type: str = ""
    attempt: int = 1


class _Status(msgspec.Struct, frozen=True, rename="camel"):
    runs: list[msgspec.Raw] = []
    active: list[msgspec.Raw] = []


class _Runs(msgspec.Struct, frozen=True):
    status: _Status = _Status()


class Seen(NamedTuple):
    """A task as it was last seen."""

    task: Task
    in_flight: int
    begun: datetime | None
    """When its latest scheduled attempt began."""
    lag: timedelta | None
    """How long after its moment that was."""


class Overview:
    """All tasks that were seen. Not for several threads at once."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Seen] = {}
        self.trouble = ""
        """Why there is no connection; "" while there is one."""

    def __len__(self) -> int:
        return len(self._seen)

    def update(self, manifest: bytes) -> None:
        """Take in a CronTask as it is now."""
        task = read_task(manifest)
        status = msgspec.json.decode(manifest, type=_Runs).status
        begun, lag = _lag(status.runs)
        key = (task.metadata.namespace, task.metadata.name)
        self._seen[key] = Seen(task, len(status.active), begun, lag)

    def due(self, now: datetime) -> list[Seen]:
        """Return the tasks that run within `SOON`, the next one first."""
        found = []
        for seen in self._seen.values():
            moment = parse_moment(seen.task.status.next_run_time or "")
            if moment is not None and moment - now <= SOON:
                found.append((moment, seen.task.metadata.name, seen))
        return [seen for *_, seen in sorted(found, key=lambda each: each[:2])]

    def in_flight(self) -> list[Seen]:
        """Return the tasks with attempts in flight."""
        return sorted(
            (seen for seen in self._seen.values() if seen.in_flight),
            key=lambda seen: (-seen.in_flight, seen.task.metadata.name),
        )

    def failing(self) -> list[Seen]:
        """Return the tasks that fail, those that do so for longest first."""
        return sorted(
            (seen for seen in self._seen.values() if seen.task.is_failing),
            key=lambda seen: (-seen.task.status.consecutive_failures, seen.task.metadata.name),
        )

    def lags(self) -> tuple[timedelta, timedelta] | None:
        """Return median and maximum of how late the latest runs began; None without any."""
        latest = sorted(
            (seen.begun, seen.lag)
            for seen in self._seen.values()
            if seen.begun is not None and seen.lag is not None
        )[-LATEST:]
        if not latest:
            return None
        seconds = [lag.total_seconds() for _, lag in latest]
        return timedelta(seconds=median(seconds)), timedelta(seconds=max(seconds))


def _lag(runs: list[msgspec.Raw]) -> tuple[datetime | None, timedelta | None]:
    for raw in runs:
        try:
            run = msgspec.json.decode(raw, type=_Run)
        except msgspec.ValidationError:
            continue
        # A retry is late on purpose, and a manual run has no moment of its own.
        if run.run_type == "Scheduled" and run.attempt == 1:
            return run.begin_time, max(run.begin_time - run.scheduled_time, timedelta(0))
    return None, None
