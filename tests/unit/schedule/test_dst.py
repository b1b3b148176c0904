"""Clock changes: every policy over every kind of change, told and compared."""

from datetime import timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from crontask_core.enums import DstGap, DstOverlap
from crontask_core.schedule import compile_schedule, preview
from tests.unit.schedule.changes import CHANGES, Change
from tests.unit.schedule.oracle import Pattern, answers, fires, utc

SKIP, RUN_AFTER = DstGap
BOTH, FIRST, SECOND = DstOverlap

ALL_HOURS = frozenset(range(24))


def _pattern(text: str, minute: set[int], hour: frozenset[int] = ALL_HOURS) -> Pattern:
    return Pattern(
        text,
        second=frozenset({0}),
        minute=frozenset(minute),
        hour=hour,
        day_of_month=frozenset(range(1, 32)),
        month=frozenset(range(1, 13)),
        day_of_week=frozenset(range(7)),
        both_days=True,
    )


PATTERNS = [
    *(_pattern(f"20 {hour} * * *", {20}, frozenset({hour})) for hour in (23, 0, 1, 2, 3)),
    _pattern("0 0 * * *", {0}, frozenset({0})),
    _pattern("30 * * * *", {30}),
    _pattern("*/15 * * * *", {0, 15, 30, 45}),
    _pattern("10,50 */2 * * *", {10, 50}, frozenset(range(0, 24, 2))),
]


@pytest.mark.parametrize("overlap", DstOverlap)
@pytest.mark.parametrize("gap", DstGap)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_daily_hourly_and_every_quarter_of_an_hour(
    change: Change, gap: DstGap, overlap: DstOverlap
) -> None:
    begin, end = change.at - timedelta(hours=3), change.at + timedelta(hours=4)
    for pattern in PATTERNS:
        schedule = compile_schedule(pattern.text, time_zone=change.zone, gap=gap, overlap=overlap)
        expected = list(fires(pattern, ZoneInfo(change.zone), gap, overlap, begin, end))

        assert list(answers(schedule, begin, end)) == expected, pattern.text


def _story(zone: str, expression: str, after: str, gap: DstGap, overlap: DstOverlap) -> list[str]:
    times = preview(expression, count=3, after=utc(after), time_zone=zone, gap=gap, overlap=overlap)
    return [f"{time:%d. %H:%M%z}" for time in times]


# Berlin, 31 March 2024: 02:00 becomes 03:00 at 01:00 UTC.
IN_THE_GAP = {
    "daily, skipped": ("30 2 * * *", SKIP, ["01. 02:30+0200", "02. 02:30+0200", "03. 02:30+0200"]),
    "daily, run after": (
        "30 2 * * *",
        RUN_AFTER,
        ["31. 03:00+0200", "01. 02:30+0200", "02. 02:30+0200"],
    ),
    "several matches run after once": (
        "0,20,40 2 * * *",
        RUN_AFTER,
        ["31. 03:00+0200", "01. 02:00+0200", "01. 02:20+0200"],
    ),
    "not twice where the gap ends on a match": (
        "30 2,3 * * *",
        RUN_AFTER,
        ["31. 03:00+0200", "31. 03:30+0200", "01. 02:30+0200"],
    ),
    "nor where it is a match itself": (
        "0 2,3 * * *",
        RUN_AFTER,
        ["31. 03:00+0200", "01. 02:00+0200", "01. 03:00+0200"],
    ),
    "every second hour": (
        "0 */2 * * *",
        RUN_AFTER,
        ["31. 03:00+0200", "31. 04:00+0200", "31. 06:00+0200"],
    ),
    "hourly goes on": (
        "30 * * * *",
        RUN_AFTER,
        ["31. 01:30+0100", "31. 03:30+0200", "31. 04:30+0200"],
    ),
    "hourly on some weekdays goes on": (
        "30 * * * SUN",
        RUN_AFTER,
        ["31. 01:30+0100", "31. 03:30+0200", "31. 04:30+0200"],
    ),
    "every five minutes goes on": (
        "55/5,0 * * * *",
        SKIP,
        ["31. 01:55+0100", "31. 03:00+0200", "31. 03:55+0200"],
    ),
    "a date once a year": (
        "30 2 31 3 *",
        RUN_AFTER,
        ["31. 03:00+0200", "31. 02:30+0200", "31. 02:30+0200"],
    ),
}


@pytest.mark.parametrize(("expression", "gap", "times"), IN_THE_GAP.values(), ids=IN_THE_GAP)
def test_a_time_that_is_left_out(expression: str, gap: DstGap, times: list[str]) -> None:
    assert _story("Europe/Berlin", expression, "2024-03-31T00:20", gap, BOTH) == times


# Berlin, 27 October 2024: 03:00 becomes 02:00 at 01:00 UTC.
IN_THE_OVERLAP = {
    "daily, both": ("30 2 * * *", BOTH, ["27. 02:30+0200", "27. 02:30+0100", "28. 02:30+0100"]),
    "daily, first": ("30 2 * * *", FIRST, ["27. 02:30+0200", "28. 02:30+0100", "29. 02:30+0100"]),
    "daily, second": ("30 2 * * *", SECOND, ["27. 02:30+0100", "28. 02:30+0100", "29. 02:30+0100"]),
    "hourly, both": ("30 * * * *", BOTH, ["27. 02:30+0200", "27. 02:30+0100", "27. 03:30+0100"]),
    "hourly, first": ("30 * * * *", FIRST, ["27. 02:30+0200", "27. 03:30+0100", "27. 04:30+0100"]),
    "hourly, second": (
        "30 * * * *",
        SECOND,
        ["27. 02:30+0100", "27. 03:30+0100", "27. 04:30+0100"],
    ),
    "the moment the clock goes back to": (
        "0 2 * * *",
        FIRST,
        ["27. 02:00+0200", "28. 02:00+0100", "29. 02:00+0100"],
    ),
    "the moment after it comes once": (
        "0 3 * * *",
        SECOND,
        ["27. 03:00+0100", "28. 03:00+0100", "29. 03:00+0100"],
    ),
}


@pytest.mark.parametrize(
    ("expression", "overlap", "times"), IN_THE_OVERLAP.values(), ids=IN_THE_OVERLAP
)
def test_a_time_that_comes_twice(expression: str, overlap: DstOverlap, times: list[str]) -> None:
    assert _story("Europe/Berlin", expression, "2024-10-26T23:45", SKIP, overlap) == times


ELSEWHERE = {
    "half an hour is left out on Lord Howe": (
        ("Australia/Lord_Howe", "15 2 * * *", "2024-10-05T12:00", RUN_AFTER, BOTH),
        ["06. 02:30+1100", "07. 02:15+1100", "08. 02:15+1100"],
    ),
    "half an hour is repeated there": (
        ("Australia/Lord_Howe", "45 1 * * *", "2024-04-06T12:00", SKIP, BOTH),
        ["07. 01:45+1100", "07. 01:45+1030", "08. 01:45+1030"],
    ),
    "no midnight in Cairo, skipped": (
        ("Africa/Cairo", "@daily", "2024-04-25T12:00", SKIP, BOTH),
        ["27. 00:00+0300", "28. 00:00+0300", "29. 00:00+0300"],
    ),
    "no midnight in Cairo, run after": (
        ("Africa/Cairo", "@daily", "2024-04-25T12:00", RUN_AFTER, BOTH),
        ["26. 01:00+0300", "27. 00:00+0300", "28. 00:00+0300"],
    ),
    "no midnight in Sao Paulo on a Sunday": (
        ("America/Sao_Paulo", "@weekly", "2018-11-01T12:00", RUN_AFTER, BOTH),
        ["04. 01:00-0200", "11. 00:00-0200", "18. 00:00-0200"],
    ),
    "a last hour of the day twice in Sao Paulo": (
        ("America/Sao_Paulo", "30 23 * * SAT", "2018-02-17T12:00", SKIP, BOTH),
        ["17. 23:30-0200", "17. 23:30-0300", "24. 23:30-0300"],
    ),
    "Samoa leaves out a Friday, skipped": (
        ("Pacific/Apia", "0 9 * * FRI", "2011-12-24T12:00", SKIP, BOTH),
        ["06. 09:00+1400", "13. 09:00+1400", "20. 09:00+1400"],
    ),
    "Samoa leaves out a Friday, run after": (
        ("Pacific/Apia", "0 9 * * FRI", "2011-12-24T12:00", RUN_AFTER, BOTH),
        ["31. 00:00+1400", "06. 09:00+1400", "13. 09:00+1400"],
    ),
    "hourly on Fridays is owed as well, where no Friday goes on": (
        ("Pacific/Apia", "30 * * * FRI", "2011-12-24T12:00", RUN_AFTER, BOTH),
        ["31. 00:00+1400", "06. 00:30+1400", "06. 01:30+1400"],
    ),
    "hourly on all days goes on": (
        ("Pacific/Apia", "30 * * * *", "2011-12-30T09:00", RUN_AFTER, BOTH),
        ["29. 23:30-1000", "31. 00:30+1400", "31. 01:30+1400"],
    ),
    "Caracas moves for good": (
        ("America/Caracas", "45 2 * * *", "2016-04-30T12:00", RUN_AFTER, BOTH),
        ["01. 03:00-0400", "02. 02:45-0400", "03. 02:45-0400"],
    ),
    "Istanbul had its last autumn in 2015": (
        ("Europe/Istanbul", "30 3 30 10 *", "2014-12-01T12:00", SKIP, BOTH),
        ["30. 03:30+0300", "30. 03:30+0300", "30. 03:30+0300"],
    ),
}


@pytest.mark.parametrize(("question", "times"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_elsewhere(question: tuple[str, str, str, DstGap, DstOverlap], times: list[str]) -> None:
    assert _story(*question) == times


@pytest.mark.parametrize(
    ("overlap", "count"),
    [
        pytest.param(BOTH, 24, id="through both hours"),
        pytest.param(FIRST, 12, id="in the first pass alone"),
        pytest.param(SECOND, 12, id="in the second pass alone"),
    ],
)
def test_every_five_minutes_in_an_overlap(overlap: DstOverlap, count: int) -> None:
    begin, end = utc("2024-10-26T23:59"), utc("2024-10-27T02:00")
    times = preview(
        "*/5 * * * *", count=30, after=begin, time_zone="Europe/Berlin", overlap=overlap
    )

    assert sum(time < end for time in times) == count


def test_every_five_minutes_knows_no_gap_in_real_time() -> None:
    begin = utc("2024-03-31T00:00")
    for gap in DstGap:
        times = preview("*/5 * * * *", count=24, after=begin, time_zone="Europe/Berlin", gap=gap)

        assert times == [begin + timedelta(minutes=5 * number) for number in range(1, 25)]


@pytest.mark.parametrize(("gap", "overlap"), list(product(DstGap, DstOverlap)))
def test_asked_from_within_the_second_pass(gap: DstGap, overlap: DstOverlap) -> None:
    [found] = preview(
        "30,50 2 * * *",
        count=1,
        after=utc("2024-10-27T01:40"),
        time_zone="Europe/Berlin",
        gap=gap,
        overlap=overlap,
    )

    assert f"{found:%d. %H:%M}" == ("28. 02:30" if overlap is FIRST else "27. 02:50")
