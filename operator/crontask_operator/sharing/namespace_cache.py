"""NamespaceCache keeps values in a bounded number of bytes, fairly among namespaces.

Like `TtlCache` it loads each value once at a time and for all who wait. Beyond that it
knows whose a value is and how many bytes it takes. A namespace that keeps more than its
share loses what it used least recently itself; if all together keep too much, the one
that keeps the most does. So what a modest namespace keeps is not another's to evict.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

KEY_BYTES: Final = 1024
"""What an entry takes besides its value; it bounds the number of entries."""


class Owned(Protocol):
    """A key that tells whose it is."""

    @property
    def namespace(self) -> str:
        """The namespace that the value is kept for."""


Key = TypeVar("Key", bound=Owned)
Value = TypeVar("Value")


class Room(NamedTuple):
    """Bytes that may be kept for one namespace, and for all."""

    share: int
    total: int


@dataclass(slots=True)
class _Entry(Generic[Value]):
    value: Value
    until: float
    size: int


class NamespaceCache(Generic[Key, Value]):
    """Values by key, each loaded when it is first asked for and again when it expired.

    Parameters
    ----------
    load
        Makes the value of a key. What it raises reaches all who wait, and is not kept.
    ttl
        Seconds for which a value holds, by the value: a failure may expire sooner.
    size
        Bytes that key and value take.
    room
        Bytes that may be kept. A value that is larger than the share is used and not kept.
    evicted
        Called with the bytes of each value that is dropped.
    clock
        Monotonic seconds.
    """

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        ttl: Callable[[Value], float],
        *,
        size: Callable[[Key, Value], int],
        room: Room,
        evicted: Callable[[int], None] = lambda _: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._load = load
        self._ttl = ttl
        self._size = size
        self._room = room
        self._evicted = evicted
        self._clock = clock
        self._spaces: dict[str, OrderedDict[Key, _Entry[Value]]] = {}
        self._kept: dict[str, int] = {}
        self._total = 0
        self._loading: dict[Key, asyncio.Task[Value]] = {}

    async def get(self, key: Key) -> Value:
        """Return the value of `key`, loading it if it is absent or expired."""
        space = self._spaces.get(key.namespace)
        entry = None if space is None else space.get(key)
        if space is not None and entry is not None and self._clock() < entry.until:
            space.move_to_end(key)
            return entry.value
        loading = self._loading.get(key)
        if loading is None:
            loading = asyncio.create_task(self._fill(key))
            self._loading[key] = loading
        # Shielded, because the timeout of one who waits is not that of the others.
        return await asyncio.shield(loading)

    def forget(self, key: Key) -> None:
        """Drop the value of `key`, so that the next `get` loads it."""
        if key in self._spaces.get(key.namespace, ()):
            self._drop(key.namespace, key)

    def kept_bytes(self, namespace: str) -> int:
        """Return how many bytes are kept for `namespace`."""
        return self._kept.get(namespace, 0)

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
        self.forget(key)
        size = KEY_BYTES + self._size(key, value)
        namespace = key.namespace
        until = self._clock() + self._ttl(value)
        self._spaces.setdefault(namespace, OrderedDict())[key] = _Entry(value, until, size)
        self._kept[namespace] = self.kept_bytes(namespace) + size
        self._total += size
        while self.kept_bytes(namespace) > self._room.share:
            self._drop_oldest(namespace)
        while self._total > self._room.total:
            self._drop_oldest(max(self._kept, key=self.kept_bytes))
        return value

    def _drop_oldest(self, namespace: str) -> None:
        self._drop(namespace, next(iter(self._spaces[namespace])))

    def _drop(self, namespace: str, key: Key) -> None:
        space = self._spaces[namespace]
        size = space.pop(key).size
        self._total -= size
        self._kept[namespace] -= size
        if not space:
            del self._spaces[namespace], self._kept[namespace]
        self._evicted(size)
