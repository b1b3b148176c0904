"""Every measure in turn, and the peers that are asked for."""

from collections.abc import Awaitable, Callable, Collection
from typing import Final

from benchmarks import peers, summary
from benchmarks.errors import BenchmarkError
from benchmarks.measures import burst, cronjob, facade, growth, slow, steady
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


async def _cronjob(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    count = scale.cronjobs
    # Not that of the bursts: the machine may have been another a quarter of an hour ago.
    ours = await burst.measure(stage, count, rounds=PEER_ROUNDS, bare=False)
    for flags in cronjob.FLAGS:
        peers.add_cronjobs(outcome, await cronjob.measure(stage, count, flags), ours)


PEER_ROUNDS = 2
"""Bursts of the project's own beside a peer."""

Take = Callable[[Stage, Scale, Outcome], Awaitable[None]]

MEASURES: Final[dict[str, Take]] = {
    "burst": _bursts,
    "steady": _steady,
    "slow": _slow,
    "facade": _facade,
    "shards": _shards,
    "growth": _growth,
}

PEERS: Final[dict[str, Take]] = {"cronjob": _cronjob}
"""What others need for the same; only if asked for, as it takes programs of theirs."""
