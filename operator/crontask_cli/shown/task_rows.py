"""task_rows makes rows of tasks, for ``crontask list`` and ``crontask top``."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from crontask_cli.service.rows import Row
from crontask_cli.shown.columns import Cell, Column
from crontask_cli.shown.screen import Style
from crontask_cli.times import distance, parse_moment

NONE: Final = Cell("-", Style.DIM)

_NAMESPACE: Final = Column("NAMESPACE")
_USUAL: Final = (
    Column("NAME"),
    Column("TASK", flexible=True, spare=4),
    Column("SCHEDULE", flexible=True),
    Column("PHASE", spare=5),
    Column("LAST RUN", spare=3),
    Column("LAST STATUS", spare=6),
    Column("NEXT RUN"),
    Column("AGE", spare=2),
)
_NAMED_ALIKE: Final = Column("TASK", flexible=True, spare=1)
"""Tasks that are named as their objects: the column says nothing new."""
_WIDE: Final = (Column("FAILURES"), Column("URL", flexible=True))

STYLES: Final = {
    "Active": Style.GREEN,
    "Suspended": Style.YELLOW,
    "Invalid": Style.RED,
    "Succeeded": Style.GREEN,
    "Failed": Style.RED,
    "Started": Style.YELLOW,
}
"""How words of phases and records stand out."""


def task_columns(rows: Sequence[Row], *, wide: bool, namespaces: bool) -> list[Column]:
    """Return the columns of a table of `rows`; of a `wide` one none is left out."""
    usual = list(_USUAL)
    if wide:
        usual = [replace(column, spare=0) for column in usual]
    elif all(row.task_name == row.name for row in rows):
        usual[1] = _NAMED_ALIKE
    return [*([_NAMESPACE] if namespaces else ()), *usual, *(_WIDE if wide else ())]


def task_cells(row: Row, now: datetime, *, wide: bool, namespaces: bool) -> list[Cell]:
    """Return the cells of `row` for those columns."""
    cells = [Cell(row.namespace)] if namespaces else []
    cells += (
        Cell(row.name),
        Cell(row.task_name),
        Cell(row.schedule) if row.schedule else NONE,
        word(row.phase),
        Cell(row.last_run) if row.last_run else NONE,
        word(row.last_status),
        until(row.next_run, now),
        Cell(row.age) if row.age else NONE,
    )
    if wide:
        failures = Cell(str(row.failures), Style.RED if row.failures else Style.PLAIN)
        cells += (failures, Cell(row.url))
    return cells


def word(text: str | None) -> Cell:
    """Return a phase or the status of a record."""
    return Cell(text, STYLES.get(text, Style.PLAIN)) if text else NONE


def until(moment: str | None, now: datetime) -> Cell:
    """Return how long it is until the RFC 3339 `moment`."""
    parsed = parse_moment(moment) if moment else None
    if parsed is None:
        return NONE
    return Cell(distance(parsed, now), Style.YELLOW if parsed < now else Style.PLAIN)
