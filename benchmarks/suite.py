"""Every measure in turn, and the peers that are asked for."""

from collections.abc import Awaitable, Callable, Collection
from typing import Final

from benchmarks import console_summary, keeping, kept_rows, peers, summary
from benchmarks.errors import BenchmarkError
from benchmarks.measures import (
    burst,
    cli,
    console,
    cronjob,
    facade,
    growth,
    kept,
    kept_crash,
    kept_list,
    kept_steady,
    slow,
    steady,
    take_over,
)
from benchmarks.outcome import Outcome
from benchmarks.scale import Scale
from benchmarks.stage import Stage


def chosen(only: Collection[str], asked: Collection[str]) -> list[str]:
    """Return what is measured: all but the peers, or what `only` names; and the `asked` peers.

    Growth is the last, as it leaves its tasks behind.
    """
    own = [name for name in MEASURES if not only or name in only]
    others = [name for name in PEERS if name in only or name in asked]
    return sorted(own + others, key=lambda name: name == "growth")


async def run_suite(stage: Stage, scale: Scale, names: Collection[str]) -> Outcome:
    """Take the measures `names`, of `MEASURES` and `PEERS`; one that fails spoils no other."""
    outcome = Outcome()
    for name in names:
        try:
            await (MEASURES | PEERS)[name](stage, scale, outcome)
        except BenchmarkError as error:
            outcome.faults.append(f"{name}: {error}")
            stage.say(outcome.faults[-1])
            # What arrived for it is nobody else's.
            await stage.target.take_calls()
    return outcome


async def _bursts(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    for count, rounds in scale.bursts:
        # A single round is for the growth alone, which is beside proportion.
        measured = await burst.measure(stage, count, rounds=rounds, bare=rounds > 1)
        summary.add_burst(outcome, measured)


async def _shards(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    count, rounds = scale.shards
    together = await burst.measure(stage, count, rounds=rounds, replicas=2, bare=False)
    alone = await burst.measure(stage, count, rounds=rounds, bare=False)
    summary.add_shards(outcome, together, alone)


async def _steady(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    held = await steady.search(
        stage, scale.steady_sizes, trial=scale.steady_trial, confirm=scale.steady_confirm
    )
    summary.add_steady(outcome, held)


async def _slow(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    result = await slow.measure(
        stage, hanging=scale.hanging, others=scale.others, seconds=scale.hang_seconds
    )
    summary.add_slow(outcome, result)


async def _take_over(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    count, rounds = scale.take_over
    summary.add_take_over(outcome, await take_over.measure(stage, count=count, rounds=rounds))


async def _growth(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    summary.add_growth(
        outcome,
        await growth.measure(
            stage,
            scale.growth_sizes,
            starts=scale.starts,
            idle_size=scale.idle_size,
            idle_seconds=scale.idle_seconds,
        ),
    )


async def _facade(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    summary.add_facade(
        outcome, await facade.measure(stage, scale.facade_tasks, rounds=scale.facade_rounds)
    )


async def _cli(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    summary.add_cli(outcome, await cli.measure(stage, scale.cli_tasks, rounds=scale.cli_rounds))


async def _console(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    measured = await console.measure(stage, scale.console_tasks, rounds=scale.console_rounds)
    console_summary.add_console(outcome, measured)


async def _kept(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    count, rounds = scale.kept
    kept_rows.add_bursts(outcome, await kept.bursts(stage, count, rounds=rounds))


async def _kept_steady(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    if not scale.kept_steady:
        return
    with keeping.stores() as (urls, _):
        for store, url in urls.items():
            for count in scale.kept_steady:
                held = await kept_steady.measure(
                    stage, count, period=1, seconds=15, store=store, url=url
                )
                kept_rows.add_steady(outcome, held)
                if held.missed or held.p99 >= steady.P99_SECONDS:
                    break


async def _kept_beat(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    count, seconds = scale.kept_beat
    if not count:
        return
    with keeping.stores() as (urls, _):
        url = urls["PostgreSQL"]
        held = await kept_steady.measure(
            stage, count, period=10, seconds=seconds, store="PostgreSQL", url=url
        )
        kept_rows.add_beat(outcome, held)


async def _kept_crash(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    if not scale.kept_crash:
        return
    with keeping.stores() as (urls, _):
        crashes = [
            await kept_crash.measure(stage, scale.kept_crash, store=store, url=url)
            for store, url in urls.items()
        ]
        kept_rows.add_crashes(outcome, crashes)


async def _kept_list(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    rows, rounds = scale.kept_list
    kept_rows.add_lists(outcome, await kept_list.measure(stage, rows, rounds=rounds))


async def _cronjob(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    count = scale.cronjobs
    # Not that of the bursts: the machine may have been another a quarter of an hour ago.
    ours = await burst.measure(stage, count, rounds=PEER_ROUNDS, bare=False)
    for flags in cronjob.FLAGS:
        peers.add_cronjobs(outcome, await cronjob.measure(stage, count, flags), ours)


KEPT_SECONDS = 15
"""For which tasks of every second run with a history."""

PEER_ROUNDS = 2
"""Bursts of the project's own beside a peer."""

Take = Callable[[Stage, Scale, Outcome], Awaitable[None]]

MEASURES: Final[dict[str, Take]] = {
    "burst": _bursts,
    "steady": _steady,
    "slow": _slow,
    "facade": _facade,
    "cli": _cli,
    "console": _console,
    "kept": _kept,
    "kept-steady": _kept_steady,
    "kept-beat": _kept_beat,
    "kept-crash": _kept_crash,
    "kept-list": _kept_list,
    "shards": _shards,
    "take-over": _take_over,
    "growth": _growth,
}

PEERS: Final[dict[str, Take]] = {"cronjob": _cronjob}
"""What others need for the same; only if asked for, as it takes programs of theirs."""
