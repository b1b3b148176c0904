"""Every measure in turn."""

from collections.abc import Awaitable, Callable, Collection, Mapping

from benchmarks import summary
from benchmarks.errors import BenchmarkError
from benchmarks.measures import burst, facade, growth, slow, steady
from benchmarks.outcome import Outcome
from benchmarks.scale import Scale
from benchmarks.stage import Stage


async def run_suite(stage: Stage, scale: Scale, only: Collection[str]) -> Outcome:
    """Take every measure, or those that `only` names; one that fails spoils no other."""
    outcome = Outcome()
    for name, take in MEASURES.items():
        if only and name not in only:
            continue
        try:
            await take(stage, scale, outcome)
        except BenchmarkError as error:
            outcome.faults.append(f"{name}: {error}")
            stage.say(outcome.faults[-1])
            # What arrived for it is nobody else's.
            await stage.target.take_calls()
    return outcome


async def _bursts(stage: Stage, scale: Scale, outcome: Outcome) -> None:
    for count, rounds in scale.bursts:
        summary.add_burst(outcome, await burst.measure(stage, count, rounds=rounds))


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
    summary.add_slow(outcome, await slow.measure(stage, hanging=scale.hanging, others=scale.others))


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


MEASURES: Mapping[str, Callable[[Stage, Scale, Outcome], Awaitable[None]]] = {
    "burst": _bursts,
    "steady": _steady,
    "slow": _slow,
    "growth": _growth,
    "facade": _facade,
    "shards": _shards,
}
