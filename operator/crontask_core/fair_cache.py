"""FairCache keeps values in memory for tenants, within one bound in bytes for all of them.

What tenants choose, such as regular expressions, can be kept ready only as far as there is
memory. When the bound is passed, the tenant that holds the most gives up what it used
least recently. So a tenant alone may use all of it, and one that keeps little loses nothing
to one that keeps much.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class FairCache(Generic[KeyT, ValueT]):
    """Values by tenant and key, of at most `limit` bytes in all.

    `dropped` is called with each value that is kept no longer.
    """

    def __init__(self, limit: int, dropped: Callable[[ValueT], None] = lambda _: None) -> None:
        self._limit = limit
        self._dropped = dropped
        self._entries: dict[str, OrderedDict[KeyT, tuple[ValueT, int]]] = {}
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

    def get(self, tenant: str, key: KeyT) -> ValueT | None:
        """Return the value that was put, or None if there is none any more."""
        entries = self._entries.get(tenant)
        if entries is None:
            return None
        entry = entries.get(key)
        if entry is None:
            return None
        entries.move_to_end(key)
        return entry[0]

    def put(self, tenant: str, key: KeyT, value: ValueT, size: int) -> None:
        """Keep `value`, which takes `size` bytes, in the place of what was there."""
        self.drop(tenant, key)
        self._entries.setdefault(tenant, OrderedDict())[key] = (value, size)
        self._bytes[tenant] = self._bytes.get(tenant, 0) + size
        self._total += size
        while self._total > self._limit:
            heaviest = max(self._bytes, key=self._bytes.__getitem__)
            self.drop(heaviest, next(iter(self._entries[heaviest])))

    def drop(self, tenant: str, key: KeyT) -> None:
        """Keep the value no longer, if it is there."""
        entries = self._entries.get(tenant)
        entry = entries.pop(key, None) if entries is not None else None
        if entries is None or entry is None:
            return
        self._bytes[tenant] -= entry[1]
        self._total -= entry[1]
        if not entries:
            del self._entries[tenant], self._bytes[tenant]
        self._dropped(entry[0])
