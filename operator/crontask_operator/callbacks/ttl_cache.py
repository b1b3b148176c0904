"""A cache whose entries expire, and which loads each of them once at a time.

Runs come in bursts: a thousand tasks due at one instant ask for one name, one Secret
or one descriptor. The first of them loads it, the others wait for that load.

Each namespace has entries and loads of its own. Otherwise a name whose look-up waits for the
share of one namespace would keep all others waiting that ask for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, Generic, TypeVar

from crontask_core.fair_cache import FairCache
from crontask_core.tenant import TENANT

ENTRY_BYTES: Final = 256
"""What an entry takes beside its value, about."""

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
        Entries kept; above it, the one is dropped that was used least recently by the
        namespace that has most.
    weigh
        Bytes that a value takes, if they are to be bounded and not the number.
    weight
        Bytes that all values may take, each with `ENTRY_BYTES` beside its own; above it,
        the same is dropped.
    clock
        Monotonic seconds.
    """

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        ttl: Callable[[Value], float],
        *,
        size: int = 0,
        weigh: Callable[[Value], int] = lambda _: 0,
        weight: int = 0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._load = load
        self._ttl = ttl
        self._weigh, self._own = weigh, ENTRY_BYTES if weight else 1
        self._clock = clock
        self._entries = FairCache[Key, tuple[float, Value]](weight or size)
        self._loading: dict[tuple[str, Key], asyncio.Task[Value]] = {}

    async def get(self, key: Key) -> Value:
        """Return the value of `key`, loading it if it is absent or expired."""
        tenant = TENANT.get()
        entry = self._entries.get(tenant, key)
        if entry is not None and self._clock() < entry[0]:
            return entry[1]
        loading = self._loading.get((tenant, key))
        if loading is None:
            loading = asyncio.create_task(self._fill(tenant, key))
            self._loading[tenant, key] = loading
        # Shielded, because the timeout of one who waits is not that of the others.
        return await asyncio.shield(loading)

    def forget(self, key: Key) -> None:
        """Drop the value of `key`, so that the next `get` loads it."""
        self._entries.drop(TENANT.get(), key)

    async def close(self) -> None:
        """Cancel what is being loaded and wait for its end."""
        loading = list(self._loading.values())
        for task in loading:
            task.cancel()
        await asyncio.gather(*loading, return_exceptions=True)

    async def _fill(self, tenant: str, key: Key) -> Value:
        try:
            value = await self._load(key)
        finally:
            del self._loading[tenant, key]
        entry = (self._clock() + self._ttl(value), value)
        self._entries.put(tenant, key, entry, self._own + self._weigh(value))
        return value
