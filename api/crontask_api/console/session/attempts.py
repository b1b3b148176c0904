"""Attempts slows down those who do something too often, such as guess tokens at the login page.

The API itself does not count refusals (``docs/design/facade.md``), for programs behind one
address would shut each other out. At a page there are people, who need few tries.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST_HOLDERS: Final = 10_000
"""Holders that are remembered, the latest ones."""


class Attempts:
    """Counts attempts by their holder, such as an address; each replica for itself.

    Parameters
    ----------
    most
        Attempts in a row.
    refill_seconds
        After so long one more may be made.
    """

    def __init__(self, clock: Callable[[], float], *, most: int, refill_seconds: float) -> None:
        self._clock = clock
        self._most = most
        self._refill_seconds = refill_seconds
        # How many were made, as of which moment: one is forgiven each `refill_seconds`.
        self._made: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, holder: str) -> float:
        """Return after how many seconds `holder` may try; 0 for at once."""
        return max(0.0, (self._left(holder) - self._most + 1) * self._refill_seconds)

    def count(self, holder: str) -> None:
        """Count one."""
        self._made[holder] = (self._left(holder) + 1, self._clock())
        self._made.move_to_end(holder)
        if len(self._made) > MOST_HOLDERS:
            self._made.popitem(last=False)

    def forget(self, holder: str) -> None:
        """Forget those that were made, as of whoever knows a token and was only mistaken."""
        self._made.pop(holder, None)

    def _left(self, holder: str) -> float:
        count, since = self._made.get(holder, (0.0, 0.0))
        return max(0.0, count - (self._clock() - since) / self._refill_seconds)
