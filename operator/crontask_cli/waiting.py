"""waiting waits for runs that were asked for, for ``crontask run --wait``."""

import time
from datetime import timedelta
from typing import Final

from crontask_cli.service.base import Requested, TaskService
from crontask_cli.service.task import read_manifest, status_of
from crontask_cli.shown.record_rows import reason, took
from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen
from crontask_cli.shown.task_rows import STYLES
from crontask_core.enums import RunStatus
from crontask_core.status import CronTaskStatus, RunRecord

FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 2.0
"""Between two looks at what has not ended."""


def wait_for_runs(service: TaskService, asked: list[Requested], patience: timedelta) -> int:
    """Write how each run ends; return how many failed, or did not end within `patience`."""
    screen, failed, open_runs = Screen(), 0, list(asked)
    deadline = time.monotonic() + patience.total_seconds()
    pause = FIRST_PAUSE_SECONDS
    while True:
        for run in list(open_runs):
            record = ended(status_of(read_manifest(service.get(run.name))), run.execution_id)
            if record is not None:
                open_runs.remove(run)
                failed += record.status is not RunStatus.SUCCEEDED
                _write(screen, run.name, record)
        left = deadline - time.monotonic()
        if not open_runs or left <= 0:
            break
        time.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    for run in open_runs:
        screen.write(f"{safe(run.name)} has not ended")
    return failed + len(open_runs)


def ended(status: CronTaskStatus, execution_id: str) -> RunRecord | None:
    """Return the last record of a run that has ended, retries included; None if it has not."""
    under_way = {each.execution_id for each in status.active}
    under_way |= {each.execution_id for each in status.pending_retries}
    if execution_id in under_way:
        return None
    attempts = [each for each in status.runs if each.execution_id == execution_id]
    latest = max(attempts, key=lambda each: each.attempt, default=None)
    return None if latest is None or latest.status is RunStatus.STARTED else latest


def _write(screen: Screen, name: str, record: RunRecord) -> None:
    word = screen.styled(record.status.lower(), STYLES[record.status])
    spent = took(record.begin_time, record.end_time).text
    what = "" if record.status is RunStatus.SUCCEEDED else f": {safe(reason(record))}"
    screen.write(f"{safe(name)} {word} after {spent}, attempt {record.attempt}{what}")
    screen.flush()
