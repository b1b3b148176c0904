"""run_stats maps figures of the history to those of ``run_stats``, with a place for every span."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crontask_api.schemas.run_responses import RunSpan, RunStatistics, TaskRunFigures
from crontask_core.times import rfc3339
from crontask_history.statistics import Figures, Per, RunStats, TaskFigures

_NONE = Figures()


def spans(begin: datetime, end: datetime, per: Per) -> Iterator[datetime]:
    """Yield the begin of each span that has moments of ``[begin, end)``; both are in UTC."""
    span = begin.replace(second=0, microsecond=0)
    if per is not Per.MINUTE:
        span = span.replace(minute=0)
    if per is Per.DAY:
        span = span.replace(hour=0)
    while span < end:
        yield span
        if datetime.max.replace(tzinfo=span.tzinfo) - span < per.length:
            return
        span += per.length


def to_statistics(stats: RunStats, begin: datetime, end: datetime, per: Per) -> RunStatistics:
    """Return `stats` of the time from `begin` to `end`; spans without attempts have zeros."""
    found = {each.begin: each.figures for each in stats.spans}
    return RunStatistics(
        per,
        [
            RunSpan(**_figures(found.get(span, _NONE)), begin_time=rfc3339(span))
            for span in spans(begin, end, per)
        ],
        [_of_task(task) for task in stats.failing],
        [_of_task(task) for task in stats.slowest],
    )


def _of_task(task: TaskFigures) -> TaskRunFigures:
    return TaskRunFigures(**_figures(task.figures), task_id=task.name, name=task.task_name)


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "runs": figures.runs,
        "failures": figures.failures,
        "retries": figures.retries,
        "lag_p50_seconds": figures.lag.p50,
        "lag_p99_seconds": figures.lag.p99,
        "duration_p50_seconds": figures.duration.p50,
        "duration_p99_seconds": figures.duration.p99,
    }
