"""The last day, hour by hour, of several namespaces together."""

from datetime import UTC, datetime, timedelta

import pytest

from crontask_api.console.picture.hours import HEIGHT, hours_of
from crontask_api.console.runs.day import ShownDay, day_of
from crontask_api.console.words.language import Language
from crontask_history.statistics import Figures, RunStats, SpanFigures, Spread, TaskFigures

NOW = datetime(2026, 3, 2, 12, 34, 56, tzinfo=UTC)
THIS_HOUR = NOW.replace(minute=0, second=0)


def span(back: int, runs: int, failures: int = 0, p99: float | None = None) -> SpanFigures:
    """Return the figures of an hour so many hours ago."""
    lag = Spread(None if p99 is None else p99 / 10, p99)
    begin = THIS_HOUR - timedelta(hours=back)
    return SpanFigures(begin, Figures(runs=runs, failures=failures, retries=failures, lag=lag))


def failing(name: str, failures: int) -> TaskFigures:
    """Return a task that failed so often."""
    return TaskFigures(name, f"Task {name}", Figures(runs=100, failures=failures))


def told(*stats: RunStats) -> ShownDay:
    """Return the day of namespaces called by their number."""
    shown = day_of(
        [(f"space-{number}", each) for number, each in enumerate(stats)],
        Language("en"),
        NOW.timestamp(),
    )
    assert shown is not None
    return shown


def test_hours_end_with_this_one_and_those_without_runs_are_there() -> None:
    day = told(RunStats([span(23, 4), span(0, 8, 2)]))
    assert day.told == "12 runs, 2 attempts failed, 2 retries"
    assert (len(day.columns), day.labels[0], day.labels[-1]) == (24, "13:00", "09:00")
    assert day.titles[-1] == "12:00 UTC: 8 runs, 2 attempts failed"
    assert [bool(column.height) for column in day.columns] == [True, *[False] * 22, True]
    # Attempts, of which the two that failed stand on top of eight.
    assert day.columns[-1].bad_height == pytest.approx(HEIGHT * 2 / 10, abs=0.1)


def test_namespaces_are_added_and_their_largest_spreads_count() -> None:
    day = told(RunStats([span(3, 5, p99=0.02)]), RunStats([span(3, 7, p99=3.0), span(2, 1)]))
    assert day.told.startswith("13 runs")
    assert day.lag_told == (
        "p99 by hour, of runs due this day; slowest: 300 ms at p50, 3.0 s at p99"
    )
    assert day.lag is not None
    assert day.lag_titles[20] == "09:00 UTC: 3.0 s"
    # Both pictures have their hours in the same places.
    assert day.lag.bars[0].x == pytest.approx(600 / 24 / 2 - day.lag.bars[0].width / 2, abs=0.1)


def test_tasks_that_failed_most_are_those_of_all_namespaces() -> None:
    one = RunStats([span(1, 9)], failing=[failing("a", 3), failing("b", 1)])
    two = RunStats([span(1, 9)], failing=[failing(name, 2) for name in "cdef"])
    assert [(each.address, each.told) for each in told(one, two).failing][:2] == [
        ("/console/tasks/space-0/a", "3\u00d7"),
        ("/console/tasks/space-1/c", "2\u00d7"),
    ]
    assert len(told(one, two).failing) == 5


def test_where_nothing_ran_nothing_is_shown() -> None:
    assert day_of([("a", RunStats())], Language("en"), NOW.timestamp()) is None
    without = told(RunStats([span(1, 5)]))
    assert (without.lag, without.lag_told) == (None, "")


def test_a_column_is_within_the_picture_and_what_is_rare_is_seen() -> None:
    columns = hours_of([(0, 0), (10_000, 1), (1, 1), (1, 0), (5000, 5000)])
    assert columns[0].height == columns[0].bad_height == 0
    for column in columns[1:]:
        assert column.bad_y >= 0
        assert column.bad_y + column.bad_height == pytest.approx(column.y)
        assert column.y + column.height == pytest.approx(HEIGHT)
    assert [column.bad_height for column in columns[1:]] == [3.0, 3.0, 0.0, 48.0]
    assert columns[3].height == 3.0
