"""More and more tasks that sleep: how long a start takes, and what they cost."""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks.errors import BenchmarkError
from benchmarks.manifests import IDLE_SCHEDULE, Manifest, tasks
from benchmarks.stage import Stage

REST_SECONDS = 3.0
"""After a start, until the memory is read: what starting took is given back by then."""


@dataclass(slots=True)
class Sleeping:
    """A number of tasks with nothing due; lists have one sample for each start."""

    count: int
    load: float
    ready: list[float] = field(default_factory=list)
    """Seconds from the process's start until every task is planned."""
    bare_list: list[float] = field(default_factory=list)
    """Seconds of a bare paged LIST of the same tasks."""
    resident: list[int] = field(default_factory=list)
    """Bytes at rest."""
    idle_cpu: list[float] = field(default_factory=list)
    """Share of a core."""


async def measure(
    stage: Stage, sizes: Iterable[int], *, starts: int, idle_size: int, idle_seconds: float
) -> list[Sleeping]:
    """Measure each of `sizes`, ascending; CPU at rest only at `idle_size`."""
    results = []
    # To delete twenty thousand tasks takes longer than to start an operator with them.
    async with stage.namespace("growth", left=True) as namespace:
        there = 0
        for size in sizes:
            stage.say(f"growth: {size:,} sleeping tasks, {starts} starts")
            more = tasks(size - there, stage.target.url, first=there, schedule=IDLE_SCHEDULE)
            await stage.api.create(namespace, more)
            there = size
            async with stage.operators(namespace) as operators:
                await operators.ready(size)
                await operators.settled()
            result = Sleeping(size, stage.load)
            for _ in range(starts):
                await start(stage, namespace, result, idle_seconds if size == idle_size else 0)
            results.append(result)
    return results


async def start(
    stage: Stage,
    namespace: str,
    result: Sleeping,
    idle_seconds: float = 0,
    *,
    python: str = sys.executable,
) -> None:
    """Start an operator of all tasks in `namespace`, which it knows, and add to `result`."""
    before = _versions(await stage.api.list(namespace))
    began = perf_counter()
    await stage.api.pages(namespace)
    result.bare_list.append(perf_counter() - began)
    async with stage.operators(namespace, python=python) as operators:
        result.ready.append(await operators.ready(result.count))
        await asyncio.sleep(REST_SECONDS)
        (replica,) = operators.replicas
        result.resident.append(replica.usage.resident)
        if idle_seconds:
            cpu, began = replica.usage.cpu_seconds, perf_counter()
            await asyncio.sleep(idle_seconds)
            used = replica.usage.cpu_seconds - cpu
            result.idle_cpu.append(used / (perf_counter() - began))
    after = _versions(await stage.api.list(namespace))
    written = sum(after[uid] != version for uid, version in before.items())
    if written:
        raise BenchmarkError(f"expected a start to write nothing, got {written} tasks written")


def _versions(manifests: Iterable[Manifest]) -> dict[str, str]:
    return {
        manifest["metadata"]["uid"]: manifest["metadata"]["resourceVersion"]
        for manifest in manifests
    }
