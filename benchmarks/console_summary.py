"""From what was measured of the console to rows, with its goals."""

from collections.abc import Sequence
from typing import Final

from benchmarks.figures import figure
from benchmarks.measures.console import Console
from benchmarks.outcome import Outcome
from benchmarks.rows import Baseline, Bound, Goal, Row
from benchmarks.usage import MIB

LIST_SECONDS: Final = 0.15
LIST_KB: Final = 60.0
SEARCH_SECONDS: Final = 0.1
TASK_SECONDS: Final = 0.1

VIEWERS_MIB: Final = 40.0
"""What fifty viewers may take beside one."""


def add_console(outcome: Outcome, console: Console) -> None:
    """Add the pages, and what viewers of them cost."""
    group = f"console, {console.count:,} tasks"

    def row(
        measure: str,
        unit: str,
        samples: Sequence[float],
        most: float | None = None,
        baseline: Baseline | None = None,
    ) -> None:
        goal = None if most is None else Goal(Bound.AT_MOST, most)
        reached = figure(samples)
        outcome.rows.append(Row(group, measure, unit, reached, goal, baseline, load=console.load))

    row("first byte of the list", "s", console.listed, LIST_SECONDS)
    row("the list, compressed", "KB", [size / 1000 for size in console.list_bytes], LIST_KB)
    row("search", "s", console.found, SEARCH_SECONDS)
    row("page of a task", "s", console.task, TASK_SECONDS)
    row("overview", "s", console.overview)
    row("runs, from the statuses", "s", console.runs)
    row("page of a task with charts, from a history", "s", console.kept_task, TASK_SECONDS)
    row("runs, from a history", "s", console.kept_runs)
    row("overview with the last day", "s", console.kept_overview)
    row("memory, nobody looks", "MiB", [console.resident / MIB])
    one, many = console.viewed
    beside = f"{one.viewers} viewer"
    row(
        f"memory of {many.viewers} viewers",
        "MiB",
        [(many.resident - one.resident) / MIB],
        VIEWERS_MIB,
    )
    row(
        f"requests to the API server, {many.viewers} viewers",
        "",
        [many.requests],
        one.requests,
        Baseline(beside, figure([one.requests])),
    )
    row(
        f"CPU for a page of {many.viewers} viewers",
        "ms",
        [1000 * many.cpu_seconds / max(1, many.pages)],
    )
