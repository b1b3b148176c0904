"""An answer that has begun to arrive: its head, and its content as it is read."""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx

from crontask_operator.callbacks.decoding import Inflater, inflater_for
from crontask_operator.callbacks.response_parser import Head
from crontask_operator.callbacks.wire import Connection


class Exchange(httpx.AsyncByteStream):
    """Yields decoded content, of which a reader takes as much as it wants.

    It must be closed, which gives the connection back. Leaving early drops the rest of
    the answer together with the connection.
    """

    def __init__(
        self, head: Head, connection: Connection, release: Callable[[Connection], None]
    ) -> None:
        self.head = head
        self._inflater: Inflater | None = inflater_for(head.get(b"content-encoding"))
        self._connection = connection
        self._release = release
        self._parts: Iterator[bytes] = iter(())

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while True:
            for part in self._parts:
                return part
            data = await self._connection.read()
            if data is None:
                if self._inflater is not None:
                    self._inflater.finish()
                raise StopAsyncIteration
            if self._inflater is None:
                return data
            self._parts = self._inflater.feed(data)

    def close(self) -> None:
        """Give the connection back, or up."""
        self._release(self._connection)

    async def aclose(self) -> None:
        """Close, as httpx names it."""
        self.close()
