"""LingeringTransport closes a connection so that the client still gets its answer.

A connection that is closed while bytes of the client's arrive is reset, and a reset
takes the answer with it: the client of a body that is too large would never see the 413.
As nginx does, it says that nothing more will come, and drops for a while what still does.
"""

import asyncio
from collections.abc import Callable
from typing import Any


class LingeringTransport(asyncio.Transport):
    """A transport whose `close` waits for the rest of a message that nobody reads.

    Parameters
    ----------
    inner
        The real transport.
    is_expecting
        Tells whether there is more to come of the message.
    seconds
        Longest time from `close` until the connection is gone.
    """

    def __init__(
        self, inner: asyncio.Transport, is_expecting: Callable[[], bool], seconds: float
    ) -> None:
        super().__init__()
        self._inner = inner
        self._is_expecting = is_expecting
        self._seconds = seconds
        self._end: asyncio.TimerHandle | None = None
        self.is_lingering = False

    def close(self) -> None:
        """Close once what was written has been sent, and the rest of the message came."""
        if self._end is None:
            # Also for a client that does not take its answer: it is not waited for for ever.
            loop = asyncio.get_running_loop()
            self._end = loop.call_later(self._seconds, self._inner.abort)
            if self._is_expecting() and not self._inner.is_closing():
                self.is_lingering = True
                self._inner.resume_reading()
                self._inner.write_eof()
                return
        self.is_lingering = False
        self._inner.close()

    def abort(self) -> None:
        """Close at once."""
        self._inner.abort()

    def lost(self) -> None:
        """Forget the timer: the connection is gone."""
        if self._end is not None:
            self._end.cancel()

    def is_closing(self) -> bool:
        """Return whether nothing more can be written."""
        return self._end is not None or self._inner.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send `data`."""
        if self._end is None:
            self._inner.write(data)

    def pause_reading(self) -> None:
        """Have nothing read."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Have all read again."""
        self._inner.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the real transport knows."""
        return self._inner.get_extra_info(name, default)
