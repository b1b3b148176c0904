"""row makes of a CronTask what the console keeps of it in memory, for the board.

A CronTask may take hundreds of kilobytes, and there may be ten thousand. What a list shows
is here, each text bounded; all else is read when a person looks at one task.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple, TypeAlias

import msgspec

from crontask_api.kube.objects import CronTask
from crontask_core.enums import Phase, RunStatus
from crontask_core.errors import SpecError
from crontask_core.spec import CronTaskSpec
from crontask_core.status import CronTaskStatus, RunRecord

RUNS_KEPT: Final = 10
"""Runs of a task in the strip of a list."""

TARGET_CHARACTERS: Final = 200
ERROR_CHARACTERS: Final = 200
SEARCHED_CHARACTERS: Final = 1000
"""Of a task's texts, what is looked through: name, URL and labels."""

Key: TypeAlias = tuple[str, str]
"""Namespace and name of an object."""


class Run(NamedTuple):
    """One run in short: how its last attempt ended, and after how many seconds."""

    status: RunStatus
    seconds: float | None
    """None while it goes on."""
    scheduled: float
    """Seconds since the epoch."""


class Row(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One task in short. Moments are seconds since the epoch, None if there is none."""

    namespace: str
    name: str
    uid: str
    version: str
    """Of the object, so that what was read of it can be told from what is new."""
    title: str
    searched: str
    module: int = 0
    type: str = ""
    method: str = ""
    target: str = ""
    schedule: str = ""
    at: float | None = None
    time_zone: str = "UTC"
    phase: str = ""
    next_run: float | None = None
    last_run: float | None = None
    last_status: str = ""
    failures: int = 0
    """Runs that failed since the last that succeeded."""
    failing_since: float | None = None
    error: str = ""
    """Of the last failure, its first line, while the task is failing."""
    active: int = 0
    retry_at: float | None = None
    """When the next attempt of a run that failed is due."""
    runs: tuple[Run, ...] = ()
    """Newest first."""

    @property
    def key(self) -> Key:
        """What names the task among all others."""
        return (self.namespace, self.name)

    @property
    def is_failing(self) -> bool:
        """Whether its last run that ended failed, or it cannot run at all."""
        return self.failures > 0 or self.phase in (Phase.FAILED, Phase.INVALID)


def to_row(task: CronTask) -> Row:
    """Return `task` in short; of one that another version wrote, what can be read."""
    meta = task.metadata
    status = task.typed_status()
    try:
        spec = task.typed_spec()
    except SpecError as error:
        return _unreadable(task, str(error))
    method, target = called(spec)
    runs = tuple(_runs(status.runs))
    last = status.last_run
    failed = [] if not status.consecutive_failures else _failures(status)
    return Row(
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        version=meta.resource_version,
        title=task.task_name,
        searched=_searched(task, target),
        module=spec.module,
        type=spec.type or "",
        method=method,
        target=_cut(target, TARGET_CHARACTERS),
        schedule=spec.schedule or "",
        at=_epoch(spec.at),
        time_zone=spec.time_zone,
        phase=status.phase or "",
        next_run=_epoch(status.next_run_time),
        last_run=None if last is None else _epoch(last.time),
        last_status="" if last is None else last.status,
        failures=status.consecutive_failures,
        failing_since=_epoch(failed[-1].begin_time if failed else None),
        error=_complaint(status, failed),
        active=len(status.active),
        retry_at=min(
            (retry.due_time.timestamp() for retry in status.pending_retries), default=None
        ),
        runs=runs[:RUNS_KEPT],
    )


def called(spec: CronTaskSpec) -> tuple[str, str]:
    """Return the method of a task's callback, and where it goes."""
    http, grpc = spec.callback.http, spec.callback.grpc
    if http is not None:
        return http.method, http.url
    if grpc is not None:
        return "gRPC", f"{grpc.address}/{grpc.service}.{grpc.method}"
    return "", ""


def _unreadable(task: CronTask, why: str) -> Row:
    meta = task.metadata
    return Row(
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        version=meta.resource_version,
        title=str(task.task_name),
        searched=_searched(task, ""),
        phase=Phase.INVALID,
        error=_first_line(why),
    )


def _runs(records: tuple[RunRecord, ...]) -> Iterator[Run]:
    # The attempts of a run are together, the last one first.
    for _, attempts in groupby(records, key=lambda record: record.execution_id):
        last = next(attempts)
        ended = last.end_time
        seconds = None if ended is None else (ended - last.begin_time).total_seconds()
        yield Run(last.status, seconds, last.scheduled_time.timestamp())


def _failures(status: CronTaskStatus) -> list[RunRecord]:
    """Return the attempts that failed since the last run that succeeded, newest first."""
    failed = []
    for record in status.runs:
        if record.status is RunStatus.SUCCEEDED:
            break
        if record.status is RunStatus.FAILED:
            failed.append(record)
    return failed


def _complaint(status: CronTaskStatus, failed: list[RunRecord]) -> str:
    if status.phase is Phase.INVALID:
        for condition in status.conditions:
            if condition.type == "Accepted" and condition.status == "False":
                return _first_line(condition.message)
    if not failed:
        return ""
    newest = failed[0]
    said = newest.error or (f"{newest.code} {newest.response}" if newest.code else newest.response)
    return _first_line(said) or (newest.reason or "")


def _first_line(text: str) -> str:
    lines = text[: 4 * ERROR_CHARACTERS].split("\n", 1)
    return _cut(lines[0].strip(), ERROR_CHARACTERS)


def _searched(task: CronTask, target: str) -> str:
    labels = (f"{name}={value}" for name, value in task.metadata.labels.items())
    parts = (str(task.task_name), task.metadata.name, target[:TARGET_CHARACTERS], *labels)
    # Folded once here, not once for each search.
    return "\n".join(parts)[:SEARCHED_CHARACTERS].casefold()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def _epoch(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
