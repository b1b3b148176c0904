"""table shows the result of a benchmark to a person, on a terminal or in a file."""

from typing import Final, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.figures import Figure
from benchmarks.rows import Goal, Row

PLAIN_WIDTH: Final = 10_000
"""Columns where there is no terminal: none of the table's is cut, however wide it is."""


def console(file: TextIO) -> Console:
    """Return a console that writes to `file`, as wide as the terminal if it is one."""
    return Console(file=file, highlight=False, width=None if file.isatty() else PLAIN_WIDTH)


def render(rows: list[Row]) -> Table:
    """Return the table: goal, reached with its spread, baseline and ratio for each measure."""
    table = Table(show_lines=False, pad_edge=False)
    for heading in ("", "measure", "goal", "reached", "spread", "baseline", "ratio", "load"):
        is_text = heading in ("", "measure", "baseline")
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    group = ""
    for row in rows:
        if row.group != group:
            table.add_section()
        table.add_row(
            row.group if row.group != group else "",
            f"{row.measure}, {row.unit}" if row.unit else row.measure,
            goal_text(row.goal),
            Text(number(row.reached.median), style=_STYLES[row.met]),
            spread_text(row.reached),
            baseline_text(row),
            "" if row.ratio is None else f"{row.ratio:.2f}",
            f"{row.load:.1f}",
        )
        group = row.group
    return table


_STYLES = {True: "green", False: "red", None: ""}


def goal_text(goal: Goal | None) -> str:
    """Return a goal in a few characters."""
    return "" if goal is None else f"{goal.bound.value} {number(goal.value)}"


def spread_text(figure: Figure) -> str:
    """Return the smallest and the largest sample, if there are several."""
    if len(figure.samples) == 1:
        return ""
    return f"{number(figure.low)}-{number(figure.high)}"


def baseline_text(row: Row) -> str:
    """Return the baseline's median and name."""
    if row.baseline is None:
        return ""
    return f"{number(row.baseline.figure.median)}  {row.baseline.name}"


def number(value: float) -> str:
    """Return `value` with three significant digits, and all those before the point."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"
