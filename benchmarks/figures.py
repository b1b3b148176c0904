"""A figure: one quantity, measured several times."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """The samples of one quantity. The median is the figure, the spread its doubt."""

    samples: tuple[float, ...]

    @classmethod
    def of(cls, *samples: float) -> "Figure":
        """Return the figure of `samples`, at least one."""
        return cls(samples)

    @property
    def median(self) -> float:
        """The middle sample, or the mean of the two middle ones."""
        return statistics.median(self.samples)

    @property
    def low(self) -> float:
        """The smallest sample."""
        return min(self.samples)

    @property
    def high(self) -> float:
        """The largest sample."""
        return max(self.samples)


def figure(samples: Iterable[float]) -> Figure:
    """Return the figure of `samples`, at least one."""
    return Figure(tuple(samples))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of `values` do not exceed.

    `share` is between 0 and 1. This is the nearest-rank percentile: always one of the
    values, so that a p99 of 50 values is their maximum and not a guess below it.
    """
    if not values:
        raise ValueError("expected at least one value, got none")
    ordered = sorted(values)
    rank = max(-(-len(ordered) * share // 1), 1)
    return ordered[int(rank) - 1]
