"""FairGate lets work of tenants pass in turns, a bounded number at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from crontask_operator.sharing.fair_queue import FairQueue

WAITING: Final = 4096
"""Pieces of one tenant's work that wait at a gate. Each may outlive the call that asked for
it, so the bounds on calls do not bound it."""


class GateError(Exception):
    """Too much work of the tenant waits already."""


class FairGate:
    """A gate of `limit` places; `share` and `on_full` as `FairQueue`.

    Raises
    ------
    GateError
        From `turn`, if `waiting` pieces of the tenant's work wait already.
    """

    def __init__(
        self,
        limit: int,
        share: float,
        on_full: Callable[[str], object] = bool,
        *,
        waiting: int = WAITING,
    ) -> None:
        self._queue = FairQueue[asyncio.Future[None]](limit, share, on_full)
        self._waiting = waiting

    @asynccontextmanager
    async def turn(self, tenant: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it for the length of the block."""
        await self.enter(tenant)
        try:
            yield
        finally:
            self.leave(tenant)

    async def enter(self, tenant: str) -> None:
        """Wait for a place, which is held until `leave`."""
        if self._queue.waiting(tenant) >= self._waiting:
            raise GateError(f"{self._waiting} of its namespace wait already")
        place = asyncio.get_running_loop().create_future()
        self._queue.put(tenant, place)
        self._let_in()
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                self._queue.remove(tenant, place)
            else:
                self.leave(tenant)
            raise

    def leave(self, tenant: str) -> None:
        """Give a place back."""
        self._queue.give_back(tenant)
        self._let_in()

    def _let_in(self) -> None:
        while (place := self._queue.take()) is not None:
            place.set_result(None)
