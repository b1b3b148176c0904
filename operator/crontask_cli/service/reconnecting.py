"""reconnecting tries again when a connection that was there has gone, for who follows changes."""

import time
from collections.abc import Callable
from typing import Final

from crontask_kube.errors import UnauthorizedError, UnavailableError

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 15.0
"""Between two tries; each pause is twice the one before."""

Told = Callable[[str], None]
"""Takes why there is no connection, or "" when there is one again."""


class Reconnecting:
    """Judges faults of a connection, and waits between tries.

    Who follows has read what there was before, so the server is there; one that does not
    accept the credentials any more is asked no more.
    """

    def __init__(self, told: Told) -> None:
        self._told = told
        self._pause = 0.0

    def reached(self) -> None:
        """The server has answered."""
        if self._pause:
            self._told("")
        self._pause = 0.0

    def lost(self, error: UnavailableError) -> None:
        """Tell that there is no answer, and wait; raise `error` if it is of no use to go on."""
        if isinstance(error, UnauthorizedError):
            raise error
        if not self._pause:
            self._told(str(error))
        self._pause = min(max(FIRST_PAUSE_SECONDS, 2 * self._pause), LONGEST_PAUSE_SECONDS)
        time.sleep(self._pause)


def nobody(_: str) -> None:
    """Tell nobody."""
