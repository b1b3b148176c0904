"""A cache whose entries expire, and which loads each of them once at a time.

Runs come in bursts: a thousand tasks due at one instant ask for one name, one Secret
or one descriptor. The first of them loads it, the others wait for that load.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class TtlCache(Generic[Key, Value]):
    """Values by key, each loaded when it is first asked for and again when it expired.

    Parameters
    ----------
    load
        Makes the value of a key. What it raises reaches all who wait, and is not kept.
    ttl
        Seconds for which a value holds, by the value: a failure may expire sooner.
    size
        Entries kept; above it, the one that was used least recently is dropped.
    clock
        Monotonic seconds.
    """

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        ttl: Callable[[Value], float],
        *,
        size: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._load = load
        self._ttl = ttl
        self._size = size
        self._clock = clock
        self._entries: OrderedDict[Key, tuple[float, Value]] = OrderedDict()
        self._loading: dict[Key, asyncio.Task[Value]] = {}

    async def get(self, key: Key) -> Value:
        """Return the value of `key`, loading it if it is absent or expired."""
        entry = self._entries.get(key)
        if entry is not None and self._clock() < entry[0]:
            self._entries.move_to_end(key)
            return entry[1]
        loading = self._loading.get(key)
        if loading is None:
            loading = asyncio.create_task(self._fill(key))
            self._loading[key] = loading
        # Shielded, because the timeout of one who waits is not that of the others.
        return await asyncio.shield(loading)

    def forget(self, key: Key) -> None:
        """Drop the value of `key`, so that the next `get` loads it."""
        self._entries.pop(key, None)

    async def close(self) -> None:
        """Cancel what is being loaded and wait for its end."""
        loading = list(self._loading.values())
        for task in loading:
            task.cancel()
        await asyncio.gather(*loading, return_exceptions=True)

    async def _fill(self, key: Key) -> Value:
        try:
            value = await self._load(key)
        finally:
            del self._loading[key]
        self._entries[key] = (self._clock() + self._ttl(value), value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return value
