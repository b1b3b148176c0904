"""StatusPace says, for the recorder, how many writes a second the API server takes with ease.

It goes by how long writes take, and by nothing else: while that is about what it was at
best, the rate grows; when writes begin to take several times as long, it is halved. So an
API server that has other things to do is left to them.

What is best is learnt from writes that few others were in flight with. Of many at a time
each waits for the others, and a server that has had too much to do from the start would be
taken for one that is far away.
"""

import asyncio
from math import inf
from statistics import fmean
from typing import Final

FIRST_RATE: Final = 500.0
"""Writes a second before anything was seen. An API server on one core takes about so many."""

LEAST_RATE: Final = 20.0
MOST_RATE: Final = 5000.0

CALM: Final = 4
"""Writes in flight at a time that keep each other waiting for little."""

NEAR_SECONDS: Final = 0.025
"""Latency that is taken for the best until a calm write was seen. A server that is far away
is written to seldom until then, which makes writes calm."""

QUEUE_SECONDS: Final = 0.1
LEAST_QUEUE: Final = 8
"""Writes that may wait for their turn: as many as go within that time, at least these. More
of them would be in flight together, and take as long as if the server were slow."""

LOOK_SECONDS: Final = 1.0
"""Between two judgements."""

SLOWER: Final = 4.0
"""Times the best latency that is still at ease."""

JITTER_SECONDS: Final = 0.05
"""Latency that means nothing: a turn of the event loop in a burst, a pause of the server."""

FORGET: Final = 1.02
"""By so much the best latency grows at each look: a server may have moved further away."""


class StatusPace:
    """Rate of writes that is adapted to their latency; nothing here waits."""

    def __init__(self) -> None:
        self.rate = FIRST_RATE
        """Writes a second."""
        self._best: float | None = None
        self._in_flight = 0
        self._crowded_at = -inf
        self._looked_at: float | None = None
        self._forget()

    @property
    def queue(self) -> int:
        """Writes that may wait for their turn."""
        return max(int(self.rate * QUEUE_SECONDS), LEAST_QUEUE)

    def begin(self) -> float:
        """Take note that a write begins; return when, for `end`."""
        now = asyncio.get_running_loop().time()
        self._in_flight += 1
        if self._in_flight > CALM:
            self._crowded_at = now
        return now

    def end(self, begun: float, *, accepted: bool | None) -> None:
        """Take note that a write has ended; `accepted` None says nothing of the server."""
        now = asyncio.get_running_loop().time()
        calm = self._crowded_at < begun
        if self._in_flight > CALM:
            self._crowded_at = now
        self._in_flight -= 1
        if accepted is not None:
            self.note(now - begun, accepted=accepted, calm=calm)

    def note(self, seconds: float, *, accepted: bool, calm: bool = True) -> None:
        """Take note of how long a write took, whether it was made, and with few others."""
        now = asyncio.get_running_loop().time()
        if not accepted:
            self.rate = max(self.rate / 2, LEAST_RATE)
            self._forget()
            self._looked_at = now
            return
        self._all.append(seconds)
        if calm:
            self._calm.append(seconds)
        if self._looked_at is None:
            self._looked_at = now
        if now - self._looked_at >= LOOK_SECONDS:
            self._judge()
            self._forget()
            self._looked_at = now

    def _forget(self) -> None:
        # Latencies since the last look, and those of calm writes among them.
        self._all: list[float] = []
        self._calm: list[float] = []

    def _judge(self) -> None:
        if self._calm:
            calm = fmean(self._calm)
            self._best = calm if self._best is None else min(calm, self._best * FORGET)
        best = NEAR_SECONDS if self._best is None else self._best
        if fmean(self._all) > best * SLOWER + JITTER_SECONDS:
            self.rate = max(self.rate / 2, LEAST_RATE)
        else:
            self.rate = min(self.rate * 1.25, MOST_RATE)
