"""The runs of the next day by minute, as walking through each of them counts them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crontask_api.console.live.row import Row
from crontask_api.console.picture.day import outline_of
from crontask_api.console.tasks.day_ahead import MINUTES, DayAhead, day_ahead
from crontask_core.schedule import compile_schedule
from tests.unit.console.tasks import row

# The clocks of Berlin go on by an hour in the night after.
NOW = datetime(2026, 3, 28, 13, 37, 20, tzinfo=UTC)
ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)


def _moments(schedule: str, zone: str) -> Iterator[datetime]:
    compiled = compile_schedule(schedule, time_zone=zone, seed="a", anchor=ANCHOR)
    moment = compiled.next(NOW)
    while moment is not None:
        yield moment
        moment = compiled.next(moment)


def _row(schedule: str, zone: str = "UTC", **fields: Any) -> Row:
    first = next(_moments(schedule, zone)).timestamp()
    return row("a", schedule=schedule, time_zone=zone, next_run=first, **fields)


def _walked(schedule: str, zone: str) -> list[int]:
    begin = NOW.replace(second=0, microsecond=0)
    counts = [0] * MINUTES
    for moment in _moments(schedule, zone):
        place = (moment - begin) // timedelta(minutes=1)
        if place >= MINUTES:
            break
        counts[place] += 1
    return counts


@pytest.mark.parametrize(
    ("schedule", "zone"),
    [
        ("*/7 * * * *", "UTC"),
        ("15,45 9-17 * * MON-FRI", "America/New_York"),
        ("30 */3 * * *", "Asia/Kolkata"),
        ("10 3 29 3 *", "Europe/Berlin"),
        ("H H(1-5) * * *", "UTC"),
        ("*/20 0 2 * * *", "Asia/Shanghai"),
        ("5 * * * SUN", "UTC"),
        ("@hourly", "Australia/Lord_Howe"),
    ],
)
async def test_it_counts_as_the_schedule_fires(schedule: str, zone: str) -> None:
    found = await day_ahead([_row(schedule, zone)] * 3, NOW)
    assert found.counts[1:] == [3 * count for count in _walked(schedule, zone)][1:]


@pytest.mark.parametrize("period", ["7s", "60s", "90s", "5h"])
async def test_periods(period: str) -> None:
    schedule = f"@every {period}"
    walked = _walked(schedule, "UTC")
    found = await day_ahead([_row(schedule), _row(schedule)], NOW)
    assert found.counts == [2 * count for count in walked]


async def test_what_does_not_run_is_left_out_and_what_runs_once_counts_once() -> None:
    paused = _row("* * * * *", phase="Suspended")
    once = _row("* * * * *", type="Single")
    far = _row("0 0 1 1 *")
    assert sum((await day_ahead([paused, once, far], NOW)).counts) == 1


def test_pile_ups_and_quiet_times_are_told() -> None:
    counts = [0] * MINUTES
    counts[10], counts[700], counts[701] = 3, 9, 9
    found = DayAhead(NOW, counts)
    assert found.most == (9, 700)
    assert found.quiet == (MINUTES - 702, 702)
    assert DayAhead(NOW, [1] * MINUTES).quiet == (0, 0)


def test_the_outline_has_each_minute_in_its_place() -> None:
    assert outline_of([0, 2, 2, 0, 4]) == "M1 96V48h2V96M4 96V0h1V96"
    assert outline_of([1000, 1]) == "M0 96V0h1V96M1 96V93h1V96"
    assert outline_of([0, 0]) == ""
