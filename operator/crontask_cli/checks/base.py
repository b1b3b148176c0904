"""base types what a check found, for all checks of ``crontask doctor``."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, NamedTuple

from crontask_cli.service.task import Task
from crontask_cli.times import compact, parse_moment

SKEW: Final = timedelta(seconds=5)
"""Clocks that differ by more make schedules and logs hard to compare."""

UNSEEN: Final = timedelta(minutes=1)
"""How long a task may wait for the operator's first look, or a run be late."""

NAMED: Final = 3
"""Tasks that a finding names."""


class Verdict(StrEnum):
    """How a check went."""

    GOOD = "ok"
    UNKNOWN = "unknown"
    """The caller's rights do not reach so far; nothing is known to be wrong."""
    BAD = "bad"


class Finding(NamedTuple):
    """What a check found, and what to do if that is not good."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""


def clock(date: str | None, now: datetime) -> Finding:
    """Return how far this machine's clock is from that of a server, by its ``Date``."""
    try:
        skew = now - parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return Finding("clock", Verdict.UNKNOWN, "the server tells no time")
    # The header has whole seconds.
    if abs(skew) <= SKEW:
        return Finding("clock", Verdict.GOOD, "this machine and the server agree")
    which = "ahead of" if skew > timedelta(0) else "behind"
    return Finding(
        "clock",
        Verdict.BAD,
        f"this machine is {compact(skew)} {which} the server",
        "set the clock of the one that is wrong, by NTP",
    )


def pace(tasks: Iterable[Task], now: datetime) -> Finding:
    """Return whether the operator has seen the tasks, and runs them in time."""
    unseen, late, count = [], [], 0
    for task in tasks:
        count += 1
        created = parse_moment(task.metadata.creation_timestamp)
        following = parse_moment(task.status.next_run_time or "")
        if not task.status.phase and created is not None and now - created > UNSEEN:
            unseen.append(task.task_name)
        if task.status.phase == "Active" and following is not None and now - following > UNSEEN:
            late.append(task.task_name)
    advice = (
        "look at the operator's pods and their log, and whether they serve this namespace: "
        "kubectl get pods -A -l app.kubernetes.io/name=crontask"
    )
    if unseen:
        return Finding("operator", Verdict.BAD, f"it has not seen {_some(unseen)}", advice)
    if late:
        return Finding("operator", Verdict.BAD, f"runs are overdue of {_some(late)}", advice)
    if not count:
        return Finding("operator", Verdict.UNKNOWN, "there is no task here to see it by")
    return Finding("operator", Verdict.GOOD, f"it has seen all {count} tasks, and none is overdue")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
