"""Shared reads something once for all who look at it within some seconds.

What the cluster is asked for to make a page is to cost it the same however many people look.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Shared(Generic[KeyT, ValueT]):
    """What was read, by key.

    Parameters
    ----------
    read
        Reads it. An error of it is raised to all who wait, and is kept like an answer: a
        right that is missing is not to be asked for with each page.
    seconds
        How long an answer counts.
    most
        Answers that are kept.
    """

    def __init__(
        self, read: Callable[[KeyT], Awaitable[ValueT]], *, seconds: float, most: int
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._most = most
        self._answers: OrderedDict[KeyT, tuple[float, asyncio.Future[ValueT]]] = OrderedDict()

    async def get(self, key: KeyT) -> ValueT:
        """Return what was read of `key`, at most so many seconds ago."""
        now = asyncio.get_running_loop().time()
        known = self._answers.get(key)
        if known is None or (known[1].done() and known[0] <= now):
            reading = asyncio.ensure_future(self._read(key))
            reading.add_done_callback(_seen)
            known = (now + self._seconds, reading)
            self._answers[key] = known
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        # One who goes away does not take the answer from the others.
        return await asyncio.shield(known[1])

    def put(self, key: KeyT, value: ValueT) -> None:
        """Take `value` for what was read of `key` now, as who wrote it knows it."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[ValueT] = loop.create_future()
        answer.set_result(value)
        self._answers[key] = (loop.time() + self._seconds, answer)

    def forget(self, key: KeyT) -> None:
        """Have `key` read anew by whoever asks next."""
        self._answers.pop(key, None)


def _seen(done: "asyncio.Future[ValueT]") -> None:
    # Whoever asked may be gone, and then nobody looks at an error.
    if not done.cancelled():
        done.exception()
