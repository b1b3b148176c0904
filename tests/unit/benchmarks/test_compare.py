"""Two checkouts that are measured in turns."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from benchmarks.compare import quartiles_of_ratios
from benchmarks.manifests import every
from crontask_core.schedule.preview import preview


def test_a_ratio_is_of_neighbours_whatever_the_machine_did_meanwhile() -> None:
    samples = {"before": [1.0, 10.0, 100.0], "after": [2.0, 20.0, 200.0]}
    assert quartiles_of_ratios(samples, less_is_better=False) == [2.0, 2.0, 2.0]
    assert quartiles_of_ratios(samples, less_is_better=True) == [0.5, 0.5, 0.5]


def test_one_pair_is_its_own_quartiles() -> None:
    samples = {"before": [4.0], "after": [2.0]}
    assert quartiles_of_ratios(samples, less_is_better=True) == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("period", [15, 30, 60, 120, 300])
def test_bursts_of_the_two_take_turns(period: int) -> None:
    begin = datetime(2026, 3, 1, 11, 59, 59, tzinfo=UTC)
    schedules = (every(2 * period), every(2 * period, after=period))
    moments = sorted(
        (moment.timestamp(), number)
        for number, schedule in enumerate(schedules)
        for moment in preview(schedule, count=20, after=begin)
    )
    turns = moments[:20]
    assert [number for _, number in turns] == [0, 1] * 10
    assert {later[0] - sooner[0] for sooner, later in pairwise(turns)} == {period}
