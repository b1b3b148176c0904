"""Bursts with a history: when all runs are in it, and what that costs."""

import asyncio
import time
from dataclasses import dataclass, field

from benchmarks.figures import percentile
from benchmarks.keeping import (
    ATTEMPTS,
    audit,
    bare,
    firing,
    lags,
    stores,
    until_kept,
    until_written,
)
from benchmarks.manifests import every, tasks
from benchmarks.measures.burst import next_instant, pace, period_for
from benchmarks.operators import Operators
from benchmarks.stage import Stage
from crontask_core.times import from_epoch
from tests.support.postgres import Postgres


@dataclass(slots=True)
class Kept:
    """Bursts of one size with one store: lists have one sample for each round."""

    store: str
    count: int
    load: float
    p99: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)
    """Seconds from the instant until every run is in the history."""
    written: list[float] = field(default_factory=list)
    """The same until every status is written."""
    cpu: list[float] = field(default_factory=list)
    """CPU seconds of the operator until then."""
    bare: list[float] = field(default_factory=list)
    """Seconds of a bare loop for as many rows in batches of the same size."""
    waiting_bytes: int = 0
    """By how much the process grew with as many rows waiting for a database that hangs."""


async def bursts(stage: Stage, count: int, *, rounds: int) -> list[Kept]:
    """Fire `count` tasks `rounds` times with each store; the first round of all is not counted."""
    measured = []
    with stores() as (urls, server):
        period = period_for(count, await pace(stage))
        for store, url in urls.items():
            stage.say(f"{store}: {count:,} tasks every {period} s, {rounds} rounds")
            hanging = server if store == "PostgreSQL" else None
            measured.append(
                await _bursts(stage, Kept(store, count, stage.load), url, period, rounds, hanging)
            )
    return measured


async def _bursts(
    stage: Stage, kept: Kept, url: str, period: int, rounds: int, hanging: Postgres | None
) -> Kept:
    count, dues = kept.count, []
    async with firing(stage, url, tasks(count, stage.target.url, schedule=every(period))) as (
        operators,
        namespace,
    ):
        await _fire(operators, Kept(kept.store, count, 0), url, await next_instant(period))
        for _ in range(rounds):
            dues.append(await next_instant(period))
            await _fire(operators, kept, url, dues[-1])
        if hanging is not None:
            await _hang(operators, kept, hanging, await next_instant(period))
        calls = await stage.target.take_calls()
        await audit(stage, namespace, calls, url)
    for due in dues:
        kept.p99.append(percentile(lags(calls, from_epoch(due)), 0.99))
        if url:
            kept.bare.append(await bare(url, count))
    return kept


async def _fire(operators: Operators, kept: Kept, url: str, due: float) -> None:
    before, cpu = await operators.total(), operators.cpu_seconds
    await asyncio.sleep(due - time.time() + 0.5)
    if url:
        taken = await until_kept(operators, before, kept.count)
        kept.kept.append(taken - due)
    written = await until_written(operators, before.get(ATTEMPTS, 0) + kept.count)
    kept.written.append(written - due)
    kept.cpu.append(operators.cpu_seconds - cpu)


async def _hang(operators: Operators, kept: Kept, server: Postgres, due: float) -> None:
    """Have the database hang over a burst, and note by how much the process grew."""
    (replica,) = operators.replicas
    before, resident = await operators.total(), replica.usage.resident
    server.pause()
    try:
        await asyncio.sleep(due - time.time() + 0.5)
        await until_written(operators, before.get(ATTEMPTS, 0) + kept.count)
        kept.waiting_bytes = replica.usage.resident - resident
    finally:
        server.resume()
    await until_kept(operators, before, kept.count)
