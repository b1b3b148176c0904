"""Tasks of every second: how many of them are on time, second after second."""

import asyncio
import sys
import time
from dataclasses import dataclass

from benchmarks.audit import audit
from benchmarks.errors import BenchmarkError
from benchmarks.figures import percentile
from benchmarks.manifests import EVERY_SECOND, tasks
from benchmarks.stage import Stage
from crontask_core.times import from_epoch

P99_SECONDS = 1.0
"""A task of every second that is later than this overlaps with itself."""

WARM_UP_SECONDS = 4
"""Before the window, so that the first plans are written and connections are open."""


@dataclass(frozen=True, slots=True)
class Held:
    """How a number of tasks went over a window."""

    count: int
    seconds: int
    p50: float
    p99: float
    missed: int
    """Seconds of single tasks for which no call came."""
    load: float
    cpu: float
    """Seconds of CPU of the operator over the window."""

    @property
    def milliseconds_each(self) -> float:
        """CPU of the operator a run, its record included."""
        return self.cpu * 1000 / (self.count * self.seconds)

    @property
    def ok(self) -> bool:
        """Whether the operator carries this number."""
        return self.p99 < P99_SECONDS and not self.missed


async def search(stage: Stage, sizes: tuple[int, ...], *, trial: int, confirm: int) -> list[Held]:
    """Return the trials of `trial` seconds in ascending order, up to the first that fails.

    If `confirm` is not 0, the last is the largest size that went well for `confirm` seconds.
    """
    trials: list[Held] = []
    for size in sizes:
        trials.append(await hold(stage, size, trial))
        if not trials[-1].ok:
            break
    for size in reversed([held.count for held in trials if held.ok] if confirm else []):
        trials.append(await hold(stage, size, confirm))
        if trials[-1].ok:
            break
    return trials


async def hold(stage: Stage, count: int, seconds: int, *, python: str = sys.executable) -> Held:
    """Run `count` tasks of every second and look at a window of `seconds`."""
    stage.say(f"steady: {count} tasks every second for {seconds} s")
    load = stage.load
    async with stage.namespace("steady") as namespace:
        async with stage.operators(namespace, python=python) as operators:
            await operators.share_shards()
            manifests = tasks(count, stage.target.url, schedule=EVERY_SECOND)
            await stage.api.create(namespace, manifests)
            await operators.ready(count)
            begin = int(time.time()) + WARM_UP_SECONDS
            await asyncio.sleep(begin - time.time())
            cpu = operators.cpu_seconds
            await asyncio.sleep(begin + seconds - time.time())
            cpu = operators.cpu_seconds - cpu
            await stage.api.suspend(namespace, (each["metadata"]["name"] for each in manifests))
            await operators.settled()
        calls = await stage.target.take_calls()
        stored = await stage.api.list(namespace)
        window = range(begin, begin + seconds)
        due = {from_epoch(second) for second in window}
        inside = {
            (call.task, call.scheduled_time): call for call in calls if call.scheduled_time in due
        }
        if not inside:
            raise BenchmarkError(f"expected calls of {count} tasks, got none; see {stage.logs}")
        lags = [(call.arrived - call.scheduled_time).total_seconds() for call in inside.values()]
        missed = count * seconds - len(inside)
        if not missed:
            audit(stored, calls, until=from_epoch(begin + seconds - 1))
    p50, p99 = percentile(lags, 0.5), percentile(lags, 0.99)
    return Held(count, seconds, p50, p99, missed, load, cpu)
