"""statistics counts runs and ranks their lags and durations, in statements for both databases.

A percentile is found by its rank within the span or the task, since SQLite knows no other way.
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    null,
    or_,
    select,
    type_coerce,
)

from crontask_core.enums import RunStatus, RunType
from crontask_history.filters import RunFilter
from crontask_history.sql.reading import matching
from crontask_history.sql.tables import RUNS, Moment, Span
from crontask_history.statistics import Figures, Per, RunStats, SpanFigures, Spread, TaskFigures

STANDING_OUT: Final = 10
"""Tasks that are named as failing most, and as slowest."""

_BY_SCHEDULE: Final = (RunType.SCHEDULED.value, RunType.CATCH_UP.value)

_MICROSECOND: Final = timedelta(microseconds=1)


def spans_statement(wanted: RunFilter, per: Per, dialect: str) -> Select[Any]:
    """Return the statement for the figures of each span that has attempts, oldest first."""
    columns = RUNS.c
    begin: ColumnElement[Any]
    if dialect == "sqlite":
        number = type_coerce(columns.begin_time, BigInteger)
        begin = type_coerce(number - number % (per.length // _MICROSECOND), Moment)
    else:
        begin = func.date_trunc(per.value, columns.begin_time, "UTC", type_=Moment)
    ranked = _ranked(wanted, begin.label("begin"))
    return (
        select(ranked.c.begin, *_figures(ranked)).group_by(ranked.c.begin).order_by(ranked.c.begin)
    )


def tasks_statement(wanted: RunFilter) -> Select[Any]:
    """Return the statement for the figures of the tasks that stand out."""
    ranked = _ranked(wanted, RUNS.c.name)
    grouped = (
        select(
            ranked.c.name, func.max(ranked.c.task_name).label("task_name"), *_figures(ranked)
        ).group_by(ranked.c.name)
    ).subquery("tasks")
    tasks = grouped.c
    placed = select(
        *tasks,
        func.row_number().over(order_by=(tasks.failures.desc(), tasks.name)).label("failing"),
        func.row_number()
        .over(order_by=(tasks.duration_p99.desc().nulls_last(), tasks.name))
        .label("slowest"),
    ).subquery("placed")
    return select(*placed.c).where(
        or_(
            and_(placed.c.failing <= STANDING_OUT, placed.c.failures > 0),
            and_(placed.c.slowest <= STANDING_OUT, placed.c.duration_p99.is_not(None)),
        )
    )


def to_stats(spans: list[Row[Any]], tasks: list[Row[Any]]) -> RunStats:
    """Return what the rows of both statements say."""
    failing = sorted((row for row in tasks if row.failures), key=lambda row: int(row.failing))
    timed = [row for row in tasks if row.duration_p99 is not None]
    slowest = sorted(timed, key=lambda row: int(row.slowest))
    return RunStats(
        [SpanFigures(row.begin, _to_figures(row)) for row in spans],
        [_to_task(row) for row in failing[:STANDING_OUT]],
        [_to_task(row) for row in slowest[:STANDING_OUT]],
    )


def _ranked(wanted: RunFilter, group: ColumnElement[Any]) -> Subquery:
    """Return what is wanted, with the rank of each lag and duration within its `group`."""
    columns = RUNS.c
    is_first = columns.attempt == 1
    has_lag = [is_first, columns.run_type.in_(_BY_SCHEDULE)]
    if wanted.due_from is not None:
        has_lag.append(columns.scheduled_time >= wanted.due_from)
    lag = case(
        (
            and_(*has_lag),
            type_coerce(columns.begin_time - columns.scheduled_time, Span),
        ),
        else_=null(),
    )
    # What was not made, such as a run that was missed, ended as it began.
    duration = case(
        (
            columns.end_time > columns.begin_time,
            type_coerce(columns.end_time - columns.begin_time, Span),
        ),
        else_=null(),
    )
    rows = (
        select(
            group,
            columns.task_name,
            case((is_first, 1), else_=0).label("first"),
            case((columns.status == RunStatus.FAILED.value, 1), else_=0).label("failed"),
            lag.label("lag"),
            duration.label("duration"),
        )
        .where(*matching(wanted))
        .subquery("rows")
    )
    by = rows.c[group.name]
    return select(
        *rows.c,
        *(
            what.over(partition_by=by, order_by=order).label(label)
            for value in (rows.c.lag, rows.c.duration)
            for what, order, label in (
                (func.row_number(), value.asc().nulls_last(), f"{value.name}_rank"),
                (func.count(value), None, f"{value.name}_count"),
            )
        ),
    ).subquery("ranked")


def _figures(ranked: Subquery) -> list[ColumnElement[Any]]:
    rows = ranked.c

    def percentile(name: str, percent: int) -> ColumnElement[Any]:
        is_above = rows[f"{name}_rank"] * 100 >= rows[f"{name}_count"] * percent
        return func.min(case((is_above, rows[name]), else_=null())).label(f"{name}_p{percent}")

    return [
        func.sum(rows.first).label("runs"),
        func.sum(rows.failed).label("failures"),
        func.sum(1 - rows.first).label("retries"),
        *(percentile(name, percent) for name in ("lag", "duration") for percent in (50, 99)),
    ]


def _to_task(row: Row[Any]) -> TaskFigures:
    return TaskFigures(row.name, row.task_name, _to_figures(row))


def _to_figures(row: Row[Any]) -> Figures:
    return Figures(
        row.runs,
        row.failures,
        row.retries,
        Spread(_seconds(row.lag_p50), _seconds(row.lag_p99)),
        Spread(_seconds(row.duration_p50), _seconds(row.duration_p99)),
    )


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
