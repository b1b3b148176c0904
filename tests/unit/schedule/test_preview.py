"""The next times of an expression."""

from datetime import UTC, datetime, timedelta

import pytest

from crontask_core.enums import DstOverlap
from crontask_core.schedule import compile_schedule, preview
from tests.unit.schedule.oracle import utc

AFTER = utc("2026-03-01T12:00")


def test_it_is_a_walk_from_answer_to_answer() -> None:
    schedule = compile_schedule("*/20 * * * *")
    first = schedule.next(AFTER)
    assert first is not None

    assert preview("*/20 * * * *", count=2, after=AFTER) == [first, schedule.next(first)]


def test_times_are_told_in_the_zone_and_passes_of_an_overlap_apart() -> None:
    times = preview(
        "30 2 * * *",
        count=3,
        after=utc("2024-10-26T12:00"),
        time_zone="Europe/Berlin",
        overlap=DstOverlap.BOTH,
    )

    assert [time.isoformat() for time in times] == [
        "2024-10-27T02:30:00+02:00",
        "2024-10-27T02:30:00+01:00",
        "2024-10-28T02:30:00+01:00",
    ]


def test_every_counts_from_the_start_or_from_an_anchor() -> None:
    anchor = AFTER - timedelta(minutes=7)

    assert preview("@every 10m", count=1, after=AFTER) == [AFTER + timedelta(minutes=10)]
    assert preview("@every 10m", count=1, after=AFTER, anchor=anchor) == [
        AFTER + timedelta(minutes=3)
    ]


def test_it_is_shorter_where_the_horizon_ends_it() -> None:
    times = preview("0 0 29 2 *", count=5, after=utc("2091-01-01"))

    assert [time.year for time in times] == [2092, 2096]


def test_nothing_may_be_asked_for() -> None:
    assert preview("@daily", count=0, after=AFTER) == []


@pytest.mark.parametrize("expression", ["@daily", "@every 1h"], ids=["cron expression", "period"])
def test_the_end_of_the_calendar_is_no_error(expression: str) -> None:
    last = datetime.max.replace(tzinfo=UTC)

    assert preview(expression, count=1, after=last, time_zone="Pacific/Auckland") == []


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an aware datetime, got the naive"):
        preview("@daily", count=1, after=AFTER.replace(tzinfo=None))
