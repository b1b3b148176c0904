"""FairQueue hands places of a shared pool out in turns of tenants, each within a share.

Tenants are namespaces: whoever may create a CronTask chooses how many calls, look-ups and
reads there are to make, and none of that may keep another namespace from its own. Two
rules do it::

    waiting   each tenant has a queue of its own; the queues stand in a ring, and the one
              whose turn it was goes to its end
    in use    a tenant may hold  share : (1 - share)  of what is left free; with 3/4 that
              is three times as much as is free

So one tenant alone may hold `share` of the pool, and `n` that want all they can get leave
the part 1/(3n+1) free (with 3/4) for who comes next. A fixed bound for each would either keep
a cluster of one namespace from the pool, or let a few namespaces use all of it up. (The rule
is that of shared buffers in switches: Choudhury and Hahne, Dynamic Queue Length Thresholds,
1998.)

Handing out one thing costs the same however many wait. Only tenants that have used their
share up are kept in a heap, by how much they hold.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Generic, TypeVar

ItemT = TypeVar("ItemT")

STALE: Final = 64
"""Entries of the heap that may be out of date before it is made anew."""


@dataclass(slots=True, eq=False)
class _Tenant(Generic[ItemT]):
    name: str
    items: deque[ItemT] = field(default_factory=deque)
    in_use: int = 0
    in_ring: bool = False
    entry: "tuple[int, int, _Tenant[ItemT]] | None" = None
    """Its entry in the heap while its share is used up."""


class FairQueue(Generic[ItemT]):
    """Items of tenants that wait for a pool of `limit` places.

    Parameters
    ----------
    limit
        Places. Infinite: only the turns matter.
    share
        Part of the places, above 0 and up to 1, that one tenant may hold while no other
        holds any. With 1 nothing is held back for others.
    on_full
        Called with a tenant whose items have to wait from now on, though there are free
        places, because its share is used up.
    """

    def __init__(
        self,
        limit: float = math.inf,
        share: float = 1.0,
        on_full: Callable[[str], object] = bool,
    ) -> None:
        self._free = limit
        self._ratio = math.inf if share >= 1 else share / (1 - share)
        self._on_full = on_full
        self._tenants: dict[str, _Tenant[ItemT]] = {}
        self._ring: deque[_Tenant[ItemT]] = deque()
        self._full: list[tuple[int, int, _Tenant[ItemT]]] = []
        self._stale = 0
        self._numbers = count()
        self._waiting = 0

    def __len__(self) -> int:
        """Return how many items wait."""
        return self._waiting

    def __iter__(self) -> Iterator[ItemT]:
        """Return the items that wait, those of one tenant in order."""
        for tenant in self._tenants.values():
            yield from tenant.items

    @property
    def ready(self) -> bool:
        """Whether an item could be taken now, as far as is known without trying."""
        return bool(self._ring) and self._free >= 1

    def held(self, name: str) -> int:
        """Return how many places a tenant holds."""
        tenant = self._tenants.get(name)
        return 0 if tenant is None else tenant.in_use

    def waiting(self, name: str) -> int:
        """Return how many items of a tenant wait."""
        tenant = self._tenants.get(name)
        return 0 if tenant is None else len(tenant.items)

    def first(self, name: str) -> ItemT:
        """Return the first of a tenant's items that wait; it has one."""
        return self._tenants[name].items[0]

    def put(self, name: str, item: ItemT) -> None:
        """Have `item` of the tenant `name` wait for its turn."""
        tenant = self._tenants.get(name)
        if tenant is None:
            tenant = self._tenants[name] = _Tenant(name)
        tenant.items.append(item)
        self._waiting += 1
        if not tenant.in_ring and tenant.entry is None:
            self._enter(tenant)

    def take(self) -> ItemT | None:
        """Return the item whose turn it is, which holds a place now; None if none may."""
        while self._ring and self._free >= 1:
            tenant = self._ring[0]
            if tenant.in_use >= self._ratio * self._free:
                self._ring.popleft()
                tenant.in_ring = False
                self._park(tenant)
                self._on_full(tenant.name)
                continue
            tenant.in_use += 1
            self._free -= 1
            self._waiting -= 1
            item = tenant.items.popleft()
            if tenant.items:
                self._ring.rotate(-1)
            else:
                self._ring.popleft()
                tenant.in_ring = False
            return item
        return None

    def give_back(self, name: str) -> None:
        """Take note that an item of the tenant `name` holds its place no more."""
        tenant = self._tenants[name]
        tenant.in_use -= 1
        self._free += 1
        if tenant.entry is not None:
            # The heap's entry holds the old number.
            self._unpark(tenant)
            self._park(tenant)
        elif tenant.in_use == 0 and not tenant.items:
            del self._tenants[name]
        while self._full and (
            self._full[0][2].entry is not self._full[0]
            or self._full[0][0] < self._ratio * self._free
        ):
            entry = heapq.heappop(self._full)
            if entry[2].entry is entry:
                entry[2].entry = None
                self._enter(entry[2])
            else:
                self._stale -= 1

    def remove(self, name: str, item: ItemT) -> None:
        """Have `item`, which waits, wait no more."""
        tenant = self._tenants[name]
        tenant.items.remove(item)
        self._waiting -= 1
        self._leave_if_empty(tenant)

    def keep(self, wanted: Callable[[ItemT], bool]) -> None:
        """Have those items that are not `wanted` wait no more."""
        for tenant in list(self._tenants.values()):
            kept = deque(item for item in tenant.items if wanted(item))
            self._waiting -= len(tenant.items) - len(kept)
            tenant.items = kept
            self._leave_if_empty(tenant)

    def _enter(self, tenant: _Tenant[ItemT]) -> None:
        tenant.in_ring = True
        self._ring.append(tenant)

    def _park(self, tenant: _Tenant[ItemT]) -> None:
        tenant.entry = (tenant.in_use, next(self._numbers), tenant)
        heapq.heappush(self._full, tenant.entry)

    def _unpark(self, tenant: _Tenant[ItemT]) -> None:
        tenant.entry = None
        self._stale += 1
        if self._stale > STALE and 2 * self._stale > len(self._full):
            self._full = [entry for entry in self._full if entry[2].entry is entry]
            heapq.heapify(self._full)
            self._stale = 0

    def _leave_if_empty(self, tenant: _Tenant[ItemT]) -> None:
        if tenant.items:
            return
        if tenant.in_ring:
            self._ring.remove(tenant)
            tenant.in_ring = False
        elif tenant.entry is not None:
            self._unpark(tenant)
        if tenant.in_use == 0:
            del self._tenants[tenant.name]
