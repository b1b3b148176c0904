"""A kill in the middle of a burst: what the successor makes again, with a history and without."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from typing import Final

from benchmarks.errors import BenchmarkError
from benchmarks.keeping import settings_of, until_written
from benchmarks.manifests import every, tasks
from benchmarks.measures.burst import next_instant
from benchmarks.stage import Stage
from crontask_core.times import from_epoch
from tests.support.evidence import Call

SHORT_LEASE: Final = {"CRONTASK_LEASE_SECONDS": "2"}

KILLED_AFTER_SECONDS: Final = 0.3
"""In the middle of a burst of 500, which takes half a second."""


@dataclass(frozen=True, slots=True)
class Crash:
    """A kill in the middle of a burst, and what its successor made again."""

    store: str
    count: int
    made: int
    """Calls that had arrived by then."""
    repeated: int
    load: float


async def measure(stage: Stage, count: int, *, store: str, url: str) -> Crash:
    """Kill the operator in the middle of a burst, and count what the next one makes again."""
    stage.say(f"{store}: a kill in the middle of a burst of {count}")
    load, period = stage.load, 20
    manifests = tasks(count, stage.target.url, schedule=every(period))
    async with stage.namespace("crash") as namespace:
        async with stage.operators(namespace, settings=SHORT_LEASE | settings_of(url)) as operators:
            await operators.share_shards()
            await stage.api.create(namespace, manifests)
            await operators.ready(count)
            due = await next_instant(period)
            await asyncio.sleep(due - time.time() + 0.5)
            await until_written(operators, count)
            due = await next_instant(period)
            await asyncio.sleep(due - time.time() + KILLED_AFTER_SECONDS)
            operators.replicas[0].program.child.kill()
        await asyncio.sleep(0.5)
        early = await _calls_of(stage, due)
        async with stage.operators(namespace, settings=SHORT_LEASE | settings_of(url)) as operators:
            await operators.ready(count)
            await asyncio.sleep(1)
            await until_written(operators, 0)
            late = await _calls_of(stage, due)
    made = Counter(call.execution_id for call in (*early, *late))
    if len(made) != count:
        raise BenchmarkError(f"expected {count} runs, got {len(made)}; see {stage.logs}")
    return Crash(store, count, len(early), sum(number > 1 for number in made.values()), load)


async def _calls_of(stage: Stage, due: float) -> list[Call]:
    moment = from_epoch(due)
    return [call for call in await stage.target.take_calls() if call.scheduled_time == moment]
