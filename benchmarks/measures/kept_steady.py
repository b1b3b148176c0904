"""Tasks that are due again and again, with a history: whether it keeps up, and what it costs."""

import asyncio
import time
from dataclasses import dataclass

from benchmarks.errors import BenchmarkError
from benchmarks.figures import percentile
from benchmarks.keeping import ATTEMPTS, ROWS_WAIT, audit, firing, until_written
from benchmarks.manifests import EVERY_SECOND, every, tasks
from benchmarks.stage import Stage
from crontask_core.times import from_epoch


@dataclass(frozen=True, slots=True)
class Beat:
    """Tasks that are due again and again over a window, with one store."""

    store: str
    count: int
    period: int
    seconds: int
    p99: float
    missed: int
    cpu_each: float
    """CPU seconds of the operator for a run."""
    waiting: float
    """Rows that waited to be written half a second before the next instant, at most."""
    load: float


async def measure(
    stage: Stage, count: int, *, period: int, seconds: int, store: str, url: str
) -> Beat:
    """Have `count` tasks due every `period` seconds for `seconds`."""
    stage.say(f"{store}: {count:,} tasks every {period} s for {seconds} s")
    load = stage.load
    schedule = EVERY_SECOND if period == 1 else every(period)
    async with firing(stage, url, tasks(count, stage.target.url, schedule=schedule)) as (
        operators,
        namespace,
    ):
        begin = (int(time.time() + 4) // period + 1) * period
        await asyncio.sleep(begin - 0.5 - time.time())
        before, cpu = await operators.total(), operators.cpu_seconds
        waiting = 0.0
        for step in range(period, seconds, period):
            # Where one instant follows the other at once, asking would be a part of the load.
            if period > 1:
                await asyncio.sleep(begin + step - 0.5 - time.time())
                waiting = max(waiting, (await operators.total()).get(ROWS_WAIT, 0))
        await asyncio.sleep(begin + seconds - 0.5 - time.time())
        after, spent = await operators.total(), operators.cpu_seconds - cpu
        manifests = await stage.api.list(namespace)
        await stage.api.suspend(namespace, (each["metadata"]["name"] for each in manifests))
        await until_written(operators, 0)
        calls = await stage.target.take_calls()
        moments = {from_epoch(begin + step) for step in range(0, seconds, period)}
        inside = {
            (call.task, call.scheduled_time): call
            for call in calls
            if call.scheduled_time in moments
        }
        if not inside:
            raise BenchmarkError(f"expected calls of {count} tasks, got none; see {stage.logs}")
        missed = count * len(moments) - len(inside)
        if not missed:
            # One that is overloaded may hand over what it could not write, and make it again.
            await audit(stage, namespace, calls, url)
    lags = [(call.arrived - call.scheduled_time).total_seconds() for call in inside.values()]
    made = after.get(ATTEMPTS, 0) - before.get(ATTEMPTS, 0)
    p99, waiting = percentile(lags, 0.99), max(waiting, after.get(ROWS_WAIT, 0))
    return Beat(store, count, period, seconds, p99, missed, spent / made, waiting, load)
