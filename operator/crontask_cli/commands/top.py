"""top is ``crontask top``."""

import queue
import sys
import threading
from typing import Final

import typer

from crontask_cli.errors import CliError
from crontask_cli.options import Labels
from crontask_cli.overview import Overview
from crontask_cli.service.base import TaskService
from crontask_cli.service.connection import Connection
from crontask_cli.shown.screen import Screen, interruptible
from crontask_cli.times import now
from crontask_core.errors import CronTaskError

MOST_WAITING: Final = 10_000
"""Changes that wait to be shown; the watch is read no faster than that."""

Change = bytes | str | CronTaskError | None
"""A task, why the connection is lost ("" when it is there again), or what ended it all."""


def command(ctx: typer.Context, selector: Labels = "") -> None:
    """Show live which tasks are due within a minute, in flight or failing, and the lag.

    q or Ctrl-C leaves. Where the output is no terminal, it is written once.
    """
    connection: Connection = ctx.obj
    service = connection.open(everywhere=True)
    if not (Screen().is_terminal and sys.stdin.isatty()):
        _once(service, selector)
        return
    from crontask_cli.shown.live import show

    overview, changes = _read(service, selector), queue.Queue[Change](MOST_WAITING)
    threading.Thread(target=_watch, args=(service, selector, changes), daemon=True).start()

    def read() -> Overview:
        for _ in range(changes.qsize()):
            change = changes.get_nowait()
            if isinstance(change, CronTaskError):
                raise CliError(str(change))
            if isinstance(change, str):
                overview.trouble = change
            elif change is not None:
                overview.update(change)
        return overview

    with interruptible():
        show(read)


def _read(service: TaskService, labels: str) -> Overview:
    overview = Overview()
    for page in service.pages(labels, records=True):
        for item in page:
            overview.update(bytes(item))
    return overview


def _once(service: TaskService, labels: str) -> None:
    from crontask_cli.shown.summary import summary

    screen = Screen()
    for line in summary(_read(service, labels), now()):
        screen.write(line)


def _watch(service: TaskService, labels: str, changes: "queue.Queue[Change]") -> None:
    try:
        for change in service.changes(labels, changes.put):
            changes.put(change)
    except CronTaskError as error:
        changes.put(error)
