"""measures adds to the metrics what a look decided, and counts tasks for them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

from prometheus_client import Counter, Histogram

from crontask_core.enums import Phase, RunType
from crontask_core.status import Counters
from crontask_operator.process.metrics import (
    ATTEMPT_DURATION,
    ATTEMPTS,
    FIRE_LAG,
    MISSED,
    RUNS,
    SKIPPED,
)
from crontask_operator.task.state import Job, TaskState

_Metric = TypeVar("_Metric", Counter, Histogram)


def measure_attempt(job: Job) -> None:
    """Count one attempt that has ended."""
    attempt = job.attempt
    if job.result is None or job.ended is None:
        return
    protocol = "grpc" if attempt.spec.callback.grpc is not None else "http"
    _labelled(ATTEMPT_DURATION, protocol).observe((job.ended - job.begin).total_seconds())
    _labelled(ATTEMPTS, attempt.run_type, job.result.reason).inc()
    if attempt.run_type is RunType.SCHEDULED and attempt.attempt == 1:
        FIRE_LAG.observe(max((job.begin - attempt.scheduled_time).total_seconds(), 0))


def measure_runs(before: Counters, after: Counters) -> None:
    """Count the runs by which a task's counters have grown."""
    if after.succeeded > before.succeeded:
        _labelled(RUNS, "succeeded").inc(after.succeeded - before.succeeded)
    if after.failed > before.failed:
        _labelled(RUNS, "failed").inc(after.failed - before.failed)
    if after.skipped > before.skipped:
        SKIPPED.inc(after.skipped - before.skipped)
    if after.missed > before.missed:
        MISSED.inc(after.missed - before.missed)


@lru_cache(maxsize=256)
def _labelled(metric: _Metric, *values: str) -> _Metric:
    """Return ``metric.labels(*values)``, which takes a lock and a look-up each time."""
    return metric.labels(*values)


def count_failing(tasks: Iterable[TaskState]) -> int:
    """Return how many tasks of this replica will run again and had a latest run that failed."""
    return sum(
        state.owned and state.draft.phase is Phase.ACTIVE and state.draft.consecutive_failures > 0
        for state in tasks
    )
