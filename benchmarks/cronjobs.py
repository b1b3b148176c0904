"""CronJobs and Jobs: what is created, and what a watch tells of it."""

import time
from collections.abc import AsyncIterable

import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.manifests import Manifest

MINUTE = 60
"""Seconds; the finest that a CronJob's schedule can say."""


class _Metadata(msgspec.Struct):
    name: str = ""


class _Job(msgspec.Struct):
    metadata: _Metadata


class _Event(msgspec.Struct):
    type: str
    object: _Job


_decode_event = msgspec.json.Decoder(_Event).decode


def cronjobs(count: int, due: int) -> list[Manifest]:
    """Return `count` CronJobs due in the minute that begins at `due`, and then for a day not.

    One minute alone, because a controller that is still busy when the next one begins
    skips what it has not begun: those Jobs would have no lag, and the rest a better one.
    """
    at = time.gmtime(due)
    container = {"name": "callback", "image": "callback.invalid/none"}
    pod = {"restartPolicy": "Never", "containers": [container]}
    spec = {
        "schedule": f"{at.tm_min} {at.tm_hour} * * *",
        "timeZone": "Etc/UTC",
        "jobTemplate": {"spec": {"template": {"spec": pod}}},
    }
    return [
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": f"cron-{index:05}"},
            "spec": spec,
        }
        for index in range(count)
    ]


def due_minute(now: float, count: int, *, pace: float, lead: float) -> int:
    """Return the first minute that leaves time to create `count` CronJobs, in seconds.

    `pace` is how many a second can be created at least, `lead` the seconds of rest after
    that. `now` and the result are seconds since the epoch.
    """
    return int(-(-(now + count / pace + lead) // MINUTE) * MINUTE)


class JobLags:
    """The lags of the Jobs of one minute, which are `count`, by the Job's name.

    `lags` are seconds from `due`, the minute's begin, until the watch told of the Job.
    """

    def __init__(self, count: int, due: int) -> None:
        self.count = count
        self.due = due
        self.lags: dict[str, float] = {}

    @property
    def complete(self) -> bool:
        """Whether every Job exists."""
        return len(self.lags) >= self.count

    def note(self, line: bytes, arrived: float) -> None:
        """Take one event of the watch, which arrived at `arrived`, seconds since the epoch.

        Raises
        ------
        BenchmarkError
            If it says that the watch has failed.
        """
        event = _decode_event(line)
        if event.type == "ERROR":
            raise BenchmarkError(f"watch of Jobs: expected an event, got {line[:300]!r}")
        # A Job is named after its CronJob and the minute for which it is.
        name = event.object.metadata.name
        if event.type == "ADDED" and name.endswith(f"-{self.due // MINUTE}"):
            self.lags.setdefault(name, arrived - self.due)

    async def follow(self, lines: AsyncIterable[bytes]) -> None:
        """Take events as they arrive, until every Job exists.

        Raises
        ------
        BenchmarkError
            If the watch ends before.
        """
        async for line in lines:
            self.note(line, time.time())
            if self.complete:
                return
        raise BenchmarkError(f"watch of Jobs: ended after {len(self.lags)} of {self.count}")
