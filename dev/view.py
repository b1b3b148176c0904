"""Runs as a table for a terminal and as lines for a log."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from crontask_core.enums import RunStatus
from dev.runs import Run

_COLOURS = {
    RunStatus.STARTED: "yellow",
    RunStatus.SUCCEEDED: "green",
    RunStatus.FAILED: "red",
}


def table(runs: list[Run], rows: int) -> Table:
    """Return the latest `rows` runs as a table, the newest last."""
    result = Table(title=f"{len(runs)} runs", title_justify="left", expand=True)
    for heading, ratio in (("Task", 3), ("From", 1), ("Type", 2)):
        result.add_column(heading, ratio=ratio, no_wrap=True)
    for heading in ("Scheduled", "Begin", "Duration"):
        result.add_column(heading, justify="right", no_wrap=True)
    result.add_column("Status", no_wrap=True)
    result.add_column("Code", justify="right")
    result.add_column("Response", ratio=4, no_wrap=True)
    for run in runs[-rows:]:
        status = Text(run.record.status, style=_COLOURS[run.record.status])
        *before, _, code, response = _cells(run)
        # As text: an answer may hold what would be markup.
        result.add_row(*map(Text, before), status, Text(code), Text(response))
    return result


def lines(runs: Iterable[Run]) -> Iterable[str]:
    """Return one line for each run, its fields in columns."""
    for run in runs:
        task, origin, kind, scheduled, begin, duration, status, code, response = _cells(run)
        yield (
            f"{task:20} {origin:7} {kind:9} {scheduled} {begin} {duration:>8} "
            f"{status:9} {code:>3} {response}"
        ).rstrip()


def _cells(run: Run) -> list[str]:
    record = run.record
    kind = f"{record.run_type} {record.attempt}" if record.attempt > 1 else str(record.run_type)
    duration = ""
    if record.end_time is not None:
        milliseconds = (record.end_time - record.begin_time).total_seconds() * 1000
        duration = f"{milliseconds:.0f} ms"
    return [
        run.task,
        run.origin,
        kind,
        f"{record.scheduled_time.astimezone():%H:%M:%S}",
        f"{record.begin_time.astimezone():%H:%M:%S.%f}"[:-3],
        duration,
        str(record.status),
        "" if record.code is None else str(record.code),
        " ".join((record.error or record.response).split())[:80],
    ]
