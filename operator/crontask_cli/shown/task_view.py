"""task_view writes one task for people, for ``crontask get``."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from crontask_cli.service.task import Task, status_of
from crontask_cli.shown.columns import Cell, Column, write_columns
from crontask_cli.shown.record_rows import RECORD_COLUMNS, WIDE_COLUMNS, record_row
from crontask_cli.shown.safe import safe
from crontask_cli.shown.screen import Screen, Style
from crontask_cli.shown.task_rows import STYLES, until
from crontask_cli.times import compact, written
from crontask_core.enums import DstGap, DstOverlap
from crontask_core.errors import ScheduleError
from crontask_core.schedule import preview
from crontask_core.status import Condition, CronTaskStatus
from crontask_core.times import rfc3339

NEXT: Final = 5
"""Runs to come that are shown."""

_LABEL_WIDTH: Final = 14

Manifest = dict[str, Any]


def write_task(
    screen: Screen, task: Task, manifest: Manifest, now: datetime, *, wide: bool, partly: bool
) -> None:
    """Write what `task` is and how it stands.

    `manifest` is the whole of it, or `partly` what a facade tells: what is not in it then is
    not known, and is not written as if it were the default.
    """
    status = status_of(manifest)
    for label, text, style in _definition(task, manifest, status, partly=partly):
        screen.write(f"{label + ':':<{_LABEL_WIDTH}} {screen.styled(safe(text), style)}")
    if status.conditions:
        screen.write("Conditions:")
        for condition in status.conditions:
            screen.write(f"  {safe(_in_words(condition, now))}")
    _write_next(screen, task, status, now)
    if status.runs:
        screen.write(f"Last runs ({len(status.runs)}):")
        columns = (*RECORD_COLUMNS, *(WIDE_COLUMNS if wide else ()))
        write_columns(
            screen, columns, [record_row(each, wide=wide) for each in status.runs], headers=True
        )


def _definition(
    task: Task, manifest: Manifest, status: CronTaskStatus, *, partly: bool
) -> Iterator[tuple[str, str, Style]]:
    spec: Manifest = manifest.get("spec") or {}
    yield "Name", task.metadata.name, Style.BOLD
    if task.task_name != task.metadata.name:
        yield "Task", task.task_name, Style.BOLD
    yield "Namespace", task.metadata.namespace, Style.PLAIN
    phase = task.status.phase or "not yet seen by the operator"
    yield "Phase", phase, STYLES.get(phase, Style.YELLOW)
    yield "Schedule", _when(task), Style.PLAIN
    yield "Calls", _target(task), Style.PLAIN
    if expected := _expected(spec, partly=partly):
        yield "Expects", expected, Style.PLAIN
    if "retry" in spec or not partly:
        yield "Retries", _retries(spec), Style.PLAIN
    if "timeoutSeconds" in spec:
        yield "Time-out", f"{spec['timeoutSeconds']} s for one attempt", Style.PLAIN
    if task.spec.type or task.spec.module:
        yield "Type, module", f"{task.spec.type or '-'}, {task.spec.module}", Style.PLAIN
    counters = status.counters
    if any((counters.succeeded, counters.failed, counters.skipped, counters.missed)):
        yield (
            "Runs",
            f"{counters.succeeded} succeeded, {counters.failed} failed, "
            f"{counters.retries} retries, {counters.skipped} skipped, {counters.missed} missed",
            Style.PLAIN,
        )
    if status.consecutive_failures:
        yield "Failing", f"{status.consecutive_failures} in a row", Style.RED


def _when(task: Task) -> str:
    spec = task.spec
    if spec.at:
        return f"once, at {spec.at}"
    from crontask_cli.schedule_words import in_words

    written = f"{spec.schedule}  ({spec.time_zone})"
    try:
        return f"{written}, {in_words(spec.schedule or '')}"
    except ScheduleError:
        return written


def _target(task: Task) -> str:
    if task.spec.callback.http is not None:
        return f"{task.spec.callback.http.method} {task.spec.callback.http.url}"
    return f"gRPC {task.spec.callback.address}"


def _expected(spec: Manifest, *, partly: bool) -> str:
    expect = spec.get("expect") or {}
    codes = ", ".join(map(str, expect.get("statusCodes") or ("200-299",)))
    told = [] if partly else [f"status {codes}"]
    if regex := expect.get("bodyRegex"):
        told.append(f"a body that matches {regex}")
    return ", and ".join(told)


def _retries(spec: Manifest) -> str:
    retry = spec.get("retry") or {}
    if delays := retry.get("delaysSeconds"):
        return f"after {', '.join(map(str, delays))} s"
    if backoff := retry.get("backoff"):
        return (
            f"{backoff.get('attempts', 3)} times, after {backoff.get('initialSeconds', 1)} s, "
            f"then times {backoff.get('factor', 2)} up to {backoff.get('maxSeconds', 300)} s"
        )
    return "none"


def _in_words(condition: Condition, now: datetime) -> str:
    since = compact(now - condition.last_transition_time)
    holds = {"True": "yes", "False": "no"}.get(condition.status, "not known")
    return f"{condition.type}: {holds}, for {since} ({condition.reason}). {condition.message}"


def _write_next(screen: Screen, task: Task, status: CronTaskStatus, now: datetime) -> None:
    times = list(_next_times(task, status, now))
    if task.spec.suspend:
        screen.write("Next runs:     none while it is suspended")
        return
    if not times:
        screen.write("Next runs:     none")
        return
    screen.write("Next runs:")
    rows = []
    for time in times:
        local = time.astimezone()
        rows.append(
            [
                Cell(f"  {written(time)}  {time:%a}"),
                Cell(f"{written(local)}  {local:%a}"),
                until(rfc3339(time), now),
            ]
        )
    columns = (Column(f"  IN {task.spec.time_zone}"), Column("HERE"), Column("THAT IS"))
    write_columns(screen, columns, rows, headers=True)


def _next_times(task: Task, status: CronTaskStatus, now: datetime) -> Iterator[datetime]:
    """Yield the next runs; where they cannot be computed, the one that the operator tells."""
    spec = task.spec
    plan = status.plan
    # A task's own grid: without its anchor or its uid, other times would come out.
    anchored = plan is not None or not (spec.schedule or "").lower().startswith("@every")
    hashed = task.metadata.uid or "H" not in (spec.schedule or "").upper().replace("THU", "")
    if spec.schedule and spec.type != "Single" and anchored and hashed:
        dst = _policies(task)
        try:
            yield from preview(
                spec.schedule,
                count=NEXT,
                after=now,
                time_zone=spec.time_zone,
                gap=dst[0],
                overlap=dst[1],
                seed=task.metadata.uid,
                anchor=plan.since if plan else None,
            )
            return
        except ScheduleError:
            pass
    if status.next_run_time is not None:
        yield status.next_run_time


def _policies(task: Task) -> tuple[DstGap, DstOverlap]:
    """Return what the task does at clock changes."""
    try:
        return DstGap(task.spec.dst.gap), DstOverlap(task.spec.dst.overlap)
    except ValueError:
        return DstGap.SKIP, DstOverlap.BOTH
