"""LoadingCache keeps for namespaces what is loaded for their tasks, for as long as it holds.

Runs come in bursts: a thousand tasks due at one instant ask for one name, one Secret or
one descriptor. The first of them loads it, the others wait for that load.

Each namespace has entries and loads of its own. Otherwise a name whose look-up waits for
the share of one namespace would keep all others waiting that ask for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

from crontask_core.fair_cache import FairCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LoadingCache(Generic[Key, Value]):
    """Values by namespace and key, loaded when first asked for and again when expired.

    Parameters
    ----------
    load
        Makes the value of a key. What it raises reaches all who wait, and is not kept.
    ttl
        Seconds for which a value holds, by the value: a failure may expire sooner.
    weigh
        Bytes that a key and its value take.
    limit
        Bytes of all namespaces; `share`, of one. See `FairCache`, as for `dropped`.
    clock
        Monotonic seconds.
    """

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        ttl: Callable[[Value], float],
        *,
        weigh: Callable[[Key, Value], int],
        limit: int,
        share: int | None = None,
        dropped: Callable[[Value, int], None] = lambda _value, _size: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._load = load
        self._ttl = ttl
        self._weigh = weigh
        self._clock = clock
        self._kept = FairCache[Key, Value](limit, share=share, dropped=dropped)
        self._loading: dict[tuple[str, Key], asyncio.Task[Value]] = {}

    async def get(self, namespace: str, key: Key) -> Value:
        """Return the value of `key`, loading it if it is absent or expired."""
        value = self._kept.get(namespace, key, self._clock())
        if value is not None:
            return value
        loading = self._loading.get((namespace, key))
        if loading is None:
            loading = asyncio.create_task(self._fill(namespace, key))
            self._loading[namespace, key] = loading
        # Shielded, because the timeout of one who waits is not that of the others.
        return await asyncio.shield(loading)

    def forget(self, namespace: str, key: Key) -> None:
        """Drop the value of `key`, so that the next `get` loads it."""
        self._kept.drop(namespace, key)

    def kept_bytes(self, namespace: str) -> int:
        """Return how many bytes are kept for `namespace`."""
        return self._kept.bytes_of(namespace)

    async def close(self) -> None:
        """Cancel what is being loaded and wait for its end."""
        loading = list(self._loading.values())
        for task in loading:
            task.cancel()
        await asyncio.gather(*loading, return_exceptions=True)

    async def _fill(self, namespace: str, key: Key) -> Value:
        try:
            value = await self._load(key)
        finally:
            del self._loading[namespace, key]
        until = self._clock() + self._ttl(value)
        self._kept.put(namespace, key, value, self._weigh(key, value), until)
        return value
