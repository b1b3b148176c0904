"""Days, months and years: the day rule, leap years, wrap-arounds and the horizon."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from crontask_core.errors import NeverFiresError
from crontask_core.schedule import HORIZON, compile_schedule, preview
from tests.unit.schedule.oracle import utc

# 1 March 2026 is a Sunday, and so is 1 November.
NEXT = [
    pytest.param("0 0 13 * FRI", "2026-03-01", ["03-06", "03-13", "03-20"], id="either day"),
    pytest.param("0 0 1,15 * MON", "2026-03-01", ["03-02", "03-09", "03-15"], id="dates, weekdays"),
    pytest.param("0 0 * * FRI", "2026-03-01", ["03-06", "03-13", "03-20"], id="star date"),
    pytest.param("0 0 ? * FRI", "2026-03-01", ["03-06", "03-13", "03-20"], id="? date"),
    pytest.param("0 0 13 * ?", "2026-03-01", ["03-13", "04-13", "05-13"], id="? weekday"),
    pytest.param("0 0 */2 * FRI", "2026-03-01", ["03-13", "03-27", "04-03"], id="*/n date: both"),
    pytest.param("0 0 13 * */5", "2026-03-01", ["03-13", "09-13", "11-13"], id="*/n weekday: both"),
    pytest.param(
        "0 0 */10,30 * FRI", "2026-03-01", ["05-01", "07-31", "08-21"], id="a list with */n"
    ),
    pytest.param("0 0 1-31 * FRI", "2026-03-01", ["03-02", "03-03", "03-04"], id="1-31 is no star"),
    pytest.param("0 0 31 * *", "2026-03-31", ["05-31", "07-31", "08-31"], id="only long months"),
    pytest.param("0 0 30 * *", "2026-01-30", ["03-30", "04-30", "05-30"], id="not February"),
    pytest.param(
        "0 0 30-2 * *", "2026-02-28", ["03-01", "03-02", "03-30"], id="over a month's end"
    ),
    pytest.param("0 0 1 NOV-FEB *", "2026-02-01", ["11-01", "12-01", "01-01"], id="over the year"),
    pytest.param("0 0 * * FRI-MON", "2026-03-02", ["03-06", "03-07", "03-08"], id="over the week"),
    pytest.param("0 0 30 2 MON", "2026-01-01", ["02-02", "02-09", "02-16"], id="one of two never"),
    pytest.param("0 0 31 2,3 *", "2026-01-01", ["03-31", "03-31", "03-31"], id="one month has it"),
]


@pytest.mark.parametrize(("expression", "after", "dates"), NEXT)
def test_the_next_three_dates(expression: str, after: str, dates: list[str]) -> None:
    times = preview(expression, count=3, after=utc(after))

    assert [f"{time:%m-%d}" for time in times] == dates


def test_a_month_without_the_day_is_left_out() -> None:
    times = preview("0 0 31 * *", count=8, after=utc("2025-12-31T12:00"))

    assert [time.month for time in times] == [1, 3, 5, 7, 8, 10, 12, 1]


def test_hours_over_midnight() -> None:
    times = preview("0 22-1 * * *", count=5, after=utc("2026-03-01T12:00"))

    assert [f"{time:%d %H}" for time in times] == ["01 22", "01 23", "02 00", "02 01", "02 22"]


@pytest.mark.parametrize(
    ("after", "leap_days"),
    [
        pytest.param("2026-01-01", ["2028", "2032", "2036"], id="every fourth year"),
        pytest.param("2096-01-01", ["2096"], id="2100 is none, 2104 is beyond the horizon"),
        pytest.param("2096-02-29", [], id="for eight years"),
        pytest.param("2099-02-26", [], id="a day too early for the next"),
        pytest.param("2099-02-27", ["2104", "2108", "2112"], id="as soon as it is within"),
        pytest.param("1998-01-01", ["2000", "2004", "2008"], id="2000 is one"),
    ],
)
def test_the_leap_day(after: str, leap_days: list[str]) -> None:
    # Compiled long before, so that the anchor does not refuse it.
    times = preview("0 0 29 2 *", count=3, after=utc(after), anchor=utc("1995-01-01"))

    assert [f"{time:%Y}" for time in times] == leap_days


def test_the_leap_day_or_a_weekday_of_february() -> None:
    times = preview("0 0 29 2 MON", count=5, after=utc("2028-02-20"))

    assert [f"{time:%m-%d}" for time in times] == ["02-21", "02-28", "02-29", "02-05", "02-12"]


def test_a_leap_day_that_must_fall_on_a_weekday_is_looked_for_in_five_years() -> None:
    """29 February is a Sunday in 2032, and then 28 years later."""
    on_sundays = "0 0 29 2 */7"

    assert preview(on_sundays, count=2, after=utc("2027-03-01")) == [utc("2032-02-29")]
    assert preview(on_sundays, count=2, after=utc("2055-03-01")) == [utc("2060-02-29")]

    schedule = compile_schedule(on_sundays)
    assert schedule.next(utc("2027-02-27")) is None
    with pytest.raises(NeverFiresError, match="not fire within five years of 2026-01-01T00:00:00Z"):
        compile_schedule(on_sundays, anchor=utc("2026-01-01"))


def test_a_date_that_must_fall_on_a_weekday_can_be_years_away() -> None:
    """1 January is a Monday in 2018, 2024 and 2029: once after five years, once after six."""
    schedule = compile_schedule("0 0 */31 1 MON")

    assert schedule.next(utc("2024-01-01")) == utc("2029-01-01")
    assert schedule.next(utc("2018-01-01")) is None
    assert schedule.next(utc("2019-01-01")) == utc("2024-01-01")


@pytest.mark.parametrize(
    ("expression", "anchor"),
    [
        pytest.param("0 0 29 2 *", "2096-03-01", id="leap day"),
        pytest.param("0 0 29-31 2 ?", "2096-03-01", id="leap day, written otherwise"),
        pytest.param("0 0 */31 1 MON", "2018-01-01", id="date on a weekday"),
        pytest.param("0 0 29 2 */7", "2026-01-01", id="leap day on a weekday"),
    ],
)
def test_what_first_fires_after_the_horizon_is_refused(expression: str, anchor: str) -> None:
    compile_schedule(expression, anchor=utc(anchor) + timedelta(days=4 * 365))
    with pytest.raises(NeverFiresError, match="does not fire within five years of"):
        compile_schedule(expression, anchor=utc(anchor))


def test_a_schedule_that_begins_after_the_end_of_the_calendar_is_refused() -> None:
    with pytest.raises(NeverFiresError, match="does not fire within five years of 9990-01-01"):
        compile_schedule("0 0 29 2 *", anchor=datetime.max.replace(tzinfo=UTC))


def test_the_horizon_is_five_years_to_the_second() -> None:
    leap_day = utc("2104-02-29")
    schedule = compile_schedule("0 0 29 2 *")

    assert schedule.next(leap_day - HORIZON) == leap_day
    assert schedule.next(leap_day - HORIZON - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param("2026-03-01T12:00", "2026-03-01T12:01", id="strictly later"),
        pytest.param("2026-03-01T12:00:00.000001", "2026-03-01T12:01", id="a microsecond late"),
        pytest.param("2026-03-01T11:59:59.999999", "2026-03-01T12:00", id="a microsecond early"),
        pytest.param("0001-01-01", "1970-01-01T00:01", id="nothing before 1970"),
        pytest.param("9989-12-31T23:59:59.9", "9990-01-01", id="the last moment asked for"),
        pytest.param("9990-01-01", None, id="the end of the calendar"),
        pytest.param("9999-12-31T23:59:59", None, id="the very end of it"),
    ],
)
def test_the_edges_of_a_question(after: str, expected: str | None) -> None:
    found = compile_schedule("* * * * *").next(utc(after))

    assert found == (None if expected is None else utc(expected))


def test_a_naive_moment_is_refused() -> None:
    naive = utc("2026-03-01").replace(tzinfo=None)

    with pytest.raises(ValueError, match="expected an aware datetime, got the naive"):
        compile_schedule("* * * * *").next(naive)


def test_the_answer_is_in_utc_whatever_the_zones() -> None:
    tokyo = datetime.fromisoformat("2026-03-01T08:30:00+09:00")

    found = compile_schedule("0 9 * * *", time_zone="Asia/Tokyo").next(tokyo)

    assert found is not None
    assert found.isoformat() == "2026-03-01T00:00:00+00:00"


def test_a_year_of_working_days_has_none_too_many() -> None:
    times = preview("0 9 * * MON-FRI", count=261, after=utc("2026-01-01"), time_zone="UTC")

    assert all(time.weekday() < 5 for time in times)
    assert all(later - earlier <= timedelta(days=3) for earlier, later in pairwise(times))
    assert f"{times[-1]:%Y-%m-%d}" == "2026-12-31"
