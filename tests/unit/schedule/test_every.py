"""``@every``: a grid in real time."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crontask_core.schedule import HORIZON, compile_schedule, preview
from tests.unit.schedule.oracle import utc

CREATED = utc("2026-03-01T12:00:07")

PERIODS = {
    "1s": 1,
    "90s": 90,
    "1h30m10s": 5410,
    "1.5h": 5400,
    ".5m": 30,
    "2m.5h": 1920,
    "1000ms": 1,
    "1500ms500ms": 2,
    "2000000us": 2,
    "1000000µs": 1,
    "1000000μs": 1,
    "3000000000ns": 3,
    "43848h": 5 * 365 * 86400 + 2 * 86400,
}


@pytest.mark.parametrize(("duration", "seconds"), PERIODS.items(), ids=PERIODS)
def test_a_go_duration_of_whole_seconds(duration: str, seconds: int) -> None:
    schedule = compile_schedule(f"@every {duration}", anchor=CREATED)

    assert schedule.next(CREATED) == CREATED + timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["@every 1h", "@EVERY 1h", "  @every   1h  ", "@every\t1h\n"])
def test_its_writing_does_not_matter(text: str) -> None:
    assert compile_schedule(text, anchor=CREATED).next(CREATED) == CREATED + timedelta(hours=1)


def test_it_counts_from_the_anchor_and_first_fires_a_period_later() -> None:
    times = preview("@every 40m", count=3, after=CREATED)

    assert [f"{time:%H:%M:%S}" for time in times] == ["12:40:07", "13:20:07", "14:00:07"]


def test_a_late_firing_moves_nothing() -> None:
    schedule = compile_schedule("@every 1m", anchor=CREATED)

    fired_late = CREATED + timedelta(seconds=60 + 9)

    assert schedule.next(fired_late) == CREATED + timedelta(minutes=2)


def test_before_the_anchor_the_first_moment_is_still_a_period_after_it() -> None:
    schedule = compile_schedule("@every 1m", anchor=CREATED)

    assert schedule.next(CREATED - timedelta(days=1)) == CREATED + timedelta(minutes=1)


def test_without_an_anchor_it_counts_from_the_epoch() -> None:
    assert compile_schedule("@every 7h").next(utc("1970-01-01")) == utc("1970-01-01T07:00")


def test_an_anchor_between_two_seconds_counts_as_the_earlier() -> None:
    schedule = compile_schedule("@every 10s", anchor=CREATED + timedelta(milliseconds=900))

    assert schedule.next(CREATED) == CREATED + timedelta(seconds=10)


def test_clock_changes_do_not_concern_it() -> None:
    times = preview("@every 12h", count=4, after=utc("2024-03-30T12:00"), time_zone="Europe/Berlin")

    assert [f"{time:%d %H:%M}" for time in times] == [
        "31 01:00",
        "31 14:00",
        "01 02:00",
        "01 14:00",
    ]


def test_what_begins_beyond_the_horizon_has_no_answer_yet() -> None:
    schedule = compile_schedule("@every 1h", anchor=CREATED)
    first = CREATED + timedelta(hours=1)

    assert schedule.next(first - HORIZON) == first
    assert schedule.next(first - HORIZON - timedelta(seconds=1)) is None


def test_at_the_end_of_the_calendar_it_ends() -> None:
    assert compile_schedule("@every 1h").next(utc("9999-12-31T23:30")) is None


@settings(max_examples=200, deadline=None)
@given(
    seconds=st.integers(1, HORIZON // timedelta(seconds=1)),
    after=st.datetimes(
        min_value=datetime(2026, 3, 2),  # noqa: DTZ001 - utc is added
        max_value=datetime(2090, 1, 1),  # noqa: DTZ001
    ).map(lambda naive: utc(naive.isoformat())),
)
def test_the_answer_lies_on_the_grid_and_is_the_first_one_there(
    seconds: int, after: datetime
) -> None:
    period = timedelta(seconds=seconds)

    found = compile_schedule(f"@every {seconds}s", anchor=CREATED).next(after)

    assert found is not None
    assert (found - CREATED) % period == timedelta(0)
    assert found - period <= after < found
