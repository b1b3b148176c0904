"""hours_of works out the picture of how many runs there were in each hour, and how many failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

COLUMN: Final = 24
GAP: Final = 6
HEIGHT: Final = 96

LOWEST: Final = 3.0
"""Of what there is any of: one failure among thousands of runs is to be seen."""


@dataclass(frozen=True, slots=True)
class HourColumn:
    """One hour, in the units of the picture: what failed stands on top of all else."""

    x: int
    y: float
    height: float
    bad_y: float
    bad_height: float


def hours_of(counts: Sequence[tuple[int, int]]) -> list[HourColumn]:
    """Return a column for each pair of attempts in all and those that failed."""
    most = max((total for total, _ in counts), default=0)
    columns = []
    for place, (total, bad) in enumerate(counts):
        height = round(max(LOWEST, HEIGHT * total / most), 1) if total else 0.0
        bad_height = round(min(height, max(LOWEST, HEIGHT * bad / most)), 1) if bad else 0.0
        top = round(HEIGHT - height, 1)
        columns.append(
            HourColumn(
                x=place * (COLUMN + GAP),
                y=round(top + bad_height, 1),
                height=round(height - bad_height, 1),
                bad_y=top,
                bad_height=bad_height,
            )
        )
    return columns
