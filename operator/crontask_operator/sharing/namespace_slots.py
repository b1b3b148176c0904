"""NamespaceSlots lets each namespace do a bounded number of things at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class NamespaceSlots:
    """`each` slots for each namespace. One that has used its own up waits for itself alone."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def slot(self, namespace: str) -> AsyncIterator[None]:
        """Hold a slot of `namespace` until the end of the block."""
        slots = self._slots.setdefault(namespace, asyncio.Semaphore(self._each))
        self._users[namespace] = self._users.get(namespace, 0) + 1
        try:
            async with slots:
                yield
        finally:
            self._users[namespace] -= 1
            if not self._users[namespace]:
                del self._users[namespace], self._slots[namespace]
