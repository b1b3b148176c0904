"""Counting what came of attempts: in the status, in the metrics, and in Events."""

from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import msgspec
from prometheus_client import Counter, Histogram

from crontask_core.enums import RunType
from crontask_operator.callbacks.base import CallResult
from crontask_operator.process.metrics import ATTEMPT_DURATION, ATTEMPTS, FIRE_LAG, RUNS
from crontask_operator.task.notices import Notice, Notify
from crontask_operator.task.state import Job, TaskState

_Metric = TypeVar("_Metric", Counter, Histogram)


def count(state: TaskState, **increments: int) -> None:
    """Add to the counters of `state`'s draft."""
    counters = state.draft.counters
    changed = {name: getattr(counters, name) + amount for name, amount in increments.items()}
    state.update(counters=msgspec.structs.replace(counters, **changed))


def measure(job: Job, result: CallResult, end: datetime) -> None:
    """Count one attempt in the metrics."""
    attempt = job.attempt
    protocol = "grpc" if attempt.spec.callback.grpc is not None else "http"
    _labelled(ATTEMPT_DURATION, protocol).observe((end - job.begin).total_seconds())
    _labelled(ATTEMPTS, attempt.run_type, result.reason).inc()
    if attempt.run_type is RunType.SCHEDULED and attempt.attempt == 1:
        FIRE_LAG.observe(max((job.begin - attempt.scheduled_time).total_seconds(), 0))


def account(job: Job, result: CallResult, now: datetime, notify: Notify, *, retrying: bool) -> None:
    """Count one attempt in the task's status, and its run if this was the last one."""
    state = job.state
    again = int(job.attempt.attempt > 1)
    failures = state.draft.consecutive_failures
    if result.ok:
        _labelled(RUNS, "succeeded").inc()
        count(state, succeeded=1, retries=again)
        state.update(last_success_time=now, consecutive_failures=0)
        if failures:
            notify(state, Notice.RECOVERED, f"A run succeeded after {failures} that failed.")
    elif retrying:
        count(state, retries=again)
    else:
        _labelled(RUNS, "failed").inc()
        count(state, failed=1, retries=again)
        state.update(last_failure_time=now, consecutive_failures=failures + 1)
        if not failures:
            message = f"A run failed at attempt {job.attempt.attempt}: {result.error}"
            notify(state, Notice.RUN_FAILED, message)


@lru_cache(maxsize=256)
def _labelled(metric: _Metric, *values: str) -> _Metric:
    """Return ``metric.labels(*values)``, which takes a lock and a look-up each time."""
    return metric.labels(*values)
