"""Answers that hold for a while, each asked for once at a time."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class ExpiringCache(Generic[KeyT, ValueT]):
    """Keeps answers for `seconds`, at most `size` of them and `most_bytes` in all.

    The least recently used go first. Errors are not kept. Callers who ask for the same
    key at the same time share one question. `weigh` tells about how many bytes a key and
    its answer take.
    """

    def __init__(
        self,
        *,
        size: int,
        seconds: float,
        most_bytes: int,
        weigh: Callable[[KeyT, ValueT], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size = size
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._weigh = weigh
        self._clock = clock
        self._entries: OrderedDict[KeyT, tuple[float, asyncio.Future[ValueT]]] = OrderedDict()
        self._weights: dict[KeyT, int] = {}
        self.bytes = 0

    async def get(self, key: KeyT, ask: Callable[[], Awaitable[ValueT]]) -> ValueT:
        """Return the answer to `key`, from ``ask()`` if none is kept."""
        expires, answer = self._entries.get(key, (0.0, None))
        if answer is None or expires <= self._clock():
            answer = asyncio.ensure_future(ask())
            answer.add_done_callback(lambda done: self._settle(key, done))
            self._drop(key)
            self._entries[key] = (self._clock() + self._seconds, answer)
            self._make_room()
        self._entries.move_to_end(key)
        # One caller that is cancelled does not take the answer from the others.
        return await asyncio.shield(answer)

    def _settle(self, key: KeyT, done: asyncio.Future[ValueT]) -> None:
        kept = self._entries.get(key)
        failed = done.cancelled() or done.exception() is not None
        if kept is None or kept[1] is not done:
            return
        if failed:
            self._drop(key)
            return
        self._weights[key] = weight = self._weigh(key, done.result())
        self.bytes += weight
        self._make_room()

    def _make_room(self) -> None:
        while len(self._entries) > self._size or self.bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: KeyT) -> None:
        self._entries.pop(key, None)
        self.bytes -= self._weights.pop(key, 0)
