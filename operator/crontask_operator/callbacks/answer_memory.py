"""AnswerMemory bounds the bytes of answers that wait to be matched, for all calls together.

An answer is kept whole only if an expression is matched against it. A call that begins to
read a long one takes its room here first, and waits if there is none; meanwhile its
connection is not read, and the target is held up by TCP.
"""

import asyncio
from collections import Counter
from typing import Final

FREE_BYTES: Final = 8 * 1024
"""What each answer may have without asking."""

TOTAL_BYTES: Final = 64 * 1024 * 1024
"""Room for long answers, unless a single one may be so long that four would not fit."""

SHARES: Final = 8
"""A namespace may use this part of the room, or have one answer if that is longer: a
target may take long to send the rest of one."""


class AnswerMemory:
    """Room for long answers, shared by namespaces.

    Parameters
    ----------
    longest
        Bytes that a single answer may take.
    total
        Bytes of all of them, unless four of the longest would not fit.
    """

    def __init__(self, longest: int, total: int = TOTAL_BYTES) -> None:
        self._total = max(total, 4 * longest)
        self._used = 0
        self._used_by = Counter[str]()
        self._waiting: dict[str, dict[asyncio.Future[None], int]] = {}

    def taken_by(self, namespace: str) -> int:
        """Return how many bytes `namespace` has taken."""
        return self._used_by[namespace]

    def take_now(self, namespace: str, size: int) -> bool:
        """Take `size` bytes for `namespace` if there are; they are held until `give_back`."""
        fits = self._fits(namespace, size)
        if fits:
            self._note(namespace, size)
        return fits

    async def take(self, namespace: str, size: int) -> None:
        """Wait until there are `size` bytes for `namespace`, and take them."""
        if self.take_now(namespace, size):
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(namespace, {})[turn] = size
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.give_back(namespace, size)
            raise
        finally:
            self._leave(namespace, turn)

    def give_back(self, namespace: str, size: int) -> None:
        """Let others have what was taken: the namespaces in turn, in each who came first."""
        self._note(namespace, -size)
        while any(self._let_in(waiting) for waiting in list(self._waiting)):
            pass

    def _let_in(self, namespace: str) -> bool:
        turns = self._waiting[namespace]
        # One that was cancelled has not left yet.
        first = next((turn for turn in turns if not turn.done()), None)
        if first is None or not self._fits(namespace, turns[first]):
            return False
        self._note(namespace, turns.pop(first))
        first.set_result(None)
        # Next time it is the others' turn first.
        self._waiting[namespace] = self._waiting.pop(namespace)
        return True

    def _leave(self, namespace: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(namespace, {})
        turns.pop(turn, None)
        if not turns:
            self._waiting.pop(namespace, None)

    def _fits(self, namespace: str, size: int) -> bool:
        used = self._used_by[namespace]
        return self._used + size <= self._total and (
            used == 0 or used + size <= self._total // SHARES
        )

    def _note(self, namespace: str, size: int) -> None:
        self._used += size
        self._used_by[namespace] += size
        if not self._used_by[namespace]:
            del self._used_by[namespace]


class Room:
    """What one answer takes of an `AnswerMemory`."""

    __slots__ = ("_memory", "_namespace", "_size")

    def __init__(self, memory: AnswerMemory, namespace: str) -> None:
        self._memory = memory
        self._namespace = namespace
        self._size = 0

    def take_now(self, size: int) -> bool:
        """Return whether there is room for the whole answer, which is taken then."""
        if not self._size and self._memory.take_now(self._namespace, size):
            self._size = size
        return self._size > 0

    async def take(self, size: int) -> None:
        """Wait for room for the whole answer, unless that was taken already."""
        if not self._size:
            await self._memory.take(self._namespace, size)
            self._size = size

    def release(self) -> None:
        """Give back what was taken, if anything."""
        if self._size:
            self._memory.give_back(self._namespace, self._size)
            self._size = 0
