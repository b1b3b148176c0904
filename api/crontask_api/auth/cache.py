"""Answers that hold for a while, each asked for once at a time."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class ExpiringCache(Generic[KeyT, ValueT]):
    """Keeps at most `size` answers for `seconds`, the least recently used go first.

    Errors are not kept. Callers who ask for the same key at the same time share one
    question.
    """

    def __init__(
        self, *, size: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._entries: OrderedDict[KeyT, tuple[float, asyncio.Future[ValueT]]] = OrderedDict()

    async def get(self, key: KeyT, ask: Callable[[], Awaitable[ValueT]]) -> ValueT:
        """Return the answer to `key`, from ``ask()`` if none is kept."""
        expires, answer = self._entries.get(key, (0.0, None))
        if answer is None or expires <= self._clock():
            answer = asyncio.ensure_future(ask())
            answer.add_done_callback(lambda done: self._forget_failed(key, done))
            self._entries[key] = (self._clock() + self._seconds, answer)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
        self._entries.move_to_end(key)
        # One caller that is cancelled does not take the answer from the others.
        return await asyncio.shield(answer)

    def _forget_failed(self, key: KeyT, done: asyncio.Future[ValueT]) -> None:
        if done.cancelled() or done.exception() is not None:
            kept = self._entries.get(key)
            if kept is not None and kept[1] is done:
                del self._entries[key]
