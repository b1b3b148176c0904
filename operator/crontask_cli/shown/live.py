"""live shows an `Overview` until it is left, for ``crontask top``."""

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from crontask_cli.overview import Overview, Seen
from crontask_cli.shown.safe import safe
from crontask_cli.shown.task_rows import until
from crontask_cli.times import length, now, written

REFRESH_SECONDS: Final = 1.0

_HEAD_LINES: Final = 3
_LEAVE: Final = frozenset("qQ\x03\x1b")
"""q, Ctrl-C where the terminal passes it on, Escape."""


def show(read: Callable[[], Overview]) -> None:
    """Show what `read` returns, every second, until q or Ctrl-C."""
    console = Console(highlight=False, emoji=False, markup=False)
    with _keys() as pressed, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(picture(read(), now(), console.height), refresh=True)
            if pressed(REFRESH_SECONDS):
                return


def picture(overview: Overview, moment: datetime, height: int) -> Group:
    """Return what is shown of `overview` in `height` lines."""
    due, flying, failing = overview.due(moment), overview.in_flight(), overview.failing()
    lags = overview.lags()
    lag = "-" if lags is None else f"{length(lags[0])} median, {length(lags[1])} most"
    head = Text(no_wrap=True, overflow="ellipsis")
    head.append(f"{len(overview)} tasks", "bold")
    head.append(
        f"   {len(due)} due within a minute   {sum(s.in_flight for s in flying)} in flight   "
    )
    head.append(f"{len(failing)} failing", "bold red" if failing else "")
    head.append(f"   lag {lag}")
    foot = Text(f"{written(moment.replace(microsecond=0))}   q leaves", "dim", no_wrap=True)
    if overview.trouble:
        foot.append(f"   connection lost, trying again: {safe(overview.trouble)}", "bold red")
    # Three tables, each with a title, its columns and an empty line.
    each = max(1, (height - _HEAD_LINES) // 3 - 3)
    tables = (
        _table("Due", due, each, lambda seen: until(seen.task.status.next_run_time, moment).text),
        _table("In flight", flying, each, lambda seen: f"{seen.in_flight} attempts"),
        _table(
            "Failing", failing, each, lambda s: f"{s.task.status.consecutive_failures} in a row"
        ),
    )
    return Group(head, Text(""), *(part for table in tables for part in (table, Text(""))), foot)


def _table(title: str, seen: list[Seen], most: int, what: Callable[[Seen], str]) -> Table:
    more = f", {most} of {len(seen)}" if len(seen) > most else ""
    table = Table(
        title=f"{title} ({len(seen)}{more})" if more else f"{title} ({len(seen)})",
        title_justify="left",
        title_style="bold",
        box=None,
        show_header=False,
        pad_edge=False,
    )
    for _ in range(3):
        table.add_column(no_wrap=True, overflow="ellipsis")
    for each in seen[:most]:
        task = each.task
        name = f"{task.metadata.namespace}/{task.task_name}"
        # Text, not str: nothing in it is markup.
        table.add_row(
            *(Text(safe(text)) for text in (name, what(each), task.spec.callback.address))
        )
    return table


@contextmanager
def _keys() -> Iterator[Callable[[float], bool]]:
    """Yield a function that waits for a key that leaves, at most so many seconds."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)

    def pressed(seconds: float) -> bool:
        ready, _, _ = select.select([descriptor], [], [], seconds)
        if not ready:
            return False
        keys = os.read(descriptor, 64).decode("ascii", "replace")
        # Nothing at all: the terminal is gone.
        return not keys or any(key in _LEAVE for key in keys)

    try:
        yield pressed
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
