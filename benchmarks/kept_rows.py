"""From what was measured with a history to rows, with the goals."""

from collections.abc import Sequence

from benchmarks.figures import Figure, figure
from benchmarks.keeping import WITHOUT
from benchmarks.measures.kept import Kept
from benchmarks.measures.kept_crash import Crash
from benchmarks.measures.kept_list import Listed
from benchmarks.measures.kept_steady import Beat
from benchmarks.measures.steady import P99_SECONDS
from benchmarks.outcome import Outcome
from benchmarks.rows import Baseline, Bound, Goal, Row
from benchmarks.usage import MIB

KEPT_GOAL = (5000, 2.0)
"""Tasks, and seconds after the instant."""

WAITING_GOAL = 40
"""MiB for 5,000 rows that wait."""

STEADY_CPU_GOAL = 0.6
"""Milliseconds of the operator for a run that is kept."""

BEAT_SECONDS = 10

LIST_GOAL = (10_000_000, 10.0)
"""Rows of the history, and milliseconds."""

LISTS = {
    "one task": "newest 100 of one task",
    "failed": "newest 100 failed of all",
    "all": "newest 100 of all",
}


def add_bursts(outcome: Outcome, measured: Sequence[Kept]) -> None:
    """Add the bursts of each store, beside those without one."""
    without = next(kept for kept in measured if kept.store == WITHOUT)
    for kept in measured:
        group = f"burst of {kept.count:,}, {kept.store}"
        beside = None if kept is without else Baseline(WITHOUT, figure(without.p99))
        goal = None if beside is None else Goal(Bound.RATIO_AT_MOST, 1.0)
        row = Row(group, "lag p99", "s", figure(kept.p99), goal, beside, load=kept.load)
        outcome.rows.append(row)
        if kept.kept:
            by = Goal(Bound.AT_MOST, KEPT_GOAL[1]) if kept.count == KEPT_GOAL[0] else None
            bare = Baseline("bare batches", figure(kept.bare))
            row = Row(
                group, "until all are in the history", "s", figure(kept.kept), by, bare,
                load=kept.load,
            )  # fmt: skip
            outcome.rows.append(row)
        written, cpu = figure(kept.written), figure(1000 * each / kept.count for each in kept.cpu)
        outcome.rows += (
            Row(group, "until all statuses are written", "s", written, load=kept.load),
            Row(group, "CPU of the operator", "ms a run", cpu, load=kept.load),
        )
        if kept.waiting_bytes:
            grown = Figure.of(kept.waiting_bytes / MIB)
            most = Goal(Bound.AT_MOST, WAITING_GOAL) if kept.count == KEPT_GOAL[0] else None
            row = Row(group, "memory for rows that wait", "MiB", grown, most, load=kept.load)
            outcome.rows.append(row)


def add_steady(outcome: Outcome, held: Beat) -> None:
    """Add tasks of every second with one store."""
    group = f"{held.count:,} every second, {held.store}"
    kept = held.store != WITHOUT
    cpu_goal = Goal(Bound.AT_MOST, STEADY_CPU_GOAL) if kept else None
    each = Figure.of(1000 * held.cpu_each)
    outcome.rows += (
        Row(
            group, "lag p99", "s", Figure.of(held.p99), Goal(Bound.AT_MOST, P99_SECONDS),
            load=held.load,
        ),
        Row(group, "missed", "", Figure.of(held.missed), Goal(Bound.AT_MOST, 0), load=held.load),
        Row(group, "CPU of the operator", "ms a run", each, cpu_goal, load=held.load),
    )  # fmt: skip


def add_beat(outcome: Outcome, held: Beat) -> None:
    """Add bursts that follow each other with one store."""
    group = f"{held.count:,} every {held.period} s, {held.store}"
    each = Figure.of(1000 * held.cpu_each)
    outcome.rows += (
        Row(
            group, f"lag p99 over {held.seconds} s", "s", Figure.of(held.p99),
            Goal(Bound.AT_MOST, BEAT_SECONDS), load=held.load,
        ),
        Row(group, "missed", "", Figure.of(held.missed), Goal(Bound.AT_MOST, 0), load=held.load),
        Row(
            group, "rows that wait before the next instant, at most", "", Figure.of(held.waiting),
            Goal(Bound.AT_MOST, 0), load=held.load,
        ),
        Row(group, "CPU of the operator", "ms a run", each, load=held.load),
    )  # fmt: skip


def add_crashes(outcome: Outcome, crashes: Sequence[Crash]) -> None:
    """Add what was made again after a kill, beside that without a history."""
    without = next(crash for crash in crashes if crash.store == WITHOUT)
    beside = Baseline(WITHOUT, Figure.of(without.repeated))
    for crash in crashes:
        kept = crash is not without
        row = Row(
            f"a kill in a burst of {crash.count}", f"made again, {crash.store}", "runs",
            Figure.of(crash.repeated), Goal(Bound.RATIO_AT_MOST, 1.0) if kept else None,
            beside if kept else None, f"{crash.store}: {crash.made} calls had arrived", crash.load,
        )  # fmt: skip
        outcome.rows.append(row)


def add_lists(outcome: Outcome, listed: Listed) -> None:
    """Add the questions, each beside what the history alone takes for it."""
    count, most = LIST_GOAL
    for question, seconds in listed.seconds.items():
        alone = Baseline(
            "the history alone", figure(1000 * each for each in listed.store[question])
        )
        goal = Goal(Bound.AT_MOST, most) if listed.rows == count and question != "all" else None
        row = Row(
            f"list_runs, {listed.rows:,} rows in PostgreSQL", LISTS[question], "ms",
            figure(1000 * each for each in seconds), goal, alone, load=listed.load,
        )  # fmt: skip
        outcome.rows.append(row)
