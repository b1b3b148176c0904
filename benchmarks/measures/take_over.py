"""An owner that ends or is killed: for how long is a task of every second not called?"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from benchmarks.audit import audit
from benchmarks.manifests import EVERY_SECOND, tasks
from benchmarks.operators import Operators
from benchmarks.stage import Stage
from dev.processes import Child
from tests.support.evidence import Call, Crash, Task, recorded

BEFORE_SECONDS = 5
"""Of calls from both replicas, to compare with."""

AFTER_SECONDS = 3
"""Of calls from the one that is left, once it has all shards."""

BOUND_SECONDS = 60.0
"""Bound of the wait for the successor, four times the default lease."""


@dataclass(slots=True)
class TakeOver:
    """The longest gap between two calls of any one task, in seconds, for each round."""

    count: int
    load: float
    before: list[float] = field(default_factory=list)
    """While both replicas run."""
    told: list[float] = field(default_factory=list)
    """Around a SIGTERM."""
    killed: list[float] = field(default_factory=list)
    """Around a kill -9, with the default lease."""


async def measure(stage: Stage, *, count: int, rounds: int) -> TakeOver:
    """Let `count` tasks be called every second and end one of two replicas, `rounds` times."""
    result = TakeOver(count, stage.load)
    for _ in range(rounds):
        stage.say(f"take-over: {count} tasks of every second, SIGTERM to one of two replicas")
        result.told.append(await _end_one(stage, result, Child.stop))
        stage.say(f"take-over: {count} tasks of every second, kill -9 of one of two replicas")
        result.killed.append(await _end_one(stage, result, Child.kill))
    return result


async def _end_one(stage: Stage, result: TakeOver, end: Callable[[Child], int]) -> float:
    """Return the longest gap of a story in which the first of two replicas ends by `end`."""
    async with stage.namespace("take-over") as namespace:
        async with stage.operators(namespace, 2) as operators:
            await operators.share_shards()
            # What falls into the gap is made up for, and so can be counted.
            manifests = tasks(
                result.count, stage.target.url, schedule=EVERY_SECOND, missedRunPolicy="All"
            )
            await stage.api.create(namespace, manifests)
            await operators.ready(result.count)
            await asyncio.sleep(BEFORE_SECONDS)
            first, second = operators.replicas
            ended_at = datetime.now(UTC)
            await asyncio.to_thread(end, first.program.child)
            crash = Crash(
                datetime.now(UTC), recorded(map(Task.of, await stage.api.list(namespace)))
            )
            left = Operators([second], operators.began)
            await left.until(
                lambda metrics: metrics.get("crontask_shards_held", 0) == 2,
                seconds=BOUND_SECONDS,
                what="the other replica to have both shards",
            )
            await asyncio.sleep(AFTER_SECONDS)
            until = datetime.now(UTC).replace(microsecond=0)
            await asyncio.sleep(1)
            names = (manifest["metadata"]["name"] for manifest in manifests)
            await stage.api.suspend(namespace, names)
            await left.settled()
        calls = await stage.target.take_calls()
        stored = await stage.api.list(namespace)
    # One that is told to end hands over, and so repeats nothing.
    audit(stored, calls, until=until, crashes=[crash] if end is Child.kill else [])
    result.before.append(longest_gap([call for call in calls if call.arrived < ended_at]))
    return longest_gap(calls)


def longest_gap(calls: Sequence[Call]) -> float:
    """Return the longest time between two calls of any one task, in seconds; 0 if none has two."""
    arrivals: dict[str, list[datetime]] = defaultdict(list)
    for call in calls:
        arrivals[call.task].append(call.arrived)
    return max(
        (
            (later - earlier).total_seconds()
            for each in arrivals.values()
            for earlier, later in pairwise(sorted(each))
        ),
        default=0.0,
    )
