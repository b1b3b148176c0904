"""strip_of works out the strip of a task's last runs: a bar each, oldest first.

The height tells how long a run took, by its magnitude. The colour tells how it ended, and so
does the shape, for whoever sees no colours: a run that failed has a gap and a dot on top, one
that goes on is hollow.
"""

import math
from dataclasses import dataclass
from typing import Final

from crontask_api.console.live.row import RUNS_KEPT, Run
from crontask_core.enums import RunStatus

HEIGHT: Final = 22
BAR_WIDTH: Final = 5
GAP: Final = 3

_LOWEST: Final = 4
_DOT_ROOM: Final = 7
"""What the dot of a failure takes of the height."""

_SHORTEST_SECONDS: Final = 0.01
_LONGEST_SECONDS: Final = 100.0
"""Between these, each tenfold time is as much higher."""

KINDS: Final[dict[str, str]] = {
    RunStatus.SUCCEEDED: "good",
    RunStatus.FAILED: "bad",
    RunStatus.STARTED: "going",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One run, in the units of the picture, from its upper left corner."""

    kind: str
    x: int
    y: float
    height: float

    @property
    def middle(self) -> float:
        """Where the dot of a failure is, from the left."""
        return self.x + BAR_WIDTH / 2


@dataclass(frozen=True, slots=True)
class Strip:
    """The picture, and what it tells in numbers."""

    bars: tuple[Bar, ...]
    good: int
    bad: int

    @property
    def width(self) -> int:
        """What the bars take, so that a page can put few of them to either side."""
        return max(0, len(self.bars) * (BAR_WIDTH + GAP) - GAP)


def strip_of(runs: tuple[Run, ...]) -> Strip:
    """Return the strip of `runs`, which come newest first; the newest is at the right."""
    bars = []
    for place, run in enumerate(reversed(runs[:RUNS_KEPT])):
        kind = KINDS[run.status]
        room = HEIGHT - (_DOT_ROOM if kind == "bad" else 0)
        height = round(_LOWEST + (room - _LOWEST) * _magnitude(run.seconds), 1)
        x = place * (BAR_WIDTH + GAP)
        bars.append(Bar(kind, x, round(HEIGHT - height, 1), height))
    kinds = [bar.kind for bar in bars]
    return Strip(tuple(bars), kinds.count("good"), kinds.count("bad"))


def _magnitude(seconds: float | None) -> float:
    if seconds is None:
        return 1.0
    bounded = min(max(seconds, _SHORTEST_SECONDS), _LONGEST_SECONDS)
    most = math.log10(_LONGEST_SECONDS / _SHORTEST_SECONDS)
    return math.log10(bounded / _SHORTEST_SECONDS) / most
