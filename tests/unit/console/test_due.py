"""Runs by minute are those that the schedules have, counted without walking through them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from crontask_api.console.tasks.due import due_by_minute
from crontask_core.schedule import compile_schedule
from tests.unit.console.tasks import row

EXPRESSIONS = [
    "*/5 * * * * *", "0 * * * *", "30 9-17 * * MON-FRI", "15,45 */2 * * *", "0 0 13 * FRI",
    "@hourly", "@every 90s", "@every 7m", "10 30 12 2 3 ?", "*/7 * */2 * MON", "H * * * *",
]  # fmt: skip
MOMENTS = [
    datetime(2026, 3, 2, 11, 58, 31, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),  # a clock change in Berlin within the hour
    datetime(2026, 2, 28, 23, 10, tzinfo=UTC),
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
@pytest.mark.parametrize("now", MOMENTS, ids=str)
async def test_each_minute_has_the_runs_of_the_schedule(
    expression: str, zone: str, now: datetime
) -> None:
    schedule = compile_schedule(
        expression, time_zone=zone, seed="a", anchor=datetime(2026, 1, 1, tzinfo=UTC)
    )
    first = moment = schedule.next(now)
    begin = now.replace(second=0, microsecond=0)
    expected: Counter[int] = Counter()
    while moment is not None and moment < begin + timedelta(hours=1):
        expected[(moment - begin) // timedelta(minutes=1)] += 1
        moment = schedule.next(moment)
    shown = row(
        "a", schedule=expression, time_zone=zone, next_run=first.timestamp() if first else None
    )

    due = await due_by_minute([shown], now)

    counts = {place: count for place, count in enumerate(due.counts) if count}
    # Of a minute that has begun, what has run is counted as well.
    counts.pop(0, None), expected.pop(0, None)
    assert counts == dict(expected)


async def test_what_is_paused_wrong_or_later_is_not_counted() -> None:
    now = MOMENTS[0]
    soon = now.timestamp() + 60
    rows = [
        row("paused", schedule="* * * * *", phase="Suspended", next_run=None),
        row("wrong", schedule="x", next_run=soon),
        row("later", schedule="0 0 1 1 *", next_run=now.timestamp() + 86400),
        row("once", type="Single", schedule="* * * * *", next_run=soon),
        row("at", at=soon, next_run=soon),
    ]
    due = await due_by_minute(rows, now)
    assert sum(due.counts) == due.counts[1] == 2
