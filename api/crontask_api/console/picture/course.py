"""course_of works out the picture of a number that each run has, such as how long it took.

A bar each, oldest first. The height is in proportion to the largest; a run that failed has a
dot on top, as in a strip, for whoever sees no colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

WIDTH: Final = 600
HEIGHT: Final = 72
DOT_ROOM: Final = 7
"""What the dot of a failure takes of the height."""

WIDEST: Final = 16.0
"""Of a bar: a few runs are not to look like blocks."""

LOWEST: Final = 1.5
"""Of a bar, so that a run which took no time can be seen."""


@dataclass(frozen=True, slots=True)
class Point:
    """What is known of one run: a number that is 0 or more, and whether it failed."""

    value: float
    is_bad: bool


@dataclass(frozen=True, slots=True)
class CourseBar:
    """One run, in the units of the picture, from its upper left corner."""

    is_bad: bool
    x: float
    y: float
    width: float
    height: float
    middle: float
    """Where the dot of a failure is, from the left."""


@dataclass(frozen=True, slots=True)
class Course:
    """The picture, and what it tells in numbers."""

    bars: list[CourseBar]
    median: float
    most: float
    median_y: float
    """Where the line of the median is, from above."""


def course_of(points: Sequence[Point], *, widest: float = WIDEST) -> Course | None:
    """Return the picture of `points`, oldest first; None if there are none.

    `widest` bounds the width of a bar.
    """
    if not points:
        return None
    values = [point.value for point in points]
    most, middle = max(values), median(values)
    room = HEIGHT - DOT_ROOM
    step = min(WIDTH / len(points), widest * 1.4)
    width = round(step / 1.4, 2)
    bars = []
    for place, point in enumerate(points):
        height = round(max(LOWEST, room * point.value / most) if most else LOWEST, 1)
        # The newest is at the right, whatever is to the left of it.
        x = round(WIDTH - (len(points) - place) * step + (step - width) / 2, 2)
        bars.append(
            CourseBar(
                point.is_bad, x, round(HEIGHT - height, 1), width, height, round(x + width / 2, 2)
            )
        )
    median_y = round(HEIGHT - (room * middle / most if most else 0.0), 1)
    return Course(bars, middle, most, median_y)
