"""Figures, goals and ratios."""

import pytest

from benchmarks.figures import Figure, figure, percentile
from benchmarks.rows import Baseline, Bound, Goal, Row

HUNDRED = [float(number) for number in range(100, 0, -1)]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        pytest.param(HUNDRED, 0.99, 99.0, id="one of a hundred is above the p99"),
        pytest.param(HUNDRED, 0.50, 50.0, id="half of them are at most the median"),
        pytest.param(HUNDRED, 1.0, 100.0, id="none is above the p100"),
        pytest.param([3.0, 1.0, 2.0], 0.99, 3.0, id="of a few, the p99 is the maximum"),
        pytest.param([7.0], 0.5, 7.0, id="one value is every percentile"),
        pytest.param([1.0, 2.0], 0.0, 1.0, id="the p0 is the minimum"),
    ],
)
def test_a_percentile_is_one_of_the_values(
    values: list[float], share: float, expected: float
) -> None:
    assert percentile(values, share) == expected


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        percentile([], 0.5)


def test_a_figure_is_its_median_and_tells_its_spread() -> None:
    measured = figure(iter([3.0, 9.0, 4.0]))

    assert (measured.median, measured.low, measured.high) == (4.0, 3.0, 9.0)


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        pytest.param(None, None, id="without a goal there is nothing to meet"),
        pytest.param(Goal(Bound.AT_MOST, 80), True, id="at most, met exactly"),
        pytest.param(Goal(Bound.AT_MOST, 79), False, id="at most, exceeded"),
        pytest.param(Goal(Bound.AT_LEAST, 80), True, id="at least, met exactly"),
        pytest.param(Goal(Bound.AT_LEAST, 81), False, id="at least, missed"),
        pytest.param(Goal(Bound.RATIO_AT_LEAST, 0.8), True, id="of the baseline, met"),
        pytest.param(Goal(Bound.RATIO_AT_LEAST, 0.81), False, id="of the baseline, missed"),
        pytest.param(Goal(Bound.RATIO_AT_MOST, 0.8), True, id="at most of the baseline, met"),
        pytest.param(Goal(Bound.RATIO_AT_MOST, 0.79), False, id="at most of it, exceeded"),
    ],
)
def test_a_goal_is_judged_by_the_median(goal: Goal | None, met: bool | None) -> None:
    bare = Baseline("bare", Figure.of(50, 100, 1000))
    row = Row("group", "measure", "1/s", Figure.of(80, 80, 500), goal, bare)

    assert row.ratio == 0.8
    assert row.met is met


def test_a_ratio_needs_a_baseline() -> None:
    row = Row("group", "measure", "1/s", Figure.of(80), Goal(Bound.RATIO_AT_LEAST, 0.1))

    assert row.ratio is None
    assert row.met is False
