"""A row of the result: what was measured, what it was to be, and what to compare it with."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from benchmarks.figures import Figure


class Bound(Enum):
    """What a goal is about."""

    AT_MOST = "<="
    """The figure itself, which is the better the smaller it is."""
    AT_LEAST = ">="
    """The figure itself, which is the better the larger it is."""
    RATIO_AT_LEAST = "x >="
    """The figure divided by its baseline's."""
    RATIO_AT_MOST = "x <="
    """The same, where small is good."""

    @property
    def is_ratio(self) -> bool:
        """Whether the goal is about the figure divided by its baseline's."""
        return self in (Bound.RATIO_AT_LEAST, Bound.RATIO_AT_MOST)


_COMPARE: dict[Bound, Callable[[float, float], bool]] = {
    Bound.AT_MOST: operator.le,
    Bound.AT_LEAST: operator.ge,
    Bound.RATIO_AT_LEAST: operator.ge,
    Bound.RATIO_AT_MOST: operator.le,
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that the median is to keep."""

    bound: Bound
    value: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """The bare equivalent, measured in the same run."""

    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `load` is the machine's load average when it was measured."""

    group: str
    measure: str
    unit: str
    reached: Figure
    goal: Goal | None = None
    baseline: Baseline | None = None
    note: str = ""
    load: float = 0.0

    @property
    def ratio(self) -> float | None:
        """The median divided by the baseline's; None without a baseline."""
        if self.baseline is None or not self.baseline.figure.median:
            return None
        return self.reached.median / self.baseline.figure.median

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None if there is none."""
        if self.goal is None:
            return None
        value = self.ratio if self.goal.bound.is_ratio else self.reached.median
        return value is not None and _COMPARE[self.goal.bound](value, self.goal.value)
