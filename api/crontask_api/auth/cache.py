"""ExpiringCache keeps answers for a while, in bounded memory, for `Reviews`."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class ExpiringCache(Generic[KeyT, ValueT]):
    """Keeps answers for `seconds`, at most `size` of them and `most_bytes` in all.

    The least recently used go first. `weigh` tells about how many bytes a key and its
    answer take.
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
        self._entries: OrderedDict[KeyT, tuple[float, int, ValueT]] = OrderedDict()
        self.bytes = 0

    def find(self, key: KeyT) -> ValueT | None:
        """Return the answer to `key`, or None if none is kept."""
        found = self._entries.get(key)
        if found is None:
            return None
        expires, _, answer = found
        if expires <= self._clock():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return answer

    def keep(self, key: KeyT, answer: ValueT) -> None:
        """Keep the answer to `key`, in the place of others, unless it takes all the room."""
        self._drop(key)
        weight = self._weigh(key, answer)
        if weight > self._most_bytes:
            return
        self._entries[key] = (self._clock() + self._seconds, weight, answer)
        self.bytes += weight
        while len(self._entries) > self._size or self.bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: KeyT) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self.bytes -= found[1]
