"""Thousands of tasks have a few dozen expressions, so their wall times are shared."""

import gc
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from crontask_core.schedule import compile_schedule
from crontask_core.schedule.cron import CronSchedule
from crontask_core.schedule.wall_times import WallTimes
from tests.unit.schedule.oracle import utc


def _wall_times(expression: str, time_zone: str = "UTC") -> WallTimes:
    schedule = compile_schedule(expression, time_zone=time_zone)
    assert isinstance(schedule, CronSchedule)
    return schedule.wall_times


def test_schedules_that_mean_the_same_share_them() -> None:
    one = _wall_times("*/30 * * * *")

    assert _wall_times("0,30 0-23 * * ?", "Europe/Berlin") is one
    assert _wall_times("0 0/30 * * * *", "Asia/Tokyo") is one
    assert _wall_times("0,31 * * * *") is not one


def test_the_day_rule_keeps_them_apart() -> None:
    assert _wall_times("0 0 1,11,21,31 * MON") is not _wall_times("0 0 */10 * MON")


def test_they_go_with_the_last_schedule() -> None:
    schedule = compile_schedule("17 3 * * *")
    shared = weakref.ref(_wall_times("17 3 * * *"))
    assert shared() is not None

    del schedule
    gc.collect()

    assert shared() is None


@pytest.fixture
def _restless_threads() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_restless_threads")
def test_threads_do_not_disturb_each_other() -> None:
    schedule = compile_schedule("*/7 * * * *", time_zone="Europe/Berlin")
    starts = [utc("2026-01-01") + timedelta(hours=31 * number) for number in range(800)]
    expected = [schedule.next(start) for start in starts]

    def ask_from(offset: int) -> list[tuple[datetime, datetime | None]]:
        turned = starts[offset:] + starts[:offset]
        return [(start, schedule.next(start)) for start in turned]

    with ThreadPoolExecutor(4) as pool:
        for answers in pool.map(ask_from, [0, 200, 400, 600]):
            assert sorted(answers) == list(zip(starts, expected, strict=True))
