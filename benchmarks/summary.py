"""From what was measured to rows and series, with the goals."""

from collections.abc import Sequence

from benchmarks.figures import Figure, figure
from benchmarks.measures.burst import Burst
from benchmarks.measures.cli import Cli
from benchmarks.measures.facade import BATCH, Facade
from benchmarks.measures.growth import Sleeping
from benchmarks.measures.slow import Slow
from benchmarks.measures.steady import P99_SECONDS, Held
from benchmarks.measures.take_over import TakeOver
from benchmarks.outcome import Outcome
from benchmarks.rows import Baseline, Bound, Goal, Row
from benchmarks.usage import MIB

BURST_P99_GOALS = {1000: 0.25, 5000: 1.0}
"""Seconds; a fraction of what every peer needs that was measured on such a machine."""

BURST_PEAK_GOAL = (5000, 350)
RESIDENT_GOAL = (10000, 200)
"""Tasks, and MiB."""

READY_GOAL = (10000, 15.0)
"""Tasks, and seconds."""

STEADY_GOAL = 300
IDLE_CPU_GOAL = 1.0
"""Per cent of a core."""

RECORD_RATIO_GOAL = 0.8
FACADE_RATIO_GOAL = 0.8

CLI_RATIO_GOAL = 0.9
HELP_CPU_GOAL = 0.15
CTRL_C_GOAL = 0.2
"""Seconds."""

READY, RESIDENT, LAG, RECORDED = (
    "ready after a start, s",
    "memory at rest, MiB",
    "p99 lag of a burst, s",
    "burst recorded, s",
)


def add_burst(outcome: Outcome, burst: Burst) -> None:
    """Add a burst of one size."""
    count, group = burst.count, f"burst of {burst.count:,}"
    bare = "bare aiohttp loop"
    p99_goal = BURST_P99_GOALS.get(count)
    peak = Goal(Bound.AT_MOST, BURST_PEAK_GOAL[1]) if count == BURST_PEAK_GOAL[0] else None

    def row(
        measure: str,
        unit: str,
        samples: Sequence[float],
        goal: Goal | None = None,
        baseline: Baseline | None = None,
    ) -> None:
        reached = figure(samples)
        outcome.rows.append(Row(group, measure, unit, reached, goal, baseline, load=burst.load))

    row("lag p50", "s", burst.p50)
    row(
        "lag p99",
        "s",
        burst.p99,
        Goal(Bound.AT_MOST, p99_goal) if p99_goal else None,
        _beside(bare, burst.bare_p99),
    )
    row("lag max", "s", burst.highest, None, _beside(bare, burst.bare_highest))
    row(
        "callbacks while firing",
        "1/s",
        burst.rates(burst.highest),
        Goal(Bound.RATIO_AT_LEAST, 1.0) if burst.bare_highest else None,
        _beside(bare, burst.rates(burst.bare_highest)),
    )
    row("until all are recorded", "s", burst.recorded)
    row(
        "recorded runs",
        "1/s",
        burst.rates(burst.recorded),
        Goal(Bound.RATIO_AT_LEAST, RECORD_RATIO_GOAL) if burst.bare_patches else None,
        _beside("bare status PATCHes", burst.rates(burst.bare_patches)),
    )
    row("peak memory", "MiB", [burst.peak_bytes / MIB], peak)
    row("CPU of the operator", "ms a run", burst.milliseconds_each(burst.cpu))
    row("CPU of the target", "ms a call", burst.milliseconds_each(burst.target_cpu))
    _plot(outcome, LAG, count, figure(burst.p99))
    _plot(outcome, RECORDED, count, figure(burst.recorded))


def _beside(name: str, samples: Sequence[float]) -> Baseline | None:
    """Return the baseline of `samples`, None if it was not taken."""
    return Baseline(name, figure(samples)) if samples else None


def add_shards(outcome: Outcome, together: Burst, alone: Burst) -> None:
    """Add what a second process gives."""
    group = f"two processes, burst of {together.count:,}"
    one = "one process"
    pairs = (
        ("lag p99", "s", together.p99, alone.p99),
        ("callbacks while firing", "1/s", *_rates(together, alone, "highest")),
        ("recorded runs", "1/s", *_rates(together, alone, "recorded")),
    )
    for measure, unit, ours, theirs in pairs:
        baseline = Baseline(one, figure(theirs))
        row = Row(group, measure, unit, figure(ours), baseline=baseline, load=together.load)
        outcome.rows.append(row)


def add_steady(outcome: Outcome, trials: Sequence[Held]) -> None:
    """Add the largest number that was held for the longest time, and how well."""
    longest = max(held.seconds for held in trials)
    good = [held for held in trials if held.ok and held.seconds == longest]
    best = max(good, key=lambda held: held.count, default=None)
    story = ", ".join(
        f"{held.count} for {held.seconds} s: p99 {held.p99:.2f} s, {held.missed} missed"
        for held in trials
    )
    group = "steady, every second"
    outcome.rows.append(
        Row(
            group,
            f"tasks held for {longest} s",
            "",
            Figure.of(best.count if best else 0),
            Goal(Bound.AT_LEAST, STEADY_GOAL),
            note=story,
            load=trials[-1].load,
        )
    )
    if best is not None:
        p99 = Figure.of(best.p99)
        outcome.rows.append(
            Row(group, "lag p50", "s", Figure.of(best.p50), load=best.load),
        )
        outcome.rows.append(
            Row(group, "lag p99", "s", p99, Goal(Bound.AT_MOST, P99_SECONDS), load=best.load)
        )


def add_slow(outcome: Outcome, slow: Slow) -> None:
    """Add what hanging targets did to the others."""
    group = f"{slow.hanging:,} hang, {slow.others} due each second"
    note = f"{slow.missed} seconds of single tasks were missed" if slow.missed else ""
    outcome.rows.append(
        Row(
            group,
            "lag p99 of the others",
            "s",
            Figure.of(slow.during),
            Goal(Bound.AT_MOST, P99_SECONDS),
            Baseline("before they hang", Figure.of(slow.before)),
            note=note,
            load=slow.load,
        )
    )


def add_take_over(outcome: Outcome, ended: TakeOver) -> None:
    """Add for how long a task was not called when its owner ended."""
    group = f"owner of {ended.count} of every second ends"
    before = Baseline("both are there", figure(ended.before))
    for measure, samples in (
        ("longest gap after SIGTERM", ended.told),
        ("longest gap after kill -9", ended.killed),
    ):
        outcome.rows.append(
            Row(group, measure, "s", figure(samples), baseline=before, load=ended.load)
        )


def add_growth(outcome: Outcome, sizes: Sequence[Sleeping]) -> None:
    """Add starts, memory and rest for each number of sleeping tasks."""
    for sleeping in sizes:
        count, group = sleeping.count, f"{sleeping.count:,} sleeping tasks"
        ready, resident = figure(sleeping.ready), figure(size / MIB for size in sleeping.resident)
        outcome.rows.append(
            Row(
                group,
                "ready after a start, no writes",
                "s",
                ready,
                Goal(Bound.AT_MOST, READY_GOAL[1]) if count == READY_GOAL[0] else None,
                Baseline("bare paged LIST", figure(sleeping.bare_list)),
                load=sleeping.load,
            )
        )
        memory_goal = Goal(Bound.AT_MOST, RESIDENT_GOAL[1]) if count == RESIDENT_GOAL[0] else None
        outcome.rows.append(
            Row(group, "memory at rest", "MiB", resident, memory_goal, load=sleeping.load)
        )
        if sleeping.idle_cpu:
            cpu = figure(100 * share for share in sleeping.idle_cpu)
            goal = Goal(Bound.AT_MOST, IDLE_CPU_GOAL)
            outcome.rows.append(
                Row(group, "CPU at rest", "% of a core", cpu, goal, load=sleeping.load)
            )
        _plot(outcome, READY, count, ready)
        _plot(outcome, RESIDENT, count, resident)


def add_facade(outcome: Outcome, facade: Facade) -> None:
    """Add the facade's rates."""
    goal = Goal(Bound.RATIO_AT_LEAST, FACADE_RATIO_GOAL)
    group = f"facade, batches of {min(BATCH, facade.count)}"
    for measure, name, ours, theirs in (
        ("tasks added", "bare creates", facade.added, facade.bare_created),
        ("tasks queried", "bare GETs", facade.queried, facade.bare_read),
    ):
        baseline = Baseline(name, figure(theirs))
        outcome.rows.append(
            Row(group, measure, "1/s", figure(ours), goal, baseline, load=facade.load)
        )
    beside = Baseline("without it", figure(facade.added))
    watched = figure(facade.added_watched)
    outcome.rows.append(
        Row(group, "tasks added with an operator", "1/s", watched, None, beside, load=facade.load)
    )


def _rates(together: Burst, alone: Burst, which: str) -> tuple[list[float], list[float]]:
    return together.rates(getattr(together, which)), alone.rates(getattr(alone, which))


def _plot(outcome: Outcome, series: str, count: int, value: Figure) -> None:
    outcome.series.setdefault(series, []).append((count, value.median))


def add_cli(outcome: Outcome, cli: Cli) -> None:
    """Add the command line's rows."""
    outcome.rows += (
        Row(
            "command line",
            f"list of {cli.count:,} tasks",
            "s",
            figure(cli.listed),
            Goal(Bound.RATIO_AT_MOST, CLI_RATIO_GOAL),
            Baseline("kubectl get ct -o wide", figure(cli.kubectl)),
            load=cli.load,
        ),
        Row(
            "command line",
            "CPU of --help",
            "s",
            figure(cli.help_cpu),
            Goal(Bound.AT_MOST, HELP_CPU_GOAL),
            load=cli.load,
        ),
        Row(
            "command line",
            "Ctrl-C to the end of logs -f",
            "s",
            figure(cli.interrupted),
            Goal(Bound.AT_MOST, CTRL_C_GOAL),
            load=cli.load,
        ),
    )
