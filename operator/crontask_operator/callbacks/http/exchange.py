"""Exchange gives an answer that has begun to arrive to its reader: head, then content."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

import httpx

from crontask_operator.callbacks.connection.connection import Connection
from crontask_operator.callbacks.connection.response_parser import Head
from crontask_operator.callbacks.http.decoding import STEP_BYTES, inflater_for

TURN_BYTES: Final = 16 * STEP_BYTES
"""Bytes of content after which others get their turn on the event loop, even if more is
there already."""


class Exchange(httpx.AsyncByteStream):
    """Yields decoded content in parts of at most `STEP_BYTES`.

    A reader takes as many as it wants. It must be closed, which gives the connection
    back. Leaving early drops the rest of the answer together with the connection.
    """

    def __init__(
        self, head: Head, connection: Connection, release: Callable[[Connection], None]
    ) -> None:
        self.head = head
        self._inflater = inflater_for(head.get(b"content-encoding"))
        self._connection = connection
        self._release = release
        self._parts: Iterator[bytes] = iter(())
        self._since_turn = 0

    @property
    def in_hand(self) -> float:
        """Bytes of the content if all of it has arrived as it is read, else infinite."""
        return self._connection.in_hand if self._inflater is None else math.inf

    def take(self) -> bytes:
        """Return the content that is in hand."""
        return self._connection.take()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while True:
            for part in self._parts:
                self._since_turn += len(part)
                if self._since_turn > TURN_BYTES:
                    self._since_turn = 0
                    await asyncio.sleep(0)
                return part
            data = await self._connection.read()
            if data is None:
                if self._inflater is not None:
                    self._inflater.finish()
                raise StopAsyncIteration
            if self._inflater is None and len(data) <= STEP_BYTES:
                return data
            self._parts = _slices(data) if self._inflater is None else self._inflater.feed(data)

    def pause(self) -> None:
        """Take nothing from the connection until more of the content is asked for."""
        self._connection.pause()

    def close(self) -> None:
        """Give the connection back, or up."""
        self._release(self._connection)

    async def aclose(self) -> None:
        """Close, as httpx names it."""
        self.close()


def _slices(data: bytes) -> Iterator[bytes]:
    return (data[start : start + STEP_BYTES] for start in range(0, len(data), STEP_BYTES))
