"""compare measures two checkouts in turns, for whoever wants to know what a change costs.

``python -m benchmarks.compare ../before`` runs this checkout's programs and those of
``../before``, which has an environment of its own in ``.venv``, on one control plane. What
the machine does meanwhile meets both alike: bursts of the one fall between bursts of the
other, and so do batches. A ratio is the median over pairs of neighbours; above 1 this
checkout is better.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.manifests import IDLE_SCHEDULE, every, tasks
from benchmarks.measures import burst, facade, growth, slow, steady
from benchmarks.operators import Operators
from benchmarks.stage import Stage, run_stage
from benchmarks.table import console
from crontask_core.times import from_epoch

SIDES: Final = ("before", "after")

_out = console(sys.stdout)

Pythons = dict[str, str]
Samples = dict[str, list[float]]
Sample = dict[str, float]
"""One sample of each quantity, by its name."""

STEADY_SECONDS: Final = 15
HANG_SECONDS: Final = 10
IDLE_SECONDS: Final = 10.0


def main() -> None:
    """Compare, and print a line for each quantity."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("before", type=Path, help="folder of the other checkout")
    parser.add_argument("--only", choices=MEASURES, default=None)
    parser.add_argument("--count", type=int, default=1000, help="tasks of each")
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    python = given.before.resolve() / ".venv" / "bin" / "python"
    if not python.exists():
        parser.error(f"before: expected {python}")
    pythons = {"before": str(python), "after": sys.executable}
    names = [given.only] if given.only else list(MEASURES)
    uvloop.run(_compare(names, pythons, given.count, given.rounds))


async def _compare(names: Sequence[str], pythons: Pythons, count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="crontask-compare-") as logs:
        async with run_stage(Path(logs), _out.print) as stage:
            for name in names:
                await MEASURES[name](stage, pythons, count, rounds)


async def _bursts(stage: Stage, pythons: Pythons, count: int, rounds: int) -> None:
    period = burst.period_for(count, await burst.pace(stage))
    # Twice as long must divide a minute, or an hour.
    period = 30 if period == 20 else period
    both = {side: burst.Burst(count, stage.load) for side in SIDES}
    dues: Samples = {side: [] for side in SIDES}
    async with (
        _firing(stage, pythons["before"], count, every(2 * period)) as before,
        _firing(stage, pythons["after"], count, every(2 * period, after=period)) as after,
    ):
        operators = {"before": before, "after": after}
        for number in range(2 * rounds):
            due = await burst.next_instant(period)
            # Whose schedule it is follows from the time alone.
            side = SIDES[int(due // period) % 2]
            await burst.fire_at(stage, operators[side], both[side], due)
            dues[side].append(due)
            stage.say(f"burst {number + 1} of {2 * rounds}")
        calls = await stage.target.take_calls()
    for side in SIDES:
        for due in dues[side]:
            moment = from_epoch(due)
            arrived = sum(call.scheduled_time == moment for call in calls)
            if arrived != count:
                sys.exit(f"compare: {side}: expected {count} calls at {moment}, got {arrived}")
            burst.judge(both[side], due, calls)
    for name, pick in _OF_BURSTS.items():
        _report(name, {side: pick(both[side]) for side in SIDES}, less_is_better=True)


_OF_BURSTS: Final[dict[str, Callable[[burst.Burst], list[float]]]] = {
    "burst, lag p50, s": lambda measured: measured.p50,
    "burst, lag p99, s": lambda measured: measured.p99,
    "burst, until all are recorded, s": lambda measured: measured.recorded,
    "burst, CPU, ms a run": lambda measured: measured.milliseconds_each(measured.cpu),
}


@asynccontextmanager
async def _firing(stage: Stage, python: str, count: int, schedule: str) -> AsyncIterator[Operators]:
    async with (
        stage.namespace("compare") as namespace,
        stage.operators(namespace, python=python) as operators,
    ):
        await operators.share_shards()
        await stage.api.create(namespace, tasks(count, stage.target.url, schedule=schedule))
        await operators.ready(count)
        yield operators


async def _facades(stage: Stage, pythons: Pythons, count: int, rounds: int) -> None:
    async with (
        stage.namespace("before") as first,
        stage.namespace("after") as second,
        facade.serving(stage, first, python=pythons["before"]) as before,
        facade.serving(stage, second, python=pythons["after"]) as after,
    ):
        posts = {"before": before, "after": after}
        items = [facade.item(number, stage.target.url) for number in range(count)]
        added: Samples = {side: [] for side in SIDES}
        for batch in facade.batches(items):
            for side in SIDES:
                added[side].append(len(batch) / await posts[side]("add_task", batch))
        for namespace in (first, second):
            await facade.give_logs(stage, namespace)
        names = [{"name": item["name"]} for item in items]
        queried: Samples = {side: [] for side in SIDES}
        for number in range(rounds):
            for batch in facade.batches(names):
                for side in SIDES if number % 2 else SIDES[::-1]:
                    seconds = await posts[side]("query_task_status", batch)
                    queried[side].append(len(batch) / seconds)
    _report("facade, tasks added, 1/s", added, less_is_better=False)
    _report("facade, tasks queried, 1/s", queried, less_is_better=False)


async def _steady(stage: Stage, pythons: Pythons, count: int, rounds: int) -> None:
    async def take(side: str) -> Sample:
        held = await steady.hold(stage, count, STEADY_SECONDS, python=pythons[side])
        return {
            "lag p50, s": held.p50,
            "lag p99, s": held.p99,
            "CPU, ms a run": held.milliseconds_each,
        }

    await _in_turns(f"steady, {count:,} tasks every second,", rounds, take)


async def _slow(stage: Stage, pythons: Pythons, count: int, rounds: int) -> None:
    async def take(side: str) -> Sample:
        measured = await slow.measure(
            stage,
            hanging=4 * count,
            others=count,
            seconds=HANG_SECONDS,
            python=pythons[side],
        )
        return {"before, s": measured.before, "while calls hang, s": measured.during}

    await _in_turns(f"slow, {count:,} others, lag p99", rounds, take)


async def _growth(stage: Stage, pythons: Pythons, count: int, rounds: int) -> None:
    async with (
        stage.namespace("before", left=True) as first,
        stage.namespace("after", left=True) as second,
    ):
        namespaces = {"before": first, "after": second}
        for side, namespace in namespaces.items():
            sleeping = tasks(count, stage.target.url, schedule=IDLE_SCHEDULE)
            await stage.api.create(namespace, sleeping)
            async with stage.operators(namespace, python=pythons[side]) as operators:
                await operators.ready(count)
                await operators.settled()

        async def take(side: str) -> Sample:
            result = growth.Sleeping(count, stage.load)
            await growth.start(stage, namespaces[side], result, IDLE_SECONDS, python=pythons[side])
            return {
                "ready, s": result.ready[0],
                "memory, MiB": result.resident[0] / 2**20,
                "CPU at rest, %": result.idle_cpu[0] * 100,
            }

        await _in_turns(f"growth, {count:,} tasks at rest", rounds, take)


async def _in_turns(name: str, rounds: int, take: Callable[[str], Awaitable[Sample]]) -> None:
    """Take what is better if it is less, of both sides in turns, and report each quantity."""
    taken: dict[str, list[Sample]] = {side: [] for side in SIDES}
    for number in range(rounds):
        for side in SIDES if number % 2 else SIDES[::-1]:
            taken[side].append(await take(side))
    for quantity in taken["after"][0]:
        samples = {side: [each[quantity] for each in taken[side]] for side in SIDES}
        _report(f"{name} {quantity}", samples, less_is_better=True)


MEASURES: Final[dict[str, Callable[[Stage, Pythons, int, int], Awaitable[None]]]] = {
    "burst": _bursts,
    "facade": _facades,
    "steady": _steady,
    "slow": _slow,
    "growth": _growth,
}


def _report(name: str, samples: Samples, *, less_is_better: bool) -> None:
    before, after = (statistics.median(samples[side]) for side in SIDES)
    low, middle, high = quartiles_of_ratios(samples, less_is_better=less_is_better)
    _out.print(
        f"{name:60} before {before:8.4g}  after {after:8.4g}  "
        f"ratio {middle:.3f} (quartiles {low:.3f}-{high:.3f}, {len(samples['after'])} pairs)"
    )


def quartiles_of_ratios(samples: Samples, *, less_is_better: bool) -> list[float]:
    """Return the quartiles of how many times better each sample is than the one before it."""
    pairs = zip(samples["before"], samples["after"], strict=True)
    ratios = [old / new if less_is_better else new / old for old, new in pairs]
    return statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3


if __name__ == "__main__":
    main()
