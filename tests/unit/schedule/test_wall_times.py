"""Answers that are remembered are the answers that would be found."""

from datetime import datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from crontask_core.schedule.cron_parser import parse_cron
from crontask_core.schedule.wall_times import WallTimes

FIELDS = parse_cron("7,20 */3 * * *", seed="")
START = datetime(2026, 3, 1)  # noqa: DTZ001 - a wall time has no zone
MINUTE = 60


@given(st.lists(st.integers(0, 12 * 60 * MINUTE), min_size=2, max_size=20))
@example([7 * MINUTE, 7 * MINUTE - 1, 20 * MINUTE, 7 * MINUTE - 1, 7 * MINUTE])
def test_the_order_of_questions_changes_no_answer(seconds: list[int]) -> None:
    asked_before = WallTimes(FIELDS)

    for offset in seconds:
        after = START + timedelta(seconds=offset)
        assert asked_before.next(after) == WallTimes(FIELDS).next(after)
