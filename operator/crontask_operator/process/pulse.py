"""Pulse tells whether the process has run all the time, and whether its clock was set back.

A process may be stopped, starved or suspended between any two instructions. When it goes
on, all that it knows is as old as the pause was long.
"""

import asyncio
import time
from collections.abc import Callable
from math import inf
from typing import Final

from crontask_core.constants import LATE_SECONDS
from crontask_operator.process.clock import boot_seconds

BEAT_SECONDS: Final = 0.25

PAUSE_SECONDS: Final = 1.0
"""Without a beat for longer than this, the process has paused."""

SET_BACK_SECONDS: Final = LATE_SECONDS
"""A clock that is set back by no more than this is let be: every task waits for as long."""


class Pulse:
    """Beats a few times a second for as long as the event loop runs.

    Parameters
    ----------
    paused
        Called after a pause, before anything else can find the pulse steady again.
    set_back
        Called when the wall clock was set back.
    clock
        Returns seconds that never go back and that count suspension.
    wall
        Returns the wall clock's seconds.
    """

    def __init__(
        self,
        paused: Callable[[], None],
        set_back: Callable[[], None],
        *,
        clock: Callable[[], float] = boot_seconds,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._paused = paused
        self._set_back = set_back
        self._clock = clock
        self._wall = wall
        self._beaten_at = clock()
        self._lead = -inf

    def is_steady(self) -> bool:
        """Tell whether the process has not paused since it last took note of it."""
        return self._clock() - self._beaten_at <= PAUSE_SECONDS

    async def run(self) -> None:
        """Beat until cancelled."""
        # The start may have taken long, and nothing was known before it.
        self._beaten_at = self._clock()
        while True:
            self.beat()
            await asyncio.sleep(BEAT_SECONDS)

    def beat(self) -> None:
        """Take note that the process runs."""
        if not self.is_steady():
            self._paused()
        self._beaten_at = self._clock()
        lead = self._wall() - self._beaten_at
        if lead < self._lead - SET_BACK_SECONDS:
            self._lead = lead
            self._set_back()
        self._lead = max(self._lead, lead)
