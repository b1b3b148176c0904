"""columns_of works out the picture of how many runs are due in each minute of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

COLUMN: Final = 10
GAP: Final = 2
HEIGHT: Final = 96


@dataclass(frozen=True, slots=True)
class Column:
    """One minute, in the units of the picture, from its upper left corner."""

    x: int
    y: float
    height: float
    count: int
    is_most: bool


def columns_of(counts: Sequence[int]) -> tuple[Column, ...]:
    """Return a column for each minute; one in which little is due can still be seen."""
    most = max(counts, default=0)
    columns = []
    for place, count in enumerate(counts):
        height = round(max(3.0, HEIGHT * count / most), 1) if count else 0.0
        columns.append(
            Column(place * (COLUMN + GAP), HEIGHT - height, height, count, 0 < count == most)
        )
    return tuple(columns)
