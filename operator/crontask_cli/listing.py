"""listing writes a table or the names of tasks, for ``crontask list``."""

import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from crontask_cli.service.connection import Connection
from crontask_cli.service.rows import Row
from crontask_cli.service.task import reference
from crontask_cli.shown.columns import write_columns
from crontask_cli.shown.screen import Screen
from crontask_cli.shown.task_rows import task_cells, task_columns
from crontask_cli.times import now, parse_moment


class Order(StrEnum):
    """By what a list is sorted."""

    NEXT = "next"
    NAME = "name"


class Listing(NamedTuple):
    """Which tasks are listed, and how; `phases` empty means all of them."""

    selector: str = ""
    phases: Sequence[str] = ()
    failing: bool = False
    sort: Order = Order.NEXT
    wide: bool = False
    names: bool = False
    headers: bool = True

    def takes(self, row: Row) -> bool:
        """Return whether a task is listed."""
        return (not self.phases or row.phase in self.phases) and (
            not self.failing or row.is_failing
        )

    def key(self, row: Row) -> tuple[bool, float, str, str]:
        """Return what the list is sorted by."""
        moment = parse_moment(row.next_run) if row.next_run and self.sort is Order.NEXT else None
        return (moment is None, moment.timestamp() if moment else 0.0, row.namespace, row.name)


def write_list(connection: Connection, listing: Listing) -> None:
    """Ask for the tasks, and write them; raises as `Connection.open` and its service."""
    service = connection.open(everywhere=True)
    rows = (row for page in service.rows(listing.selector) for row in page)
    write_rows(rows, listing, namespaces=connection.everywhere)


def write_rows(rows: Iterable[Row], listing: Listing, *, namespaces: bool) -> None:
    """Write those of `rows` that are listed."""
    found = sorted(filter(listing.takes, rows), key=listing.key)
    screen = Screen()
    if listing.names:
        for row in found:
            screen.write(reference(row.name))
        return
    if not found:
        sys.stderr.write("No tasks found.\n")
        return
    moment = now()
    write_columns(
        screen,
        task_columns(found, wide=listing.wide, namespaces=namespaces),
        [task_cells(row, moment, wide=listing.wide, namespaces=namespaces) for row in found],
        headers=listing.headers,
    )
