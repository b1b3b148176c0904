"""outline_of works out the picture of how many runs are due in each minute of a day."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

HEIGHT: Final = 96


def outline_of(counts: Sequence[int]) -> str:
    """Return the outline of a picture one unit wide for each minute, as SVG draws a path.

    A minute in which little is due can still be seen.
    """
    most = max(counts, default=0)
    parts, x = [], 0
    for count, minutes in groupby(counts):
        width = len(list(minutes))
        if count:
            top = HEIGHT - max(3, round(HEIGHT * count / most))
            parts.append(f"M{x} {HEIGHT}V{top}h{width}V{HEIGHT}")
        x += width
    return "".join(parts)
