"""manifests writes the tasks of a story as objects, for the editor."""

from typing import Any

from chaos.judge.attempts import SLOW_SECONDS
from chaos.judge.case import FAILURES
from chaos.profiles import Profile
from chaos.script import Behaviour, TaskPlan
from crontask_core.times import from_epoch, rfc3339

_PATHS = {
    Behaviour.RETRIED: f"/fail-attempts?most={FAILURES}",
    Behaviour.FORBID: f"/slow?seconds={SLOW_SECONDS:g}",
    Behaviour.REPLACE: f"/slow?seconds={SLOW_SECONDS:g}",
}

TIMEOUT_SECONDS = 120
"""Longer than any freeze: a call that was sent is not given up while nobody looks."""


def spec_of(task: TaskPlan, profile: Profile, target: str, once: int | None) -> dict[str, Any]:
    """Return the spec of `task`, which calls `target`; `once` is its moment if it has one."""
    spec: dict[str, Any] = {
        "callback": {"http": {"url": target + _PATHS.get(task.behaviour, "/ok")}},
        "missedRunPolicy": task.policy,
        "historyLimit": profile.history_limit,
        "timeoutSeconds": TIMEOUT_SECONDS,
    }
    if once is None:
        spec["schedule"] = schedule_of(task.period)
    else:
        spec["at"] = rfc3339(from_epoch(once))
    match task.behaviour:
        case Behaviour.RETRIED:
            spec["retry"] = {"delaysSeconds": [1] * FAILURES}
        case Behaviour.FORBID:
            spec["concurrencyPolicy"] = "Forbid"
        case Behaviour.REPLACE:
            spec["concurrencyPolicy"] = "Replace"
        case _:
            pass
    return spec


def schedule_of(period: int) -> str:
    """Return the expression whose moments are the multiples of `period` seconds."""
    return "* * * * *" if period == 60 else f"*/{period} * * * * *"
