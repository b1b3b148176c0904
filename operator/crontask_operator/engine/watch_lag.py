"""WatchLag tells how far the watch is behind, for whoever asks why an edit takes effect late.

That the watch works (`process/watch_view.py`) does not say that what it shows is new: an
API server on a busy machine shows changes seconds after it has answered the writes. Every
status write comes back as an event, so from time to time one of them is waited for::

    status written, version 812 ── answered ────────────────> shown in version 812 or later
                                       |------- behind ------|
"""

import logging
import time
from collections.abc import Callable
from math import inf
from typing import Final

from crontask_operator.task.watch_event import reaches

logger = logging.getLogger(__name__)

TOLD_FROM_SECONDS: Final = 2.0
"""A watch that is less behind is usual when much is written."""

TOLD_EVERY_SECONDS: Final = 30.0


class WatchLag:
    """How long the watch takes to show a write; `clock` returns seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._awaited = ""
        self._since = 0.0
        self._behind = 0.0
        self._told_at = -inf

    @property
    def seconds(self) -> float:
        """How far the watch was behind last, or is by now if that is more."""
        waited = self._clock() - self._since if self._awaited else 0.0
        return max(self._behind, waited)

    def written(self, version: str, shown: str) -> None:
        """Wait for `version`, which was just written of a task that was `shown` so far."""
        if self._awaited:
            return
        if reaches(shown, version):
            # The event was faster than the answer.
            self._behind = 0.0
            return
        self._awaited, self._since = version, self._clock()

    def shown(self, version: str) -> None:
        """Take note of an event; cheap, as there is one for each write."""
        if not self._awaited or not reaches(version, self._awaited):
            return
        now = self._clock()
        self._awaited, self._behind = "", now - self._since
        if self._behind >= TOLD_FROM_SECONDS and now >= self._told_at + TOLD_EVERY_SECONDS:
            self._told_at = now
            logger.warning(
                "The watch is %.1f s behind: edits, suspensions and deletions take effect as late.",
                self._behind,
            )
