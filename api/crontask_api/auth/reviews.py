"""Reviews keeps the API server's answers about tokens and rights, for the authenticator.

Whoever sends a token chooses it, and so what is asked. Neither tokens that nobody gave
out nor rights that nobody has may push out what was granted to others, or keep them
waiting.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, Generic, TypeVar

from crontask_core.fair_cache import FairCache

KEPT_SECONDS: Final = 10.0
"""Time for which an answer holds, so the longest that a revoked right lives on. The API
server's own webhook caches keep theirs for longer."""

MOST_GRANTED_BYTES: Final = 8 * 1024 * 1024
"""Bytes of answers kept that grant something, mostly a few hundred each: who gives out
tokens chooses how many groups one names."""

MOST_REFUSED_BYTES: Final = 1024 * 1024
"""Bytes of answers kept that refuse. They spare the API server a client that asks again and
again."""

ASKED_AT_ONCE: Final = 8
"""Answers for which one asker may wait at a time, of 64 connections to the API server."""

_ALL: Final = ""
"""The tenant of the caches: all clients together, as many may send one token."""

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Reviews(Generic[KeyT, ValueT]):
    """Answers of one kind, each kept for a while.

    Parameters
    ----------
    weigh
        Tells about how many bytes a key and its answer take; the answer is None if it
        refuses.
    """

    def __init__(
        self,
        *,
        weigh: Callable[[KeyT, ValueT | None], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._weigh = weigh
        self._clock = clock
        self._granted = FairCache[KeyT, ValueT](MOST_GRANTED_BYTES)
        self._refused = FairCache[KeyT, bool](MOST_REFUSED_BYTES)
        self._asked: dict[KeyT, asyncio.Task[ValueT | None]] = {}
        self._turns = Turns(ASKED_AT_ONCE)

    async def get(
        self, key: KeyT, ask: Callable[[], Awaitable[ValueT | None]], *, asker: str
    ) -> ValueT | None:
        """Return what `key` grants, or None if it is refused; ``ask()`` tells if nothing is kept.

        Errors are not kept. Callers who ask for the same at the same time share one
        question; `asker` waits for its turn.
        """
        known, answer = self._find(key)
        if known:
            return answer
        async with self._turns.turn(asker):
            known, answer = self._find(key)
            if known:
                return answer
            asked = self._asked.get(key)
            if asked is None:
                asked = self._asked[key] = asyncio.ensure_future(self._ask(key, ask))
                asked.add_done_callback(partial(self._forget, key))
            # One caller that is cancelled does not take the answer from the others.
            return await asyncio.shield(asked)

    def _find(self, key: KeyT) -> tuple[bool, ValueT | None]:
        now = self._clock()
        granted = self._granted.get(_ALL, key, now)
        return granted is not None or self._refused.get(_ALL, key, now) is not None, granted

    async def _ask(self, key: KeyT, ask: Callable[[], Awaitable[ValueT | None]]) -> ValueT | None:
        answer = await ask()
        size, until = self._weigh(key, answer), self._clock() + KEPT_SECONDS
        if answer is None:
            self._refused.put(_ALL, key, True, size, until)
        else:
            self._granted.put(_ALL, key, answer, size, until)
        return answer

    def _forget(self, key: KeyT, done: asyncio.Task[ValueT | None]) -> None:
        del self._asked[key]
        if not done.cancelled():
            # Whoever asked may be gone, and then nobody looks at an error.
            done.exception()


class Turns:
    """Lets each holder do at most `width` things at a time; further ones wait."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._users: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def turn(self, holder: str) -> AsyncIterator[None]:
        """Run the block when it is one of its holder's turns."""
        semaphore, users = self._users.get(holder, (asyncio.Semaphore(self._width), 0))
        self._users[holder] = (semaphore, users + 1)
        try:
            async with semaphore:
                yield
        finally:
            semaphore, users = self._users[holder]
            if users == 1:
                del self._users[holder]
            else:
                self._users[holder] = (semaphore, users - 1)
