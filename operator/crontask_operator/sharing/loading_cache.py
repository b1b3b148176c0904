"""LoadingCache keeps for namespaces what is loaded for their tasks, for as long as it holds.

Runs come in bursts: a thousand tasks due at one instant ask for one name, one Secret or
one descriptor. The first of them loads it, the others wait for that load.

Each namespace has entries and loads of its own. Otherwise a name whose look-up waits for
the share of one namespace would keep all others waiting that ask for it.

What is loaded from the API server can be asked to outlast it. While it is away nobody can
change it either, and the last known value is the one to use::

    loaded       asked for, no answer                      too old
    --|-------------|----|------------|------------|-- ... --|--
      |--- holds ---|    |---- used --|---- used --|         |
                     patience
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Final, Generic, NamedTuple, TypeVar

from crontask_core.fair_cache import FairCache

LAST_KNOWN_SECONDS: Final = 300.0
"""For how long what the API server told is used while it is away: about as long as calls go
on without it (`outageFiringSeconds`)."""

PATIENCE_SECONDS: Final = 1.0
"""How long an answer is waited for if the last value is known. It may come later."""

AGAIN_SECONDS: Final = 5.0
"""From one question without an answer to the next."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Kept(NamedTuple, Generic[Value]):
    value: Value
    fresh_until: float
    until: float


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
    outlast
        Seconds for which a value may be used beyond its `ttl` while there is no answer.
    unanswered
        Tells of a value that it only says so: then the last known one is used in its place.
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
        outlast: Callable[[Value], float] = lambda _value: 0.0,
        unanswered: Callable[[Value], bool] = lambda _value: False,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._load = load
        self._ttl = ttl
        self._weigh = weigh
        self._outlast = outlast
        self._unanswered = unanswered
        self._clock = clock
        self._kept = FairCache[Key, _Kept[Value]](
            limit, share=share, dropped=lambda kept, size: dropped(kept.value, size)
        )
        self._loading: dict[tuple[str, Key], asyncio.Task[Value]] = {}
        self._late: set[tuple[str, Key]] = set()

    async def get(self, namespace: str, key: Key) -> Value:
        """Return the value of `key`, loading it if it is absent or expired."""
        now = self._clock()
        kept = self._kept.get(namespace, key, now)
        if kept is None:
            return await self._loaded(namespace, key)
        place = (namespace, key)
        if kept.fresh_until > now or place in self._late:
            return kept.value
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._loaded(namespace, key)
        except TimeoutError:
            # Until it comes, nobody waits any more.
            if place in self._loading:
                self._late.add(place)
            return kept.value

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

    async def _loaded(self, namespace: str, key: Key) -> Value:
        loading = self._loading.get((namespace, key))
        if loading is None:
            loading = asyncio.create_task(self._fill(namespace, key))
            self._loading[namespace, key] = loading
        # Shielded, because the timeout of one who waits is not that of the others.
        return await asyncio.shield(loading)

    async def _fill(self, namespace: str, key: Key) -> Value:
        try:
            value = await self._load(key)
        finally:
            del self._loading[namespace, key]
            self._late.discard((namespace, key))
        now = self._clock()
        if self._unanswered(value):
            known = self._kept.get(namespace, key, now)
            if known is not None:
                self._keep(namespace, key, known._replace(fresh_until=now + AGAIN_SECONDS))
                return known.value
        fresh_until = now + self._ttl(value)
        self._keep(namespace, key, _Kept(value, fresh_until, fresh_until + self._outlast(value)))
        return value

    def _keep(self, namespace: str, key: Key, kept: _Kept[Value]) -> None:
        self._kept.put(namespace, key, kept, self._weigh(key, kept.value), kept.until)
