"""Targets that hang: do they delay the calls to others?"""

import asyncio
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from benchmarks.audit import audit
from benchmarks.errors import BenchmarkError
from benchmarks.figures import percentile
from benchmarks.manifests import EVERY_SECOND, tasks
from benchmarks.stage import Stage
from crontask_core.times import from_epoch, rfc3339
from tests.support.evidence import Call

CREATES_A_SECOND = 150
"""At the least, to know by when all tasks will have been created and planned."""


@dataclass(frozen=True, slots=True)
class Slow:
    """p99 of the lag of those whose target answers at once, in seconds."""

    hanging: int
    others: int
    before: float
    during: float
    missed: int
    load: float


async def measure(
    stage: Stage, *, hanging: int, others: int, seconds: int, python: str = sys.executable
) -> Slow:
    """Let `hanging` calls hang at once for `seconds` while `others` are due every second.

    Half as long before that is what to compare with.
    """
    create_seconds, before_seconds = 5 + (hanging + others) // CREATES_A_SECOND, seconds // 2
    stage.say(f"slow targets: {hanging:,} calls hang while {others} are due each second")
    load = stage.load
    async with stage.namespace("slow") as namespace:
        async with stage.operators(namespace, python=python) as operators:
            await operators.share_shards()
            instant = int(time.time()) + create_seconds + before_seconds
            slow_url = stage.target.slow_url(seconds)
            one_shots = tasks(
                hanging,
                slow_url,
                prefix="hanging",
                at=rfc3339(from_epoch(instant)),
                timeoutSeconds=3 * seconds,
            )
            await stage.api.create(namespace, one_shots)
            quick = tasks(others, stage.target.url, prefix="other", schedule=EVERY_SECOND)
            await stage.api.create(namespace, quick)
            await operators.ready(hanging + others)
            if time.time() > instant - before_seconds:
                raise BenchmarkError(f"expected all tasks to be planned within {create_seconds} s")
            await asyncio.sleep(instant + seconds + 1 - time.time())
            await stage.api.suspend(namespace, (each["metadata"]["name"] for each in quick))
            await operators.settled()
        calls = await stage.target.take_calls()
        stored = await stage.api.list(namespace)
    until = from_epoch(instant + seconds)
    before = _lags(calls, range(instant - before_seconds, instant))
    during = _lags(calls, range(instant, instant + seconds))
    missed = others * seconds - len(during)
    if not missed:
        audit(stored, calls, until=until)
    return Slow(hanging, others, percentile(before, 0.99), percentile(during, 0.99), missed, load)


def _lags(calls: Iterable[Call], window: range) -> list[float]:
    due: set[datetime] = set(map(from_epoch, window))
    return [
        (call.arrived - call.scheduled_time).total_seconds()
        for call in calls
        if call.task.startswith("other") and call.scheduled_time in due
    ]
