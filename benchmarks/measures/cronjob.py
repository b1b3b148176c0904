"""The stock CronJob controller: when the Jobs of one minute exist, without any pod."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from benchmarks.api import Api
from benchmarks.cronjobs import MINUTE, JobLags, cronjobs, due_minute
from benchmarks.errors import BenchmarkError
from benchmarks.figures import percentile
from benchmarks.stage import Stage
from benchmarks.usage import usage_of
from dev.errors import DevError
from dev.processes import Child

LEAD_SECONDS = 5.0
"""Between the last CronJob's creation and the minute, so that all of them are planned."""

CREATE_PACE = 40
"""CronJobs a second that can be created even on a busy machine."""

FLAGS: Final[Mapping[str, tuple[str, ...]]] = {
    "default flags": (),
    "tuned": (
        "--kube-api-qps=2000",
        "--kube-api-burst=4000",
        "--concurrent-cron-job-syncs=50",
    ),
}
"""How the controller manager is started: as it comes, and with limits out of its way.

As it comes it has 5 workers, and sends 20 requests a second after the first 30.
"""


@dataclass(frozen=True, slots=True)
class CronJobs:
    """What came of CronJobs that were due in one minute."""

    flags: str
    """A name of `FLAGS`."""
    lags: tuple[float, ...]
    """Seconds from the minute's begin until a watch tells of the Job, one for each."""
    cpu: float
    """CPU seconds of the controller manager, from before the minute to the last Job."""
    peak_bytes: int
    load: float

    @property
    def p50(self) -> float:
        """The median lag in seconds."""
        return percentile(self.lags, 0.50)

    @property
    def p99(self) -> float:
        """The lag in seconds that one Job in a hundred exceeds."""
        return percentile(self.lags, 0.99)

    @property
    def rate(self) -> float:
        """Jobs a second until the last one."""
        return len(self.lags) / max(self.lags)

    @property
    def in_time(self) -> int:
        """How many Jobs existed before the next minute began."""
        return sum(lag < MINUTE for lag in self.lags)

    @property
    def cpu_each(self) -> float:
        """CPU milliseconds of the controller manager for a Job."""
        return 1000 * self.cpu / len(self.lags)


async def measure(stage: Stage, count: int, flags: str) -> CronJobs:
    """Let `count` CronJobs be due at once, for a controller manager with `flags` of `FLAGS`."""
    load = stage.load
    async with stage.namespace("cronjob") as namespace:
        try:
            async with _manager(stage, flags) as manager:
                due = due_minute(time.time(), count, pace=CREATE_PACE, lead=LEAD_SECONDS)
                stage.say(f"{count:,} CronJobs, {flags}, due in {due - time.time():.0f} s")
                jobs = JobLags(count, due)
                async with stage.api.watch(_path(namespace, "jobs")) as lines:
                    path = _path(namespace, "cronjobs")
                    await stage.api.create_all(path, cronjobs(count, due))
                    if time.time() > due - LEAD_SECONDS:
                        raise BenchmarkError(
                            f"expected {count} CronJobs to be created at {CREATE_PACE} a second"
                        )
                    before = usage_of(manager.pid)
                    await _follow(jobs, lines, manager)
                after = usage_of(manager.pid)
        finally:
            await _clear(stage.api, namespace)
    lags = tuple(jobs.lags.values())
    return CronJobs(flags, lags, after.cpu_seconds - before.cpu_seconds, after.peak, load)


@asynccontextmanager
async def _manager(stage: Stage, flags: str) -> AsyncIterator[Child]:
    try:
        manager = await asyncio.to_thread(
            stage.control_plane.start_controller_manager, *FLAGS[flags]
        )
    except DevError as error:
        # A peer that does not start must not cost the figures of the project.
        raise BenchmarkError(str(error)) from error
    try:
        yield manager
    finally:
        await asyncio.to_thread(manager.stop)


async def _follow(jobs: JobLags, lines: AsyncIterator[bytes], manager: Child) -> None:
    """Wait until all `jobs` exist: at five a second, and two minutes besides."""
    bound = jobs.due - time.time() + 2 * MINUTE + jobs.count / 5
    try:
        async with asyncio.timeout(bound):
            await jobs.follow(lines)
    except TimeoutError:
        state = "runs" if manager.poll() is None else "has ended"
        raise BenchmarkError(
            f"expected {jobs.count} Jobs within {bound:.0f} s, got {len(jobs.lags)}; "
            f"{manager.name} {state}; the end of its log:\n{manager.tail()}"
        ) from None


async def _clear(api: Api, namespace: str) -> None:
    """Delete all that came of it, or the next controller manager would have it to look after."""
    for kind in ("cronjobs", "jobs", "pods"):
        await api.delete_collection(_path(namespace, kind))
    # Pods wait for a controller, which is gone, to say that they were counted.
    left = await api.names(_path(namespace, "pods"))
    await api.patch_all(_path(namespace, "pods"), left, {"metadata": {"finalizers": None}})


def _path(namespace: str, kind: str) -> str:
    group = "/api/v1" if kind == "pods" else "/apis/batch/v1"
    return f"{group}/namespaces/{namespace}/{kind}"
