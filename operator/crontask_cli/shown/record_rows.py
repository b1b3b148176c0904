"""record_rows makes rows of records, for ``crontask get`` and ``crontask logs``."""

from datetime import datetime
from typing import Final

from crontask_cli.shown.columns import Cell, Column
from crontask_cli.shown.task_rows import NONE, word
from crontask_cli.times import length
from crontask_core.status import RunRecord
from crontask_core.times import rfc3339

RECORD_COLUMNS: Final = (
    Column("TIME"),
    Column("RUN"),
    Column("STATUS"),
    Column("CODE"),
    Column("TOOK"),
    Column("REASON", flexible=True),
)
WIDE_COLUMNS: Final = (
    Column("EXECUTION"),
    Column("URL", flexible=True),
    Column("RESPONSE", flexible=True),
)


def record_row(record: RunRecord, *, wide: bool) -> list[Cell]:
    """Return the row of `record` for `RECORD_COLUMNS`, and `WIDE_COLUMNS` if `wide`."""
    row = [
        Cell(rfc3339(record.begin_time)),
        Cell(run_of(record)),
        word(record.status),
        NONE if record.code is None else Cell(str(record.code)),
        took(record.begin_time, record.end_time),
        Cell(reason(record)),
    ]
    if wide:
        row += [Cell(record.execution_id), Cell(record.url), Cell(record.response or "-")]
    return row


def run_of(record: RunRecord) -> str:
    """Return the kind of the run, and which of its attempts it was."""
    return f"{record.run_type}/{record.attempt}"


def took(begin: datetime, end: datetime | None) -> Cell:
    """Return how long an attempt took."""
    if end is None:
        return NONE
    return Cell(length(end - begin))


def reason(record: RunRecord) -> str:
    """Return why an attempt ended as it did."""
    if not record.error:
        return record.reason or "-"
    return f"{record.reason}: {record.error}" if record.reason else record.error
