"""FairCache keeps values in memory for tenants, within one bound in bytes for all of them.

What tenants choose, such as regular expressions, can be kept ready only as far as there is
memory. When the bound is passed, the tenant that holds the most gives up what it used
least recently. So a tenant alone may use all of it, and one that keeps little loses nothing
to one that keeps much.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import inf
from typing import Generic, NamedTuple, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class _Entry(NamedTuple, Generic[ValueT]):
    value: ValueT
    size: int
    until: float


class FairCache(Generic[KeyT, ValueT]):
    """Values by tenant and key, of at most `limit` bytes in all. None is no value.

    Parameters
    ----------
    limit
        Bytes of all values. What is larger is not kept.
    share
        Bytes of one tenant's values, by default as many as of all.
    dropped
        Called with each value that is kept no longer, and its bytes.
    """

    def __init__(
        self,
        limit: int,
        *,
        share: int | None = None,
        dropped: Callable[[ValueT, int], None] = lambda _value, _size: None,
    ) -> None:
        self._limit = limit
        self._share = limit if share is None else share
        self._dropped = dropped
        self._entries: dict[str, OrderedDict[KeyT, _Entry[ValueT]]] = {}
        self._bytes: dict[str, int] = {}
        self._total = 0

    def __len__(self) -> int:
        """Return how many values are kept."""
        return sum(map(len, self._entries.values()))

    @property
    def total_bytes(self) -> int:
        """Bytes of all values, as they were told."""
        return self._total

    def bytes_of(self, tenant: str) -> int:
        """Return the bytes of one tenant's values, as they were told."""
        return self._bytes.get(tenant, 0)

    def get(self, tenant: str, key: KeyT, now: float = -inf) -> ValueT | None:
        """Return the value that was put, or None if it is kept no longer or expired by `now`."""
        entries = self._entries.get(tenant)
        if entries is None:
            return None
        entry = entries.get(key)
        if entry is None:
            return None
        if entry.until <= now:
            self.drop(tenant, key)
            return None
        entries.move_to_end(key)
        return entry.value

    def put(self, tenant: str, key: KeyT, value: ValueT, size: int, until: float = inf) -> None:
        """Keep `value`, which takes `size` bytes, in the place of what was there.

        From the moment `until` on, in the seconds of the caller's clock, it has expired.
        """
        self.drop(tenant, key)
        if size > min(self._share, self._limit):
            self._dropped(value, size)
            return
        self._entries.setdefault(tenant, OrderedDict())[key] = _Entry(value, size, until)
        self._bytes[tenant] = self._bytes.get(tenant, 0) + size
        self._total += size
        while self._bytes[tenant] > self._share:
            self._drop_oldest(tenant)
        while self._total > self._limit:
            self._drop_oldest(max(self._bytes, key=self._bytes.__getitem__))

    def drop(self, tenant: str, key: KeyT) -> None:
        """Keep the value no longer, if it is there."""
        entries = self._entries.get(tenant)
        entry = entries.pop(key, None) if entries is not None else None
        if entries is None or entry is None:
            return
        self._bytes[tenant] -= entry.size
        self._total -= entry.size
        if not entries:
            del self._entries[tenant], self._bytes[tenant]
        self._dropped(entry.value, entry.size)

    def _drop_oldest(self, tenant: str) -> None:
        self.drop(tenant, next(iter(self._entries[tenant])))
