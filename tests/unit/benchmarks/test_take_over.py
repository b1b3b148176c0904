"""The gap of a take-over is that of one task, however others are called meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.measures.take_over import longest_gap
from crontask_core.enums import RunType
from tests.support.evidence import Call

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _calls(task: str, *seconds: float) -> list[Call]:
    return [
        Call("bench", task, "x", BEGAN, 1, RunType.SCHEDULED, BEGAN + timedelta(seconds=second))
        for second in seconds
    ]


@pytest.mark.parametrize(
    ("calls", "gap"),
    [
        pytest.param([], 0.0, id="no call"),
        pytest.param(_calls("a", 3), 0.0, id="a single one"),
        pytest.param(_calls("a", 1, 2, 12, 13), 10.0, id="in the middle"),
        pytest.param(_calls("a", 13, 1, 12, 2), 10.0, id="in any order"),
        pytest.param(
            [*_calls("a", 1, 2, 9, 10), *_calls("b", *range(11))], 7.0, id="beside another task"
        ),
    ],
)
def test_the_longest_time_between_two_calls_of_one_task(calls: list[Call], gap: float) -> None:
    assert longest_gap(calls) == gap
