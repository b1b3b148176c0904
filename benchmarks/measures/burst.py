"""Many tasks due at one instant: when their calls arrive, and when they are recorded."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.audit import audit
from benchmarks.figures import percentile
from benchmarks.manifests import IDLE_SCHEDULE, Manifest, every, tasks
from benchmarks.operators import Operators
from benchmarks.stage import Stage
from crontask_core.times import from_epoch
from tests.support.evidence import Call

LEAD_SECONDS = 2.0
"""Between the last look at the operator and the instant, so that it is at rest."""

REST_SECONDS = 8
"""Between the last record of a burst and the next one."""

PROBES = 200
"""Tasks that are created to find out how busy the machine is."""


@dataclass(slots=True)
class Burst:
    """What came of the bursts of one size: lists have one sample for each round."""

    count: int
    load: float
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    highest: list[float] = field(default_factory=list)
    recorded: list[float] = field(default_factory=list)
    """Seconds from the instant until every run is in a status."""
    peak_bytes: int = 0
    cpu: list[float] = field(default_factory=list)
    """CPU seconds of the operators, from before the instant until all is recorded."""
    target_cpu: list[float] = field(default_factory=list)
    """CPU seconds of the target over the same time."""
    bare_p99: list[float] = field(default_factory=list)
    bare_highest: list[float] = field(default_factory=list)
    bare_patches: list[float] = field(default_factory=list)
    """Seconds of a bare loop for as many status patches of the same size."""

    def rates(self, seconds: Sequence[float]) -> list[float]:
        """Return tasks a second for each of `seconds`."""
        return [self.count / each for each in seconds]

    def milliseconds_each(self, seconds: Sequence[float]) -> list[float]:
        """Return milliseconds for one task for each of `seconds`."""
        return [1000 * each / self.count for each in seconds]


async def measure(
    stage: Stage, count: int, *, rounds: int, replicas: int = 1, bare: bool = True
) -> Burst:
    """Fire `count` tasks `rounds` times; with `bare`, as often by bare loops afterwards."""
    burst = Burst(count, stage.load)
    period = period_for(count, await pace(stage))
    stage.say(f"burst of {count:,} tasks every {period} s, {rounds} rounds, {replicas} operators")
    async with stage.namespace("burst") as namespace:
        async with stage.operators(namespace, replicas) as operators:
            await operators.share_shards()
            manifests = tasks(count, stage.target.url, schedule=every(period))
            await stage.api.create(namespace, manifests)
            await operators.ready(count)
            dues = [await _fire(stage, operators, burst, period) for _ in range(rounds)]
            burst.peak_bytes = max(replica.usage.peak for replica in operators.replicas)
        calls = await stage.target.take_calls()
        stored = await stage.api.list(namespace)
        audit(stored, calls, until=from_epoch(dues[-1]))
        for due in dues:
            judge(burst, due, calls)
        for _ in range(rounds if bare else 0):
            await _bare(stage, namespace, burst, stored)
    return burst


def period_for(count: int, pace: float) -> int:
    """Return seconds between two bursts: time for the records, and to rest.

    `pace` is how many creates a second the API server takes. A record is given the time
    of five: it is a patch of a larger object, whoever makes it has more to do, and a burst
    must be recorded before the next one.
    """
    needed = REST_SECONDS + 5 * count / pace
    return next((period for period in (15, 20, 30, 60, 120, 300) if period >= needed), 600)


async def pace(stage: Stage) -> float:
    """Return how many creates a second the API server takes now."""
    paces = []
    # An API server that has just started is slow at first.
    for _ in range(2):
        async with stage.namespace("pace") as namespace:
            probes = tasks(PROBES, stage.target.url, schedule=IDLE_SCHEDULE)
            paces.append(PROBES / await stage.api.create(namespace, probes))
    return max(paces)


async def _fire(stage: Stage, operators: Operators, burst: Burst, period: int) -> float:
    """Wait for the next instant and until all of it is recorded; return the instant."""
    await operators.settled()
    due = await next_instant(period)
    await fire_at(stage, operators, burst, due)
    return due


async def next_instant(period: int) -> float:
    """Return the next multiple of `period` before which there is time to be at rest."""
    while True:
        due = (time.time() // period + 1) * period
        if due - time.time() >= LEAD_SECONDS:
            return due
        await asyncio.sleep(LEAD_SECONDS + 1)


async def fire_at(stage: Stage, operators: Operators, burst: Burst, due: float) -> None:
    """Wait for the instant `due` and until all of it is recorded."""
    attempts = await operators.attempts()
    cpu, target_cpu = operators.cpu_seconds, stage.target.usage.cpu_seconds
    await asyncio.sleep(due - time.time() + 0.5)
    recorded = await operators.settled(attempts=attempts + burst.count)
    burst.recorded.append(recorded - due)
    burst.cpu.append(operators.cpu_seconds - cpu)
    burst.target_cpu.append(stage.target.usage.cpu_seconds - target_cpu)


def judge(burst: Burst, due: float, calls: Sequence[Call]) -> None:
    """Add to `burst` how late the calls of the instant `due` arrived."""
    moment = from_epoch(due)
    lags = [
        (call.arrived - moment).total_seconds() for call in calls if call.scheduled_time == moment
    ]
    burst.p50.append(percentile(lags, 0.50))
    burst.p99.append(percentile(lags, 0.99))
    burst.highest.append(max(lags))


async def _bare(stage: Stage, namespace: str, burst: Burst, stored: Sequence[Manifest]) -> None:
    arrivals = await stage.target.post_bare(burst.count)
    burst.bare_p99.append(percentile(arrivals, 0.99))
    burst.bare_highest.append(arrivals[-1])
    for manifest in stored:
        # A patch that changes nothing would not be written.
        manifest["status"]["counters"]["succeeded"] += 1
    statuses = ((manifest["metadata"]["name"], manifest["status"]) for manifest in stored)
    burst.bare_patches.append(await stage.api.patch_status(namespace, statuses))
